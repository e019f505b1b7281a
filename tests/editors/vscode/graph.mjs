// The stages as a picture beside the file.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { check, eventually, report, until } from './checks.mjs';
import { answers } from './answers.mjs';
import * as on from './page.mjs';
import { change } from './workbench.mjs';

const { DIR, DEBUG_BUILD } = process.env;
const path = 'app/Dockerfile';
const fixture = readFileSync(`${DIR}/fixture/${path}`, 'utf8');
const stages = ['builder', 'tester', 'assets', 'certs', 'certs', 'runtime'];

/** Opens the view; gives the page in it. */
export async function show(page) {
  await on.command(page, 'Dockerfile: Show Stage Graph');
  return inside(page);
}

// The view is a frame in a frame.
async function inside(page) {
  let found;
  await until(async () => {
    for (const frame of page.frames().filter((frame) => frame.parentFrame()?.url().includes('/webview/'))) {
      if ((await frame.locator('#picture svg').count()) > 0) found = frame;
    }
    return found !== undefined;
  });
  if (!found) throw new Error('there is no picture');
  return found;
}

const box = (frame, name) => frame.locator(`#picture g[data-box][data-stage="${stages.indexOf(name)}"]`);
// By the first text in each, which is the name.
const names = (frame, which) => frame.locator(`#picture g[data-box][data-stage]${which}`).evaluateAll((all) => all
  .sort((one, other) => one.dataset.stage - other.dataset.stage).map((box) => box.querySelector('text').textContent));
const boxes = (frame) => names(frame, '');

export async function picture(page) {
  await on.openFile(page, path);
  check('the title of the editor has a button for the graph', (await page.locator('.editor-actions a[aria-label*="Stage Graph"]').count()) === 1);
  const frame = await show(page);
  await eventually('the graph opens beside the file', () => page.locator('.editor-group-container').count(), 2);
  await eventually('with a box for each stage', () => boxes(frame), stages);
  await eventually('and lines between them', async () => (await frame.locator('#picture g[data-edge][data-from]').count()) >= 4);

  await on.focus(page);
  await on.goTo(page, fixture, 'USER 65532');
  await page.keyboard.press('End');
  await page.keyboard.type('\nFROM alpine AS extra');
  await eventually('a stage that is typed is drawn', () => boxes(frame), [...stages, 'extra']);
  await on.revert(page);
  await eventually('and goes with its line', () => boxes(frame), stages);
  return frame;
}

export async function jumps(page) {
  const frame = await inside(page);
  // As long as fingers take: the view gets the focus meanwhile.
  await on.focus(page);
  await box(frame, 'assets').click({ delay: 300 });
  await eventually('a click on a box moves the cursor to its FROM', () => on.cursor(page), '15:28');
  await on.goTo(page, fixture, 'USER 65532');
  await page.keyboard.press('End');
  await page.keyboard.type('\nFROM alpine AS extra', { delay: 60 });
  await eventually('and typing goes on in the editor', () => boxes(frame), [...stages, 'extra']);
  await page.keyboard.press('Escape'); // a list of completions would take the line feed
  await page.keyboard.type('\nFROM extra AS more', { delay: 60 });
  await eventually('after the picture has changed, too', () => boxes(frame), [...stages, 'extra', 'more']);
  await on.revert(page);
  await box(frame, 'runtime').focus();
  await page.keyboard.press('Enter');
  await eventually('so does Enter', () => on.cursor(page), '27:31');
  await frame.locator('#picture g[data-edge][data-from]', { hasText: '/web/dist' }).click();
  await eventually('a click on a line leads to its COPY', async () => (await on.cursor(page)).split(':')[0], '29');

  await on.focus(page);
  const framed = () => frame.evaluate(() => {
    const middle = (element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      return [(left + right) / 2, (top + bottom) / 2].map(Math.round).join();
    };
    const mark = middle(document.querySelector('#picture .cursor'));
    return [...document.querySelectorAll('#picture g[data-box][data-stage]')].find((box) => middle(box) === mark)?.querySelector('text').textContent;
  });
  for (const [place, stage] of [['RUN npm ci', 'assets'], ['RUN go build', 'builder']]) {
    await on.goTo(page, fixture, place);
    await eventually(`the stage of the cursor is marked: ${stage}`, framed, stage);
  }

  await box(frame, 'assets').hover();
  await eventually('pointing at a box marks its line and where it leads', () => names(frame, '.on'), ['assets', 'runtime']);
  await frame.locator('#tools').hover();
  await eventually('and no longer', () => frame.locator('#picture .on').count(), 0);
}

