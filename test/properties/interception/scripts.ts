/**
 * Scripts of calls as apps make them, and as no app should. What they have in common is that the outcome is the same
 * each time: no clock, no chunk so close to a high-water mark that a token's bytes would cross it.
 */
import fc from 'fast-check';
import { url } from '../../support/samples.ts';
import { type Call, callback, type Mode, type Script } from './play-script.ts';

const of = <const T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
/** Values of several types. */
const any = (...values: readonly unknown[]): fc.Arbitrary<unknown> => fc.constantFrom(...values);
const mostly = <T>(weight: number, usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: rare });
/** A call of a method, with lists of arguments one behind the other. */
const call = (name: string, ...args: readonly fc.Arbitrary<readonly unknown[]>[]): fc.Arbitrary<Call> =>
  fc.tuple(...args).map((lists) => [name, ...lists.flat()]);
const one = (values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown[]> => values.map((value) => [value]);
const perhaps = (values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown[]> =>
  fc.oneof(fc.constant<unknown[]>([]), one(values));

const modes: readonly Mode[] = ['page', 'page', 'page', 'page', 'json', 'personal', 'skip', 'off'];
const then = 'Mon, 21 Sep 2026 10:00:00 GMT';

const request = fc
  .record({
    method: of('GET', 'GET', 'GET', 'HEAD', 'POST'),
    version: mostly(6, of<Script['version']>('1.1'), of<Script['version']>('1.0')),
    keepsAlive: fc.boolean(),
    closes: mostly(9, of(false), of(true)),
    expects: mostly(9, of(false), of(true)),
    accept: fc.option(of('text/html,*/*;q=0.8', '*/*', 'application/json'), { freq: 2 }),
    conditions: mostly(
      3,
      of({}),
      of<Record<string, string>>(
        { 'if-none-match': '"a", W/"b"' },
        { 'if-none-match': '*', 'if-modified-since': then },
        { 'if-none-match': '"a-is.0123456789abcdef01234567"' },
        { range: 'bytes=0-3', 'if-range': '"a"' },
        { 'if-match': '"a"', 'if-unmodified-since': then },
      ),
    ),
  })
  .map(({ method, version, keepsAlive, closes, expects, accept, conditions }) => {
    const isNew = version === '1.1';
    const connection = isNew ? closes && 'close' : keepsAlive && 'keep-alive';
    const headers: Record<string, string> = {
      ...(connection && { connection }),
      ...(accept && { accept }),
      ...conditions,
      ...(method === 'POST' && isNew && expects && { expect: '100-continue' }),
    };
    return { method, version, headers };
  });

const types: readonly unknown[] = [
  ...['text/html', 'text/html', 'text/html', 'text/html', 'text/html; charset=utf-8'],
  ...['TEXT/HTML;charset="utf-8"', ['text/html'], 'text/html; charset=utf-16', 'application/json'],
  ...['application/ld+json; charset=utf-8', 'image/png', 'text/plain'],
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
  ['Last-Modified', [then]],
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
  ['Date', [then]],
  ['X-A', ['1', 2, '', 'é', ['3', '4'], null, true, ['5', undefined]]],
  ['x-a', ['6', ['7']]],
];
type Field = readonly [name: unknown, value: unknown];
const goodField: fc.Arbitrary<Field> = of(...fields).chain(([name, values]) =>
  any(...values).map((value) => [name, value]),
);
const badValue = fc.tuple(of(...fields), any('a\nb', undefined, '\u4f60', ['ok', 'a\r\nb']));
const field: fc.Arbitrary<Field> = fc.oneof(
  { weight: 30, arbitrary: goodField },
  { weight: 1, arbitrary: fc.tuple(any('bad name', '', 'é', undefined, 5, null), of('1')) },
  { weight: 1, arbitrary: badValue.map(([[name], value]) => [name, value] as const) },
);
const fieldName = one(field.map(([name]) => name));

const pieces: readonly string[] = [
  ...['<p>text</p>', `<img src="${url()}">`, `<img src="${url()}`, '">', `<a href='${url('card')}'>é</a>`],
  ...['<img src="', url(), '<', '{"a":"', `${url()}","b":`, `"${url('card')}"}`, '<!-- x', '-->', '\u0000'],
];
/** Beyond every high-water mark (64 KiB from version 22 on); whatever was open before ends in it. */
const large: string = `"'>--></p>\n`.repeat(6_000);
const text = mostly(
  30,
  fc.array(of(...pieces), { minLength: 1, maxLength: 2 }).map((some) => some.join('')),
  of(large),
);
const bytes = text.map((each) => Buffer.from(each));
const encodedAs = (name: BufferEncoding) => bytes.map((each) => [each.toString(name), name]);

const chunk: fc.Arbitrary<unknown[]> = fc.oneof(
  { weight: 50, arbitrary: one(text) },
  { weight: 15, arbitrary: one(bytes) },
  { weight: 5, arbitrary: one(bytes.map((each) => new Uint8Array(each))) },
  { weight: 10, arbitrary: encodedAs('hex') },
  { weight: 5, arbitrary: encodedAs('base64') },
  { weight: 4, arbitrary: fc.tuple(text, of('latin1', 'utf8', 'UTF-8', 'ascii', 'binary', 'utf16le')) },
  { weight: 1, arbitrary: fc.tuple(text, any('nonsense', '', null, undefined)) },
  { weight: 5, arbitrary: one(any('', Buffer.alloc(0), new Uint8Array(0))) },
  { weight: 5, arbitrary: one(any(null, 5, undefined, {}, true, 0, false)) },
);
const withCallback = fc
  .tuple(chunk, of([], [], [callback], [callback], [undefined, callback]))
  .map(([args, last]) => [...args, ...(args.length > 1 ? last.slice(-1) : last)]);

const end: fc.Arbitrary<Call> = fc.oneof(
  { weight: 5, arbitrary: call('end') },
  { weight: 2, arbitrary: of<Call>(['end', callback]) },
  { weight: 1, arbitrary: call('end', one(any(null, undefined, '')), perhaps(of(callback))) },
  { weight: 12, arbitrary: call('end', withCallback) },
);

const status: fc.Arbitrary<unknown> = mostly<unknown>(
  15,
  any(200, 200, 200, 404, 204, 205, 206, 304, 500, 103, '200', 200.7),
  any(99, 1000, 'abc', undefined, null, -1),
);
const reason = of('Fine', '', 'a\nb', 'é');
const some = fc.array(field, { maxLength: 3 });
const writeHead = call(
  'writeHead',
  fc.oneof({ weight: 4, arbitrary: one(status) }, { weight: 1, arbitrary: fc.tuple(status, reason) }),
  fc.oneof(
    { weight: 20, arbitrary: fc.constant([]) },
    { weight: 35, arbitrary: one(some.map((each) => Object.fromEntries(each))) },
    { weight: 30, arbitrary: one(some.map((each) => each.flat(1))) },
    { weight: 5, arbitrary: one(some.map((each) => [...each])) },
    { weight: 3, arbitrary: one(some.map((each) => [...each.flat(1), 'X-Odd'])) },
    { weight: 7, arbitrary: one(any(null, undefined, 'text', 5, true)) },
  ),
);

/** Of what `Headers` takes; it refuses what the response would refuse as well. */
function validHeaders(given: readonly Field[]): Headers {
  const headers = new Headers();
  for (const [name, value] of given)
    if (typeof value === 'string' && /^[\w-]+$/.test(String(name)) && /^[ -~]*$/.test(value))
      headers.append(String(name), value);
  return headers;
}

const header: fc.Arbitrary<Call> = fc.oneof(
  { weight: 10, arbitrary: call('setHeader', field) },
  { weight: 3, arbitrary: call('appendHeader', field) },
  { weight: 3, arbitrary: call('removeHeader', fieldName) },
  { weight: 2, arbitrary: call('set', fc.tuple(of('statusCode'), status)) },
  {
    weight: 2,
    arbitrary: call(
      'setHeaders',
      one(
        fc.oneof(
          some.map((each) => new Map(each)),
          some.map(validHeaders),
          any({ 'X-A': '1' }, null),
        ),
      ),
    ),
  },
);

const properties = `headersSent writableEnded writableFinished finished writableLength writableNeedDrain
  writableCorked statusCode statusMessage destroyed closed errored`.split(/\s+/);
const read: fc.Arbitrary<Call> = fc.oneof(
  { weight: 5, arbitrary: call('get', one(of(...properties))) },
  { weight: 1, arbitrary: call('getHeader', fieldName) },
  { weight: 1, arbitrary: call('hasHeader', fieldName) },
  {
    weight: 1,
    arbitrary: of('getHeaders', 'getHeaderNames', 'getRawHeaderNames').map((name): Call => [name]),
  },
);

const digest = 'sha-256=:AAAA:';
const early = { link: [link, '</a.css>; rel=preload; as=style'], 'X-A': '1' };
const rare: fc.Arbitrary<Call> = fc.oneof(
  of<Call>(['flushHeaders'], ['flushHeaders'], ['cork'], ['cork'], ['uncork'], ['uncork']),
  of<Call>(['writeContinue', callback], ['writeContinue'], ['writeProcessing']),
  of<Call>(['writeEarlyHints', { link }], ['writeEarlyHints', early, callback]),
  call('writeEarlyHints', one(any({}, null, { link: 'nonsense' }, { link: [] }))),
  call(
    'addTrailers',
    one(
      any(
        ...[{ 'X-Sum': '1' }, { 'X-Sum': '1', 'Content-Digest': digest }, [['X-Sum', ['1', '2']]]],
        ...[
          [
            ['Content-Digest', digest],
            ['X-Sum', '1'],
          ],
          { 'bad name': '1' },
          { 'X-Sum': 'a\nb' },
        ],
      ),
    ),
  ),
  call('set', fc.tuple(of('statusMessage'), reason)),
  of<Call>(['set', 'sendDate', false], ['set', 'strictContentLength', true]),
  mostly(2, of<Call>(['get', 'headersSent']), of<Call>(['destroy'], ['destroy', new Error('gone')])),
);
const pause = call('pause', one(of('immediate', 'callback', 'drain')));

/** @param isSynchronous - without pauses, and short */
export function scripts(isSynchronous: boolean): fc.Arbitrary<Script> {
  const maxLength = isSynchronous ? 4 : 7;
  const anywhere = [
    { weight: 3, arbitrary: read },
    { weight: 1, arbitrary: rare },
    { weight: isSynchronous ? 0 : 1, arbitrary: pause },
  ];
  const write = call('write', withCallback);
  const inHead = fc.oneof(
    ...anywhere,
    { weight: 11, arbitrary: header },
    { weight: 2, arbitrary: writeHead },
    { weight: 1, arbitrary: write },
  );
  const inBody = fc.oneof(
    ...anywhere,
    { weight: 2, arbitrary: header },
    { weight: 1, arbitrary: writeHead },
    { weight: 1, arbitrary: end },
    { weight: 8, arbitrary: write },
  );
  // Most responses are about to be something, and end.
  const type = call('setHeader', fc.tuple(of('Content-Type'), any(...types)));
  const calls = fc
    .tuple(
      fc.option(type, { freq: 3 }),
      fc.array(inHead, { maxLength }),
      fc.array(inBody, { maxLength }),
      fc.option(end, { freq: 3 }),
      mostly(4, of(null), inBody),
    )
    .map(([first, head, body, last, later]) =>
      [first, ...head, ...body, last, later].filter((each) => each !== null),
    );
  return fc
    .record({ request, mode: of(...modes), waits: mostly(9, of(false), of(true)), calls })
    .map(({ request, mode, waits, calls }) => {
      // From version 24 on a response that is destroyed as it waits holds up its connection for good.
      const isQueued = waits && !hasNonsense(calls) && !calls.some(([name]) => name === 'destroy');
      return { ...request, mode, isQueued, calls: withCaughtCorks(calls) };
    });
}

/** What waits for its turn, or is corked, with an encoding that there is not throws later, where nobody catches it. */
function hasNonsense(calls: readonly Call[]): boolean {
  return calls.some((each) => each.includes('nonsense'));
}

/** Uncorked more often than corked, a response of Node.js 22 or later sends nothing any more until it ends. */
function withCaughtCorks(calls: readonly Call[]): Call[] {
  if (hasNonsense(calls)) return calls.filter(([name]) => name !== 'cork' && name !== 'uncork');
  let corked = 0;
  return calls.filter(([name]) => {
    if (name === 'cork') corked++;
    return name !== 'uncork' || (corked > 0 && corked-- > 0);
  });
}
