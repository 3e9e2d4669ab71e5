/**
 * Random answers of a site, with and without the proxy before it: status, fields in their order, body and trailers are the
 * same, but for tokens in pages, what the middleware says of a page, and what is about one connection alone.
 */
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse, type RawResponse } from '../../support/http/raw.ts';
import { countTokens, url, withoutTokens } from '../../support/samples.ts';
import { runs } from '../../support/seed.ts';
import { type ProxiedSite, startProxiedRaw } from '../../support/servers/proxied-site.ts';
import { onRequests } from '../../support/servers/raw-site.ts';

let site: ProxiedSite;
let answer: Buffer;
let closes: boolean;

interface Answer {
  readonly method: string;
  readonly version: '1.0' | '1.1';
  readonly status: number;
  readonly reason: string;
  readonly fields: readonly (readonly [string, string])[];
  readonly type: string | undefined;
  readonly coding: keyof typeof codings;
  readonly content: string;
  readonly framing: 'length' | 'chunks' | 'close';
  readonly cuts: readonly number[];
  readonly trailer: string | undefined;
}

const codings = {
  none: { encode: (bytes: Buffer) => bytes, decode: (bytes: Buffer) => bytes },
  gzip: { encode: zlib.gzipSync, decode: zlib.gunzipSync },
  deflate: { encode: zlib.deflateSync, decode: zlib.inflateSync },
  br: { encode: zlib.brotliCompressSync, decode: zlib.brotliDecompressSync },
} as const;

const field = fc.oneof(
  fc.tuple(
    fc.constantFrom('X-A', 'x-a', 'X-B', 'Set-Cookie', 'Vary', 'Link-Like'),
    fc.stringMatching(/^[!-~]{1,20}$/),
  ),
  fc.constantFrom(
    ['Set-Cookie', 'a=1; Path=/; HttpOnly'],
    ['set-cookie', 'b=2; Expires=Wed, 21 Oct 2037 07:28:00 GMT'],
    ['ETag', '"strong"'],
    ['Last-Modified', 'Wed, 21 Oct 2015 07:28:00 GMT'],
    ['Cache-Control', 'public, max-age=60'],
    ['Cache-Control', 'no-cache'],
    ['X-Latin', 'caf\u00e9'],
    ['X-Empty', ''],
    ['__proto__', 'x'],
    ['Date', 'Wed, 21 Oct 2015 07:28:00 GMT'],
    ['Location', '/elsewhere?a=b'],
    ['Location', 'http://other.example/x'],
    ['WWW-Authenticate', 'Basic realm="x"'],
    ['Keep-Alive', 'timeout=5'],
    ['Proxy-Connection', 'keep-alive'],
    ['Upgrade', 'h2c'],
    ['X-Hop', 'dropped'],
    ['Accept-Ranges', 'bytes'],
  ) as fc.Arbitrary<[string, string]>,
);

const answers: fc.Arbitrary<Answer> = fc.record({
  method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'),
  version: fc.constantFrom('1.1', '1.1', '1.1', '1.0'),
  status: fc.constantFrom(200, 200, 200, 201, 204, 206, 301, 302, 304, 400, 401, 404, 500, 503, 599),
  reason: fc.constantFrom('OK', 'Fine by me', ''),
  fields: fc.array(field, { maxLength: 8 }),
  type: fc.constantFrom(
    ...['text/html', 'text/html; charset=utf-8', 'application/json', 'text/css', 'image/png'],
    undefined,
  ),
  coding: fc.constantFrom('none', 'none', 'gzip', 'deflate', 'br'),
  content: fc
    .array(
      fc.constantFrom(`<img src="${url()}">`, '<p>text</p>', '\u00ff\u0000', '{"a":1}', '\r\n0\r\n\r\n', '<'),
      { maxLength: 30 },
    )
    .map((parts) => parts.join('')),
  framing: fc.constantFrom('length', 'chunks', 'close'),
  cuts: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
  trailer: fc.constantFrom(undefined, undefined, 'X-Trailer: at the end'),
});

