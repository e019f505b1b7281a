// Bundles the extension, and the page that shows the stage graph.

import { build, context } from 'esbuild';
import { writeLicences } from './scripts/licences.mjs';

const watch = process.argv.includes('--watch');
const common = { bundle: true, minify: !watch, sourcemap: watch, logLevel: 'warning', legalComments: 'none', metafile: true };
const builds = [
  {
    ...common,
    entryPoints: ['src/extension.ts'],
    outfile: 'dist/extension.js',
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode'],
  },
  {
    ...common,
    entryPoints: ['view/main.ts', 'view/view.css'],
    outdir: 'dist',
    entryNames: 'view',
    platform: 'browser',
    format: 'iife',
    target: 'chrome120',
  },
];

const inputs = [];
for (const options of builds) {
  if (watch) await (await context(options)).watch();
  else inputs.push(...Object.keys((await build(options)).metafile.inputs));
}
if (!watch) writeLicences(inputs, 'dist/LICENSES.txt');
