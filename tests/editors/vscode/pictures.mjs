// The screenshots of the README, in the folder PICTURES. They show a folder of their own.
import { mkdirSync, writeFileSync } from 'node:fs';
import { until } from './checks.mjs';
import * as graph from './graph.mjs';
import * as on from './page.mjs';
import { change, openFolder } from './workbench.mjs';

const { DIR, PICTURES } = process.env;

const example = `# syntax=docker/dockerfile:1
FROM golang:1.25 AS deps
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download

FROM deps AS build
COPY . .
RUN CGO_ENABLED=0 go build -o /out/shop ./cmd/shop

FROM deps AS test
COPY . .
RUN go test ./...

FROM node:24-slim AS assets
WORKDIR /web
COPY web/package*.json ./
RUN npm ci
COPY web/ ./
RUN npm run build

FROM gcr.io/distroless/static-debian12:nonroot AS runtime
COPY --from=build /out/shop /usr/local/bin/shop
COPY --from=assets /web/dist /srv/www
ENTRYPOINT ["/usr/local/bin/shop"]
`;
const mistaken = example.replace('--from=build /out', '--from=bulid /out');
const folder = `${DIR}/shop`;
const look = (settings) => change({
  'files.exclude': { '**/.vscode': true }, 'window.commandCenter': false, 'workbench.activityBar.location': 'hidden',
  'workbench.layoutControl.enabled': false, 'workbench.statusBar.visible': false, ...settings,
}, folder);

export async function pictures(page) {
  mkdirSync(PICTURES, { recursive: true });
  mkdirSync(folder);
  writeFileSync(`${folder}/Dockerfile`, example);
  writeFileSync(`${folder}/compose.yaml`, 'services:\n  shop:\n    build: .\n  test:\n    build: {context: ., target: test}\n');
  look({});
  await page.setViewportSize({ width: 1180, height: 640 });
  await openFolder(page, new URL(page.url()).origin, folder);
  await on.openFile(page, 'Dockerfile', folder);
  await page.keyboard.press('Control+b');
  await page.locator('.part.sidebar').waitFor({ state: 'hidden' });
  await graph.show(page);
  for (const [name, theme] of [['light', graph.themes.light], ['dark', graph.themes.dark]]) {
    look({ 'workbench.colorTheme': theme });
    await on.focus(page);
    await on.goTo(page, example, 'RUN npm run', 'RUN');
    await take(page, `vscode-graph-${name}`);
  }
  await page.keyboard.press('Control+Alt+f');
  writeFileSync(`${folder}/Dockerfile`, mistaken);
  look({ 'editor.codeLens': true });
  await page.setViewportSize({ width: 900, height: 690 });
  await until(async () => (await on.squiggles(page)).includes('warning: bulid'));
  await on.goTo(page, mistaken, '--from=bulid', 'bulid');
  await on.hover(page);
  await take(page, 'vscode-hover');
  await page.keyboard.press('Escape');
}

// The colours of a theme come a moment after the setting, and no event tells of the last of them.
async function take(page, name) {
  await page.mouse.move(300, 20); // beside the tabs there is nothing to point at
  let before;
  await until(async () => {
    await page.waitForTimeout(700);
    const now = (await page.screenshot({ caret: 'hide' })).toString('base64');
    const same = now === before;
    before = now;
    return same;
  });
  await page.screenshot({ path: `${PICTURES}/${name}.png`, caret: 'hide' });
}
