/**
 * Signatures of key pairs take as long as a hundred MACs. They are cached whoever the viewer is, a response computes so many
 * new ones at most, and a response in which that left images dark is remembered by nobody.
 */
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import Koa from 'koa';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createSigner as createFetchSigner, imageSigner as fetchImageSigner } from '../../src/fetch.ts';
import { createSigner, imageSigner, type Signer } from '../../src/index.ts';
import { imageSigner as koaImageSigner } from '../../src/koa.ts';
import { cloudFront, defineScheme } from '../../src/schemes.ts';
import { RsaKey } from '../../src/signing/rsa.ts';
import { clockAt, instant } from '../support/samples.ts';

const url = 'https://d111111abcdef8.cloudfront.net';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const schemeWith = (maxSignatures?: number, policy?: string) =>
  cloudFront({
    url,
    keyId: 'K2JCJMDEHXQW5F',
    key: pem,
    maxSignatures,
    policy,
    prefixes: 'photos/',
  });
const imageAt = (index: number): string => `${url}/photos/${index}.jpg`;
const pageOf = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `<img src="${imageAt(from + index)}">`).join('\n');
const signedIn = (text: string): number => text.split('Signature=').length - 1;
const tooMany = { type: 'passed', reason: 'too-many-signatures' };

function signerWith(limit?: number, more: object = {}): { signer: Signer; events: object[] } {
  const events: object[] = [];
  const report = (event: object): void => void events.push(event);
  const scheme = schemeWith(limit);
  return {
    signer: createSigner({ scheme, ttl: '1h', now: () => instant, report, ...more } as never),
    events,
  };
}

afterEach(() => vi.restoreAllMocks());

test('values that may be texts take no more signatures than others', () => {
  const sign = vi.spyOn(RsaKey.prototype, 'sign');
  const { signer, events } = signerWith(10);
  const values = Array.from({ length: 50 }, (_, index) => {
    const token = `Expires=1&Key-Pair-Id=K2JCJMDEHXQW5F&Signature=${'a'.repeat(40)}`;
    return `<p data-picture="${imageAt(index)}?${token.replaceAll('&', '&amp;')}"></p>`;
  });
  signer.rewriteHtml(values.join(''));
  expect(sign.mock.calls.length).toBeLessThanOrEqual(10);
  expect(events).toEqual([tooMany]);
});

describe('with authorize', () => {
  test('an image is signed once a step, however many viewers see it', () => {
    const sign = vi.spyOn(RsaKey.prototype, 'sign');
    const clock = clockAt();
    const { signer } = signerWith(undefined, { authorize: () => true, now: clock });
    const first = signer.rewriteHtml(pageOf(0, 5), { request: 'anna' });
    expect(signer.rewriteHtml(pageOf(0, 5), { request: 'bob' })).toBe(first);
    expect(signedIn(first)).toBe(5);
    expect(sign).toHaveBeenCalledTimes(5);
    clock.advance(900);
    expect(signer.rewriteHtml(pageOf(0, 5), { request: 'bob' })).not.toBe(first);
    expect(sign).toHaveBeenCalledTimes(10);
  });

  test('a viewer who may not see an image does not get the token that another one has got', () => {
    const { signer } = signerWith(undefined, {
      authorize: (_image: unknown, viewer: unknown) => viewer === 'anna',
    });
    expect(signedIn(signer.rewriteHtml(pageOf(0, 2), { request: 'anna' }))).toBe(2);
    expect(signer.rewriteHtml(pageOf(0, 2), { request: 'bob' })).toBe(pageOf(0, 2));
    expect(
      signer.rewriteHtml(signer.rewriteHtml(pageOf(0, 2), { request: 'anna' }), { request: 'bob' }),
    ).toBe(pageOf(0, 2));
  });

  test('tokens of many kinds on one image cost one signature', () => {
    const sign = vi.spyOn(RsaKey.prototype, 'sign');
    const { signer } = signerWith(undefined, { authorize: () => true });
    const tokens = Array.from({ length: 9 }, (_, index) => `<img src="${imageAt(0)}?Expires=${index + 1}">`);
    expect(signedIn(signer.rewriteHtml(tokens.join('')))).toBe(9);
    expect(sign).toHaveBeenCalledTimes(1);
  });
});

