/**
 * Scripts of calls as apps make them, and as no app should. What they have in common is that the outcome is the same
 * each time: no clock, no chunk so close to a high-water mark that a token's bytes would cross it.
 */

import { pick, randomFrom } from '../../support/generators/random.ts';
import { url } from '../../support/samples.ts';
import { type Call, callback, type Mode, type Script } from './play-script.ts';

type Random = () => number;

/** @param isSynchronous - without pauses, and short */
export function randomScript(seed: number, isSynchronous = false): Script {
  const random = randomFrom(seed);
  const length = 1 + Math.floor(random() * (isSynchronous ? 8 : 14));
  const calls: Call[] = [];
  // Most responses are about to be something.
  if (random() < 0.7) calls.push(['setHeader', 'Content-Type', pick(random, types)]);
  for (let at = 0; at < length; at++) calls.push(randomCall(random, at / length, isSynchronous));
  if (random() < 0.7) calls.push(endCall(random));
  if (random() < 0.2) calls.push(randomCall(random, 1, isSynchronous));
  // From version 24 on a response that is destroyed as it waits holds up its connection for good.
  const isQueued = random() < 0.1 && !hasNonsense(calls) && !calls.some(([name]) => name === 'destroy');
  return { ...randomRequest(random), mode: pick(random, modes), isQueued, calls: withCaughtCorks(calls) };
}

/** What waits for its turn, or is corked, with an encoding that there is not throws later, where nobody catches it. */
function hasNonsense(calls: readonly Call[]): boolean {
  return calls.some((call) => call.includes('nonsense'));
}

function withCaughtCorks(calls: readonly Call[]): Call[] {
  return hasNonsense(calls)
    ? calls.filter(([name]) => name !== 'cork' && name !== 'uncork')
    : withBalancedCorks(calls);
}

/** Uncorked more often than corked, a response of Node.js 22 or later sends nothing any more until it ends. */
function withBalancedCorks(calls: readonly Call[]): Call[] {
  let corked = 0;
  return calls.filter(([name]) => {
    if (name === 'cork') corked++;
    if (name !== 'uncork') return true;
    return corked > 0 && corked-- > 0;
  });
}

const modes: readonly Mode[] = ['page', 'page', 'page', 'page', 'json', 'personal', 'skip', 'off'];

function randomRequest(random: Random): Pick<Script, 'method' | 'version' | 'headers'> {
  const version = random() < 0.15 ? '1.0' : '1.1';
  const method = pick(random, ['GET', 'GET', 'GET', 'HEAD', 'POST']);
  const headers: Record<string, string> = {};
  if (version === '1.0' && random() < 0.6) headers['connection'] = 'keep-alive';
  if (version === '1.1' && random() < 0.1) headers['connection'] = 'close';
  if (random() < 0.3) headers['accept'] = pick(random, ['text/html,*/*;q=0.8', '*/*', 'application/json']);
  if (random() < 0.3) Object.assign(headers, pick(random, conditions));
  if (method === 'POST' && version === '1.1' && random() < 0.1) headers['expect'] = '100-continue';
  return { method, version, headers };
}

const conditions: readonly Record<string, string>[] = [
  { 'if-none-match': '"a", W/"b"' },
  { 'if-none-match': '*', 'if-modified-since': 'Mon, 21 Sep 2026 10:00:00 GMT' },
  { 'if-none-match': '"a-is.0123456789abcdef01234567"' },
  { range: 'bytes=0-3', 'if-range': '"a"' },
  { 'if-match': '"a"', 'if-unmodified-since': 'Mon, 21 Sep 2026 10:00:00 GMT' },
];

const types: readonly unknown[] = [
  'text/html',
  'text/html',
  'text/html',
  'text/html',
  'text/html; charset=utf-8',
  'TEXT/HTML;charset="utf-8"',
  ['text/html'],
  'text/html; charset=utf-16',
  'application/json',
  'application/ld+json; charset=utf-8',
  'image/png',
  'text/plain',
];

const link = `<${url()}>; rel=preload; as=image`;

