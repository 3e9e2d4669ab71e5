/** How a streamed page in a coding ends: at once for the app, whole for the client, and cut off where it is corrupt, over any socket. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { send } from '../support/http/raw.ts';
import { ours } from '../support/http/wire.ts';
import { countTokens, url, withoutTokens } from '../support/samples.ts';
import { decoded } from '../support/servers/express-site.ts';
import { frameworks, withSite } from '../support/servers/frameworks.ts';
import { koaOf, koas, oursOf } from '../support/servers/koa-site.ts';

const page = `<img src="${url()}">${'<p>text</p>'.repeat(50_000)}`;
const encoded = gzipSync(page);
const halves = [encoded.subarray(0, 100), encoded.subarray(100)] as const;
const headers = { 'Content-Type': 'text/html', 'Content-Encoding': 'gzip' };

test.each(frameworks)('$name: the response has ended as soon as the app has ended it', async ({ build }) => {
  const states: unknown[] = [];
  const listener = build([ours()], (_request, response) => {
    response.on('finish', () => states.push(response.writableEnded, response.writableFinished));
    response.writeHead(200, headers);
    response.write(halves[0]);
    states.push(response.writableEnded);
    response.end(halves[1]);
    states.push(response.writableEnded, response.writableFinished);
    if (!response.writableEnded) response.end('too late'); // what a timeout of an app would send
  });
  const response = await withSite(listener, (port) => send(port, '/'));
  expect(states).toEqual([false, true, false, true, true]);
  const text = decoded(response).toString();
  expect([response.isComplete, withoutTokens(text) === page, countTokens(text)]).toEqual([true, true, 1]);
});

test.each(koas)(
  '%s adds nothing to what a handler sends on the response itself',
  async (_name, Application) => {
    const heard: string[] = [];
    const app = koaOf(
      Application,
      [
        oursOf(),
        ({ res }) => {
          res.writeHead(200, headers);
          res.write(halves[0]);
          res.end(halves[1]);
        },
      ],
      heard,
    );
    const response = await withSite(app.callback(), (port) => send(port, '/'));
    expect([response.isComplete, withoutTokens(decoded(response).toString()) === page]).toEqual([true, true]);
    expect(heard).toEqual([]);
  },
);

test('a corrupt page ends the connection also where it cannot be reset', async () => {
  // What comes before is too much to send the original again.
  const sound = gzipSync(page + randomBytes(200_000).toString('hex')).subarray(0, -1_000);
  const corrupt = Buffer.concat([sound, Buffer.alloc(2_000, 0xff)]);
  const server = createServer(
    frameworks[0]!.build([ours()], (_request, response) => {
      response.writeHead(200, headers);
      for (let at = 0; at < corrupt.length; at += 1_000) response.write(corrupt.subarray(at, at + 1_000));
      response.end();
    }),
  );
  const path = join(tmpdir(), `image-signer-${process.pid}.sock`);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  try {
    const closed = new Promise((resolve) => {
      // Without chunks, only a reset would show that something is missing.
      const client = connect(path, () => client.write('GET / HTTP/1.0\r\nHost: a\r\n\r\n'));
      client.resume().on('error', resolve).on('close', resolve);
    });
    await closed;
  } finally {
    server.close();
  }
});