export async function choices(page) {
  const frame = await inside(page);
  const drawn = async () => (await boxes(frame)).join(' ');
  await frame.locator('#needed').click();
  await eventually('only what is needed is drawn', drawn, 'builder assets certs runtime');
  await frame.locator('#target').selectOption({ label: 'tester' });
  await eventually('of another target too', drawn, 'builder tester');
  await frame.locator('#needed').click();
  await eventually('and all of it again', drawn, stages.join(' '));
  await frame.locator('#target').selectOption({ index: 0 });

  const zoom = async () => Number.parseInt(await frame.locator('#zoom').textContent(), 10);
  const width = () => frame.evaluate(() => document.querySelector('#picture svg').getBoundingClientRect().width);
  const [before, narrow] = [await zoom(), await width()];
  await frame.locator('#larger').click();
  await eventually('a button makes it larger', async () => (await zoom()) > before && (await width()) > narrow);
  await frame.locator('#canvas').hover();
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, 200);
  await page.keyboard.up('Control');
  await frame.locator('#fit').click();
  await eventually('another makes it fit', () => frame.locator('#canvas').evaluate((canvas) => canvas.scrollWidth <= canvas.clientWidth && canvas.scrollHeight <= canvas.clientHeight));
}

export async function copies(page) {
  const frame = await inside(page);
  await frame.locator('#mermaid').click();
  await eventually('it is copied as Mermaid', async () => /^(---|flowchart|graph)/.test(await page.evaluate(() => navigator.clipboard.readText())));
  await frame.locator('#svg').click();
  const input = page.locator('.quick-input-widget:not(.hidden) .quick-input-box input');
  await input.waitFor();
  const file = `${DIR}/workspace/stages.svg`;
  await until(async () => {
    // The box writes a name of its own once it has read the folder.
    if ((await input.inputValue({ timeout: 1000 })) !== file) await input.fill(file);
    await new Promise((done) => setTimeout(done, 500));
    if ((await input.inputValue({ timeout: 1000 })) === file) await input.press('Enter');
    return existsSync(file);
  });
  await eventually('and written as SVG', async () => existsSync(file) && /^(<\?xml[^>]*>\s*)?<svg[^]*<\/svg>\s*$/.test(readFileSync(file, 'utf8')));
  check('without colours of an editor', existsSync(file) && !readFileSync(file, 'utf8').includes('var('));
}

export const themes = { light: 'Default Light Modern', dark: 'Default Dark Modern', 'high contrast': 'Default High Contrast' };

export async function colours(page) {
  const frame = await inside(page);
  for (const [name, theme] of Object.entries(themes)) {
    change({ 'workbench.colorTheme': theme });
    await eventually(`the picture follows the theme: ${name}`, () => frame.evaluate(light), name === 'light');
    const contrast = await frame.evaluate(lowest);
    check(`and can be read: ${name}`, contrast > 4.5, contrast);
  }
  change({});
}

// Both run in the view.
const light = () => getComputedStyle(document.body).backgroundColor.match(/\d+/g).reduce((sum, part) => sum + Number(part), 0) > 382;

