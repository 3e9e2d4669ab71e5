/**
 * `koa-compress`, `@koa/etag`, `koa-conditional-get` and ours, in every order, for every body that Koa takes: the page
 * is signed, and the neighbours do what they do without us.
 */
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import etag from '@koa/etag';
import Koa from 'koa';
import compress from 'koa-compress';
import conditional from 'koa-conditional-get';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decoded } from '../support/express-site.ts';
import { serve } from '../support/frameworks.ts';
import { headersOf, koaOf, koas, oursOf } from '../support/koa-site.ts';
import { type RawRequest, type RawResponse, send } from '../support/raw.ts';
import { shareOf } from '../support/run-length.ts';
import { type Clock, clockAt, countTokens, url, withoutTokens } from '../support/samples.ts';
import { seed } from '../support/seed.ts';

const page = `<p>é</p><img src="${url()}">${'<p>text</p>'.repeat(99)}`;
const data = { image: url(), other: 'é' };
/** How long the tokens of a page stay the same, in seconds. */
const step = 6 * 3600;
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'image-signer-test-'));
  writeFileSync(join(folder, 'page.html'), page);
});

afterAll(() => rmSync(folder, { recursive: true }));

const neighbours = {
  compress: () => compress({ threshold: 0 }),
  conditional: () => conditional(),
  etag: () => etag(),
};

type Mount = keyof typeof neighbours | 'ours';

function* ordersOf(mounts: readonly Mount[]): Generator<readonly Mount[]> {
  if (mounts.length === 0) yield [];
  for (const first of mounts)
    for (const rest of ordersOf(mounts.filter((each) => each !== first))) yield [first, ...rest];
}

interface Kind {
  /** Made anew for each request. */
  readonly body: () => unknown;
  /** Its length is known. */
  readonly whole: boolean;
  readonly text: string;
}

const kinds: Readonly<Record<string, Kind>> = {
  string: { body: () => page, whole: true, text: page },
  buffer: { body: () => Buffer.from(page), whole: true, text: page },
  stream: { body: () => Readable.from([page.slice(0, 20), page.slice(20)]), whole: false, text: page },
  file: { body: () => createReadStream(join(folder, 'page.html')), whole: false, text: page },
  json: { body: () => data, whole: true, text: JSON.stringify(data) },
};

/** Koa 3 takes them; the neighbours make nothing of them, or fail. */
const ofTheWeb: Readonly<Record<string, Kind>> = {
  web: { body: () => new Blob([page]).stream(), whole: false, text: page },
  blob: { body: () => new Blob([page]), whole: false, text: page },
  response: {
    body: () => new Response(page, { headers: { 'content-type': 'text/html' } }),
    whole: false,
    text: page,
  },
};

function siteOf(Application: typeof Koa, order: readonly Mount[], now: Clock, errors: string[]): Koa {
  const mounts = order.map((each) =>
    each === 'ours' ? oursOf({ now, rewrite: { json: true } }) : neighbours[each](),
  );
  const respond: Koa.Middleware = (ctx) => {
    const name = ctx.path.slice(1);
    if (name !== 'json') ctx.type = 'html';
    ctx.body = { ...kinds, ...ofTheWeb }[name]!.body();
  };
  return koaOf(Application, [...mounts, respond], errors);
}

const gzip = { 'accept-encoding': 'gzip' };

function expectSigned(response: RawResponse, { text }: Kind): void {
  const out = decoded(response).toString();
  expect([response.status, response.isComplete, withoutTokens(out), countTokens(out)]).toEqual([
    200,
    true,
    text,
    1,
  ]);
  expect([undefined, String(response.body.length)]).toContain(response.header('content-length'));
  expect(response.header('cache-control')).toBe('no-cache');
}

type Ask = (request: RawRequest) => Promise<RawResponse>;

/** A page comes in full, comes again while its tokens are the same, and in full after that. */
async function expectRevisits(ask: Ask, askPlain: Ask, kind: Kind, now: Clock): Promise<void> {
  for (const headers of [gzip, {}]) {
    const [get, without] = [await ask({ headers }), await askPlain({ headers })];
    expectSigned(get, kind);
    for (const each of ['content-encoding', 'vary', 'content-type'])
      expect(get.header(each), each).toBe(without.header(each));
    const [tag, plainTag] = [get.header('etag'), without.header('etag')];
    expect(tag !== undefined).toBe(plainTag !== undefined);
    if (tag === undefined) continue;
    expect(tag).toMatch(/^W\/".+-is\.[0-9a-f]{24}"$/);
    const revisit = { headers: { ...headers, 'if-none-match': tag } };
    const again = await ask(revisit);
    const { status } = await askPlain({ headers: { ...headers, 'if-none-match': plainTag! } });
    expect([again.status, again.header('etag')]).toEqual([status, tag]);
    expect(again.header('cache-control')).toBe('no-cache');
    now.advance(step);
    const later = await ask(revisit);
    expectSigned(later, kind);
    expect(later.header('etag')).not.toBe(tag);
    expect(decoded(later).equals(decoded(get))).toBe(false);
  }
}