/** Names with values that they may have. */
const fields: readonly (readonly [name: string, values: readonly unknown[]])[] = [
  ['Content-Type', types],
  ['content-type', types],
  ['Content-Length', [0, 5, '12', 1000]],
  ['Transfer-Encoding', ['chunked', 'identity']],
  ['Trailer', ['X-Sum', 'Content-Digest', 'X-Sum, Content-Digest']],
  ['ETag', ['"a"', 'W/"b"']],
  ['Last-Modified', ['Mon, 21 Sep 2026 10:00:00 GMT']],
  ['Accept-Ranges', ['bytes']],
  [
    'Cache-Control',
    ['public, max-age=31536000', 'no-store', 'private', 'no-transform', ['public', 'max-age=5']],
  ],
  ['Expires', ['0', 'Mon, 21 Sep 2026 15:00:00 GMT']],
  ['Content-Digest', ['sha-256=:AAAA:']],
  ['Content-MD5', ['AAAA']],
  ['Link', [link, [link, '</style.css>; rel=preload; as=style']]],
  ['Set-Cookie', ['a=1', ['a=1', 'b=2'], ['c=3'], []]],
  ['set-cookie', ['d=4', ['e=5', 'f=6']]],
  ['Vary', ['Accept-Encoding', ['Accept', 'Cookie']]],
  ['Content-Encoding', ['identity', 'compress']],
  ['Content-Range', ['bytes 0-3/10']],
  ['Connection', ['close', 'keep-alive']],
  ['Keep-Alive', ['timeout=9']],
  ['Date', ['Mon, 21 Sep 2026 10:00:00 GMT']],
  ['X-A', ['1', 2, '', 'é', ['3', '4'], null, true, ['5', undefined]]],
  ['x-a', ['6', ['7']]],
];

function field(random: Random): [name: unknown, value: unknown] {
  const [name, values] = pick(random, fields);
  const chance = random();
  if (chance < 0.03) return [pick(random, ['bad name', '', 'é', undefined, 5, null]), '1'];
  if (chance < 0.06) return [name, pick(random, ['a\nb', undefined, '\u4f60', ['ok', 'a\r\nb']])];
  return [name, pick(random, values)];
}

const pieces: readonly string[] = [
  '<p>text</p>',
  `<img src="${url()}">`,
  `<img src="${url()}`,
  '">',
  `<a href='${url('card')}'>é</a>`,
  '<img src="',
  url(),
  '<',
  '{"a":"',
  `${url()}","b":`,
  `"${url('card')}"}`,
  '<!-- x',
  '-->',
  '\u0000',
];

/** Beyond every high-water mark (64 KiB from version 22 on); whatever was open before ends in it. */
const large: string = `"'>--></p>\n`.repeat(6_000);

function chunk(random: Random): unknown[] {
  const text = random() < 0.03 ? large : pick(random, pieces) + (random() < 0.5 ? pick(random, pieces) : '');
  const chance = random();
  if (chance < 0.5) return [text];
  if (chance < 0.65) return [Buffer.from(text)];
  if (chance < 0.7) return [new Uint8Array(Buffer.from(text))];
  if (chance < 0.8) return [Buffer.from(text).toString('hex'), 'hex'];
  if (chance < 0.85) return [Buffer.from(text).toString('base64'), 'base64'];
  if (chance < 0.88) return [text, pick(random, ['latin1', 'utf8', 'UTF-8', 'ascii', 'binary'])];
  if (chance < 0.89) return [text, 'utf16le'];
  if (chance < 0.9) return [text, pick(random, ['nonsense', '', null, undefined])];
  if (chance < 0.95) return [pick(random, ['', Buffer.alloc(0), new Uint8Array(0)])];
  return [pick(random, [null, 5, undefined, {}, true, 0, false])];
}

function withCallback(random: Random, args: unknown[]): unknown[] {
  if (random() < 0.5) return args;
  return args.length === 1 && random() < 0.1 ? [args[0], undefined, callback] : [...args, callback];
}

function endCall(random: Random): Call {
  const chance = random();
  if (chance < 0.25) return ['end'];
  if (chance < 0.35) return ['end', callback];
  if (chance < 0.4)
    return ['end', pick(random, [null, undefined, '']), ...(random() < 0.5 ? [callback] : [])];
  return ['end', ...withCallback(random, chunk(random))];
}

const statuses: readonly unknown[] = [200, 200, 200, 404, 204, 205, 206, 304, 500, 103, '200', 200.7];
const wrongStatuses: readonly unknown[] = [99, 1000, 'abc', undefined, null, -1];
const reasons: readonly unknown[] = ['Fine', '', 'a\nb', 'é'];

