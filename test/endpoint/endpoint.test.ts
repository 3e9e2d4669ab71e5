/** What the endpoint decides, as plain values: who is asked, when, and what comes of hostile requests. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Endpoint, type EndpointRequest } from '../../src/endpoint/endpoint.ts';
import { type EndpointResponse, notFound, unavailable } from '../../src/endpoint/responses.ts';
import type { DeliveryImage } from '../../src/index.ts';
import { defineScheme } from '../../src/schemes.ts';
import { anyText } from '../support/generators/any-text.ts';
import * as samples from '../support/samples.ts';
import { runs } from '../support/seed.ts';
import { byPath, byQuery, endpointOptions, listening, signer } from '../support/servers/endpoint.ts';

const { accountHash, clockAt, id, instant, otherAccount, otherId, signerWith, url } = samples;

type Given = Partial<Omit<EndpointRequest, 'body'>> & { readonly body?: unknown };

async function answerOf(options: object, given: Given, viewer?: unknown): Promise<EndpointResponse> {
  const { body, ...rest } = given;
  const request = { method: 'GET', target: '/', headers: {}, ...rest, body: async () => ({ value: body }) };
  const answer = await new Endpoint(endpointOptions(options)).respond(request, viewer);
  if (answer === undefined || answer === 'aborted') throw new Error('no answer');
  return answer;
}

const batch = (urls: readonly string[]): Given => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: { urls },
});

const batchOf = async (options: object, urls: readonly string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await answerOf(options, batch(urls))).body).urls;

const down = (): never => {
  throw new Error('down');
};

describe('authorize', () => {
  test('is asked once per image and variant in a batch, with the image and the viewer', async () => {
    const asked: DeliveryImage[] = [];
    const viewer = {};
    const authorize = async (image: DeliveryImage, request: unknown): Promise<boolean> => {
      expect(request).toBe(viewer);
      asked.push(image);
      return image.id !== otherId;
    };
    const urls = [url(), `${url()}?v=2`, `${url()}?exp=1&sig=2`, url('card'), url('thumb', otherId)];
    const { body } = await answerOf({ authorize }, batch(urls), viewer);
    const base = 'https://imagedelivery.net';
    expect(asked).toEqual([
      { url: url(), base, scheme: 'cloudflare-images', accountHash, id, variant: 'thumb' },
      expect.objectContaining({ url: url('card') }),
      expect.objectContaining({ url: url('thumb', otherId) }),
    ]);
    const answers = JSON.parse(body).urls;
    expect(answers[urls[0]!]).toEqual({ url: signer.signImage(url()), expiresAt: expect.any(Number) });
    expect(answers[urls[1]!].url).toBe(signer.signImage(urls[1]!));
    expect(answers[urls[2]!].url).toBe(signer.signImage(url()));
    expect(answers[urls[4]!]).toEqual({ error: 'This image is not signed for you.' });
  });

  test.each<[title: string, authorize: () => unknown, reason: string | undefined]>([
    ['true', () => true, undefined],
    ['a promise of true', async () => true, undefined],
    // biome-ignore lint/suspicious/noThenProperty: what other libraries' promises look like
    ['a thenable of true', () => ({ then: (resolve: (it: unknown) => void) => resolve(true) }), undefined],
    ['false', () => false, 'not-authorized'],
    ['1', () => 1, 'not-authorized'],
    ['an object', () => ({}), 'not-authorized'],
    ['nothing', () => undefined, 'not-authorized'],
    ['a promise of 1', async () => 1, 'not-authorized'],
    ['a promise of nothing', async () => {}, 'not-authorized'],
    ['a throw', down, 'authorize-threw'],
    ['a rejection', () => Promise.reject(new Error('down')), 'authorize-threw'],
    ['a rejection with nothing', () => Promise.reject(), 'authorize-threw'],
  ])('that gives %s', async (title, authorize, reason) => {
    const { events, report } = listening();
    const { status } = await answerOf({ authorize, report }, { target: `/${url()}` });
    expect(status).toBe(reason === undefined ? 200 : 403);
    const error = /^a (?:throw|rejection)$/.test(title) ? new Error('down') : undefined;
    expect(events).toEqual(reason === undefined ? [] : [{ type: 'refused', url: url(), reason, error }]);
  });

  test('is told of no URL with a secret in it', async () => {
    const { events, report } = listening();
    const jwt = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"sub":"ada"}').toString('base64url')}.c2lnbmF0dXJl`;
    const urls = [
      `https://login.example/callback?code=short&state=short`,
      `https://shop.example/reset/${jwt}`,
      `/orders?session=${jwt}`,
    ];
    await batchOf({ report }, urls);
    for (const each of urls) await answerOf({ report }, { target: `/${each}` });
    expect(events).toHaveLength(2 * urls.length);
    expect(JSON.stringify(events)).not.toMatch(/short|eyJ|c2lnb/);
  });

  test('is reported without the token that a scheme has in the path', async () => {
    const { events, report } = listening();
    const strip = (image: string): string => image.replace(/\/[\w-]{20,}\//, '/');
    const scheme = defineScheme({
      name: 'own',
      url: 'https://cdn.example/private',
      match: (image) => ({ id: strip(image) }),
      strip,
      sign: (image, { exp }) => image.replace('/private/', `/private/${exp}-T0ken_in_Path/`),
      fingerprint: 'own',
    });
    const endpoint = new Endpoint({ scheme, ttl: '1h', report, authorize: () => false });
    const {
      method = '',
      headers = {},
      body,
    } = batch(['https://cdn.example/private/1800000000-T0ken_in_Path/a.jpg']);
    await endpoint.respond({ method, target: '/', headers, body: async () => ({ value: body }) }, undefined);
    expect(events).toMatchObject([{ reason: 'not-authorized', url: 'https://cdn.example/private/a.jpg' }]);
  });

  test('that fails for one image spoils that one alone', async () => {
    const authorize = (image: DeliveryImage): Promise<boolean> | boolean => {
      if (image.id === otherId) down();
      return image.variant === 'card' ? Promise.reject(new Error('down')) : true;
    };
    const answers = await batchOf({ authorize }, [url('thumb', otherId), url(), url('card')]);
    expect(Object.values(answers).map((each) => Object.keys(each as object))).toEqual([
      ['error'],
      ['url', 'expiresAt'],
      ['error'],
    ]);
  });

  test('is asked for nothing that would not be signed anyway, nor for what is public', async () => {
    const own = { accountHash, authorize: down };
    const preview = url('preview');
    expect(await batchOf(own, [preview, `${preview}?exp=1&sig=2`, `${preview}?a=1`])).toEqual({
      [preview]: { url: preview },
      [`${preview}?exp=1&sig=2`]: { url: preview },
      [`${preview}?a=1`]: { url: `${preview}?a=1` },
    });
    const { events, report } = listening();
    await batchOf({ ...own, report }, [url('hero'), url('thumb', id, otherAccount), 'https://evil.example']);
    expect(events.map((event) => 'reason' in event && event.reason)).toEqual([
      'variant-not-allowed',
      'account-not-allowed',
      'not-a-delivery-url',
    ]);
  });

  test('deniedVariant plays no part', async () => {
    const options = { authorize: () => false, deniedVariant: 'preview' };
    expect(await answerOf(options, { target: `/${url()}` })).toMatchObject({ status: 403 });
  });

  test('may take its time: the ttl counts from the answer', async () => {
    const clock = clockAt();
    const authorize = async (): Promise<boolean> => {
      clock.advance(3600);
      return true;
    };
    const answers = await batchOf({ authorize, now: clock, stableFor: 0, ttl: 60 }, [url(), url('card')]);
    const expiries = Object.values(answers).map((each) => (each as { expiresAt: number }).expiresAt);
    expect(expiries).toEqual([instant / 1000 + 7260, instant / 1000 + 7260]);
  });

  test('beside a signer wins over the signer', async () => {
    const endpoint = new Endpoint({ signer, authorize: () => false });
    const request = { method: 'GET', headers: {}, body: async () => 'aborted' as const, target: `/${url()}` };
    expect(await endpoint.respond(request, {})).toMatchObject({ status: 403 });
  });
});

test('what is not allowed is told alike to the last byte, for whatever reason', async () => {
  const targets = [url(), url('hero'), url('constructor'), url('thumb', id, otherAccount)];
  const answers = new Set<string>();
  const options = { accountHash, authorize: () => 0 };
  for (const target of targets)
    answers.add(JSON.stringify(await answerOf(options, { target: `/${target}` })));
  expect([...answers]).toHaveLength(1);
  expect([...answers][0]).toContain('403');
});

test('a URL that no server would read once it is signed is none', async () => {
  const [fits, long] = [url('thumb', 'a'.repeat(16_000)), url('thumb', 'a'.repeat(16_300))];
  expect(await batchOf({}, [fits, long])).toEqual({
    [fits]: { url: signer.signImage(fits), expiresAt: expect.any(Number) },
    [long]: { error: 'Expected the delivery URL of an image.' },
  });
});

test('what is answered without an endpoint forbids caches to keep it, and browsers to guess what it is', () => {
  for (const { headers } of [notFound, unavailable()])
    expect(headers).toMatchObject({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
});

test('a body that does not come gives no answer', async () => {
  const headers = { 'content-type': 'application/json' };
  const request = { target: '/', headers, method: 'POST', body: async () => 'aborted' as const };
  expect(await new Endpoint(endpointOptions()).respond(request, {})).toBe('aborted');
});

test('of a body only what is wanted is read', async () => {
  const endpoint = new Endpoint(endpointOptions());
  const json = { 'content-type': 'application/json' };
  for (const [request, status] of [
    [{ method: 'POST', headers: { 'content-type': 'text/plain' } }, 415],
    [{ method: 'POST', headers: {} }, 415],
    [{ method: 'POST', headers: { ...json, 'content-length': '65537' } }, 413],
    [{ method: 'POST', headers: json, target: `/${url()}` }, 405],
    [{ method: 'PUT', headers: json }, 405],
    [{ method: 'GET', headers: json }, 400],
  ] as const) {
    expect(await endpoint.respond({ target: '/', ...request, body: down }, {})).toMatchObject({ status });
  }
});

test('whatever the target, what is signed is an image of the allowlist, and nothing fails', async () => {
  const endpoint = new Endpoint(endpointOptions({ accountHash, report: () => {} }));
  const verifier = signerWith({ accountHash });
  const pieces = fc.constantFrom(
    ...['/', '//', 'https:', 'http:', '\\', '@', ':443', '?', '#', '&', '=', 'url=', '%2f', '%', '..', '.'],
    ...['imagedelivery.net', 'evil.example', accountHash, otherAccount, id, 'thumb', 'card', 'preview'],
    ...['hero', 'exp=1', 'sig=2', '\u0000', 'é', ' ', '\n', '__proto__', 'javascript:'],
  );
  const near = fc
    .tuple(fc.constantFrom(`/${url()}`, `/?url=${encodeURIComponent(url())}`), fc.nat(120), pieces)
    .map(([target, at, piece]) => target.slice(0, at) + piece + target.slice(at));
  const target = fc.oneof(
    near,
    fc.array(pieces, { maxLength: 12 }).map((parts) => `/${parts.join('')}`),
    anyText().map((text) => `/${text}`),
  );
  let signed = 0;
  await fc.assert(
    fc.asyncProperty(target, async (text) => {
      const request = { method: 'GET', target: text, headers: {}, body: async () => 'aborted' as const };
      const answer = await endpoint.respond(request, {});
      if (answer === undefined && !text.startsWith('/')) return; // a server's own, such as `*`
      if (answer === undefined || answer === 'aborted') throw new Error('no answer');
      expect([200, 400, 403]).toContain(answer.status);
      if (answer.status !== 200) return;
      signed++;
      expect(answer.body).toMatch(/^(?:https?:)?\/\/imagedelivery\.net\//i);
      expect(verifier.verifyImage(answer.body)).toMatchObject({ ok: true, image: { accountHash } });
    }),
    { numRuns: runs(20) },
  );
  expect(signed).toBeGreaterThan(runs(0.5));
});

test.each(['/sign', '/sign/'])('the option path %j is the same path', async (path) => {
  const target = byQuery(url());
  for (const each of [target, target.replace('?', '/?'), byPath(url()), byPath('/' + url())]) {
    const { status, body } = await answerOf({ path }, { target: each });
    expect([each, status, body]).toEqual([each, 200, signer.signImage(url())]);
  }
  const elsewhere = { method: 'GET', headers: {}, body: down };
  const endpoint = new Endpoint(endpointOptions({ path }));
  for (const target of ['/', '/signed', '/signed/', '/other/sign', ''])
    expect(endpoint.respond({ ...elsewhere, target }, undefined)).toBeUndefined();
});
