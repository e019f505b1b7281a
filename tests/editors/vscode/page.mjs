// What a user does in a window of VS Code, and what there is to be seen, by names of ours.
import { until } from './checks.mjs';

const active = '.editor-group-container.active';
const pick = '.quick-input-widget:not(.hidden)';

/** Takes the row whose label is `row`, from the box that `key` opens. A workbench that still starts may lose a key. */
export async function choose(page, key, text, row) {
  const input = page.locator(`${pick} .quick-input-box input`);
  const label = page.locator('.label-name').getByText(row, { exact: true });
  const wanted = page.locator(`${pick} .monaco-list-row`, { has: label });
  const there = await until(async () => {
    if (!(await input.isVisible())) {
      await page.keyboard.press(key);
      await input.waitFor({ timeout: 2000 });
    }
    if ((await input.inputValue()) !== text) await input.fill(text, { timeout: 2000 });
    return (await wanted.count()) > 0;
  });
  if (there !== true) throw new Error(`${text} offers no ${row}: ${there}`);
  await wanted.first().click();
  await input.waitFor({ state: 'hidden' });
}

/** `title` is what the list of commands shows. */
export const command = (page, title) => choose(page, 'F1', `>${title}`, title);

/** A whole path is found at once, where a part of one is searched for, and the list grows while it is clicked. */
export async function openFile(page, path, folder = `${process.env.DIR}/workspace`) {
  const name = path.split('/').at(-1);
  const there = await until(async () => {
    await choose(page, 'Control+p', `${folder}/${path}`, name);
    await page.locator(`${active} .tab.active[data-resource-name="${name}"]`).waitFor({ timeout: 3000 });
    return true;
  });
  if (there !== true) throw new Error(`${path} does not open: ${there}`);
  await page.locator(`${active} .monaco-editor .view-line`).first().waitFor();
}

/** The name of the file that is shown. */
export const openName = (page) => page.locator(`${active} .tab.active`).getAttribute('data-resource-name', { timeout: 2000 });

/** The cursor onto the first character of `word` within the first place where `text` has `context`. */
export async function goTo(page, text, context, word = context) {
  const at = text.indexOf(context);
  if (at < 0) throw new Error(`there is no ${context}`);
  const before = text.slice(0, at + context.indexOf(word)).split('\n');
  // The status bar counts characters, where the box counts what they take in UTF-16.
  await goToLine(page, before.length, before.at(-1).length + 1, [...before.at(-1)].length + 1);
}

export async function goToLine(page, line, column = 1, told = column) {
  const input = page.locator(`${pick} .quick-input-box input`);
  await page.locator(`${active} .monaco-editor`).first().waitFor();
  const there = await until(async () => {
    await page.keyboard.press('Control+g');
    await input.waitFor({ timeout: 2000 });
    await input.fill(`:${line}:${column}`, { timeout: 2000 });
    await page.keyboard.press('Enter');
    await input.waitFor({ state: 'hidden', timeout: 2000 });
    return cursor(page);
  }, `${line}:${told}`);
  if (there !== `${line}:${told}`) throw new Error(`the cursor is at ${there}, not at ${line}:${told}`);
}

/** `LINE:COLUMN`, as the status bar tells. */
export async function cursor(page) {
  const text = await page.locator('[id="status.editor.selection"]').textContent({ timeout: 2000 });
  return text.replace(/^Ln (\d+), Col (\d+).*/, '$1:$2');
}

/** The lines that the editor shows, without hints. */
export function lines(page) {
  return page.locator(`${active} .monaco-editor .view-lines`).first().evaluate((view) => [...view.querySelectorAll(':scope > .view-line')]
    .map((line) => ({ top: line.getBoundingClientRect().top, text: line.textContent.replaceAll('\u00a0', ' ') }))
    .sort((one, other) => one.top - other.top).map((line) => line.text));
}

