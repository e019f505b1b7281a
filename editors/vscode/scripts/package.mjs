// Makes the .vsix with the server in it, for the machine that this runs on.
//   node scripts/package.mjs         DOCKERFILE_LS is a server that is built already; without it, cargo builds one

import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const here = fileURLToPath(new URL('..', import.meta.url));
const root = path.join(here, '../..');
const suffix = process.platform === 'win32' ? '.exe' : '';
const limit = 10_000_000;

function built() {
  if (process.env.DOCKERFILE_LS) return path.resolve(process.env.DOCKERFILE_LS);
  execFileSync('cargo', ['build', '--release'], { cwd: root, stdio: 'inherit' });
  return path.join(process.env.CARGO_TARGET_DIR ?? path.join(root, 'target'), 'release', `dockerfile-ls${suffix}`);
}

// As the marketplace calls them; on Alpine the program of other Linuxes does not run.
function platform() {
  const musl = process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime;
  const cpu = process.arch === 'arm' ? 'armhf' : process.arch;
  return `${musl ? 'alpine' : process.platform}-${cpu}`;
}

const run = (script, ...words) =>
  execFileSync(process.execPath, [path.join(here, script), ...words], { cwd: here, stdio: 'inherit' });

const server = built();
rmSync(path.join(here, 'server'), { recursive: true, force: true });
mkdirSync(path.join(here, 'server'));
copyFileSync(server, path.join(here, 'server', `dockerfile-ls${suffix}`));
chmodSync(path.join(here, 'server', `dockerfile-ls${suffix}`), 0o755);
for (const licence of ['LICENSE-MIT', 'LICENSE-APACHE', 'CHANGELOG.md']) {
  copyFileSync(path.join(root, licence), path.join(here, licence));
}

run('node_modules/typescript/bin/tsc', '-p', '.');
run('node_modules/typescript/bin/tsc', '-p', 'view');
run('esbuild.mjs');
const { name, version } = JSON.parse(readFileSync(path.join(here, 'package.json'), 'utf8'));
const file = `${name}-${platform()}-${version}.vsix`;
run('node_modules/@vscode/vsce/vsce', 'package', '--no-dependencies', '--skip-license', '--target', platform(), '--out', file);

const { size } = statSync(path.join(here, file));
console.log(`${path.join(here, file)}: ${(size / 1e6).toFixed(1)} MB`);
if (size >= limit) {
  console.error(`NOTE: that is more than ${limit / 1e6} MB; a release build of the server is smaller`);
  process.exitCode = process.env.DOCKERFILE_LS ? 0 : 1;
}
