// The settings that the server reads, as people have set them. VS Code would send the defaults along, and these would win over a
// dockerfile-ls.toml of the workspace.

import * as vscode from 'vscode';

type Tree = { [name: string]: unknown };

/** What is set below `dockerfile-ls`, without what is the extension's own. */
export function settings(own: readonly string[], schema: Tree): Tree {
  const configuration = vscode.workspace.getConfiguration();
  const tree: Tree = {};
  for (const key of Object.keys(schema)) {
    if (own.includes(key)) continue;
    const set = value(configuration.inspect(key));
    if (set !== undefined) put(tree, key.split('.').slice(1), set);
  }
  return tree;
}

type Inspected = ReturnType<vscode.WorkspaceConfiguration['inspect']>;

// Tables are put together from all places, as VS Code does with them.
function value(inspected: Inspected): unknown {
  const places = [inspected?.globalValue, inspected?.workspaceValue, inspected?.workspaceFolderValue];
  const set = places.filter((place) => place !== undefined);
  if (set.length > 1 && set.every(isTable)) return Object.assign({}, ...set);
  return set.at(-1);
}

function isTable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function put(tree: Tree, path: string[], value: unknown): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  if (rest.length === 0) {
    tree[name] = value;
    return;
  }
  const inner = (tree[name] ??= {}) as Tree;
  put(inner, rest, value);
}
