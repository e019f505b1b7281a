// Writes the server's settings into package.json, from the schema that the server has of them.
//   node scripts/settings.mjs        DOCKERFILE_LS is the server to ask; without it, cargo builds one
// A test of the server (tests/cli/settings.rs) tells when package.json is out of date.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package.json', import.meta.url);
const root = new URL('../../..', import.meta.url);
const words = ['settings', '--format', 'json-schema', '--editor'];
const server = process.env.DOCKERFILE_LS;
const schema = JSON.parse(
  server
    ? execFileSync(server, words, { encoding: 'utf8' })
    : execFileSync('cargo', ['run', '--quiet', '--', ...words], { cwd: root, encoding: 'utf8' }),
);

// A group of settings becomes one setting each, a table of rules one setting as a whole.
const properties = {};
for (const [name, group] of Object.entries(schema.properties)) {
  if (name === 'rules') properties[`dockerfile-ls.${name}`] = { ...group, default: {} };
  else {
    for (const [key, setting] of Object.entries(group.properties)) properties[`dockerfile-ls.${name}.${key}`] = setting;
  }
}

// VS Code shows what stands between backticks as code if it is told so.
const markdown = (value) => {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    if (key === 'description' && typeof inner === 'string') return ['markdownDescription', inner];
    if (key === 'enumDescriptions') return ['markdownEnumDescriptions', inner];
    return [key, markdown(inner)];
  });
  return Object.fromEntries(entries);
};

const manifest = JSON.parse(readFileSync(file, 'utf8'));
const group = manifest.contributes.configuration.find((group) => group.title === 'Server');
group.properties = markdown(properties);
writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
