/** `imageGuard` over fetch and in Hono: what the suite of all servers does not ask, since only these have it. */
import { type Handler, Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import * as overFetch from '../../../src/fetch.ts';
import * as inHono from '../../../src/hono.ts';
import { base, instant, signerWith, url } from '../../support/samples.ts';

const options = { ...base, delivery: '/images' };
const signer = signerWith({ delivery: '/images' });
const path = url().replace('https://imagedelivery.net', '/images');
const signed = signer.signImage(path);
const { expiresAt } = signer.verifyImage(signed) as { readonly expiresAt: number };
const left = expiresAt - instant / 1000;

const aMinute = { 'cache-control': 'max-age=60' };

type Ask = (given: object, answer: () => Response, target?: string) => Promise<Response>;

const askFetch: Ask = async (given, answer, target = signed) =>
  overFetch.imageGuard({ ...options, ...given } as never)(
    new Request(`http://shop.example${target}`),
    answer,
  );

const askHono: Ask = async (given, answer, target = signed) => {
  const app = new Hono().use('/images/*', inHono.imageGuard({ ...options, ...given } as never));
  return app.all('/images/*', answer).request(target);
};

describe.each([
  ['fetch', askFetch],
  ['Hono', askHono],
])('over %s', (_, ask) => {
  test('a response whose headers are read-only is limited, and keeps its body', async () => {
    const fixed = await fetch('data:image/png;base64,AAAA');
    expect(() => fixed.headers.set('a', 'b')).toThrow(TypeError);
    const response = await ask({}, () => fixed);
    expect(response.headers.get('cache-control')).toBe(`private, max-age=${left}`);
    expect((await response.arrayBuffer()).byteLength).toBe(3);
  });

  test.each<[what: string, given: object, answer: Response, control: string]>([
    ['an error is not stored', {}, new Response('gone', { status: 500, headers: aMinute }), 'no-store'],
    ['a 304 has its lifetime', {}, new Response(null, { status: 304 }), `private, max-age=${left}`],
    [
      'sharedCache lets shared caches keep an image, for no longer than its token',
      { sharedCache: true },
      new Response('', { headers: { 'cache-control': 'max-age=31536000, immutable' } }),
      `public, max-age=${left}`,
    ],
  ])('%s', async (_what, given, answer, control) => {
    const response = await ask(given, () => answer.clone() as Response);
    expect([response.status, response.headers.get('cache-control')]).toEqual([answer.status, control]);
  });

  test('a refusal calls no handler', async () => {
    let calls = 0;
    const response = await ask({}, () => new Response(String(++calls)), path);
    expect([response.status, await response.text(), calls]).toEqual([403, 'Forbidden\n', 0]);
    expect((await ask({}, () => new Response(), '/images/x')).status).toBe(404);
  });

  test('without its key it answers 503, and lets pass in report mode', async () => {
    const key = () => Promise.reject(new Error('the store of secrets is down'));
    const refused = await ask({ key, report: false }, () => new Response('image'));
    expect([refused.status, refused.headers.get('cache-control')]).toEqual([503, 'no-store']);
    const passed = await ask({ key, report: false, mode: 'report' }, () => new Response('image'));
    expect([passed.status, await passed.text()]).toEqual([200, 'image']);
  });

  test('a fragment names no image', async () => {
    expect((await ask({}, () => new Response(), `${signed}#x`)).status).toBe(404);
  });
});

test('the handler over fetch gets the request and the verified image', async () => {
  const guard = overFetch.imageGuard(options as never);
  const request = new Request(`http://shop.example${signed}`);
  await guard(request, (received, signedImage) => {
    expect(received).toBe(request);
    expect(signedImage).toMatchObject({ expiresAt, image: { variant: 'thumb' } });
    return new Response();
  });
});

describe('in Hono', () => {
  const aYear = 'public, max-age=31536000';

  /** Its outer middleware lets caches keep everything. */
  function appWith(handler: Handler): Hono {
    const app = new Hono();
    app.use(async (context, next) => {
      await next();
      context.res.headers.set('cache-control', aYear);
    });
    app.use(inHono.imageSigner(base as never));
    app.use('/images/*', inHono.imageGuard(options as never));
    return app.get('/images/*', handler);
  }

  test('handlers find the verified image, and what outer middleware says of caches is limited again', async () => {
    const app = appWith((context) => context.text(context.get('signedImage')!.path));
    const response = await app.request(signed);
    expect(await response.text()).toBe(path.replace('/images', ''));
    expect(response.headers.get('cache-control')).toBe(`private, max-age=${left}`);
    expect((await app.request(path)).headers.get('cache-control')).toBe('no-store');
  });

  test('what its page and its token allow both limit a response, whatever outer middleware says', async () => {
    const response = await appWith((context) => context.html(`<img src="${url()}">`)).request(signed);
    expect(await response.text()).toContain('sig=');
    expect(response.headers.get('cache-control')).toBe('private, max-age=43200'); // half of the ttl
  });

  test('no handler brings the 404 of the app', async () => {
    const app = new Hono().use('/images/*', inHono.imageGuard(options as never));
    expect((await app.request(signed)).status).toBe(404);
  });
});
