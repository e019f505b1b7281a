// Starts and stops VS Code in a browser. No part of it is to speak to anyone outside this machine.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { once } from 'node:events';

const { CACHE, DIR } = process.env;
const { chromium } = createRequire(`${CACHE}/playwright/`)('playwright-core');

// What would ask someone outside, cover the editor or move what is looked for. The rest is as VS Code comes.
const settings = {
  'chat.disableAIFeatures': true,
  'editor.codeLens': false,
  'editor.fontFamily': 'DejaVu Sans Mono',
  'editor.inlayHints.enabled': 'off',
  'editor.minimap.enabled': false,
  'editor.scrollBeyondLastLine': false,
  'extensions.ignoreRecommendations': true,
  'files.autoSave': 'off',
  'git.enabled': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'window.restoreWindows': 'none',
  'workbench.colorTheme': 'Default Light Modern',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

// For commands that have no key of their own.
const keys = {
  'ctrl+alt+s': 'workbench.action.files.saveAll',
  'ctrl+alt+r': 'workbench.action.files.revert',
  'ctrl+alt+w': 'workbench.action.closeAllEditors',
  'ctrl+alt+p': 'workbench.action.closePanel',
  'ctrl+alt+f': 'workbench.action.closeEditorsInOtherGroups',
};

const arguments_ = [
  '--auth', 'none', '--disable-telemetry', '--disable-update-check', '--disable-getting-started-override',
  '--reconnection-grace-time', '1',
  '--user-data-dir', `${DIR}/user`, '--extensions-dir', `${DIR}/extensions`,
];

// An empty gallery: nobody asks for updates of extensions.
const environment = { ...process.env, EXTENSIONS_GALLERY: '{}' };

export function set(changes) {
  mkdirSync(`${DIR}/user/User`, { recursive: true });
  Object.assign(settings, changes);
  writeFileSync(`${DIR}/user/User/settings.json`, JSON.stringify(settings, null, 2));
  // Of a setting that belongs to a machine, only the value of the machine counts where VS Code is used from another one.
  mkdirSync(`${DIR}/user/Machine`, { recursive: true });
  const path = settings['dockerfile-ls.server.path'];
  writeFileSync(`${DIR}/user/Machine/settings.json`, JSON.stringify({ 'dockerfile-ls.server.path': path }));
  const bound = Object.entries(keys).map(([key, command]) => ({ key, command }));
  writeFileSync(`${DIR}/user/User/keybindings.json`, JSON.stringify(bound));
}

/** Settings of the workspace, which count at once. */
export function change(settings, folder = `${DIR}/workspace`) {
  mkdirSync(`${folder}/.vscode`, { recursive: true });
  writeFileSync(`${folder}/.vscode/settings.json`, JSON.stringify(settings));
}

/** Runs VS Code's command line, and gives what it says. */
export function codeServer(...words) {
  const ran = spawnSync(`${CACHE}/bin/vscode`, [...arguments_, ...words], { env: environment, encoding: 'utf8' });
  return ran.stdout + ran.stderr;
}

export async function start() {
  // Shells set a PATH of their own; the docker in ours only notes that it was called.
  writeFileSync(`${process.env.HOME}/.bashrc`, `PATH=${DIR}/bin:$PATH\n`);
  const port = await freePort();
  const log = openSync(`${DIR}/code-server.log`, 'a');
  // A group of its own, to be ended with all that it started.
  const server = spawn(`${CACHE}/bin/vscode`, [...arguments_, '--bind-addr', `127.0.0.1:${port}`], {
    env: environment, stdio: ['ignore', log, log], detached: true,
  });
  const address = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${address}/healthz`).then((answer) => answer.ok, () => false))) {
    if (server.exitCode !== null) throw new Error('code-server ended at once');
    await new Promise((done) => setTimeout(done, 100));
  }
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
      '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  });

  // Playwright ends the browser by itself.
  process.once('SIGTERM', () => {
    process.kill(-server.pid, 'SIGTERM');
    process.exit(1);
  });

  async function stop() {
    await browser.close();
    process.kill(-server.pid, 'SIGTERM');
    const late = setTimeout(() => process.kill(-server.pid, 'SIGKILL'), 10_000);
    if (server.exitCode === null) await once(server, 'exit');
    clearTimeout(late);
  }
  return { address, browser, stop };
}

/** A page, and every address outside this machine that it asks for. */
export async function newPage({ browser }, outside) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 1000 }, permissions: ['clipboard-read', 'clipboard-write'] });
  context.on('request', (request) => note(request.url()));
  const page = await context.newPage();
  page.on('websocket', (socket) => note(socket.url()));
  page.setDefaultTimeout(15_000);
  return page;

  // What a view of an extension loads has addresses that look foreign, and that VS Code's own service worker answers.
  function note(address) {
    const { protocol, hostname } = new URL(address);
    const local = hostname === '127.0.0.1' || hostname.endsWith('.vscode-resource.vscode-cdn.net');
    if (/^(https?|wss?):$/.test(protocol) && !local) outside.push(address);
  }
}

export async function openFolder(page, address, folder) {
  await page.goto(`${address}/?folder=${folder}`, { timeout: 120_000 });
  await page.locator('.part.statusbar .statusbar-item').first().waitFor({ timeout: 120_000 });
  await page.locator('.explorer-viewlet .monaco-list-row').first().waitFor({ timeout: 120_000 });
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
