// The view beside the file that shows its stages, and follows as people type and go from one Dockerfile to another.

import * as path from 'node:path';
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { isDockerfile } from '../files';
import type { Server } from '../server';
import type { Choice, FromPage, Saved, ToPage } from './messages';
import { html } from './page';
import { CHANGED, draws, exported, type StageGraph, stageAt, stageGraph, targetNames } from './request';

const TYPE = 'dockerfile-ls.stageGraph';

export function registerGraph(context: vscode.ExtensionContext, server: Server): vscode.Disposable {
  const views = new Views(context, server);
  return vscode.Disposable.from(
    views,
    vscode.commands.registerCommand('dockerfile-ls.showStageGraph', (uri?: unknown) => views.show(uri)),
    vscode.commands.registerCommand('dockerfile-ls.exportStageGraph', () => views.export('svg')),
    vscode.commands.registerCommand('dockerfile-ls.copyStageGraph', () => views.export('mermaid')),
    vscode.window.registerWebviewPanelSerializer(TYPE, {
      deserializeWebviewPanel: async (panel, saved: Saved | undefined) => views.adopt(panel, saved),
    }),
  );
}

/** There is one view at most. */
class Views implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #server: Server;
  #view: View | undefined;

  constructor(context: vscode.ExtensionContext, server: Server) {
    this.#context = context;
    this.#server = server;
  }

  async show(uri: unknown): Promise<void> {
    const document = await this.#document(uri);
    if (!document) {
      void vscode.window.showInformationMessage('Open a Dockerfile to see its stages.');
      return;
    }
    await this.#server.start();
    const client = this.#server.client;
    if (client && !draws(client)) {
      void vscode.window.showWarningMessage('This dockerfile-ls draws no stages: it is older than the extension.');
      return;
    }
    if (!this.#view) {
      const place = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
      this.#own(vscode.window.createWebviewPanel(TYPE, 'Stages', place), {});
    }
    this.#view?.reveal();
    this.#view?.follow(document);
  }

  async adopt(panel: vscode.WebviewPanel, saved: Saved | undefined): Promise<void> {
    this.#view?.dispose();
    const view = this.#own(panel, saved ?? {});
    await this.#server.start();
    const shown = saved?.uri ? await open(vscode.Uri.parse(saved.uri)) : undefined;
    const document = shown ?? vscode.window.activeTextEditor?.document;
    if (isDockerfile(document)) view.follow(document);
  }

  /** Writes the picture of the view, or of the file that is edited where no view is shown. */
  async export(format: 'svg' | 'mermaid'): Promise<void> {
    const active = vscode.window.activeTextEditor?.document;
    const shown = this.#view?.uri;
    const uri = isDockerfile(active) ? active.uri.toString() : shown;
    if (!uri) return;
    await this.#server.start();
    const client = this.#server.client;
    if (client) await save(client, uri, format, uri === shown ? this.#view?.drawn : undefined);
  }

  dispose(): void {
    this.#view?.dispose();
  }

  #own(panel: vscode.WebviewPanel, saved: Saved): View {
    const view = new View(panel, this.#context.extensionUri, this.#server, saved);
    this.#view = view;
    panel.onDidDispose(() => {
      view.dispose();
      if (this.#view === view) this.#view = undefined;
    });
    return view;
  }

  // A button in the title of an editor tells its file.
  async #document(uri: unknown): Promise<vscode.TextDocument | undefined> {
    const document = uri instanceof vscode.Uri ? await open(uri) : vscode.window.activeTextEditor?.document;
    return isDockerfile(document) ? document : undefined;
  }
}

class View implements vscode.Disposable {
  readonly #panel: vscode.WebviewPanel;
  readonly #server: Server;
  readonly #listeners: vscode.Disposable[];
  readonly #choices = new Map<string, Choice>();
  #changes: vscode.Disposable | undefined;
  #document: vscode.TextDocument | undefined;
  #graph: StageGraph | undefined;
  #cursor: number | null = null;
  /** Whether the page has said that it listens. */
  #ready = false;
  #asking = false;
  #again = false;
  #disposed = false;

