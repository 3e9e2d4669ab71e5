/**
 * `koa-compress`, `@koa/etag`, `koa-conditional-get` and ours, in every order, for every body that Koa takes: the page
 * is signed, and the neighbours do what they do without us.
 */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import etag from '@koa/etag';
import type Koa from 'koa';
import compress from 'koa-compress';
import conditional from 'koa-conditional-get';
import { afterAll, describe, expect, test } from 'vitest';
import { type RawRequest, type RawResponse, send } from '../support/http/raw.ts';
import { type Clock, clockAt, countTokens, url, withoutTokens } from '../support/samples.ts';
import { shareOf } from '../support/seed.ts';
import { createFolder, decoded, page, tokensOfPage } from '../support/servers/express-site.ts';
import { withSite } from '../support/servers/frameworks.ts';
import { headersOf, koaOf, koas, oursOf } from '../support/servers/koa-site.ts';

const data = { image: url(), other: 'é' };
/** How long the tokens of a page stay the same, in seconds. */
const step = 6 * 3600;
const folder = createFolder();
afterAll(() => folder.remove());

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

/** Each is made anew for each request. */
const kinds: Readonly<Record<string, () => unknown>> = {
  string: () => page,
  buffer: () => Buffer.from(page),
  stream: () => Readable.from([page.slice(0, 70), page.slice(70)]),
  file: () => createReadStream(join(folder.path, 'page.html')),
  json: () => data,
};

/** Koa 3 takes them; the neighbours make nothing of them, or fail. */
const ofTheWeb: typeof kinds = {
  web: () => new Blob([page]).stream(),
  blob: () => new Blob([page]),
  response: () => new Response(page, { headers: { 'content-type': 'text/html' } }),
};

function siteOf(
  Application: typeof Koa,
  order: readonly Mount[],
  now: Clock,
  errors: string[],
): ReturnType<Koa['callback']> {
  const mounts = order.map((each) =>
    each === 'ours' ? oursOf({ now, rewrite: { json: true } }) : neighbours[each](),
  );
  const respond: Koa.Middleware = (ctx) => {
    const name = ctx.path.slice(1);
    if (name !== 'json') ctx.type = 'html';
    ctx.body = { ...kinds, ...ofTheWeb }[name]!();
  };
  return koaOf(Application, [...mounts, respond], errors).callback();
}

const gzip = { 'accept-encoding': 'gzip' };

function expectSigned(response: RawResponse, kind: string): void {
  const out = decoded(response).toString();
  const [text, tokens] = kind === 'json' ? [JSON.stringify(data), 1] : [page, tokensOfPage];
  expect([response.status, response.isComplete]).toEqual([200, true]);
  expect([withoutTokens(out), countTokens(out)]).toEqual([text, tokens]);
  expect([undefined, String(response.body.length)]).toContain(response.header('content-length'));
  expect(response.header('cache-control')).toBe('no-cache');
}

type Ask = (request: RawRequest) => Promise<RawResponse>;

/** A page comes in full, comes again while its tokens are the same, and in full after that. */
async function expectRevisits(ask: Ask, askPlain: Ask, kind: string, now: Clock): Promise<void> {
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

async function expectSameHead(ask: Ask, kind: string): Promise<void> {
  const [get, head] = [await ask({}), await ask({ method: 'HEAD' })];
  const framing = ['string', 'buffer', 'json'].includes(kind) ? [] : ['transfer-encoding'];
  expect(headersOf(head, framing)).toEqual(headersOf(get, framing));
  expect([head.status, head.body.length]).toEqual([200, 0]);
}

/** After us `koa-compress` fails for a body of the web, as it does without us. */
async function expectWeb(ask: Ask, kind: string, now: Clock): Promise<void> {
  const get = await ask({ headers: gzip });
  expectSigned(get, kind);
  expect(get.header('content-encoding')).toBe('gzip');
  await expectSameHead(ask, kind);
  now.advance(step);
  expectSigned(await ask({ headers: { 'if-none-match': get.header('etag') ?? '"none"' } }), kind);
}

const orders = shareOf([...ordersOf(['ours', 'compress', 'conditional', 'etag'])], 4);

describe.each(koas)('%s', (name, Application) => {
  test.each(orders.map((order) => [order.join(', '), order] as const))(
    '%s: every body is signed, encoded, tagged and revisited as without us',
    async (_order, order) => {
      const now = clockAt();
      const heard: string[] = [];
      const plain = siteOf(
        Application,
        order.filter((each) => each !== 'ours'),
        now,
        heard,
      );
      await withSite(siteOf(Application, order, now, heard), (port) =>
        withSite(plain, async (plainPort) => {
          const at =
            (port: number, kind: string): Ask =>
            (request) =>
              send(port, `/${kind}`, request);
          for (const kind of Object.keys(kinds)) {
            await expectRevisits(at(port, kind), at(plainPort, kind), kind, now);
            await expectSameHead(at(port, kind), kind);
          }
          const takesWeb = name === 'Koa 3' && order.indexOf('compress') < order.indexOf('ours');
          for (const kind of takesWeb ? Object.keys(ofTheWeb) : [])
            await expectWeb(at(port, kind), kind, now);
        }),
      );
      expect(heard).toEqual([]);
    },
  );

  test.each(['string', 'buffer', 'stream', 'file'])(
    'a cache above that keeps the body and the headers (%s) gets the tag and the lifetime of the signed page',
    async (kind) => {
      let kept: unknown;
      const cache: Koa.Middleware = async (ctx, next) => {
        await next();
        kept = { ...ctx.response.headers };
      };
      const respond: Koa.Middleware = (ctx) => {
        ctx.type = 'html';
        ctx.set({ ETag: '"app"', 'Cache-Control': 'public, max-age=31536000', 'Last-Modified': 'yesterday' });
        ctx.body = kinds[kind]!();
      };
      const app = koaOf(Application, [conditional(), cache, oursOf(), respond]);
      await withSite(app.callback(), async (port) => {
        const tag = (await send(port, '/')).header('etag')!;
        expect(tag).toMatch(/^W\/"app-is\.[0-9a-f]{24}"$/);
        expect(kept).toMatchObject({ etag: tag, 'cache-control': 'public, max-age=43200' });
        expect(kept).not.toHaveProperty('last-modified');
        const statusFor = async (tags: string): Promise<number> =>
          (await send(port, '/', { headers: { 'if-none-match': tags } })).status;
        expect(await statusFor(`"other", ${tag}, *`)).toBe(304);
        expect(await statusFor('"app", *')).toBe(200);
      });
    },
  );
});
