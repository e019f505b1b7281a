// Runs the tests of what needs no editor.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';

const here = path.join(import.meta.dirname, '..');
const out = mkdtempSync(path.join(tmpdir(), 'dockerfile-ls-'));
const tests = readdirSync(path.join(here, 'test')).filter((file) => file.endsWith('.test.ts'));
await build({
  entryPoints: tests.map((file) => path.join(here, 'test', file)),
  outdir: out,
  bundle: true,
  platform: 'node',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
});
const { status } = spawnSync(process.execPath, ['--test', ...tests.map((file) => path.join(out, file.replace('.ts', '.mjs')))], {
  stdio: 'inherit',
});
rmSync(out, { recursive: true });
process.exitCode = status ?? 1;
