/**
 * Random requests that try to leave the target with another idea of where they end, each with a visitor's request behind it on
 * the connections that the proxy keeps: the target reads whole requests alone, and the visitor gets the answer to their own.
 */
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { send } from '../../support/http/raw.ts';
import { runs } from '../../support/seed.ts';
import { type ProxiedSite, startProxiedRaw } from '../../support/servers/proxied-site.ts';

interface Attack {
  readonly method: string;
  readonly framing: 'none' | 'length' | 'chunks';
  readonly body: string;
  /** How many characters of the body are announced, and never sent. */
  readonly missing: number;
  readonly fields: readonly string[];
  /** The target answers when it has the head. */
  readonly isEarly: boolean;
  readonly status: string;
}

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';

const attack: fc.Arbitrary<Attack> = fc.record({
  method: fc.constantFrom('GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'),
  framing: fc.constantFrom('none', 'length', 'chunks'),
  body: fc.constantFrom('', 'a', smuggled, `${'x'.repeat(400)}${smuggled}`),
  missing: fc.constantFrom(0, 0, 1, 300, 100_000),
  fields: fc.uniqueArray(
    fc.constantFrom(
      'Connection: Upgrade\r\nUpgrade: websocket',
      'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk',
      'Connection: Content-Length, Transfer-Encoding, Host',
      'Connection: keep-alive',
      'Expect: 100-continue',
      'TE: trailers',
    ),
    { maxLength: 3 },
  ),
  isEarly: fc.boolean(),
  status: fc.constantFrom('200 OK', '401 Unauthorized', '404 Not Found', '426 Upgrade Required'),
});

let site: ProxiedSite;
let current: Attack;
/** Lines that the target has read where it expected a request. */
const lines: string[] = [];
let onHead: () => void = () => {};

/** Reads a connection as RFC 9112 has it, whatever was answered meanwhile. */
function serve(socket: Socket): void {
  let text = '';
  let isHeadRead = false;
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
    for (;;) {
      const headEnd = text.indexOf('\r\n\r\n') + 4;
      if (headEnd < 4) return;
      const head = text.slice(0, headEnd);
      const [line = ''] = head.split('\r\n', 1);
      const isAttack = line.includes('/attack');
      if (!isHeadRead) {
        isHeadRead = true;
        lines.push(line);
        onHead();
        if (isAttack && current.isEarly) answer(socket, line, current.status);
      }
      const end = headEnd + bodyLength(head, text.slice(headEnd));
      if (Number.isNaN(end) || text.length < end) return;
      if (!isAttack || !current.isEarly) answer(socket, line, isAttack ? current.status : '200 OK');
      text = text.slice(end);
      isHeadRead = false;
    }
  });
}

function answer(socket: Socket, line: string, status: string): void {
  const [method, path = ''] = line.split(' ');
  socket.write(
    `HTTP/1.1 ${status}\r\nContent-Length: ${path.length}\r\n\r\n${method === 'HEAD' ? '' : path}`,
  );
}

/** @returns NaN if the last chunk has not come */
function bodyLength(head: string, rest: string): number {
  const [, length] = /^content-length: *(\d+)\r$/im.exec(head) ?? [];
  if (length !== undefined) return Number(length);
  if (!/^transfer-encoding: *chunked\r$/im.test(head)) return 0;
  const last = /(?:^|\r\n)0\r\n(?:[^\r\n]+\r\n)*\r\n/.exec(rest);
  return last === null ? Number.NaN : last.index + last[0].length;
}

function bytesOf({ method, framing, missing, fields, ...given }: Attack): string {
  // Node.js sends a head with the first bytes of its body.
  const body = missing > 0 ? `a${given.body}` : given.body;
  const size = body.length + missing;
  const framed = {
    none: ['', ''],
    length: [`Content-Length: ${size}\r\n`, body],
    chunks: [
      'Transfer-Encoding: chunked\r\n',
      `${size === 0 ? '' : `${size.toString(16)}\r\n${body}`}${missing > 0 ? '' : `${size === 0 ? '' : '\r\n'}0\r\n\r\n`}`,
    ],
  }[framing];
  const own = fields.map((field) => `${field}\r\n`).join('');
  return `${method} /attack HTTP/1.1\r\nHost: a\r\n${own}${framed[0]}\r\n${framed[1]}`;
}

/** Leaves with the first bytes that come, or when nothing will come. */
function sendAttack(given: Attack): Promise<void> {
  return new Promise((resolve) => {
    const isUnfinished = given.framing !== 'none' && given.missing > 0;
    const client = connect(site.port, '127.0.0.1', () => client.write(bytesOf(given), 'latin1'));
    onHead = () => {
      if (isUnfinished && !given.isEarly) client.destroy();
    };
    client.on('data', (chunk) => {
      if (!/^HTTP\/1.1 100 /.test(chunk.toString('latin1'))) client.destroy();
    });
    client.on('error', () => {}); // the proxy has cut it off
    client.on('close', () => resolve());
  });
}

test('no request makes the target misread the one behind it', async () => {
  site = await startProxiedRaw(serve);
  await fc.assert(
    fc.asyncProperty(attack, async (given) => {
      current = given;
      lines.length = 0;
      await sendAttack(given);
      const visitor = await send(site.port, '/visitor');
      expect({ status: visitor.status, text: visitor.text }).toEqual({ status: 200, text: '/visitor' });
      for (const line of lines) expect(line).toMatch(/^(?:\w+ \/attack|GET \/visitor) HTTP\/1\.1$/);
    }),
    { numRuns: runs(3), endOnFailure: true },
  );
});
