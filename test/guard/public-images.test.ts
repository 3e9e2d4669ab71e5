/** `isPublic` of the guard: images that need no token, whatever their variant. What each framework does with a pass is conformance. */
import { describe, expect, test } from 'vitest';
import { imageGuard } from '../../src/fetch.ts';
import type { ImageSignerEvent } from '../../src/index.ts';
import { bunny, type SchemeImage } from '../../src/schemes.ts';
import { accountHash, base, signerWith } from '../support/samples.ts';

const cacheControl = 'public, max-age=600';
const signer = signerWith({ delivery: '/images', accountHash });
const pathOf = (id: string, variant = 'thumb'): string => `/images/${accountHash}/${id}/${variant}`;

/** @returns how to ask a site for a path */
function guarded(options: object) {
  const guard = imageGuard({ ...base, delivery: '/images', accountHash, ...options } as never);
  return async (path: string) => {
    let seen: unknown;
    const { status, headers } = await guard(new Request(`http://shop.example${path}`), (_, image) => {
      seen = image;
      return new Response('image', { headers: { 'Cache-Control': cacheControl } });
    });
    return { status, cacheControl: headers.get('cache-control'), seen };
  };
}

test('a public image passes in any allowed variant, with the freshness of the app', async () => {
  const ask = guarded({ isPublic: (image: { readonly id: string }) => image.id.startsWith('press/') });
  const tokened = signer.signImage('press/a', 'thumb');
  for (const path of [
    pathOf('press/a'),
    pathOf('press/b', 'card'),
    tokened,
    `${pathOf('press/a')}?exp=1&sig=0`,
  ])
    expect(await ask(path), path).toMatchObject({ status: 200, cacheControl, seen: { isPublic: true } });
  expect((await ask(pathOf('press/a', 'large'))).status).toBe(403);
  expect((await ask(pathOf('private/a'))).status).toBe(403);
  expect((await ask(pathOf('press/%61'))).status).toBe(404);
  const signed = await ask(signer.signImage('private/a', 'thumb'));
  expect(signed).toMatchObject({ status: 200, cacheControl: 'private, max-age=600' });
});

test('a handler can build a URL from the path of a public image, as from that of a signed one', async () => {
  const ask = guarded({ isPublic: () => true });
  for (const id of ['press/a', 'press/é a(1)', 'a/b/c']) {
    const signed = signer.signImage(id, 'thumb');
    const { path } = signer.verifyImage(signed) as { readonly path: string };
    const { seen } = await ask(signed.replace(/\?.*/, ''));
    expect(seen).toMatchObject({ isPublic: true, path });
    expect(path).toMatch(/^\/.+\/thumb$/);
  }
  const files = bunny({ url: '/files', key: 'a-key-that-nobody-else-has', prefixes: 'press/' });
  const own = imageGuard({ scheme: files, ttl: '1d', isPublic: () => true });
  const response = await own(new Request('http://shop.example/files/press/a%20b.jpg?v=1'), (_, image) =>
    Response.json(image),
  );
  expect(await response.json()).toMatchObject({ isPublic: true, path: '/press/a%20b.jpg' });
});

test('no path that a server behind the guard resolves to another folder passes as public, or is signed', async () => {
  const isPublic = (image: { readonly id: string }) => image.id.startsWith('press/');
  const ask = guarded({ isPublic });
  const own = signerWith({ delivery: '/images', accountHash, authorize: isPublic as never });
  for (const way of ['..;', '..;a=b', '.;/..;', '%2e%2e;', '..%3b', '%252e%252e%253b']) {
    const path = pathOf(`press/${way}/private/a`);
    expect((await ask(path)).status, path).toBe(404);
    expect(own.rewriteHtml(`<img src="${path}">`)).toBe(`<img src="${path}">`);
  }
});

test.each([
  ['of one scheme', [['/files', '/files/private']]],
  ['of two schemes', [['/files/private'], ['/files']]],
])('a path within another is asked about as in pages: %s', async (_title, lists) => {
  const scheme = lists.map((url) => bunny({ url, key: 'a-key-that-nobody-else-has' }));
  const asked: string[] = [];
  const guard = imageGuard({
    scheme,
    ttl: '1d',
    authorize: () => true,
    isPublic: ({ base: path, id }: SchemeImage) => asked.push(`${path} ${id}`) > 0 && path === '/files',
  } as never);
  const ask = async (path: string): Promise<number> =>
    (await guard(new Request(`http://shop.example${path}`), () => new Response('image'))).status;
  expect(await ask('/files/a.jpg')).toBe(200);
  expect(await ask('/files/private/a.jpg')).toBe(403);
  expect(await ask('/files/%70rivate/a.jpg')).toBe(404);
  expect(asked).toEqual(['/files a.jpg', '/files/private a.jpg']);
});

describe('an isPublic', () => {
  const fail = (): never => {
    throw new Error('no');
  };

  test.each<[string, () => unknown, string | undefined]>([
    ['throws', fail, 'is-public-threw'],
    ['returns a promise', () => Promise.resolve(true), 'is-public-not-synchronous'],
    ['is rejected', () => Promise.reject(new Error('no')), 'is-public-not-synchronous'],
    ['returns what counts as true', () => 'yes', undefined],
    ['returns false', () => false, undefined],
  ])('that %s is a no', async (_name, isPublic, reason) => {
    const events: ImageSignerEvent[] = [];
    const ask = guarded({ isPublic, report: (event: ImageSignerEvent) => events.push(event) });
    expect((await ask(pathOf('press/a'))).status).toBe(403);
    const passed = events.flatMap((event) => (event.type === 'passed' ? [event.reason] : []));
    expect(passed).toEqual(reason === undefined ? [] : [reason]);
    expect(events.at(-1)).toMatchObject({ type: 'refused', reason: 'missing-signature' });
  });

  test('is not asked about an always public variant, nor about what is no image of the site', async () => {
    const asked: unknown[] = [];
    const ask = guarded({ isPublic: (image: unknown) => asked.push(image) > 0 });
    expect((await ask(pathOf('press/a', 'preview'))).status).toBe(200);
    expect((await ask('/images/other/press/a/thumb')).status).toBe(403);
    expect((await ask('/images/x')).status).toBe(404);
    expect(asked).toEqual([]);
  });
});