// The lowest contrast of the text in a box to its ground, by the formula of WCAG. What is not needed is faint on purpose.
const lowest = () => {
  const luminance = (colour) => {
    const [red, green, blue] = colour.match(/[\d.]+/g).map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const names = [...document.querySelectorAll('#picture g[data-box][data-stage]')].filter((box) => !box.parentElement.hasAttribute('opacity'));
  return Math.min(...names.map((box) => {
    const [one, other] = [box.querySelector('text'), box.querySelector('rect')].map((part) => luminance(getComputedStyle(part).fill)).sort((a, b) => b - a);
    return (one + 0.05) / (other + 0.05);
  }));
};

/** From a key to the new picture on screen, in a file of 60 stages. Told and not judged: most of it is the editor's own time, and the
 * machine may be busy. */
export async function speed(page) {
  const many = Array.from({ length: 60 }, (_, at) => `FROM ${at % 4 ? `s${at - 1}` : 'alpine:3.22'} AS s${at}\n${at > 7 ? `COPY --from=s${at - 7} /a${at} /b${at}\n` : ''}RUN make ${at}\n`);
  const text = `${many.join('\n')}# end\n`;
  writeFileSync(`${DIR}/workspace/app/Dockerfile.sixty`, text);
  await on.closeAll(page);
  await on.openFile(page, 'app/Dockerfile.sixty');
  const frame = await show(page);
  await frame.locator('#needed[aria-pressed="true"]').click({ timeout: 2000 }).catch(() => {});
  await eventually('60 stages are drawn', async () => (await boxes(frame)).length, 60);
  await on.focus(page);
  await on.goTo(page, text, 'AS s56', 's56');
  await page.evaluate(() => {
    const now = () => performance.timeOrigin + performance.now();
    addEventListener('keydown', () => { window.pressed = now(); window.letter = undefined; }, true);
    new MutationObserver(() => {
      if (window.letter !== undefined) return;
      window.letter = 0;
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => { window.letter = now(); };
        port2.postMessage(0);
      });
    }).observe(document.querySelector('.part.editor .view-lines'), { subtree: true, childList: true, characterData: true });
  });
  await frame.evaluate(() => {
    const now = () => performance.timeOrigin + performance.now();
    let came;
    addEventListener('message', ({ data, timeStamp }) => { if (data.type === 'picture') came = performance.timeOrigin + timeStamp; }, true);
    new MutationObserver(() => {
      const drawn = now();
      // A task that a frame leaves behind runs when that frame has been painted.
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => { window.last = { came, drawn, seen: now() }; };
        port2.postMessage(0);
      });
    }).observe(document.querySelector('#picture'), { attributeFilter: ['data-version'] });
  });
  const { letter, whole, arrived, draw, show: shown } = await round(page, frame);
  report(`keystroke to new picture at 60 stages: ${whole} ms (until the view has it ${arrived} ms, drawn in ${draw} ms, shown after ${shown} ms); median of 20`);
  report(`the letter itself is on screen after ${letter} ms`);
  report(`of this the server's answer: ${await answers(text)} ms${DEBUG_BUILD ? ', by a debug build' : ''}`);
  await on.revert(page);
}

async function round(page, frame) {
  const all = [];
  for (let at = 0; at < 20; at += 1) {
    await frame.evaluate(() => { window.last = undefined; });
    await page.keyboard.type('x');
    await until(() => frame.evaluate(() => window.last !== undefined));
    const { pressed, letter } = await page.evaluate(() => ({ pressed: window.pressed, letter: window.letter }));
    const { came, drawn, seen } = await frame.evaluate(() => window.last);
    all.push({ letter: letter - pressed, whole: seen - pressed, arrived: came - pressed, draw: drawn - came, show: seen - drawn });
  }
  const median = (part) => Math.round(all.map((one) => one[part]).sort((one, other) => one - other)[10] * 10) / 10;
  return { letter: median('letter'), whole: median('whole'), arrived: median('arrived'), draw: median('draw'), show: median('show') };
}
