// The server's program: which one, and what goes wrong when it is started.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';
import * as vscode from 'vscode';

/** The program of the settings, or the one that came with the extension. */
export function program(extension: vscode.Uri): string {
  const set = vscode.workspace.getConfiguration('dockerfile-ls').get('server.path', '').trim();
  if (set !== '') return set.replace(/^~(?=[/\\])/, process.env['HOME'] ?? '~');
  const name = process.platform === 'win32' ? 'dockerfile-ls.exe' : 'dockerfile-ls';
  return path.join(extension.fsPath, 'server', name);
}

/** Starts the server. What is thrown says what to do about it. */
export async function start(file: string, level: string): Promise<ChildProcess> {
  // With the folder of the workspace as its own, the server would keep people on Windows from renaming it.
  const child = spawn(file, ['--stdio'], {
    cwd: path.isAbsolute(file) ? path.dirname(file) : undefined,
    env: { ...process.env, DOCKERFILE_LS_LOG: level },
  });
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new Error(reason(file, error as NodeJS.ErrnoException), { cause: error });
  }
  return child;
}

function reason(file: string, error: NodeJS.ErrnoException): string {
  const setting = 'the setting dockerfile-ls.server.path';
  switch (error.code) {
    case 'ENOENT':
      return `There is no server ${file}. Look at ${setting}, or install the extension for ${process.platform}-${process.arch}.`;
    case 'EACCES':
      return `${file} can't be run: it is no program, or its file system does not allow it. Look at ${setting}.`;
    default:
      // A program for another machine has no code of its own on some systems.
      return `${file} can't be run on ${process.platform}-${process.arch} (${error.message}). Look at ${setting}, or install the extension for this platform.`;
  }
}