test('values that are written differently take one signature for one image', () => {
  const sign = vi.spyOn(RsaKey.prototype, 'sign');
  const { signer } = signerWith();
  const values = [`src="${imageAt(0)}"`, `src='${imageAt(0)}'`, `srcset="${imageAt(0)} 2x"`];
  expect(signedIn(signer.rewriteHtml(values.map((value) => `<img ${value}>`).join('')))).toBe(3);
  expect(sign).toHaveBeenCalledTimes(1);
});

describe('the bound of new signatures', () => {
  test('is 4,096 by default', () => {
    vi.spyOn(RsaKey.prototype, 'sign').mockReturnValue('c2lnbmF0dXJl');
    const { signer, events } = signerWith();
    expect(signedIn(signer.rewriteHtml(pageOf(0, 4_096)))).toBe(4_096);
    expect(events).toEqual([]);
    expect(signedIn(signer.rewriteHtml(pageOf(5_000, 9_097)))).toBe(4_096);
    expect(events).toEqual([tooMany]);
  });

  test.each([
    ['with authorize', { authorize: () => true }],
    ['without', {}],
  ])('leaves the rest as it is, once told, and does not count what is cached: %s', (_title, more) => {
    const { signer, events } = signerWith(3, more);
    const page = pageOf(0, 8);
    const rewritten = [1, 2, 3].map(() => signer.rewriteHtml(page));
    expect(rewritten.map(signedIn)).toEqual([3, 6, 8]);
    expect(rewritten[0]!.endsWith(pageOf(3, 8))).toBe(true);
    expect(events).toEqual([tooMany, tooMany]);
  });

  test('counts tokens that have to be verified, but not those that are good now', () => {
    const { signer, events } = signerWith(3);
    const current = [1, 2, 3].map(() => signer.rewriteHtml(pageOf(0, 8))).at(-1)!;
    events.length = 0;
    expect(signer.rewriteHtml(current)).toBe(current);
    expect(events).toEqual([]);
    const verify = vi.spyOn(RsaKey.prototype, 'knowing');
    signer.rewriteHtml(current.replaceAll('Signature=', 'Signature=x'));
    expect(verify.mock.calls.length).toBeLessThanOrEqual(3);
    expect(events).toEqual([tooMany]);
  });

  test('does not hold for what the app signs itself', () => {
    const { signer } = signerWith(3);
    for (let index = 0; index < 9; index++) expect(signedIn(signer.signImage(`photos/${index}.jpg`))).toBe(1);
  });

  test('does not hold where one signature opens a folder', () => {
    const scheme = schemeWith(1, `${url}/photos/*`);
    const signer = createSigner({ scheme, ttl: '1h', now: () => instant, report: false });
    expect(signedIn(signer.rewriteHtml(pageOf(0, 9)))).toBe(9);
  });

  test('is there for schemes of one’s own', () => {
    const base = 'https://cdn.example';
    const scheme = defineScheme({
      name: 'slow',
      url: base,
      match: (text) => ({ id: text.slice(base.length + 1) }),
      strip: (text) => text.replace(/\?t=\d+$/, ''),
      sign: (text, { exp }) => `${text}?t=${exp}`,
      maxSignatures: 2,
      fingerprint: 'slow',
    });
    const signer = createSigner({ scheme, ttl: '1h', now: () => instant, report: false });
    const page = ['a', 'b', 'c'].map((name) => `<img src="${base}/${name}">`).join('');
    expect(signer.rewriteHtml(page).split('?t=').length - 1).toBe(2);
  });

  test.each([0, 1.5, '9', -1])('is a whole number above 0, and not %j', (limit) => {
    expect(() => schemeWith(limit as number)).toThrow(/`maxSignatures`: expected a whole number above 0/);
  });
});

async function responsesOf(app: RequestListener, count: number): Promise<Response[]> {
  const server = createServer(app).listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const responses: Response[] = [];
  for (let left = count; left > 0; left--) {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    responses.push(new Response(await response.text(), response));
  }
  server.close();
  return responses;
}

const cacheable = {
  'content-type': 'text/html',
  'cache-control': 'public, max-age=600',
  etag: '"a"',
  'cdn-cache-control': 'max-age=900',
};

/** A site whose handler gets the response, with headers that let caches keep it. */
function siteOf(signer: Signer, handler: (res: ServerResponse) => void): RequestListener {
  const middleware = imageSigner({ signer });
  return (req, res) =>
    middleware(req, res, () => {
      for (const [name, value] of Object.entries(cacheable)) res.setHeader(name, value);
      handler(res);
    });
}

