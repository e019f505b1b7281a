// The server's answer to `dockerfile-ls/stageGraph`. See docs/clients.md.

import type { Range } from 'vscode-languageclient';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { Choice } from './messages';

export interface StageGraph {
  version: number | null;
  svg: string;
  needed: boolean;
  target: number | null;
  stages: { name: string | null; title: string; range: Range; selectionRange: Range; needed: boolean }[];
  edges: { ranges: Range[] }[];
}

export const CHANGED = 'dockerfile-ls/stageGraphChanged';

/** Whether this server draws. */
export function draws(client: LanguageClient): boolean {
  return Boolean(client.initializeResult?.capabilities.experimental?.stageGraph);
}

export function stageGraph(client: LanguageClient, uri: string, choice: Choice): Promise<StageGraph | null> {
  return client.sendRequest('dockerfile-ls/stageGraph', { textDocument: { uri }, ...choice });
}

/** The picture as a text that stands for itself. */
export function exported(client: LanguageClient, uri: string, format: 'svg' | 'mermaid', options: object): Promise<string> {
  const argument = { uri, format, ...options };
  return client.sendRequest('workspace/executeCommand', { command: 'dockerfile-ls.stageGraph', arguments: [argument] });
}

/** The stage that a line is in, the one above where it is in none; null above the first stage. */
export function stageAt(stages: StageGraph['stages'], line: number): number | null {
  const index = stages.findLastIndex((stage) => stage.range.start.line <= line);
  return index < 0 ? null : index;
}

/** The name that makes each stage the target; null if none does. Of stages of one name only the last can be built. */
export function targetNames(stages: { name: string | null }[]): (string | null)[] {
  const last = new Map(stages.map(({ name }, index) => [name?.toLowerCase(), index]));
  return stages.map(({ name }, index) => (last.get(name?.toLowerCase()) === index ? name : null));
}
