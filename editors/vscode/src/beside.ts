// Other extensions that report on Dockerfiles. Nobody but people changes their settings; they are told once.

import * as vscode from 'vscode';

const OTHERS: Record<string, string> = {
  'ms-azuretools.vscode-containers': 'Container Tools',
  'ms-azuretools.vscode-docker': 'Docker',
  'docker.docker': 'Docker DX',
};

const TOLD = 'told-of-other-extensions';

export async function tellOfOthers(context: vscode.ExtensionContext): Promise<void> {
  const names = Object.keys(OTHERS).filter((id) => vscode.extensions.getExtension(id));
  const told = context.globalState.get<string[]>(TOLD, []);
  if (names.every((id) => told.includes(id))) return;
  await context.globalState.update(TOLD, [...new Set([...told, ...names])]);
  const list = names.map((id) => OTHERS[id]).join(' and ');
  const show = 'What to Do';
  const choice = await vscode.window.showInformationMessage(
    `Problems of Dockerfiles are reported by ${list}, too, so some may be shown twice.`,
    show,
  );
  if (choice === show) {
    // Packages have it in lower case.
    const page = vscode.Uri.joinPath(context.extensionUri, 'readme.md').with({ fragment: 'beside-dockers-extensions' });
    await vscode.commands.executeCommand('markdown.showPreview', page);
  }
}
