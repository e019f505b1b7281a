// Uses the extension in a real VS Code as people do: run.sh starts this. DIR has the workspace, VSIX is the extension,
// PICTURES a folder for the screenshots of the README, if they are wanted.
import { check, failures, report } from './checks.mjs';
import * as builds from './builds.mjs';
import * as graph from './graph.mjs';
import { pictures } from './pictures.mjs';
import * as server from './server.mjs';
import * as story from './story.mjs';
import { codeServer, newPage, openFolder, set, start } from './workbench.mjs';

const { DIR, VSIX, PICTURES } = process.env;
const recorded = { 'dockerfile-ls.server.path': `${DIR}/bin/dockerfile-ls` };
const outside = [];

set({});
const installed = codeServer('--install-extension', VSIX);
check('the extension can be installed', installed.includes('was successfully installed'), installed);
const vscode = await start();
try {
  // Both with the server that came along: the recorded one is slower.
  await inWindow([story.opening, graph.speed]);
  set(recorded);
  await inWindow([
    story.typing, story.navigation, story.completion, story.renaming, story.looks, story.lenses, story.settings, builds.targets,
    builds.others, graph.picture, graph.jumps, graph.choices, graph.copies, graph.colours, server.restarts,
  ]);
  set({ 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never', 'dockerfile-ls.server.path': undefined });
  await inWindow([server.restricted]);
  if (PICTURES) {
    set({ 'security.workspace.trust.enabled': false });
    await inWindow([pictures]);
  }
} finally {
  await vscode.stop();
}
check('no page asks for anything outside this machine', outside.length === 0, outside);
process.exit(failures.length > 0 ? 1 : 0);

// One after the other; what one of them leaves open is closed for the next.
async function inWindow(stories) {
  const page = await newPage(vscode, outside);
  await openFolder(page, vscode.address, `${DIR}/workspace`);
  for (const tell of stories) {
    const began = Date.now();
    const before = failures.length;
    try {
      await tell(page);
    } catch (error) {
      check(tell.name, false, error.stack);
    }
    if (failures.length > before) {
      const file = `${DIR}/${tell.name}.png`;
      await page.screenshot({ path: file }).catch(() => {});
      report(`the window is in ${file}`);
    }
    if (process.env.TIMES) report(`${tell.name}: ${Date.now() - began} ms`);
  }
  await page.context().close();
}
