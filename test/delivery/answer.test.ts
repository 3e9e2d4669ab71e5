/** Conditional requests and ranges, over sockets: of made pictures, of kept ones, and of originals. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PicturesBeingSent, sendPicture } from '../../src/delivery/answer.ts';
import { type RawResponse, send } from '../support/http/raw.ts';
import {
  closeSites,
  type DeliverySite,
  deliverySite,
  newFolder,
  photo,
  serve,
  signed,
  writeFiles,
} from '../support/servers/delivery-site.ts';

const logo = `<svg>${'x'.repeat(1_000)}</svg>`;

let site: DeliverySite;
let unkept: DeliverySite;
let originals: DeliverySite;

beforeAll(async () => {
  const folder = newFolder();
  writeFiles(folder, { 'sunset.jpg': await photo(), 'logo.svg': logo });
  site = await deliverySite(folder);
  unkept = await deliverySite(folder, { limits: { cache: 0 } });
  originals = await deliverySite(folder, {}, { loadSharp: async () => undefined });
});
afterAll(closeSites);

const places = [
  ['a kept picture', () => site, 'sunset'],
  ['a picture that is not kept', () => unkept, 'sunset'],
  ['an original', () => originals, 'sunset'],
] as const;

describe.each(places)('%s', (_, siteOf, image) => {
  const target = signed(image);
  let whole: RawResponse;
  const ask = (headers: Readonly<Record<string, string>>, method = 'GET'): Promise<RawResponse> =>
    siteOf().ask(target, { headers, method });

  beforeAll(async () => {
    whole = await siteOf().ask(target);
  });

  test('has a strong tag, a date and a length', () => {
    expect(whole.header('etag')).toMatch(/^"[0-9a-f]{32}"$/);
    expect(whole.header('last-modified')).toMatch(/GMT$/);
    expect(whole.header('accept-ranges')).toBe('bytes');
    expect(whole.header('content-length')).toBe(String(whole.body.length));
  });

  const old = 'Thu, 01 Jan 1970 00:00:00 GMT';
  const noDates = [
    ...['yesterday', '2050', 'tomorrow 9999', '2050-01-01T00:00:00Z', 'Sat, 1 Jan 2050 00:00:00 GMT'],
    ...['Sat, 01 Jan 2050 00:00:00', 'Sat, 01 Jan 2050 00:00:00 +0000', 'sat, 01 jan 2050 00:00:00 gmt'],
    'Xyz, 01 Jan 2050 00:00:00 GMT',
  ];

  test.each<readonly [Readonly<Record<string, string>>, number]>([
    [{ 'if-none-match': '{tag}' }, 304],
    [{ 'if-none-match': '"other", W/{tag}' }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"other"' }, 200],
    [{ 'if-none-match': '"other"', 'if-modified-since': '{date}' }, 200],
    [{ 'if-modified-since': '{date}' }, 304],
    [{ 'if-modified-since': old }, 200],
    ...noDates.map((date) => {
      const before = date.replace('2050', '1970');
      return [{ 'if-modified-since': date, 'if-unmodified-since': before }, 200] as const;
    }),
    [{ 'if-modified-since': 'Sat, 01 Jan 2050 00:00:00 GMT' }, 304],
    [{ 'if-modified-since': 'Saturday, 01-Jan-50 00:00:00 GMT' }, 304],
    [{ 'if-modified-since': 'Sat Jan  1 00:00:00 2050' }, 304],
    [{ 'if-modified-since': 'Friday, 01-Jan-99 00:00:00 GMT' }, 200],
    [{ 'if-match': '{tag}' }, 200],
    [{ 'if-match': '"other"' }, 412],
    [{ 'if-match': 'W/{tag}' }, 412],
    [{ 'if-match': '*' }, 200],
    [{ 'if-unmodified-since': '{date}' }, 200],
    [{ 'if-unmodified-since': old }, 412],
  ])('%j: %i', async (conditions, status) => {
    const fill = (text: string): string =>
      text.replace('{tag}', whole.header('etag')!).replace('{date}', whole.header('last-modified')!);
    const headers = Object.fromEntries(Object.entries(conditions).map(([name, text]) => [name, fill(text)]));
    for (const method of ['GET', 'HEAD']) {
      const answer = await ask(headers, method);
      expect(answer.status).toBe(status);
      expect(answer.header('etag')).toBe(whole.header('etag'));
      expect(answer.body.length).toBe(status === 200 && method === 'GET' ? whole.body.length : 0);
      if (status === 304) {
        expect(answer.header('cache-control')).toBe(whole.header('cache-control'));
        expect(answer.header('content-length')).toBeUndefined();
        expect(answer.header('vary')).toBe(whole.header('vary'));
      }
      if (status === 412) expect(answer.header('cache-control')).toBe('no-store');
    }
  });

  test.each<[range: string, start: number, end: number | undefined]>([
    ['bytes=0-9', 0, 10],
    ['bytes=10-', 10, undefined],
    ['bytes=-10', -10, undefined],
    ['bytes=5-5', 5, 6],
    ['bytes=0-999999', 0, undefined],
    ['bytes=-999999', 0, undefined],
    ['BYTES=0-9', 0, 10],
  ])('%s', async (range, start, end) => {
    const answer = await ask({ range });
    expect(answer.status).toBe(206);
    expect(answer.body).toEqual(whole.body.subarray(start, end));
    const first = start < 0 ? whole.body.length + start : start;
    expect(answer.header('content-range')).toBe(
      `bytes ${first}-${first + answer.body.length - 1}/${whole.body.length}`,
    );
    expect(answer.header('content-type')).toBe(whole.header('content-type'));
    expect(answer.header('cache-control')).toBe(whole.header('cache-control'));
  });

  test.each(['bytes=999999-', 'bytes=-0', 'bytes=999999-9999999'])('%s is behind the end', async (range) => {
    const answer = await ask({ range });
    expect(answer.status).toBe(416);
    expect(answer.header('content-range')).toBe(`bytes */${whole.body.length}`);
    expect(answer.header('cache-control')).toBe('no-store');
    expect(answer.body.length).toBe(0);
  });

  test.each(['bytes=0-1,3-4', 'bytes=9-0', 'bytes=-', 'bytes=a-b', 'pages=1-2', 'bytes 0-1', 'bytes=0-9x'])(
    '%s gets the whole',
    async (range) => {
      const answer = await ask({ range });
      expect([answer.status, answer.body.length]).toEqual([200, whole.body.length]);
    },
  );

  test('If-Range: a part of this one, or the whole of another', async () => {
    const [tag, date] = [whole.header('etag')!, whole.header('last-modified')!];
    const range = 'bytes=0-9';
    expect((await ask({ range, 'if-range': tag })).status).toBe(206);
    // Every form of a picture has the same date.
    for (const other of ['"other"', `W/${tag}`, date])
      expect((await ask({ range, 'if-range': other })).status).toBe(200);
  });

  test('a condition comes before a range, and HEAD has none', async () => {
    expect((await ask({ range: 'bytes=0-9', 'if-none-match': whole.header('etag')! })).status).toBe(304);
    expect((await ask({ range: 'bytes=0-9' }, 'HEAD')).status).toBe(200);
  });
});

test('an SVG, which the app may compress on its way out, has a weak tag and no parts', async () => {
  const whole = await site.ask(signed('logo'));
  const tag = whole.header('etag')!;
  expect(tag).toMatch(/^W\/"[0-9a-f]{32}"$/);
  expect(whole.header('accept-ranges')).toBeUndefined();
  const ask = (headers: Readonly<Record<string, string>>) => site.ask(signed('logo'), { headers });
  const part = await ask({ range: 'bytes=0-9' });
  expect([part.status, part.text]).toEqual([200, logo]);
  expect((await ask({ range: 'bytes=0-9', 'if-range': tag })).status).toBe(200);
  expect((await ask({ 'if-none-match': tag })).status).toBe(304);
  expect((await ask({ 'if-none-match': tag.slice(2) })).status).toBe(304);
  expect((await ask({ 'if-match': tag })).status).toBe(412); // it compares strongly (RFC 9110, 13.1.1)
  expect((await ask({ 'if-match': '*' })).status).toBe(200);
});

test('each form has its own tag', async () => {
  const tags = await Promise.all(
    ['image/avif', 'image/webp', '*/*'].map(async (accept) =>
      (await site.ask(signed('sunset'), { headers: { accept } })).header('etag'),
    ),
  );
  expect(new Set(tags).size).toBe(3);
});

test.each([
  ['416', { range: 'bytes=99999999-' }],
  ['412', { 'if-match': '"another"' }],
  ['412', { 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' }],
])('no cache keeps a %s for %j in the place of a public picture', async (status, headers) => {
  const target = signed('sunset', 'preview').split('?')[0]!;
  const refused = await site.ask(target, { headers });
  expect(refused.status).toBe(Number(status));
  expect(refused.header('cache-control')).toBe('no-store');
  expect((await site.ask(target)).header('cache-control')).toMatch(/^public/);
});

test('a framework that begins with 404, as Koa does, sends the picture with 200', async () => {
  const picture = { type: 'image/png', size: 2, etag: '"a"', modifiedAt: 0, body: Buffer.from('ab') };
  const port = await serve((request, response) => {
    response.statusCode = 404;
    sendPicture(request, response, picture, 0);
  });
  expect(await send(port, '/')).toMatchObject({ status: 200, text: 'ab' });
  expect((await send(port, '/', { headers: { Range: 'bytes=1-' } })).status).toBe(206);
});

test('clients that do not read hold no more memory than there is for them: the last one gets its picture', async () => {
  const size = 16 * 2 ** 20; // more than sockets take
  const pictures = ['a', 'b'].map((name) => Buffer.alloc(size, name));
  const beingSent = new PicturesBeingSent(1.5 * size);
  const closed: string[] = [];
  let requests = 0;
  const port = await serve((request, response) => {
    requests++;
    const body = pictures[request.url === '/a' ? 0 : 1]!;
    response.once('close', () => closed.push(request.url!));
    beingSent.add(body, response);
    sendPicture(request, response, { type: 'image/png', size, etag: '"a"', modifiedAt: 0, body }, 0);
  });
  const sleepers = ['/a', '/a', '/a'].map((path) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`));
    return socket.on('error', () => {}).pause();
  });
  await expect.poll(() => requests).toBe(3);
  expect(closed).toEqual([]); // one picture, counted once
  expect((await send(port, '/b')).body.equals(pictures[1]!)).toBe(true);
  expect(closed.filter((path) => path === '/a')).toHaveLength(3);
  // What was sent is not counted any more.
  expect((await send(port, '/a')).body.equals(pictures[0]!)).toBe(true);
  for (const socket of sleepers) socket.destroy();
});