  constructor(panel: vscode.WebviewPanel, extension: vscode.Uri, server: Server, saved: Saved) {
    this.#panel = panel;
    this.#server = server;
    if (saved.uri && saved.choice) this.#choices.set(saved.uri, saved.choice);
    panel.iconPath = {
      light: vscode.Uri.joinPath(extension, 'icons', 'graph-light.svg'),
      dark: vscode.Uri.joinPath(extension, 'icons', 'graph-dark.svg'),
    };
    this.#listeners = [
      panel.webview.onDidReceiveMessage((message: FromPage) => this.#receive(message).catch(tell)),
      panel.onDidChangeViewState(() => this.#redraw()),
      server.onDidChangeStatus(() => this.#serverChanged()),
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (!isDockerfile(editor?.document)) return;
        this.follow(editor.document);
        this.#cursorMoved(editor);
      }),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (textEditor === this.#editor()) this.#cursorMoved(textEditor);
      }),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        // The library sends the change in its own listener, which may come after this one.
        if (document === this.#document && contentChanges.length > 0) setImmediate(() => this.#redraw());
      }),
      vscode.workspace.onDidOpenTextDocument((document) => this.#opened(document)),
    ];
    panel.webview.options = { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extension, 'dist')] };
    panel.webview.html = html(panel.webview, extension);
    this.#serverChanged();
  }

  /** The file that is shown. */
  get uri(): string | undefined {
    return this.#document?.uri.toString();
  }

  /** What is drawn of it. */
  get drawn(): Choice | undefined {
    if (!this.#graph) return undefined;
    const { needed, target, stages } = this.#graph;
    const name = target === null ? null : targetNames(stages)[target];
    return { needed, ...(name ? { target: name } : {}) };
  }

  reveal(): void {
    this.#panel.reveal(undefined, true);
  }

  follow(document: vscode.TextDocument): void {
    if (this.#disposed || document === this.#document) return;
    this.#document = document;
    this.#graph = undefined;
    this.#panel.title = `Stages: ${path.basename(document.uri.path)}`;
    this.#redraw();
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#changes?.dispose();
    for (const listener of this.#listeners) listener.dispose();
    this.#panel.dispose();
  }

  // A document that was closed and opened is another object.
  #opened(document: vscode.TextDocument): void {
    if (this.uri !== document.uri.toString() || !isDockerfile(document)) return;
    this.#document = document;
    this.#redraw();
  }

  #serverChanged(): void {
    this.#changes?.dispose();
    this.#changes = this.#server.client?.onNotification(CHANGED, () => this.#redraw());
    this.#redraw();
  }

  /** Where the file is edited: one of several editors beside each other. */
  #editor(): vscode.TextEditor | undefined {
    const { activeTextEditor, visibleTextEditors } = vscode.window;
    return [activeTextEditor, ...visibleTextEditors].find((editor) => editor && editor.document === this.#document);
  }

  #cursorMoved(editor: vscode.TextEditor): void {
    const stage = this.#graph ? stageAt(this.#graph.stages, editor.selection.active.line) : null;
    if (stage === this.#cursor) return;
    this.#cursor = stage;
    this.#post({ type: 'cursor', stage });
  }

  // One request at a time; what changes meanwhile is asked for by the next one.
  async #redraw(): Promise<void> {
    if (this.#disposed || !this.#ready || !this.#panel.visible) return;
    this.#again = true;
    if (this.#asking) return;
    this.#asking = true;
    while (this.#again && !this.#disposed) {
      this.#again = false;
      await this.#ask().catch((error) => this.#server.log.warn(`the stages can't be drawn: ${error}`));
    }
    this.#asking = false;
  }

  async #ask(): Promise<void> {
    const document = this.#document;
    const client = this.#server.client;
    if (!client || !document) return this.#post({ type: 'nothing', message: this.#reason() });
    const uri = document.uri.toString();
    const choice = this.#choices.get(uri) ?? {};
    const graph = await stageGraph(client, client.code2ProtocolConverter.asUri(document.uri), choice);
    if (this.#disposed || document !== this.#document) return;
    if (!graph) {
      // What was closed stays on screen, and opens again with a click.
      if (!document.isClosed) this.#post({ type: 'nothing', message: 'There is nothing to draw.' });
      return;
    }
    if (graph.version !== null && graph.version < document.version) this.#again = true;
    this.#graph = graph;
    const editor = this.#editor();
    this.#cursor = editor ? stageAt(graph.stages, editor.selection.active.line) : null;
    this.#post({
      type: 'picture',
      uri,
      file: path.basename(document.uri.path),
      version: graph.version,
      svg: new TextEncoder().encode(graph.svg),
      stages: graph.stages.map(({ title, name }) => ({ title, name })),
      target: graph.target,
      choice: this.drawn?.target === choice.target ? choice : { ...choice, target: undefined },
      needed: graph.needed,
      cursor: this.#cursor,
    });
  }

  #reason(): string {
    switch (this.#server.status.kind) {
      case 'running':
        return 'Open a Dockerfile to see its stages.';
      case 'failed':
        return this.#server.status.message;
      case 'stopped':
        return 'The Dockerfile server is not running.';
      default:
        return 'The Dockerfile server is starting.';
    }
  }

  async #receive(message: FromPage): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.#ready = true;
        return this.#redraw();
      case 'open':
        return this.#jump(message);
      case 'target':
        return this.#choose({ target: message.name ?? undefined });
      case 'needed':
        return this.#choose({ needed: message.needed });
      case 'svg':
      case 'mermaid':
        if (this.#server.client && this.uri) await save(this.#server.client, this.uri, message.type, this.drawn);
    }
  }

  async #choose(change: Choice): Promise<void> {
    const uri = this.uri;
    if (uri) this.#choices.set(uri, { ...this.#choices.get(uri), ...change });
    // The server draws what is open.
    if (this.#document?.isClosed && this.#document.uri.scheme === 'file') await open(this.#document.uri);
    return this.#redraw();
  }

  async #jump(to: { stage: number } | { edge: number; click: number }): Promise<void> {
    if (!this.#document || !this.#graph) return;
    const ranges = 'stage' in to ? [this.#graph.stages[to.stage]?.selectionRange] : this.#graph.edges[to.edge]?.ranges;
    const range = ranges?.['click' in to ? to.click % ranges.length : 0];
    if (!range) return;
    const { uri } = this.#document;
    const shown = vscode.window.visibleTextEditors.find((editor) => editor.document.uri.toString() === uri.toString());
    const { One, Beside } = vscode.ViewColumn;
    const free = this.#panel.viewColumn === One ? Beside : One;
    const editor = await vscode.window.showTextDocument(uri, { viewColumn: shown?.viewColumn ?? free });
    const selection = new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character);
    editor.selection = new vscode.Selection(selection.start, selection.end);
    editor.revealRange(selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  #post(message: ToPage): void {
    void this.#panel.webview.postMessage(message);
  }
}

