/** Encoded pages that stay open: what they hold is given back at once, and limited. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ImageSignerEvent, imageSigner } from '../../../src/index.ts';
import { maxTranscodingMemory } from '../../../src/text/limits.ts';
import { note } from '../../support/events.ts';
import { send } from '../../support/http/raw.ts';
import { base, countTokens, url } from '../../support/samples.ts';
import { serve } from '../../support/servers/frameworks.ts';
import { ZlibHandles } from '../../support/zlib-handles.ts';

const page = `<img src="${url()}"><p>text</p><img src="${url('card')}">`;
/** As many as may be open at a time; in `content-coding.ts` each of Brotli counts as half a MiB. */
const most = maxTranscodingMemory / (512 * 1024);
const flushed = brotliCompressSync('<p>open', { finishFlush: constants.BROTLI_OPERATION_FLUSH });
const whole = brotliCompressSync(page);
const told = { type: 'passed', reason: 'too-many-encoded' };

let site: Awaited<ReturnType<typeof serve>>;
let events: object[];
/** Those that the app holds open. */
let open: ServerResponse[];
let sockets: Socket[];

beforeEach(async () => {
  [events, open, sockets] = [[], [], []];
  const report = (event: ImageSignerEvent): void => note(events, event);
  const sign = imageSigner({ ...base, report });
  site = await serve((request, response) =>
    sign(request, response, () => {
      const [, way, body] = request.url!.split('/');
      const coding = way === 'gzip' ? 'gzip' : 'br';
      const type = { 'Content-Type': 'text/html; charset=utf-8', ETag: '"a"' };
      const headers = { ...type, 'Content-Encoding': coding, 'Cache-Control': 'public, max-age=3600' };
      if (way === 'late')
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      else response.writeHead(200, headers);
      if (body === 'open') return void (open.push(response) && response.write(flushed));
      const bytes = way === 'gzip' ? gzipSync(page) : whole;
      const cut = body === 'whole' ? 0 : 10;
      if (cut > 0) response.write(bytes.subarray(0, cut));
      response.end(bytes.subarray(cut));
    }),
  );
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await site.close();
});

/** Opens a page, and waits for its first bytes. */
async function openPage(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  sockets.push(socket);
  socket.write('GET /early/open HTTP/1.1\r\nHost: a\r\n\r\n');
  for (let text = ''; !/\r\n\r\n./s.test(text); ) text += (await once(socket, 'data'))[0].toString('latin1');
  socket.resume();
}

async function openPages(count: number): Promise<void> {
  for (let left = count; left > 0; left -= 50)
    await Promise.all(Array.from({ length: Math.min(50, left) }, () => openPage(site.port)));
}

describe('beyond the limit', () => {
  test('a page in a stream goes out as it came, is told, and no cache keeps it; a whole one is signed', async () => {
    await openPages(most);
    expect(events).toEqual([]);
    for (const way of ['early', 'late']) {
      const { body, header, isComplete } = await send(site.port, `/${way}/parts`);
      expect([isComplete, body.equals(whole)]).toEqual([true, true]);
      expect([header('cache-control'), header('etag')]).toEqual(['no-store', undefined]);
    }
    expect(events).toEqual([told, told]);
    const { body } = await send(site.port, '/early/whole');
    expect(countTokens(brotliDecompressSync(body).toString())).toBe(2);
    expect(events).toEqual([told, told]);
  });

  test.each<[title: string, close: (response: ServerResponse, socket: Socket) => void]>([
    ['a page ends', (response) => response.end(brotliCompressSync('').subarray(0, 0))],
    ['a page is left by its client', (_response, socket) => socket.destroy()],
    ['a page turns out corrupt', (response) => response.write('none of this is Brotli'.repeat(100))],
  ])('once %s the next one is signed again', async (_title, close) => {
    await openPages(most);
    const [response, socket] = [open[0]!, sockets[0]!];
    const closed = once(response, 'close');
    close(response, socket);
    await closed;
    const { body, header } = await send(site.port, '/early/parts');
    expect(countTokens(brotliDecompressSync(body).toString())).toBe(2);
    expect(header('cache-control')).toBe('public, max-age=3600');
    expect(events).not.toContainEqual(told);
  });

  test('pages in gzip take a quarter of it, and those that are whole nothing', async () => {
    await openPages(most - 1);
    for (let run = 0; run < 8; run++) {
      const { body } = await send(site.port, run % 2 === 0 ? '/early/whole' : '/gzip/parts');
      const decode = run % 2 === 0 ? brotliDecompressSync : gunzipSync;
      expect(countTokens(decode(body).toString())).toBe(2);
    }
    expect(events).toEqual([]);
  });
});

test('a corrupt page gives its coders back while it is still open', async () => {
  const handles = new ZlibHandles().start();
  await openPages(1);
  const before = handles.open;
  const passes = once(sockets[0]!, 'close');
  open[0]!.write('none of this is Brotli'.repeat(100));
  await passes;
  await new Promise(setImmediate);
  handles.stop();
  expect([before, handles.open]).toEqual([2, 0]);
});

/** Serves one page for the time of a test, and closes the connection. */
async function withPage(handle: (response: ServerResponse) => void, use: () => Promise<void>): Promise<void> {
  const sign = imageSigner(base);
  const other = await serve((request, response) => sign(request, response, () => handle(response)));
  const socket = connect(other.port, '127.0.0.1').on('error', () => {});
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await use();
  socket.destroy();
  await other.close();
}

test('a page that passes, since its first bytes are corrupt, holds no coder while it is open', async () => {
  const handles = new ZlibHandles().start();
  let written: () => void = () => {};
  const isWritten = new Promise<void>((resolve) => {
    written = resolve;
  });
  const corrupt = (response: ServerResponse): void => {
    response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Encoding': 'gzip' });
    response.write(Buffer.from('none of this is gzip'), () => written());
  };
  await withPage(corrupt, async () => {
    await isWritten;
    await new Promise(setImmediate);
    handles.stop();
    expect([handles.made > 0, handles.open]).toEqual([true, 0]);
  });
});

test('one listener for the close of the response is enough, since Node.js warns of many', async () => {
  let heard: (added: number) => void = () => {};
  const added = new Promise<number>((resolve) => {
    heard = resolve;
  });
  const counting = (response: ServerResponse): void => {
    const before = response.listenerCount('close');
    response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Encoding': 'br' });
    response.write(flushed);
    heard(response.listenerCount('close') - before);
  };
  await withPage(counting, async () => expect(await added).toBe(1));
});
