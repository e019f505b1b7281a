// How long the server itself takes for a picture after an edit, without an editor.
import { spawn } from 'node:child_process';

/** The median of 20, in milliseconds. */
export async function answers(text) {
  const server = spawn(process.env.SERVER, ['--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const waiting = new Map();
  let rest = Buffer.alloc(0);
  server.stdout.on('data', (data) => {
    rest = Buffer.concat([rest, data]);
    for (;;) {
      const head = /^[^]*?Content-Length: (\d+)[^]*?\r\n\r\n/.exec(rest.subarray(0, 200).toString('latin1'));
      if (!head || rest.length < head[0].length + Number(head[1])) return;
      const message = JSON.parse(rest.subarray(head[0].length, head[0].length + Number(head[1])));
      rest = rest.subarray(head[0].length + Number(head[1]));
      waiting.get(message.id)?.(message.result);
    }
  });
  let id = 0;
  const send = (message) => {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    server.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    server.stdin.write(body);
  };
  const ask = (method, params) => new Promise((done) => {
    waiting.set((id += 1), done);
    send({ id, method, params });
  });

  const uri = 'file:///nowhere/Dockerfile';
  await ask('initialize', { processId: null, rootUri: null, capabilities: { experimental: { stageGraph: true } } });
  send({ method: 'initialized', params: {} });
  send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'dockerfile', version: 1, text } } });
  await ask('dockerfile-ls/stageGraph', { textDocument: { uri }, needed: false });
  const times = [];
  const position = { line: text.split('\n').findIndex((line) => line.endsWith('AS s56')), character: 9 };
  for (let version = 2; version < 22; version += 1) {
    const began = performance.now();
    const contentChanges = [{ range: { start: { ...position, character: 12 }, end: { ...position, character: 12 } }, text: 'x' }];
    send({ method: 'textDocument/didChange', params: { textDocument: { uri, version }, contentChanges } });
    await ask('dockerfile-ls/stageGraph', { textDocument: { uri }, needed: false });
    times.push(performance.now() - began);
  }
  await ask('shutdown');
  send({ method: 'exit' });
  return Math.round(times.sort((one, other) => one - other)[10] * 10) / 10;
}
