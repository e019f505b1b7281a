// Which documents the server sees. YAML, JSON and scripts are other servers' business unless their name says that they build.

import * as vscode from 'vscode';

const DOCKERFILES = [
  { scheme: 'file', language: 'dockerfile' },
  { scheme: 'untitled', language: 'dockerfile' },
];

// Files whose name says that they build images.
const BUILD_FILES = [
  '**/compose*.{yaml,yml}',
  '**/docker-compose*.{yaml,yml}',
  '**/*.compose.{yaml,yml}',
  '**/*docker-bake*.{hcl,json}',
  '**/skaffold*.{yaml,yml}',
  '**/{Tiltfile,*.tiltfile,*.Tiltfile}',
  '**/{devcontainer,.devcontainer}.json',
];

// Files that may build images, and mostly do other things.
const OTHER_FILES = [
  '**/.github/workflows/*.{yaml,yml}',
  '**/action.{yaml,yml}',
  '**/*.gitlab-ci.{yaml,yml}',
  '**/.gitlab/**/*.{yaml,yml}',
  '**/.vscode/tasks.json',
  '**/{Taskfile,taskfile}.{yaml,yml}',
  '**/{Taskfile,taskfile}.dist.{yaml,yml}',
  '**/package.json',
  '**/{Makefile,makefile,GNUmakefile,*.mk}',
  '**/{Justfile,justfile,.justfile,*.just}',
  '**/*.{sh,bash,zsh,ps1,psm1,cmd,bat}',
  '**/*.build',
];

// Languages of VS Code and of Docker's extensions for files of any name.
const BUILD_LANGUAGES = ['dockercompose', 'dockerbake'];

const files = (patterns: string[]) => patterns.map((pattern) => ({ scheme: 'file', pattern }));

const BUILDS = [...BUILD_LANGUAGES.map((language) => ({ scheme: 'file', language })), ...files(BUILD_FILES)];

/** What the server is told of. */
export function served(): { scheme: string; language?: string; pattern?: string }[] {
  return withOthers() ? [...DOCKERFILES, ...BUILDS, ...files(OTHER_FILES)] : DOCKERFILES;
}

/** Whether this document alone is a reason to have a server. */
export function startsServer(document: vscode.TextDocument): boolean {
  return vscode.languages.match(withOthers() ? [...DOCKERFILES, ...BUILDS] : DOCKERFILES, document) > 0;
}

/** Whether the server would have something to say to this document if the workspace has Dockerfiles. */
export function mayBuild(document: vscode.TextDocument): boolean {
  return vscode.languages.match(served(), document) > 0;
}

/** `Dockerfile-dev` and `Dockerfile_dev`, which VS Code takes for plain text. */
export function isUnrecognized(document: vscode.TextDocument): boolean {
  const names = { scheme: 'file', language: 'plaintext', pattern: '**/{Dockerfile,Containerfile}[-_]*' };
  return vscode.languages.match(names, document) > 0 && !document.uri.path.endsWith('.txt');
}

export function isDockerfile(document: vscode.TextDocument | undefined): document is vscode.TextDocument {
  return document !== undefined && vscode.languages.match(DOCKERFILES, document) > 0;
}

/** Whether there is a Dockerfile in the workspace. */
export async function hasDockerfile(): Promise<boolean> {
  const found = await vscode.workspace.findFiles(
    '**/{Dockerfile,Containerfile,Dockerfile.*,Containerfile.*,Dockerfile-*,Dockerfile_*,*.dockerfile,*.Dockerfile,*.containerfile}',
    '**/node_modules/**',
    1,
  );
  return found.length > 0;
}

function withOthers(): boolean {
  return vscode.workspace.getConfiguration('dockerfile-ls').get('otherFiles', true);
}
