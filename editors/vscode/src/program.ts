// The server's program: which one, and what goes wrong when it is started.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';
import * as vscode from 'vscode';

const SETTING = 'the setting dockerfile-ls.server.path';

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

/** What to say of a program that ended before it said anything; undefined if it runs. */
export async function ended(file: string, child: ChildProcess): Promise<string | undefined> {
  if (child.exitCode === null && child.signalCode === null) {
    await Promise.race([once(child, 'exit'), new Promise((resolve) => setTimeout(resolve, 1000))]);
  }
  const how = child.signalCode ?? (child.exitCode === null ? undefined : `code ${child.exitCode}`);
  // Some systems take a program for another machine for a script of the shell.
  return how && `${file} ended at once, with ${how}. Is it a dockerfile-ls for ${process.platform}-${process.arch}? Look at ${SETTING}.`;
}

function reason(file: string, error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
      return `There is no server ${file}. Look at ${SETTING}, or install the extension for ${process.platform}-${process.arch}.`;
    case 'EACCES':
      return `${file} can't be run: it is no program, or its file system does not allow it. Look at ${SETTING}.`;
    default:
      // A program for another machine has no code of its own on some systems.
      return `${file} can't be run on ${process.platform}-${process.arch} (${error.message}). Look at ${SETTING}, or install the extension for this platform.`;
  }
}