function status(random: Random): unknown {
  return pick(random, random() < 0.06 ? wrongStatuses : statuses);
}

function writeHeadCall(random: Random): Call {
  const some = Array.from({ length: Math.floor(random() * 4) }, () => field(random));
  const object = Object.fromEntries(some);
  const head: unknown[] = random() < 0.2 ? [status(random), pick(random, reasons)] : [status(random)];
  const chance = random();
  if (chance < 0.2) return ['writeHead', ...head];
  if (chance < 0.55) return ['writeHead', ...head, object];
  if (chance < 0.85) return ['writeHead', ...head, some.flat(1)];
  if (chance < 0.9) return ['writeHead', ...head, some];
  if (chance < 0.93) return ['writeHead', ...head, [...some.flat(1), 'X-Odd']];
  return ['writeHead', ...head, pick(random, [null, undefined, 'text', 5, true])];
}

const properties: readonly string[] =
  `headersSent writableEnded writableFinished finished writableLength writableNeedDrain
    writableCorked statusCode statusMessage destroyed closed errored`.split(/\s+/);

/** @param place - from 0, where headers are set, to 1, where the body ends */
function randomCall(random: Random, place: number, isSynchronous: boolean): Call {
  const chance = random();
  if (chance < 0.1) return ['get', pick(random, properties)];
  if (chance < 0.16) return readCall(random);
  if (chance < 0.2 && !isSynchronous) return ['pause', pick(random, ['immediate', 'callback', 'drain'])];
  if (chance < 0.26) return rareCall(random);
  if (chance < 0.9 - place * 0.6) return headerCall(random);
  if (chance < 0.93 - place * 0.4) return writeHeadCall(random);
  if (chance > 0.97) return endCall(random);
  return ['write', ...withCallback(random, chunk(random))];
}

function readCall(random: Random): Call {
  const [name] = field(random);
  const chance = random();
  if (chance < 0.4) return ['getHeader', name];
  if (chance < 0.6) return ['hasHeader', name];
  return [pick(random, ['getHeaders', 'getHeaderNames', 'getRawHeaderNames'])];
}

function headerCall(random: Random): Call {
  const chance = random();
  if (chance < 0.5) return ['setHeader', ...field(random)];
  if (chance < 0.65) return ['appendHeader', ...field(random)];
  if (chance < 0.8) return ['removeHeader', field(random)[0]];
  if (chance < 0.9) return ['set', 'statusCode', status(random)];
  const some = [field(random), field(random)];
  return ['setHeaders', pick(random, [new Map(some), validHeaders(some), { 'X-A': '1' }, null])];
}

/** Of what `Headers` takes; it refuses what the response would refuse as well. */
function validHeaders(some: readonly (readonly [unknown, unknown])[]): Headers {
  const headers = new Headers();
  for (const [name, value] of some) {
    if (
      typeof name === 'string' &&
      typeof value === 'string' &&
      /^[\w-]+$/.test(name) &&
      /^[ -~]*$/.test(value)
    )
      headers.append(name, value);
  }
  return headers;
}

function rareCall(random: Random): Call {
  return pick<Call>(random, [
    ['flushHeaders'],
    ['flushHeaders'],
    ['cork'],
    ['uncork'],
    ['writeContinue', callback],
    ['writeContinue'],
    ['writeProcessing'],
    ['writeEarlyHints', { link }],
    ['writeEarlyHints', { link: [link, '</a.css>; rel=preload; as=style'], 'X-A': '1' }, callback],
    ['writeEarlyHints', pick(random, [{}, null, { link: 'nonsense' }, { link: [] }])],
    ['addTrailers', { 'X-Sum': '1' }],
    ['addTrailers', { 'X-Sum': '1', 'Content-Digest': 'sha-256=:AAAA:' }],
    ['addTrailers', [['X-Sum', ['1', '2']]]],
    [
      'addTrailers',
      [
        ['Content-Digest', 'sha-256=:AAAA:'],
        ['X-Sum', '1'],
      ],
    ],
    ['addTrailers', pick<unknown>(random, [{ 'bad name': '1' }, { 'X-Sum': 'a\nb' }])],
    ['set', 'statusMessage', pick(random, reasons)],
    ['set', 'sendDate', false],
    ['set', 'strictContentLength', true],
    random() < 0.3 ? ['destroy', ...(random() < 0.5 ? [new Error('gone')] : [])] : ['get', 'headersSent'],
  ]);
}