/** What is about one connection, and what the framing of a body may change. */
const ofConnection = new Set(
  'connection keep-alive proxy-connection upgrade x-hop transfer-encoding trailer'.split(' '),
);
/** What the middleware says of a page. */
const ofPage = new Set(
  'content-length etag cache-control last-modified accept-ranges date'.split(' ').concat(...ofConnection),
);

function bytesOf(given: Answer): { bytes: Buffer; hasBody: boolean; closes: boolean } {
  const { method, status, reason, fields, type, coding, content, cuts, trailer } = given;
  const hasBody = method !== 'HEAD' && status !== 204 && status !== 304;
  const framing = status === 204 || status === 304 ? 'length' : given.framing;
  const body = Buffer.from(codings[coding].encode(Buffer.from(content, 'latin1')));
  const lines = [`HTTP/1.1 ${status} ${reason}`, ...fields.map(([name, value]) => `${name}: ${value}`)];
  if (type !== undefined) lines.push(`Content-Type: ${type}`);
  if (coding !== 'none') lines.push(`Content-Encoding: ${coding}`);
  if (framing === 'length' && status !== 204) lines.push(`Content-Length: ${body.length}`);
  if (framing === 'chunks') lines.push('Transfer-Encoding: chunked');
  lines.push(framing === 'close' ? 'Connection: close, X-Hop' : 'Connection: X-Hop');
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  const parts: Buffer[] = [head];
  if (hasBody && framing === 'chunks') {
    for (let at = 0, index = 0; at < body.length; index++) {
      const part = body.subarray(at, at + cuts[index % cuts.length]!);
      parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
      at += part.length;
    }
    parts.push(Buffer.from(`0\r\n${trailer === undefined ? '' : `${trailer}\r\n`}\r\n`));
  } else if (hasBody) parts.push(body);
  return { bytes: Buffer.concat(parts), hasBody, closes: framing === 'close' };
}

function fieldsOf({ headers }: RawResponse, without: ReadonlySet<string>, alsoDate: boolean): string[] {
  const kept = headers.filter(([name]) => !without.has(name) && !(alsoDate && name === 'date'));
  return kept.map(([name, value]) => `${name}: ${value}`);
}

test('every answer is the same with the proxy before the site', async () => {
  site = await startProxiedRaw((socket) =>
    onRequests(socket, () => {
      socket.write(answer);
      if (closes) socket.end();
    }),
  );
  const seen = { pages: 0, signed: 0, trailers: 0, others: 0 };
  await fc.assert(
    fc.asyncProperty(answers, async (given) => {
      const { bytes, hasBody, closes: ends } = bytesOf(given);
      [answer, closes] = [bytes, ends];
      const { method, version } = given;
      const plain = parse(answer, method);
      const proxied = await site.ask('/page', { method, version });
      const isPage = given.type?.startsWith('text/html') === true && given.status !== 206;
      const hasDate = plain.header('date') !== undefined;
      expect(proxied.status).toBe(plain.status);
      expect(proxied.isComplete).toBe(true);
      const ignored = isPage ? ofPage : ofConnection;
      const order = (list: string[]): string[] => (isPage ? list.sort() : list);
      expect(order(fieldsOf(proxied, ignored, !hasDate))).toEqual(order(fieldsOf(plain, ignored, false)));
      if (!hasBody) {
        expect(proxied.body).toHaveLength(0);
        return;
      }
      if (given.framing === 'chunks' && given.trailer !== undefined && given.version === '1.1') {
        seen.trailers++;
        expect(proxied.trailers).toBe(given.trailer);
      }
      if (!isPage) {
        seen.others++;
        expect(proxied.body.equals(plain.body)).toBe(true);
        return;
      }
      const { decode } = codings[given.coding];
      const text = Buffer.from(decode(proxied.body)).toString('latin1');
      expect(withoutTokens(text)).toBe(given.content);
      seen.pages++;
      seen.signed += countTokens(text);
    }),
    { numRuns: runs(3) },
  );
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(5);
});
