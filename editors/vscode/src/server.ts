// The conversation with the server: start, stop, and what is told of it.

import type { ChildProcess } from 'node:child_process';
import * as vscode from 'vscode';
import {
  type ClientCapabilities,
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  type StaticFeature,
  State,
} from 'vscode-languageclient/node';
import { served } from './files';
import { serverLevel, Trace } from './log';
import { ended, program, start } from './program';
import { settings } from './settings';

/** Commands behind code lenses that this extension has for the server. */
export const LENS_COMMANDS = ['dockerfile-ls.runBuild', 'dockerfile-ls.copyBuildCommand', 'dockerfile-ls.showReferences'];

// Kinds of names that the protocol has no type for, each with a colour of its own in package.json.
const TOKEN_TYPES = ['stage', 'image', 'tag', 'digest', 'platform', 'path', 'user', 'signal', 'flag'];

// Settings of the extension, of which the server knows nothing.
const OWN = ['dockerfile-ls.server.path', 'dockerfile-ls.trace.server', 'dockerfile-ls.otherFiles'];

export type Status =
  | { kind: 'idle' }
  | { kind: 'starting' }
  | { kind: 'running'; version: string }
  | { kind: 'stopped' }
  | { kind: 'failed'; message: string };

export class Server implements vscode.Disposable {
  readonly log: vscode.LogOutputChannel;
  readonly #trace: Trace;
  readonly #context: vscode.ExtensionContext;
  readonly #changed = new vscode.EventEmitter<Status>();
  readonly onDidChangeStatus = this.#changed.event;
  #client: LanguageClient | undefined;
  #status: Status = { kind: 'idle' };
  #turn: Promise<void> = Promise.resolve();
  /** When it ended by itself. */
  #deaths: number[] = [];

  constructor(context: vscode.ExtensionContext) {
    this.#context = context;
    this.log = vscode.window.createOutputChannel('Dockerfile stages', { log: true });
    this.#trace = new Trace(this.log);
  }

  get status(): Status {
    return this.#status;
  }

  /** The client, if the server answers. */
  get client(): LanguageClient | undefined {
    return this.#status.kind === 'running' ? this.#client : undefined;
  }

  /** Starts the server unless it was started, or failed before. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#status.kind === 'idle') await this.#start();
    });
  }

  restart(): Promise<void> {
    this.#deaths = [];
    return this.#inTurn(() => this.#again());
  }

  stop(): Promise<void> {
    return this.#inTurn(() => this.#stop());
  }

  dispose(): void {
    this.#changed.dispose();
    this.#trace.dispose();
    this.log.dispose();
  }

  // One after the other: people click faster than a server stops.
  #inTurn(action: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(action, action);
    return this.#turn;
  }

  async #start(): Promise<void> {
    const file = program(this.#context.extensionUri);
    let child: ChildProcess | undefined;
    const run = async () => {
      this.log.info(`starting ${file}`);
      child = await start(file, serverLevel(this.log.logLevel));
      return child;
    };
    const client = new Client('dockerfile-ls', 'Dockerfile stages', run, this.#options());
    client.registerFeature(new Extras());
    client.onDidChangeState(({ newState }) => {
      if (client === this.#client) this.#follow(client, newState);
    });
    this.#client = client;
    try {
      await client.start();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#fail(`The Dockerfile server can't start. ${(child && (await ended(file, child))) ?? message}`);
    }
  }

  async #again(): Promise<void> {
    await this.#stop();
    await this.#start();
  }

  async #stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#set({ kind: 'stopped' });
    try {
      await client?.dispose();
    } catch (error) {
      // It did not start, or died meanwhile; either way it is gone.
      this.log.debug(`stopping: ${error}`);
    }
  }

  #follow(client: LanguageClient, state: State): void {
    switch (state) {
      case State.Starting:
        return this.#set({ kind: 'starting' });
      case State.Running:
        return this.#set({ kind: 'running', version: client.initializeResult?.serverInfo?.version ?? '' });
      case State.Stopped:
      case State.StartFailed:
        if (this.#status.kind !== 'failed') this.#set({ kind: 'stopped' });
    }
  }

  #fail(message: string): void {
    if (this.#status.kind === 'failed') return;
    this.#set({ kind: 'failed', message });
    this.log.error(message);
    void vscode.window.showErrorMessage(message, 'Restart', 'Show Output', 'Settings').then((choice) => {
      if (choice === 'Restart') void this.restart();
      if (choice === 'Show Output') this.log.show(true);
      if (choice === 'Settings') {
        void vscode.commands.executeCommand('workbench.action.openSettings', 'dockerfile-ls.server.path');
      }
    });
  }

  #set(status: Status): void {
    this.#status = status;
    this.#changed.fire(status);
  }

  #options(): LanguageClientOptions {
    const schema: Record<string, unknown> = this.#context.extension.packageJSON.contributes.configuration
      .map((group: { properties: object }) => group.properties)
      .reduce((all: object, group: object) => ({ ...all, ...group }), {});
    return {
      documentSelector: served(),
      outputChannel: this.log,
      traceOutputChannel: this.#trace,
      stdioOptions: {
        stdout: () => {},
        stderr: (input) => {
          input.setEncoding('utf8');
          input.on('data', (text: string) => this.log.append(text));
        },
      },
      middleware: {
        workspace: {
          configuration: (params) =>
            params.items.map((item) => (item.section === 'dockerfile-ls' ? settings(OWN, schema) : null)),
          // The server asks for what it needs.
          didChangeConfiguration: (_sections, next) => next(undefined),
        },
      },
      errorHandler: this.#errorHandler(),
      // Else the library shows what went wrong, in its own words.
      initializationFailedHandler: () => false,
    };
  }

  #errorHandler(): LanguageClientOptions['errorHandler'] {
    return {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        // One that has not even said what it can do would not do better the next time.
        if (this.#status.kind === 'running') this.#died();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    };
  }

  // It is started again, but not for ever.
  #died(): void {
    const now = Date.now();
    this.#deaths = [...this.#deaths.filter((death) => now - death < 180_000), now];
    if (this.#deaths.length > 4) {
      this.#fail('The Dockerfile server ended five times within three minutes, and is not started again.');
      return;
    }
    this.log.warn('the server has ended, and is started again');
    void this.#inTurn(() => this.#again());
  }
}

// The library would show each request that a dying server leaves unanswered. What is to be done is shown once, here.
class Client extends LanguageClient {
  override error(message: string, data?: unknown, showNotification?: boolean | 'force'): void {
    super.error(message, showNotification === 'force' ? undefined : data, false);
  }
}

/** What this client has beyond the library. */
class Extras implements StaticFeature {
  fillClientCapabilities(capabilities: ClientCapabilities): void {
    capabilities.experimental = { ...capabilities.experimental, commands: { commands: LENS_COMMANDS }, stageGraph: true };
    capabilities.textDocument?.semanticTokens?.tokenTypes.push(...TOKEN_TYPES);
  }

  getState(): ReturnType<StaticFeature['getState']> {
    return { kind: 'static' };
  }

  initialize(): void {}

  clear(): void {}
}
