/**
 * Signatures of key pairs take as long as a hundred MACs. They are cached whoever the viewer is, a response computes so many
 * new ones at most, and a response in which that left images dark is remembered by nobody.
 */
import { generateKeyPairSync } from 'node:crypto';
import type { RequestListener, ServerResponse } from 'node:http';
import express from 'express';
import Koa from 'koa';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { imageSigner as fetchImageSigner } from '../../src/fetch.ts';
import { createSigner, imageSigner, type Signer } from '../../src/index.ts';
import { imageSigner as koaImageSigner } from '../../src/koa.ts';
import { cloudFront, defineScheme } from '../../src/schemes.ts';
import { RsaKey } from '../../src/signing/rsa.ts';
import { type RawResponse, send } from '../support/http/raw.ts';
import { clockAt, instant } from '../support/samples.ts';
import { withSite } from '../support/servers/frameworks.ts';

const url = 'https://d111111abcdef8.cloudfront.net';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const schemeWith = (maxSignatures?: number, policy?: string) =>
  cloudFront({ url, keyId: 'K2JCJMDEHXQW5F', key: pem, maxSignatures, policy, prefixes: 'photos/' });
const imageAt = (index: number): string => `${url}/photos/${index}.jpg`;
const pageOf = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `<img src="${imageAt(from + index)}">`).join('\n');
const signedIn = (text: string): number => text.split('Signature=').length - 1;
const tooMany = { type: 'passed', reason: 'too-many-signatures' };

function signerWith(limit?: number, more: object = {}): { signer: Signer; events: object[] } {
  const events: object[] = [];
  const report = (event: object): void => void events.push(event);
  const options = { scheme: schemeWith(limit), ttl: '1h', now: () => instant, report, ...more };
  return { signer: createSigner(options as never), events };
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
    const authorize = (_image: unknown, viewer: unknown): boolean => viewer === 'anna';
    const { signer } = signerWith(undefined, { authorize });
    const seen = signer.rewriteHtml(pageOf(0, 2), { request: 'anna' });
    expect(signedIn(seen)).toBe(2);
    for (const page of [pageOf(0, 2), seen])
      expect(signer.rewriteHtml(page, { request: 'bob' })).toBe(pageOf(0, 2));
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
      strip: (text) => text,
      sign: (text, { exp }) => `${text}?Signature=${exp}`,
      maxSignatures: 2,
      fingerprint: 'slow',
    });
    const signer = createSigner({ scheme, ttl: '1h', now: () => instant, report: false });
    expect(signedIn(signer.rewriteHtml(pageOf(0, 3).replaceAll(url, base)))).toBe(2);
  });

  test.each([0, 1.5, '9', -1])('is a whole number above 0, and not %j', (limit) => {
    expect(() => schemeWith(limit as number)).toThrow(/`maxSignatures`: expected a whole number above 0/);
  });
});

const site = 'https://site.example/';
const headers = {
  'content-type': 'text/html',
  'cache-control': 'public, max-age=600',
  etag: '"a"',
  'cdn-cache-control': 'max-age=900',
};

/** What a site answers with these headers, which let caches keep it, time after time. */
async function responsesOf(signer: Signer, count: number, handler: (res: ServerResponse) => void) {
  const middleware = imageSigner({ signer });
  const app: RequestListener = (req, res) =>
    middleware(req, res, () => {
      for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
      handler(res);
    });
  return withSite(app, async (port) => {
    const responses: RawResponse[] = [];
    while (responses.length < count) responses.push(await send(port, '/'));
    return responses;
  });
}

describe('a page with images that the bound has left dark', () => {
  test('is stored and remembered by nobody', async () => {
    const { signer, events } = signerWith(2);
    const responses = await responsesOf(signer, 4, (res) => res.end(pageOf(0, 5)));
    for (const { header } of responses.slice(0, 2)) {
      const kept = ['cache-control', 'etag', 'cdn-cache-control'].map(header);
      expect(kept).toEqual(['no-store', undefined, undefined]);
    }
    expect(responses.map(({ text }) => signedIn(text))).toEqual([2, 4, 5, 5]);
    expect(responses[2]!.header('cache-control')).toBe('public, max-age=600');
    expect(responses[2]!.header('etag')).toMatch(/^W\/"a/);
    expect(events.filter((event) => 'reason' in event)).toMatchObject([tooMany, tooMany]);
  });

  test('is not stored over fetch either', async () => {
    const { signer } = signerWith(2);
    const sign = fetchImageSigner({ signer: signer as never });
    const get = (): Promise<Response> =>
      sign(new Request(site), () => new Response(pageOf(0, 3), { headers }));
    const [first, second] = [await get(), await get()];
    expect([first.headers.get('cache-control'), first.headers.get('etag')]).toEqual(['no-store', null]);
    expect(second.headers.get('cache-control')).toBe('public, max-age=600');
    expect([signedIn(await first.text()), signedIn(await second.text())]).toEqual([2, 3]);
  });

  test('is not stored in Koa, nor by a middleware that caches above', async () => {
    const { signer } = signerWith(2);
    const kept: string[] = [];
    const app = new Koa();
    app.use(async (ctx, next) => {
      await next();
      kept.push(ctx.response.get('Cache-Control'));
    });
    app.use(koaImageSigner({ signer } as never));
    app.use((ctx) => {
      ctx.type = 'html';
      ctx.body = pageOf(0, 3);
    });
    await withSite(app.callback(), async (port) => {
      const sent = [await send(port, '/'), await send(port, '/')].map(({ header }) =>
        header('cache-control'),
      );
      expect([kept[0], ...sent]).toEqual(['no-store', 'no-store', 'no-cache']);
    });
  });

  test('is not stored for the sake of a link in its headers', async () => {
    const link = `<${imageAt(1)}>; rel=preload; as=image`;
    const [first] = await responsesOf(signerWith(1).signer, 1, (res) => {
      res.setHeader('Link', link);
      res.end(pageOf(0, 1));
    });
    expect(['link', 'cache-control'].map(first!.header)).toEqual([link, 'no-store']);
  });

  test('is reported where its headers were out before', async () => {
    const { signer, events } = signerWith(2);
    const [first] = await responsesOf(signer, 1, (res) => {
      res.write(pageOf(0, 1));
      res.end(pageOf(1, 4));
    });
    expect(signedIn(first!.text)).toBe(2);
    expect(events).toContainEqual({ ...tooMany, page: 'GET /' });
  });

  test('is not stored if the data of its view was too much', async () => {
    const app = express();
    app.use(imageSigner({ signer: signerWith(2).signer, rewrite: { html: false, locals: true } }));
    app.set('view', FakeView);
    app.get('/', (_req, res) => {
      res.set('Cache-Control', 'public, max-age=600').type('text/plain');
      res.render('any', { images: [0, 1, 2].map(imageAt) });
    });
    await withSite(app, async (port) => {
      const sent = [await send(port, '/'), await send(port, '/')];
      const seen = sent.map(({ text, header }) => [signedIn(text), header('cache-control')]);
      expect(seen).toEqual([
        [2, 'no-store'],
        [3, 'public, max-age=600'],
      ]);
    });
  });
});

/** Express looks for a file otherwise. */
class FakeView {
  readonly path = 'any';
  render(options: object, done: (error: null, text: string) => void): void {
    done(null, JSON.stringify(Reflect.get(options, 'images')));
  }
}
