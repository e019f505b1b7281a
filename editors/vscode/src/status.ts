// The item in the status bar, while a file is shown that the server sees.

import * as vscode from 'vscode';
import { isDockerfile, mayBuild } from './files';
import type { Server, Status } from './server';

export function showStatus(server: Server): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('dockerfile-ls.status', vscode.StatusBarAlignment.Right, 50);
  item.name = 'Dockerfile stages';
  item.command = 'dockerfile-ls.menu';
  const update = () => {
    const document = vscode.window.activeTextEditor?.document;
    show(item, server.status);
    // A failure is shown wherever people look.
    const wanted = server.status.kind === 'failed' || (document !== undefined && mayBuild(document));
    if (wanted && server.status.kind !== 'idle') item.show();
    else item.hide();
  };
  update();
  return vscode.Disposable.from(
    item,
    server.onDidChangeStatus(update),
    vscode.window.onDidChangeActiveTextEditor(update),
    // So it is told that the language of a document has changed.
    vscode.workspace.onDidOpenTextDocument(update),
    vscode.commands.registerCommand('dockerfile-ls.menu', () => menu(server)),
  );
}

function show(item: vscode.StatusBarItem, status: Status): void {
  item.backgroundColor = undefined;
  switch (status.kind) {
    case 'idle':
    case 'stopped':
      item.text = '$(circle-slash) Dockerfile';
      item.tooltip = 'dockerfile-ls is not running';
      break;
    case 'starting':
      item.text = '$(loading~spin) Dockerfile';
      item.tooltip = 'dockerfile-ls is starting';
      break;
    case 'running':
      item.text = '$(layers) Dockerfile';
      item.tooltip = `dockerfile-ls ${status.version} is running`;
      break;
    case 'failed':
      item.text = '$(error) Dockerfile';
      item.tooltip = status.message;
      item.backgroundColor = new vscode.ThemeColor('statusBarItem.errorBackground');
  }
  item.accessibilityInformation = { label: item.tooltip as string, role: 'button' };
}

async function menu(server: Server): Promise<void> {
  const graph = { label: '$(type-hierarchy) Show stage graph', command: 'dockerfile-ls.showStageGraph' };
  const entries = [
    { label: '$(refresh) Restart server', command: 'dockerfile-ls.restartServer' },
    { label: '$(output) Show output', command: 'dockerfile-ls.showOutput' },
    { label: '$(settings-gear) Settings', command: 'dockerfile-ls.openSettings' },
  ];
  if (isDockerfile(vscode.window.activeTextEditor?.document)) entries.unshift(graph);
  const { status } = server;
  const placeHolder =
    status.kind === 'failed' ? status.message : status.kind === 'running' ? `dockerfile-ls ${status.version}` : 'dockerfile-ls';
  const chosen = await vscode.window.showQuickPick(entries, { placeHolder });
  if (chosen) await vscode.commands.executeCommand(chosen.command);
}