async function expectSameHead(ask: Ask, kind: Kind): Promise<void> {
  const [get, head] = [await ask({}), await ask({ method: 'HEAD' })];
  const framing = kind.whole ? [] : ['transfer-encoding'];
  expect(headersOf(head, framing)).toEqual(headersOf(get, framing));
  expect([head.status, head.body.length]).toEqual([200, 0]);
}

const orders = [...ordersOf(['ours', 'compress', 'conditional', 'etag'])];
const titled = (some: readonly (readonly Mount[])[]) => some.map((each) => [each.join(', '), each] as const);

describe.each(koas)('%s', (_name, Application) => {
  test.each(titled(shareOf(orders, 4, seed)))(
    '%s: every body is signed, encoded, tagged and revisited as without us',
    async (_order, order) => {
      const now = clockAt();
      const heard: string[] = [];
      const theirs = order.filter((each) => each !== 'ours');
      const sites = await Promise.all(
        [order, theirs].map((each) => serve(siteOf(Application, each, now, heard).callback())),
      );
      try {
        for (const [path, kind] of Object.entries(kinds)) {
          const [ask, askPlain] = sites.map(
            ({ port }): Ask =>
              (request) =>
                send(port, `/${path}`, request),
          ) as [Ask, Ask];
          await expectRevisits(ask, askPlain, kind, now);
          await expectSameHead(ask, kind);
        }
        expect(heard).toEqual([]);
      } finally {
        await Promise.all(sites.map((site) => site.close()));
      }
    },
  );
});

describe.each(koas)('%s', (_name, Application) => {
  test.each(['string', 'buffer', 'stream', 'file'])(
    'a cache above that keeps the body and the headers (%s) gets the tag and the lifetime of the signed page',
    async (path) => {
      const kept: Record<string, unknown>[] = [];
      const cache: Koa.Middleware = async (ctx, next) => {
        await next();
        kept.push({ ...ctx.response.headers });
      };
      const respond: Koa.Middleware = (ctx) => {
        ctx.type = 'html';
        ctx.set({ ETag: '"app"', 'Cache-Control': 'public, max-age=31536000', 'Last-Modified': 'yesterday' });
        ctx.body = kinds[path]!.body();
      };
      const now = clockAt();
      const app = koaOf(Application, [conditional(), cache, oursOf({ now }), respond]);
      const site = await serve(app.callback());
      try {
        const first = await send(site.port, '/');
        const tag = first.header('etag')!;
        expect(tag).toMatch(/^W\/"app-is\.[0-9a-f]{24}"$/);
        expect(kept[0]).toMatchObject({ etag: tag, 'cache-control': 'public, max-age=43200' });
        expect(kept[0]).not.toHaveProperty('last-modified');
        const revisit = { headers: { 'if-none-match': `"other", ${tag}, *` } };
        expect((await send(site.port, '/', revisit)).status).toBe(304);
        expect((await send(site.port, '/', { headers: { 'if-none-match': '"app", *' } })).status).toBe(200);
        now.advance(step);
        const later = await send(site.port, '/', revisit);
        expect([later.status, later.header('etag') === tag]).toEqual([200, false]);
        expect(kept.at(-1)).toMatchObject({ etag: later.header('etag') });
      } finally {
        await site.close();
      }
    },
  );
});

/** After us `koa-compress` fails for a body of the web, as it does without us. */
test.each(
  titled(
    shareOf(
      orders.filter((each) => each.indexOf('compress') < each.indexOf('ours')),
      4,
      seed,
    ),
  ),
)('Koa 3, %s: every body of the web is signed, and encoded', async (_order, order) => {
  const now = clockAt();
  const heard: string[] = [];
  const site = await serve(siteOf(Koa, order, now, heard).callback());
  try {
    for (const [path, kind] of Object.entries(ofTheWeb)) {
      const ask: Ask = (request) => send(site.port, `/${path}`, request);
      const get = await ask({ headers: gzip });
      expectSigned(get, kind);
      expect(get.header('content-encoding')).toBe('gzip');
      await expectSameHead(ask, kind);
      const revisit = { headers: { 'if-none-match': get.header('etag') ?? '"none"' } };
      now.advance(step);
      expectSigned(await ask(revisit), kind);
    }
    expect(heard).toEqual([]);
  } finally {
    await site.close();
  }
});
