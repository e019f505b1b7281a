// Files that build a Dockerfile, and files that do not.
import { readFileSync, writeFileSync } from 'node:fs';
import { eventually } from './checks.mjs';
import * as on from './page.mjs';

const { DIR } = process.env;
const compose = readFileSync(`${DIR}/fixture/compose.yaml`, 'utf8');
const bake = readFileSync(`${DIR}/fixture/docker-bake.hcl`, 'utf8');
const last = async (page, start) => (await on.lines(page)).findLast((line) => line.includes(start));

async function mistake(page, file, text, before) {
  await on.openFile(page, file);
  await on.goTo(page, text, 'tester', 'tester');
  await on.goTo(page, text, `${before}tester`, 'tester');
  await page.keyboard.press('Control+Delete');
  await page.keyboard.type('tsetr');
  await page.keyboard.press('Escape');
  await eventually(`${file}: a target that no stage has is an error`, () => on.squiggles(page), ['error: tsetr']);
  await on.revert(page);
  await eventually(`${file}: and none when it is right`, () => on.squiggles(page), []);
  await on.goTo(page, text, `${before}tester`, 'tester');
  await page.keyboard.press('F12');
  await eventually(`${file}: F12 lands in the Dockerfile`, async () => [await on.openName(page), await on.cursor(page)], ['Dockerfile', '12:17']);
}

export async function targets(page) {
  await mistake(page, 'compose.yaml', compose, 'target: ');
  await mistake(page, 'docker-bake.hcl', bake, '"');

  await on.openFile(page, 'compose.yaml');
  await on.goTo(page, compose, 'target: tester', 'tester');
  await page.keyboard.press('Control+Delete');
  await page.keyboard.press('Control+Space');
  await eventually('compose.yaml: completion offers the stages', async () => {
    const words = await on.suggestions(page);
    return ['builder', 'tester', 'assets', 'runtime'].filter((stage) => !words.includes(stage));
  }, []);
  await page.keyboard.type('ass');
  await eventually('compose.yaml: and follows what is typed', async () => (await on.suggestions(page))[0], 'assets');
  await page.keyboard.press('Enter');
  await eventually('compose.yaml: and inserts what is taken', () => last(page, 'target:'), '      target: assets');
  await on.revert(page);
}

export async function others(page) {
  for (const [file, text] of [['values.yaml', compose], ['settings.json', '{"target": "tsetr", "dockerfile": "app/Dockerfile"}\n']]) {
    writeFileSync(`${DIR}/workspace/${file}`, text.replaceAll('tester', 'tsetr'));
    await on.openFile(page, file);
    await eventually(`${file} is left alone: no status`, () => page.locator('[id$="dockerfile-ls.status"]').count(), 0);
    await page.keyboard.press('Control+k');
    await page.keyboard.press('Control+i');
    await eventually(`${file}: and no squiggles`, () => on.squiggles(page), []);
  }
  await on.openFile(page, 'app/Dockerfile');
  await eventually('the Dockerfile still has its own', () => on.squiggles(page), ['warning: certs']);
}
