// What happens when VS Code starts the extension. Nothing here waits for the server.

import * as vscode from 'vscode';
import { tellOfOthers } from './beside';
import { hasDockerfile, isUnrecognized, mayBuild, startsServer } from './files';
import { registerGraph } from './graph/panel';
import { registerLensCommands, watchTerminals } from './lenses';
import { Server } from './server';
import { showStatus } from './status';

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const here = new Server(context);
  server = here;
  const told = here.onDidChangeStatus(({ kind }) => {
    if (kind !== 'running') return;
    told.dispose();
    void tellOfOthers(context);
  });
  context.subscriptions.push(
    here,
    showStatus(here),
    registerLensCommands(here),
    registerGraph(context, here),
    watchTerminals(),
    vscode.commands.registerCommand('dockerfile-ls.restartServer', () => here.restart()),
    vscode.commands.registerCommand('dockerfile-ls.showOutput', () => here.log.show(true)),
    vscode.commands.registerCommand('dockerfile-ls.openSettings', () =>
      vscode.commands.executeCommand('workbench.action.openSettings', `@ext:${context.extension.id}`),
    ),
    vscode.workspace.onDidOpenTextDocument((document) => opened(here, document)),
    vscode.workspace.onDidChangeConfiguration((event) => settingsChanged(here, event)),
  );
  for (const document of vscode.workspace.textDocuments) void opened(here, document);
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

// Only once: who makes one of them plain text again means it.
const recognized = new WeakSet<vscode.TextDocument>();

async function opened(here: Server, document: vscode.TextDocument): Promise<void> {
  if (isUnrecognized(document) && !recognized.has(document)) {
    recognized.add(document);
    // VS Code tells of the document again, as one of its new language.
    await vscode.languages.setTextDocumentLanguage(document, 'dockerfile');
    return;
  }
  if (here.status.kind !== 'idle' || !mayBuild(document)) return;
  if (startsServer(document) || (await hasDockerfile())) await here.start();
}

async function settingsChanged(here: Server, event: vscode.ConfigurationChangeEvent): Promise<void> {
  const restarts = ['dockerfile-ls.server.path', 'dockerfile-ls.otherFiles'];
  if (here.status.kind === 'idle' || !restarts.some((key) => event.affectsConfiguration(key))) return;
  await here.restart();
}