describe('a page with images that the bound has left dark', () => {
  test('is stored and remembered by nobody', async () => {
    const { signer, events } = signerWith(2);
    const responses = await responsesOf(
      siteOf(signer, (res) => res.end(pageOf(0, 5))),
      4,
    );
    for (const { headers } of responses.slice(0, 2)) {
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('etag')).toBeNull();
      expect(headers.get('cdn-cache-control')).toBeNull();
    }
    const bodies = await Promise.all(responses.map((each) => each.text()));
    expect(bodies.map(signedIn)).toEqual([2, 4, 5, 5]);
    expect(responses[2]!.headers.get('cache-control')).toBe('public, max-age=600');
    expect(responses[2]!.headers.get('etag')).toMatch(/^W\/"a/);
    expect(events.filter((event) => 'reason' in event)).toMatchObject([tooMany, tooMany]);
  });

  test('is not stored over fetch either', async () => {
    const signer = createFetchSigner({ scheme: schemeWith(2), ttl: '1h', now: () => instant, report: false });
    const site = fetchImageSigner({ signer });
    const get = (): Promise<Response> =>
      site(new Request('https://site.example/'), () => new Response(pageOf(0, 3), { headers: cacheable }));
    const [first, second] = [await get(), await get()];
    expect([first.headers.get('cache-control'), first.headers.get('etag')]).toEqual(['no-store', null]);
    expect(second.headers.get('cache-control')).toBe('public, max-age=600');
    expect([signedIn(await first.text()), signedIn(await second.text())]).toEqual([2, 3]);
  });

  test('is not stored in Koa, nor by a middleware that caches above', async () => {
    const { signer } = signerWith(2);
    const app = new Koa();
    const kept: (string | undefined)[] = [];
    app.use(async (ctx, next) => {
      await next();
      kept.push(ctx.response.get('Cache-Control'));
    });
    app.use(koaImageSigner({ signer } as never));
    app.use((ctx) => {
      ctx.type = 'html';
      ctx.body = pageOf(0, 3);
    });
    const responses = await responsesOf(app.callback(), 2);
    expect(kept[0]).toBe('no-store');
    expect(responses.map(({ headers }) => headers.get('cache-control'))).toEqual(['no-store', 'no-cache']);
  });

  test('is not stored for the sake of a link in its headers', async () => {
    const { signer } = signerWith(1);
    const site = siteOf(signer, (res) => {
      res.setHeader('Link', `<${imageAt(1)}>; rel=preload; as=image`);
      res.end(pageOf(0, 1));
    });
    const [first] = await responsesOf(site, 1);
    expect(first!.headers.get('link')).toBe(`<${imageAt(1)}>; rel=preload; as=image`);
    expect(first!.headers.get('cache-control')).toBe('no-store');
  });

  test('is reported where its headers were out before', async () => {
    const { signer, events } = signerWith(2);
    const site = siteOf(signer, (res) => {
      res.write(pageOf(0, 1));
      res.write(pageOf(1, 4));
      res.end();
    });
    const [first] = await responsesOf(site, 1);
    expect(signedIn(await first!.text())).toBe(2);
    expect(events).toContainEqual({ ...tooMany, page: 'GET /' });
  });

  test('is not stored if the data of its view was too much', async () => {
    const { signer } = signerWith(2);
    const app = express();
    app.use(imageSigner({ signer, rewrite: { html: false, locals: true } }));
    app.set('view', FakeView);
    app.get('/', (_req, res) => {
      res.set('Cache-Control', 'public, max-age=600').type('text/plain');
      res.render('any', { images: [0, 1, 2].map(imageAt) });
    });
    const [first, second] = await responsesOf(app, 2);
    expect([signedIn(await first!.text()), first!.headers.get('cache-control')]).toEqual([2, 'no-store']);
    expect([signedIn(await second!.text()), second!.headers.get('cache-control')]).toEqual([
      3,
      'public, max-age=600',
    ]);
  });
});

/** Express looks for a file otherwise. */
class FakeView {
  readonly path = 'any';
  render(options: object, done: (error: null, text: string) => void): void {
    done(null, JSON.stringify(Reflect.get(options, 'images')));
  }
}
