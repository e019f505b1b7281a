// What the lenses above stages do.

import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Location, Position } from 'vscode-languageclient';
import type { Server } from './server';

/** A command line that builds a stage, as the server tells it. */
interface Build {
  command: string;
  cwd: string;
  target: string | null;
  uri: string;
}

export function registerLensCommands(server: Server): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand('dockerfile-ls.runBuild', runBuild),
    vscode.commands.registerCommand('dockerfile-ls.copyBuildCommand', copyBuildCommand),
    vscode.commands.registerCommand('dockerfile-ls.showReferences', (uri, position, places) =>
      showReferences(server, uri, position, places),
    ),
  );
}

async function runBuild(build: Build): Promise<void> {
  if (!vscode.workspace.isTrusted) {
    const manage = 'Manage Trust';
    const choice = await vscode.window.showWarningMessage(
      'A build runs what the Dockerfile says, so it is started in trusted workspaces only.',
      manage,
    );
    if (choice === manage) await vscode.commands.executeCommand('workbench.trust.manage');
    return;
  }
  const terminal = terminalIn(build.cwd);
  terminal.show(true);
  const isSafe = PLAIN.test(build.command) || POSIX.test(path.basename(vscode.env.shell));
  terminal.sendText(build.command, isSafe);
  if (!isSafe) void vscode.window.showWarningMessage('The command is quoted for a POSIX shell. Look at it before you run it.');
}

// PowerShell, cmd and fish know other quotes, and could take a part of a name for a command.
const PLAIN = /^[\p{L}\p{N} _./:=+-]*$/u;
const POSIX = /^(a|ba|da|k|mk|z)?sh(\.exe)?$/i;

// One terminal for each folder. One that runs something still is left alone where VS Code knows that.
function terminalIn(cwd: string): vscode.Terminal {
  const name = 'Docker build';
  const free = vscode.window.terminals.find((terminal) => {
    const options = terminal.creationOptions as vscode.TerminalOptions;
    return terminal.name === name && options.cwd === cwd && terminal.exitStatus === undefined && !busy.has(terminal);
  });
  return free ?? vscode.window.createTerminal({ name, cwd });
}

const busy = new WeakSet<vscode.Terminal>();

/** Takes note of terminals that are running something. Only shells that VS Code has put its marks into tell. */
export function watchTerminals(): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.window.onDidStartTerminalShellExecution(({ terminal }) => busy.add(terminal)),
    vscode.window.onDidEndTerminalShellExecution(({ terminal }) => busy.delete(terminal)),
  );
}

async function copyBuildCommand(build: Build): Promise<void> {
  await vscode.env.clipboard.writeText(build.command);
  vscode.window.setStatusBarMessage(`$(check) Copied: ${build.command}`, 5000);
}

async function showReferences(server: Server, uri: string, position: Position, places: Location[]): Promise<void> {
  const converter = server.client?.protocol2CodeConverter;
  if (!converter) return;
  await vscode.commands.executeCommand(
    'editor.action.showReferences',
    converter.asUri(uri),
    converter.asPosition(position),
    places.map((place) => converter.asLocation(place)),
  );
}
