/**
 * `imageGuard` of Koa 2 and 3 in front of `koa-static` and `koa-send`: what has a valid token is delivered, with the
 * files' own headers and 304, and nothing else, whatever else is in the folder.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import etag from '@koa/etag';
import type Koa from 'koa';
import compress from 'koa-compress';
import conditional from 'koa-conditional-get';
import mount from 'koa-mount';
import sendFile from 'koa-send';
import serveFiles from 'koa-static';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ImageSignerEvent } from '../../src/index.ts';
import { imageGuard } from '../../src/koa.ts';
import { note } from '../support/events.ts';
import { ask, type CreateKoa, koaOf, koas } from '../support/koa-site.ts';
import type { RawRequest, RawResponse } from '../support/raw.ts';
import { accountHash, base, clockAt, id, signerWith } from '../support/samples.ts';

const picture = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const delivery = '/images';
const now = clockAt();
const signer = signerWith({ delivery, accountHash, now });
const bare = (variant: string, image = id): string => `/images/${accountHash}/${image}/${variant}`;
const target = (variant: string, image?: string): string => signer.signImage(bare(variant, image));
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'image-signer-test-'));
  for (const image of [id, '.secret', 'page']) mkdirSync(join(folder, image));
  for (const variant of ['thumb', 'preview']) writeFileSync(join(folder, id, `${variant}.png`), picture);
  writeFileSync(join(folder, '.secret', 'thumb.png'), picture);
  writeFileSync(join(folder, 'page', 'card.html'), '<p>');
  writeFileSync(join(folder, 'page', 'card.html.br'), brotliCompressSync('<p>'));
  writeFileSync(join(folder, 'list.txt'), 'what else is there');
});

afterAll(() => rmSync(folder, { recursive: true }));

const files = { extensions: ['png', 'html'], maxage: 365 * 86_400_000 };

/** How files are delivered, below the path of the account. */
const deliveries: readonly (readonly [title: string, create: () => Koa.Middleware])[] = [
  ['koa-static', () => serveFiles(folder, files)],
  ['koa-send', () => async (ctx) => void (await sendFile(ctx, ctx.path, { root: folder, ...files }))],
];

interface Site {
  readonly options?: object;
  readonly before?: readonly Koa.Middleware[];
  readonly heard?: string[];
}

const matrix = deliveries.flatMap(([title, create]) =>
  koas.map(([name, Application]) => [title, name, create, Application] as const),
);

function siteOf(
  Application: CreateKoa,
  deliver: Koa.Middleware,
  { options, before = [], heard = [] }: Site,
): Koa {
  const guard = imageGuard({ ...base, now, delivery, accountHash, ...options } as never);
  const guarded = koaOf(Application, [guard, deliver]);
  return koaOf(Application, [...before, mount(`/images/${accountHash}`, guarded)], heard);
}

