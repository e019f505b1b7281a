// What people do in a Dockerfile. Every function starts with the file as it is on disk, and leaves it so.
import { existsSync, readFileSync } from 'node:fs';
import { check, eventually, report, until } from './checks.mjs';
import * as on from './page.mjs';
import { change } from './workbench.mjs';

const { DIR } = process.env;
const path = 'app/Dockerfile';
const disk = (file) => readFileSync(`${DIR}/workspace/${file}`, 'utf8');
const fixture = readFileSync(`${DIR}/fixture/${path}`, 'utf8');
const active = '.editor-group-container.active .monaco-editor';

// A line of our own above the last but one, typed as people type.
async function add(page, line) {
  await on.goTo(page, fixture, 'USER 65532');
  await page.keyboard.press('End');
  await page.keyboard.type(`\n${line}`);
}

const own = async (page) => (await on.lines(page)).find((_, at, all) => all[at - 1] === 'USER 65532');

/** The first file of a window, with the server that came with the extension. */
export async function opening(page) {
  const first = await on.timed(page, path, '.squiggly-warning');
  await eventually('a finding has squiggles', () => on.squiggles(page), ['warning: certs']);
  report(`from opening the first file to squiggles: ${first} ms, with the start of extension and server`);
  const second = await on.timed(page, `${path}.fixture`, '.squiggly-warning');
  report(`from opening another file to squiggles: ${second} ms`);
  await eventually('the status bar tells of the server', async () => /^dockerfile-ls \d+\.\d+\.\d+ is running$/.test(await on.status(page)));
  await on.closeAll(page);
}

export async function typing(page) {
  await on.openFile(page, path);
  await eventually('a correct file has no squiggles but those of the duplicate', () => on.squiggles(page), ['warning: certs']);
  await add(page, 'COPY --from=bulder /a /b');
  await page.keyboard.press('Escape');
  await eventually('typing an unknown stage brings squiggles, once and at the name', () => on.squiggles(page), ['warning: certs', 'warning: bulder']);

  await on.goTo(page, await text(page), 'bulder');
  const box = await on.hover(page);
  const link = box.locator('a.code-link', { hasText: 'unknown-stage-reference' });
  const address = await link.getAttribute('href').catch((error) => `${error}`);
  check('its code leads to the page of the rule', address.endsWith('/docs/rules/unknown-stage-reference.md'), address);
  check('it tells what Docker does', (await box.textContent()).includes('No stage named "bulder"'), await box.textContent());
  await page.keyboard.press('Escape');

  await page.keyboard.press('Control+Shift+m');
  const row = page.locator('.markers-panel .monaco-list-row', { hasText: 'No stage named "bulder"' });
  await eventually('it is in the list of problems', () => row.count(), 1);
  await eventually('with the link', async () => (await row.locator('a.monaco-link').getAttribute('href')).endsWith('unknown-stage-reference.md'));
  await page.keyboard.press('Control+Alt+p');
  await on.focus(page);

  await on.fix(page, 'builder');
  await eventually('a quick fix corrects the name', () => own(page), 'COPY --from=builder /a /b');
  await eventually('and the squiggles go', () => on.squiggles(page), ['warning: certs']);
  await on.goTo(page, await text(page), 'builder /a', 'builder');
  await page.keyboard.press('Control+Delete');
  await page.keyboard.type('tsetr');
  await page.keyboard.press('Escape');
  await eventually('they come back with the next mistake', () => on.squiggles(page), ['warning: certs', 'warning: tsetr']);
  await on.revert(page);
  await eventually('and go with it', () => on.squiggles(page), ['warning: certs']);
}

const text = async (page) => (await on.lines(page)).join('\n');

export async function navigation(page) {
  await on.openFile(page, path);
  await on.goTo(page, fixture, 'é😀 --from=builder', 'builder');
  const told = await (await on.hover(page)).textContent();
  check('hover tells of the stage', told.includes('golang:1.25') && told.includes('docker build --target builder'), told);
  await page.keyboard.press('Escape');

  await page.keyboard.press('F12');
  await eventually('F12 lands on the FROM', () => on.cursor(page), '5:30');
  await on.goTo(page, fixture, '--from=certs', 'certs');
  await page.keyboard.press('F12');
  await eventually('on the second one of a duplicate', () => on.cursor(page), '24:24');

  await on.goTo(page, fixture, 'AS builder', 'builder');
  await page.keyboard.press('Shift+F12');
  const rows = page.locator('.reference-zone-widget .ref-tree .monaco-list-row');
  const numbers = () => rows.evaluateAll((all) => all.map((row) => row.getAttribute('aria-label').match(/line (\d+)/)[1]).join(' '));
  await eventually('references are shown, every place', numbers, '5 12 28 33 34 36');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');

  await on.goTo(page, fixture, 'FROM golang');
  await page.keyboard.press('Control+Shift+o');
  const symbols = page.locator('.quick-input-widget:not(.hidden) .monaco-list-row .label-name');
  const stages = ['builder', 'tester', 'assets', 'certs', 'runtime'];
  await eventually('the outline has the stages', async () => {
    const names = await symbols.allTextContents();
    return stages.filter((stage) => !names.some((name) => name.trim().includes(stage)));
  }, []);
  await page.keyboard.press('Escape');
}

