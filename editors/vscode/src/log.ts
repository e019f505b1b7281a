// The channel that people read. The client library writes a trace to a channel only if its level is "trace"; ours is written
// when the setting asks for it, too.

import * as vscode from 'vscode';

const SETTING = 'dockerfile-ls.trace.server';

export class Trace implements vscode.LogOutputChannel {
  readonly #channel: vscode.LogOutputChannel;
  readonly #changed = new vscode.EventEmitter<vscode.LogLevel>();
  readonly #listeners: vscode.Disposable[];
  readonly onDidChangeLogLevel = this.#changed.event;

  constructor(channel: vscode.LogOutputChannel) {
    this.#channel = channel;
    this.#listeners = [
      channel.onDidChangeLogLevel(() => this.#changed.fire(this.logLevel)),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(SETTING)) this.#changed.fire(this.logLevel);
      }),
    ];
  }

  get name(): string {
    return this.#channel.name;
  }

  get logLevel(): vscode.LogLevel {
    const wanted = vscode.workspace.getConfiguration().get(SETTING, 'off') !== 'off';
    return wanted ? vscode.LogLevel.Trace : this.#channel.logLevel;
  }

  trace(message: string, ...rest: unknown[]): void {
    if (this.#channel.logLevel === vscode.LogLevel.Trace) this.#channel.trace(message, ...rest);
    else this.#channel.info(message, ...rest);
  }

  debug(message: string, ...rest: unknown[]): void {
    this.#channel.debug(message, ...rest);
  }

  info(message: string, ...rest: unknown[]): void {
    this.#channel.info(message, ...rest);
  }

  warn(message: string, ...rest: unknown[]): void {
    this.#channel.warn(message, ...rest);
  }

  error(message: string | Error, ...rest: unknown[]): void {
    this.#channel.error(message, ...rest);
  }

  append(text: string): void {
    this.#channel.append(text);
  }

  appendLine(text: string): void {
    this.#channel.appendLine(text);
  }

  replace(text: string): void {
    this.#channel.replace(text);
  }

  clear(): void {
    this.#channel.clear();
  }

  show(): void {
    this.#channel.show(true);
  }

  hide(): void {
    this.#channel.hide();
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
    this.#changed.dispose();
  }
}

/** What the server is to log, by the level of the channel. */
export function serverLevel(level: vscode.LogLevel): string {
  switch (level) {
    case vscode.LogLevel.Off:
      return 'off';
    case vscode.LogLevel.Trace:
      return 'trace';
    case vscode.LogLevel.Debug:
      return 'debug';
    case vscode.LogLevel.Info:
    case vscode.LogLevel.Warning:
      return 'warn';
    case vscode.LogLevel.Error:
      return 'error';
  }
}