/** The words with squiggles, each as `kind: word`; its first letters show what has squiggles of less than a word. */
export function squiggles(page, kinds = ['error', 'warning']) {
  return page.locator(`${active} .monaco-editor`).first().evaluate((editor, kinds) => {
    const lines = [...editor.querySelectorAll('.view-lines .view-line')];
    return kinds.flatMap((kind) => [...editor.querySelectorAll(`.cdr.squiggly-${kind}`)].map((squiggle) => {
      const box = squiggle.getBoundingClientRect();
      const line = lines.find((line) => Math.abs(line.getBoundingClientRect().top - box.top) < 3);
      return `${kind}: ${line ? between(line, box) : '?'}`;
    }));

    function between(line, box) {
      const texts = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
      const range = document.createRange();
      let found = '';
      while (texts.nextNode()) {
        for (let at = 0; at < texts.currentNode.data.length; at += 1) {
          range.setStart(texts.currentNode, at);
          range.setEnd(texts.currentNode, at + 1);
          const letter = range.getBoundingClientRect();
          const middle = (letter.left + letter.right) / 2;
          if (middle > box.left && middle < box.right) found += texts.currentNode.data[at];
        }
      }
      return found;
    }
  }, kinds);
}

/** What is shown about the word under the cursor. */
export async function hover(page) {
  await page.keyboard.press('Control+k');
  await page.keyboard.press('Control+i');
  const box = page.locator('.monaco-hover:not(.hidden) .monaco-hover-content').last();
  await box.waitFor();
  return box;
}

/** What is offered to be taken with Enter. */
export const suggestions = (page) => page.locator('.suggest-widget.visible .monaco-list-row .label-name').allTextContents();

/** Asks for what can be done here, and takes the entry. */
export async function fix(page, title) {
  const entry = page.locator('.action-widget .monaco-list-row.action', { hasText: title });
  const there = await until(async () => {
    if ((await page.locator('.action-widget .monaco-list-row').count()) === 0) await page.keyboard.press('Control+.');
    await entry.first().waitFor({ timeout: 3000 });
    return true;
  });
  if (there !== true) throw new Error(`no quick fix ${title}: ${there}`);
  await entry.first().click();
}

/** All files are on disk when it is done. */
export async function saveAll(page) {
  await page.keyboard.press('Control+Alt+s');
  await settled(page, '.tab.dirty');
}

/** Back to what is on disk. */
export async function revert(page) {
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+Alt+r');
  await settled(page, `${active} .tab.active.dirty`);
}

export async function closeAll(page) {
  await page.keyboard.press('Control+Alt+w');
  await settled(page, '.tab');
}

async function settled(page, gone) {
  const left = await until(() => page.locator(gone).count(), 0);
  if (left !== 0) throw new Error(`${left} of ${gone} stay`);
}

/** Opens a file, and tells after how many milliseconds something was there. */
export async function timed(page, path, selector) {
  await page.evaluate((selector) => {
    window.shown = new Promise((done) => {
      let began;
      const look = () => (document.querySelector(selector) ? done(Math.round(performance.now() - began)) : requestAnimationFrame(look));
      addEventListener('mousedown', () => { began = performance.now(); requestAnimationFrame(look); }, { capture: true, once: true });
    });
  }, `.editor-group-container.active .monaco-editor[data-uri$="${path}"] ${selector}`);
  await openFile(page, path);
  return page.evaluate(() => window.shown);
}

export const status = (page) => page.locator('[id$="dockerfile-ls.status"]').getAttribute('aria-label', { timeout: 2000 });

/** The cursor back into the editor. */
export const focus = (page) => page.keyboard.press('Control+1');

export async function rename(page, name) {
  const input = page.locator('.rename-box input');
  await page.keyboard.press('F2');
  await input.waitFor();
  await input.fill(name);
  await page.keyboard.press('Enter');
  await input.waitFor({ state: 'hidden' });
}