export async function completion(page) {
  await on.openFile(page, path);
  await add(page, 'COPY --from=');
  await eventually('completion comes up behind --from=, with the stages', async () => {
    const words = await on.suggestions(page);
    return ['builder', 'tester', 'assets', 'certs'].filter((stage) => !words.includes(stage));
  }, []);
  await page.keyboard.type('tes');
  await eventually('it follows what is typed', async () => (await on.suggestions(page))[0], 'tester');
  await page.keyboard.press('Enter');
  await eventually('and inserts what is taken', () => own(page), 'COPY --from=tester');
  await on.revert(page);

  await add(page, 'HEALTHCHECK ');
  await page.keyboard.press('Control+Shift+Space');
  const help = page.locator('.parameter-hints-widget.visible');
  await eventually('signature help tells of the instruction', async () => (await help.textContent()).includes('HEALTHCHECK'));
  await on.revert(page);
}

export async function renaming(page) {
  const files = [path, 'compose.yaml', 'docker-bake.hcl', '.github/workflows/ci.yml'];
  await on.openFile(page, path);
  await on.goTo(page, fixture, 'AS tester', 'tester');
  await on.rename(page, 'checker');
  await eventually('a rename changes the editor', async () => (await on.lines(page))[11], 'FROM builder AS checker');
  await on.saveAll(page);
  for (const file of files) {
    const before = readFileSync(`${DIR}/fixture/${file}`, 'utf8');
    const wanted = before.replace(/(target:? +=? *"?|AS )tester/g, '$1checker');
    await eventually(`and ${file} on disk`, async () => disk(file), wanted);
  }
  await on.goTo(page, disk(path), 'AS checker', 'checker');
  await on.rename(page, 'runtime');
  const message = page.locator('.monaco-editor-overlaymessage, .notifications-toasts');
  await eventually('a name that is taken is refused with the reason', async () => (await message.allTextContents()).join(' ').includes('runtime'));
  await page.keyboard.press('Escape');
  await on.goTo(page, disk(path), 'AS checker', 'checker');
  await on.rename(page, 'tester');
  await eventually('and back', async () => (await on.lines(page))[11], 'FROM builder AS tester');
  await on.saveAll(page);
  await eventually('all files are as they were', async () => files.filter((file) => disk(file) !== readFileSync(`${DIR}/fixture/${file}`, 'utf8')), []);
  await on.closeAll(page);
}

export async function looks(page) {
  await on.openFile(page, path);
  const word = (text) => page.locator(`${active} .view-line span span`, { hasText: new RegExp(`^${text}$`) }).first();
  const colour = (text) => word(text).evaluate((span) => getComputedStyle(span).color);
  await eventually('stages have the colour of their own', async () => (await colour('assets')) !== (await colour('RUN')) && (await colour('assets')) === (await colour('tester')));
  await eventually('images are links', () => page.locator(`${active} .detected-link`).count().then((count) => count > 0));

  change({ 'editor.inlayHints.enabled': 'on' });
  await eventually('inlay hints tell what a base is', async () => (await on.lines(page))[4], 'FROM golang:${GO_VERSION}= golang:1.25 AS builder');
  change({});
  await eventually('and go', async () => (await on.lines(page))[4], 'FROM golang:${GO_VERSION} AS builder');

  await on.goTo(page, fixture, 'RUN go test');
  await page.keyboard.press('Control+Shift+BracketLeft');
  await eventually('a stage can be folded', async () => (await on.lines(page)).includes('RUN go test ./...'), false);
  await page.keyboard.press('Control+Shift+BracketRight');
  await eventually('and unfolded', async () => (await on.lines(page)).includes('RUN go test ./...'));

  await add(page, 'COPY   a   /b');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+Shift+i');
  await eventually('formatting changes the file', () => own(page), 'COPY a /b');
  await on.revert(page);
}

export async function lenses(page) {
  change({ 'editor.codeLens': true });
  await on.openFile(page, path);
  const lens = (title) => page.locator(`${active} .codelens-decoration a`, { hasText: title });
  await eventually('a lens tells who uses a stage', () => lens('5 uses').count(), 1);
  await lens(/^Copy build command$/).first().click();
  await eventually('one copies the command line', () => page.evaluate(() => navigator.clipboard.readText()), 'docker build --target builder app');
  await lens('5 uses').click();
  await eventually('one shows the uses', () => page.locator('.reference-zone-widget .ref-tree .monaco-list-row').count(), 5);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await lens(/^Build$/).first().click();
  const built = `${DIR}/built`; // by the program in run.sh
  await eventually('one builds in a terminal', async () => existsSync(built) && readFileSync(built, 'utf8'), `${DIR}/workspace: build --target builder app\n`);
  check('which is seen', await page.locator('.terminal-wrapper.active').isVisible());
  await on.command(page, 'Terminal: Kill All Terminals').catch(() => {});
  await page.keyboard.press('Control+Alt+p');
  change({});
}

export async function settings(page) {
  await on.openFile(page, path);
  await eventually('a rule is at work', () => on.squiggles(page), ['warning: certs']);
  change({ 'dockerfile-ls.rules': { DuplicateStageName: 'off' } });
  await eventually('it can be switched off in the settings', () => on.squiggles(page), []);
  change({ 'dockerfile-ls.rules': { DuplicateStageName: 'error' } });
  await eventually('or made an error', () => on.squiggles(page), ['error: certs']);
  change({});
  await eventually('and is what it was without', () => on.squiggles(page), ['warning: certs']);
}
