// The page that shows the picture: its tools, and what it may load.

import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

export function html(webview: vscode.Webview, extension: vscode.Uri): string {
  const file = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(extension, 'dist', name));
  const nonce = randomBytes(16).toString('base64');
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stages</title>
<link rel="stylesheet" href="${file('view.css')}">
</head>
<body>
<div id="tools" role="group" aria-label="Stage graph" hidden>
  <label for="target">Target</label>
  <select id="target"></select>
  <button id="needed" type="button" aria-pressed="false" title="Leave out stages that the target does not need">Only needed</button>
  <span class="gap"></span>
  <button id="smaller" type="button" title="Zoom out (-)" aria-label="Zoom out">−</button>
  <button id="zoom" type="button" title="Zoom to 100 % (0)">100 %</button>
  <button id="larger" type="button" title="Zoom in (+)" aria-label="Zoom in">+</button>
  <button id="fit" type="button" title="Fit the picture into the view (F)">Fit</button>
  <button id="svg" type="button" title="Export the picture as an SVG file">SVG</button>
  <button id="mermaid" type="button" title="Copy the stages as a Mermaid diagram">Mermaid</button>
</div>
<div id="canvas" tabindex="0" role="group" aria-label="Stages"><div id="picture"></div></div>
<p id="message" role="status">The stages are being drawn.</p>
<script nonce="${nonce}" src="${file('view.js')}"></script>
</body>
</html>`;
}