describe.each(matrix)('%s on %s', (_title, _name, create, Application) => {
  const request = (path: string, site: Site = {}, how: RawRequest = {}): Promise<RawResponse> =>
    ask(siteOf(Application, create(), site), how, path);

  test('delivers what has a valid token, for as long as it lives', async () => {
    const path = target('thumb');
    for (const method of ['GET', 'HEAD']) {
      const { status, header, body } = await request(path, {}, { method });
      expect([status, header('content-type'), header('content-length')]).toEqual([200, 'image/png', '16']);
      const left = Number(/exp=(\d+)/.exec(path)![1]) - now() / 1000;
      expect(header('cache-control')).toBe(`private, max-age=${left}`);
      expect(body.equals(method === 'GET' ? picture : Buffer.alloc(0))).toBe(true);
    }
  });

  test('delivers an always public variant with the headers of the file', async () => {
    const { status, header } = await request(bare('preview'));
    expect([status, header('cache-control')]).toEqual([200, `max-age=${365 * 86_400}`]);
  });

  test.each([
    ['without a token', bare('thumb'), 403],
    ['with that of another', bare('thumb', 'other') + new URL(target('thumb'), 'http://a').search, 403],
    ['of a variant that is not on the list', bare('hero'), 403],
    ['of another account', bare('thumb').replace(accountHash, 'x'), 404],
    ['of a file that is no image’s', `/images/${accountHash}/list.txt`, 404],
    ['with its extension', `${bare('thumb')}.png`, 403],
    ['out of the folder', `/images/${accountHash}/../${id}/thumb`, 404],
    ['out of the folder, encoded', `/images/${accountHash}/..%2F${id}/thumb`, 404],
  ])('refuses a path %s', async (_what, path, status) => {
    for (const method of ['GET', 'HEAD']) {
      const refused = await request(path, {}, { method });
      expect([refused.status, refused.body.length > 0]).toEqual([status, method === 'GET']);
      // Where `koa-mount` has not come to the guard there is no answer of ours.
      if (path.startsWith(`/images/${accountHash}`)) expect(refused.header('cache-control')).toBe('no-store');
      expect(refused.header('last-modified')).toBeUndefined();
    }
  });

  test('a token is none for a file that is hidden, or is not there: those are not found, and not kept', async () => {
    for (const path of [target('thumb', '.secret'), target('card', 'nothing')]) {
      const { status, header } = await request(path);
      expect([status, header('cache-control')]).toEqual([404, 'no-store']);
    }
  });

  test('a range is answered as without us, with all of the file', async () => {
    const { status, body } = await request(target('thumb'), {}, { headers: { range: 'bytes=0-3' } });
    expect([status, body.length]).toEqual([200, 16]);
  });

  test('a file that has not changed is not sent again, and lives as long as its token', async () => {
    const before = [conditional(), etag()];
    const path = target('thumb');
    const first = await request(path, { before });
    for (const [name, value] of [
      ['if-none-match', first.header('etag')!],
      ['if-modified-since', first.header('last-modified')!],
    ] as const) {
      const again = await request(path, { before }, { headers: { [name]: value } });
      expect([again.status, again.header('etag')]).toEqual([304, first.header('etag')]);
      expect(again.header('cache-control')).toBe(first.header('cache-control'));
    }
    const tag = { 'if-none-match': first.header('etag')! };
    const refused = await request(bare('thumb'), { before }, { headers: tag });
    expect([refused.status, refused.header('etag')]).toEqual([403, undefined]);
  });

  test('an encoded file stays encoded, and no variant of the path brings it', async () => {
    const accept = { headers: { 'accept-encoding': 'br' } };
    const { status, header, body } = await request(target('card', 'page'), {}, accept);
    // Without the extension the encoded one is not looked for.
    expect([status, header('content-encoding'), body.toString()]).toEqual([200, undefined, '<p>']);
    expect((await request(`${bare('card', 'page')}.html.br`, {}, accept)).status).toBe(403);
  });

  test('middleware before it may set headers after it, and is told of no error', async () => {
    const session: Koa.Middleware = async (ctx, next) => {
      await next();
      ctx.cookies.set('session', 'x');
      ctx.set('Cache-Control', 'public, max-age=60');
    };
    const heard: string[] = [];
    const before = [session, etag(), compress({ threshold: 0 })];
    for (const [path, status] of [
      [bare('thumb'), 403],
      [`/images/${accountHash}/x`, 404],
    ] as const) {
      const refused = await request(path, { before, heard });
      expect([refused.status, refused.text]).toEqual([
        status,
        status === 403 ? 'Forbidden\n' : 'Not Found\n',
      ]);
      expect(refused.header('set-cookie')).toContain('session=x');
      expect(refused.header('cache-control')).toBe('no-store');
      expect(refused.header('etag')).toBeUndefined();
    }
    expect(heard).toEqual([]);
  });

  test('says in the state what it has let through, and lets all through in report mode', async () => {
    const seen: unknown[] = [];
    const events: ImageSignerEvent[] = [];
    const look: Koa.Middleware = async (ctx, next) => {
      await next();
      seen.push(ctx.state['signedImage']);
    };
    const options = {
      mode: 'report',
      report: (event: ImageSignerEvent) => note(events, event),
    };
    for (const path of [target('thumb'), bare('preview'), bare('thumb')])
      expect((await request(path, { before: [look], options })).status).toBe(200);
    expect(seen).toEqual([
      expect.objectContaining({
        ok: true,
        keyIndex: 0,
        image: expect.objectContaining({ id, variant: 'thumb' }),
      }),
      expect.objectContaining({ ok: true, alwaysPublic: true }),
      undefined,
    ]);
    expect(events).toEqual([{ type: 'refused', url: bare('thumb'), reason: 'missing-signature' }]);
  });
});
