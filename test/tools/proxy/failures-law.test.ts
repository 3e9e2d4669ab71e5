/**
 * Random uploads to a target that fails at some byte of them, in some way: the visitor's connection answers the next request,
 * or is closed. Neither the rest of an upload nor a dead target leaves it waiting.
 */
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { WireReader } from '../../support/http/wire-reader.ts';
import { runs } from '../../support/seed.ts';
import { get, startProxiedRaw, startProxyBeforeNothing } from '../../support/servers/proxied-site.ts';

const next = get.replace('/', '/next');

const failures = {
  closes: (socket: Socket) => socket.end(),
  resets: (socket: Socket) => socket.resetAndDestroy(),
  'speaks another protocol': (socket: Socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n'),
  'refuses the upload': (socket: Socket) => socket.write(answer('413 Too Large', 'no')),
  'refuses the upload and closes': (socket: Socket) => socket.end(answer('413 Too Large', 'no')),
  'resets within its answer': (socket: Socket) =>
    socket.write(answer('200 OK', 'ok', 5), () => socket.resetAndDestroy()),
  'closes within a page': (socket: Socket) => socket.end(answer('200 OK', '<p>', 5, 'text/html')),
  'closes within a chunk': (socket: Socket) =>
    socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab'),
  'sends a coding that nobody knows': (socket: Socket) =>
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'),
  'sends a field that is not valid': (socket: Socket) => socket.write(answer('200 O\u0001K', 'ok')),
  'switches protocols': (socket: Socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
  'is silent': () => {},
  'falls silent within its answer': (socket: Socket) => socket.write(answer('200 OK', 'ok', 5)),
  'falls silent within a page': (socket: Socket) => socket.write(answer('200 OK', '<p>', 5, 'text/html')),
} as const;

interface Upload {
  readonly method: string;
  readonly framing: 'length' | 'chunks';
  readonly size: number;
  /** Where the visitor waits for the answer before sending more; from 0 to 1. */
  readonly pause: number;
  /** The next request comes right behind the body. */
  readonly isPipelined: boolean;
  /** What the target does; undefined where nothing listens. */
  readonly failure: keyof typeof failures | undefined;
  /** After which byte of the body it does it; -1 for at once. */
  readonly at: number;
  /** It reads no further. */
  readonly stopsReading: boolean;
}

const upload: fc.Arbitrary<Upload> = fc
  .record({
    method: fc.constantFrom('POST', 'PUT', 'GET'),
    framing: fc.constantFrom('length', 'chunks'),
    size: fc.oneof(
      fc.constantFrom(0, 1),
      fc.integer({ min: 2, max: 3_000 }),
      fc.constantFrom(70_000, 400_000),
    ),
    pause: fc.constantFrom(0, 0.3, 1, 1),
    isPipelined: fc.boolean(),
    failure: fc.constantFrom(undefined, ...(Object.keys(failures) as (keyof typeof failures)[])),
    point: fc.oneof(fc.constantFrom(-1, 0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
    stopsReading: fc.boolean(),
  })
  .map(({ point, ...rest }) => ({ ...rest, at: point < 0 ? -1 : Math.floor(point * rest.size) }));

let current: Upload | undefined;

function answer(status: string, body: string, missing = 0, type = 'text/plain'): string {
  return `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length + missing}\r\n\r\n${body}`;
}

/** Fails once in a run, and answers all else. */
function serve(socket: Socket): void {
  const fail = (): boolean => {
    if (current?.failure === undefined) return false;
    const { failure, stopsReading } = current;
    current = undefined;
    if (stopsReading) socket.pause();
    failures[failure](socket);
    return true;
  };
  if (current?.at === -1 && fail()) return;
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    const body = text.indexOf('\r\n\r\n') + 4;
    if (body < 4) return;
    if (text.includes('GET /next ')) {
      text = '';
      socket.write(answer('200 OK', 'next'));
    } else if (text.includes('/upload ') && text.length - body >= (current?.at ?? Infinity)) {
      text = '';
      fail();
    }
  });
}

function bytesOf({ method, framing, size }: Upload): string {
  const body = 'x'.repeat(size);
  const framed =
    framing === 'length'
      ? `Content-Length: ${size}\r\n\r\n${body}`
      : `Transfer-Encoding: chunked\r\n\r\n${size === 0 ? '' : `${size.toString(16)}\r\n${body}\r\n`}0\r\n\r\n`;
  return `${method} /upload HTTP/1.1\r\nHost: a\r\n${framed}`;
}

test('a failure at any byte of an upload leaves a connection that answers, or is closed', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  onTestFinished(() => void process.off('warning', onWarning));
  const limits = { target: 40 };
  const site = await startProxiedRaw(serve, { limits });
  const siteOfNobody = await startProxyBeforeNothing({ limits });
  await fc.assert(
    fc.asyncProperty(upload, async (given) => {
      current = given;
      const bytes = bytesOf(given) + (given.isPipelined ? next : '');
      const pause = Math.max(bytes.indexOf('\r\n\r\n') + 4, Math.floor(bytes.length * given.pause));
      const visitor = new WireReader((given.failure === undefined ? siteOfNobody : site).port, 'fast');
      try {
        visitor.write(bytes.slice(0, pause));
        // A target that waits for more of the body says nothing before it comes.
        if (given.failure !== undefined && given.at > 0) visitor.write(bytes.slice(pause));
        const first = await visitor.read(given.method);
        if (first?.isComplete !== true) return;
        expect([200, 413, 502, 504]).toContain(first.status);
        if (given.failure === undefined || given.at <= 0) visitor.write(bytes.slice(pause));
        if (!given.isPipelined) visitor.write(next);
        const second = await visitor.read('GET');
        // A connection that failed before it had a request may have been opened for this one.
        if (second === undefined || given.at === -1) return;
        expect(first.header('connection')).not.toBe('close');
        expect(second.isComplete).toBe(true);
        expect([200, 502, 504]).toContain(second.status);
        if (second.status === 200) expect(second.body.toString()).toBe('next');
      } finally {
        visitor.close();
      }
    }),
    { numRuns: runs(0.6), endOnFailure: true, timeout: 10_000 },
  );
  expect(warnings).toEqual([]);
});
