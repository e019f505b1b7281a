// The life of the server, and what a folder may do that nobody trusts.
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { check, eventually } from './checks.mjs';
import * as on from './page.mjs';
import { change } from './workbench.mjs';

const { DIR } = process.env;
const records = () => readdirSync(`${DIR}/log`);
const first = (record) => readFileSync(`${DIR}/log/${record}`, 'utf8').split('\n')[0];
const running = /^dockerfile-ls \d+\.\d+\.\d+ is running$/;

/** Leaves two records of servers, that of before and the last one. */
export async function restarts(page) {
  await on.openFile(page, 'app/Dockerfile');
  await eventually('a finding is there', () => on.squiggles(page), ['warning: certs']);
  const [before] = records();
  await on.command(page, 'Dockerfile: Restart Server');
  await eventually('the command starts another server', async () => records().length, 2);
  await eventually('which is told of', async () => running.test(await on.status(page)));
  await eventually('and finds the same', () => on.squiggles(page), ['warning: certs']);

  const killed = records().find((record) => record !== before);
  process.kill(JSON.parse(first(killed)).pid, 'SIGKILL');
  await eventually('a server that dies is started again', async () => records().length, 3);
  await eventually('it is told of', async () => running.test(await on.status(page)));
  await eventually('and finds the same again', () => on.squiggles(page), ['warning: certs']);
  // It broke off in the middle, so there is nothing to judge.
  mkdirSync(`${DIR}/killed`);
  renameSync(`${DIR}/log/${killed}`, `${DIR}/killed/${killed}`);
}

/** In a window of its own. The folder names a program as the server, which is not to be started. */
export async function restricted(page) {
  rmSync(`${DIR}/built`, { force: true });
  change({ 'editor.codeLens': true, 'dockerfile-ls.server.path': `${DIR}/bin/docker` });
  await on.openFile(page, 'app/Dockerfile');
  await eventually('a folder without trust is restricted', () => page.locator('[id="status.workspaceTrust"]').count(), 1);
  await eventually('and has squiggles', () => on.squiggles(page), ['warning: certs']);
  await page.locator('.codelens-decoration a', { hasText: /^Build$/ }).first().click();
  await eventually('a build is refused with the reason', async () => (await page.locator('.notifications-toasts').textContent()).includes('trusted'));
  check('and does not run', !existsSync(`${DIR}/built`) && (await page.locator('.terminal-wrapper').count()) === 0);
  change({});
}