async function save(client: LanguageClient, uri: string, format: 'svg' | 'mermaid', drawn: Choice = {}): Promise<void> {
  if (format === 'mermaid') {
    const { target } = drawn;
    await vscode.env.clipboard.writeText(await exported(client, uri, format, { ...(target ? { target } : {}) }));
    vscode.window.setStatusBarMessage('$(check) Copied the stages as a Mermaid diagram', 5000);
    return;
  }
  const { Dark, HighContrast } = vscode.ColorThemeKind;
  const theme = [Dark, HighContrast].includes(vscode.window.activeColorTheme.kind) ? 'dark' : 'light';
  const file = vscode.Uri.parse(uri);
  // A `Dockerfile.svg` would be taken for a Dockerfile.
  const { dir, base } = path.posix.parse(file.path);
  const defaultUri = file.scheme === 'file' ? file.with({ path: path.posix.join(dir, `stages-${base}.svg`) }) : undefined;
  const place = await vscode.window.showSaveDialog({ defaultUri, filters: { SVG: ['svg'] }, saveLabel: 'Export' });
  if (!place) return;
  const svg = await exported(client, uri, format, { theme, ...drawn });
  await vscode.workspace.fs.writeFile(place, new TextEncoder().encode(svg));
}

// Of a command that fails VS Code tells, of a click in the page nobody does.
function tell(error: unknown): void {
  void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
}

async function open(uri: vscode.Uri): Promise<vscode.TextDocument | undefined> {
  try {
    return await vscode.workspace.openTextDocument(uri);
  } catch {
    return undefined; // It is gone.
  }
}
