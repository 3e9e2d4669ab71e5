/** `imageGuard` of Koa 2 and 3 in front of `koa-static`, with other middleware around it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import etag from '@koa/etag';
import type Koa from 'koa';
import compress from 'koa-compress';
import conditional from 'koa-conditional-get';
import mount from 'koa-mount';
import serveFiles from 'koa-static';
import { afterAll, describe, expect, test } from 'vitest';
import { imageGuard } from '../../src/koa.ts';
import type { RawResponse } from '../support/http/raw.ts';
import { accountHash, base, id, signerWith } from '../support/samples.ts';
import { createFolder } from '../support/servers/express-site.ts';
import { ask, koaOf, koas } from '../support/servers/koa-site.ts';

const images = { delivery: '/images', accountHash };
const bare = `/images/${accountHash}/${id}/thumb`;
const signed = signerWith(images).signImage(bare);

const folder = createFolder();
afterAll(() => folder.remove());
mkdirSync(join(folder.path, id));
writeFileSync(join(folder.path, id, 'thumb.png'), 'picture');

describe.each(koas)('%s', (_name, Application) => {
  const heard: string[] = [];
  const request = (path: string, before: readonly Koa.Middleware[], headers = {}): Promise<RawResponse> => {
    const files = serveFiles(folder.path, { extensions: ['png'], maxage: 365 * 86_400_000 });
    const guarded = koaOf(Application, [imageGuard({ ...base, ...images } as never), files]);
    const site = [...before, mount(`/images/${accountHash}`, guarded)];
    return ask(koaOf(Application, site, heard), { headers }, path);
  };

  test('a file that has not changed is not sent again, and lives as long as its token', async () => {
    const before = [conditional(), etag()];
    const first = await request(signed, before);
    const left = Number(/exp=(\d+)/.exec(signed)![1]) - base.now!() / 1000;
    expect([first.status, first.header('content-type'), first.text]).toEqual([200, 'image/png', 'picture']);
    expect(first.header('cache-control')).toBe(`private, max-age=${left}`);
    for (const [name, value] of [
      ['if-none-match', first.header('etag')!],
      ['if-modified-since', first.header('last-modified')!],
    ] as const) {
      const again = await request(signed, before, { [name]: value });
      expect([again.status, again.header('etag')]).toEqual([304, first.header('etag')]);
      expect(again.header('cache-control')).toBe(first.header('cache-control'));
    }
    const refused = await request(bare, before, { 'if-none-match': first.header('etag')! });
    expect([refused.status, refused.header('etag')]).toEqual([403, undefined]);
  });

  test.each([
    [bare, 403, 'Forbidden\n'],
    [`/images/${accountHash}/x`, 404, 'Not Found\n'],
    [signed.replace(id, 'no-such-image'), 403, 'Forbidden\n'],
  ])(
    'middleware before it may set headers after it, and is told of no error: %s',
    async (path, ...expected) => {
      const session: Koa.Middleware = async (ctx, next) => {
        await next();
        ctx.cookies.set('session', 'x');
        ctx.set('Cache-Control', 'public, max-age=60');
      };
      const refused = await request(path, [session, etag(), compress({ threshold: 0 })]);
      expect([refused.status, refused.text]).toEqual(expected);
      expect(refused.header('set-cookie')).toContain('session=x');
      expect([refused.header('cache-control'), refused.header('etag')]).toEqual(['no-store', undefined]);
      expect(heard).toEqual([]);
    },
  );
});
