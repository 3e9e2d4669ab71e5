/**
 * The guard in the frameworks of Node.js: how long what it lets through lives, whatever stands before and behind it. What
 * it refuses is in `conformance`, in `guard/check` and in the law of the guard.
 */
import type { RequestListener, ServerResponse } from 'node:http';
import onHeaders from 'on-headers';
import { describe, expect, test } from 'vitest';
import { type ImageGuardOptions, imageGuard } from '../../src/index.ts';
import { type RawResponse, send } from '../support/http/raw.ts';
import { accountHash, base, clockAt, id, instant, otherAccount, signerWith } from '../support/samples.ts';
import { frameworks, type Handler, withSite } from '../support/servers/frameworks.ts';

const options = { ...base, delivery: '/images', accountHash } as ImageGuardOptions;
const signer = signerWith({ delivery: '/images', accountHash });
const path = `/images/${accountHash}/${id}/thumb`;
const signed = signer.signImage(path);
const token = signed.slice(path.length);
const left = Number(/exp=(\d+)/.exec(signed)![1]) - instant / 1000;
const canary: Handler = (_request, response) => {
  response.setHeader('Content-Type', 'image/webp');
  response.end('canary');
};

test('where one base is the beginning of another, `accountHash` keeps their images apart', async () => {
  const bases = { delivery: ['https://imagedelivery.net', '/images'], accountHash };
  const asked: string[] = [];
  const site = signerWith({ ...bases, authorize: (image) => asked.push(image.id) > 0 });
  const page = site.rewriteHtml(`<img src="https://imagedelivery.net${path}">`);
  expect([asked, page.includes('sig=')]).toEqual([[], false]);
  // What somebody without that option has signed for an image of the account `images`.
  const other = signerWith({ ...bases, accountHash: undefined });
  const [, foreign] = other.signImage(`https://imagedelivery.net${path}`).split('?');
  const guard = imageGuard({ ...options, ...bases } as ImageGuardOptions);
  for (const { build } of frameworks)
    await withSite(build([['/images', guard]], canary), async (port) => {
      expect((await send(port, `${path}?${foreign}`)).status).toBe(403);
      expect((await send(port, signerWith(bases).signImage(path))).status).toBe(200);
    });
});

describe.each(frameworks)('$name', (framework) => {
  const ask = (target: string, more: object = {}, handler = canary, request = {}): Promise<RawResponse> => {
    const guard = imageGuard({ ...options, ...more } as ImageGuardOptions);
    return withSite(framework.build([['/images', guard]], handler), (port) => send(port, target, request));
  };
  /** Behind the guard, by `writeHead`. */
  const answering =
    (status: number, headers: Record<string, string>): Handler =>
    (_request, response) =>
      response.writeHead(status, headers).end();

  test('refusals of a kind are equal to the last byte, for every method', async () => {
    const targets: Record<number, string[]> = {
      403: [
        path,
        path.replace('thumb', 'card') + token,
        path.replace('thumb', 'original'),
        path.replace(accountHash, otherAccount),
        signer.signImage(path, undefined, { expiresAt: instant / 1000 }),
      ],
      404: [
        '/images',
        '/images/thumb',
        `/images/${accountHash}/%20http:/preview`,
        `${path.replace(id, `${id}%20`)}`,
      ],
    };
    const headers = { 'x-http-method-override': 'GET', 'if-none-match': '*', range: 'bytes=0-1' };
    for (const [status, all] of Object.entries(targets)) {
      const seen = new Set<string>();
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'])
        for (const target of all) {
          const response = await ask(target, {}, canary, { method, headers });
          expect([method, target, response.status]).toEqual([method, target, Number(status)]);
          seen.add(JSON.stringify([response.headers.filter(([name]) => name !== 'date'), response.text]));
        }
      expect(seen.size).toBe(1);
    }
  });

  test('its mount may be anywhere: the path that counts is the one that the client sent', async () => {
    const photos = { ...options, delivery: '/photos' } as ImageGuardOptions;
    const mounts = [['/images', imageGuard(options)] as const, ['/photos', imageGuard(photos)] as const];
    await withSite(framework.build(mounts, canary), async (port) => {
      for (const [target, status] of [
        [signed, 200],
        [signed.replace('/images', '/photos'), 200], // the format signs no base
        [`/images${signed.replace('/images', '/photos')}`, 403],
        [`/photos${signed}`, 403],
      ] as const)
        expect([target, (await send(port, target)).status]).toEqual([target, status]);
    });
  });

  test('the host plays no part, nor do headers that name one', async () => {
    const whole = { delivery: 'https://shop.example/images' };
    expect((await ask(signed, whole, canary, { headers: { host: 'other.example' } })).status).toBe(200);
    const naming = { host: 'shop.example', 'x-forwarded-prefix': '/images', 'x-original-url': signed };
    expect((await ask(path, whole, canary, { headers: naming })).status).toBe(403);
  });

  const shared = { sharedCache: true };
  const year = 'max-age=31536000';
  test.each<[title: string, more: object, given: Record<string, string>, expected: string]>([
    ['nothing said', {}, {}, `private, max-age=${left}`],
    ['a shared cache', shared, {}, `public, max-age=${left}`],
    ['public, without a lifetime', {}, { 'Cache-Control': 'public' }, `private, max-age=${left}`],
    ['longer', {}, { 'Cache-Control': `public, ${year}` }, `private, max-age=${left}`],
    [
      'longer, in a shared cache',
      shared,
      { 'Cache-Control': `${year}, s-maxage=31536000` },
      `public, max-age=${left}, s-maxage=${left}`,
    ],
    ['shorter', {}, { 'Cache-Control': 'public, max-age=0' }, 'private, max-age=0'],
    ['no-cache', {}, { 'Cache-Control': 'no-cache' }, 'private, no-cache'],
    ['no-store', {}, { 'Cache-Control': 'no-store' }, 'no-store'],
    ['no-store, in a shared cache', shared, { 'Cache-Control': 'no-store' }, 'no-store'],
  ])('what it lets through lives no longer than the token: %s', async (_title, more, given, expected) => {
    for (const status of [200, 206, 304]) {
      const { header, status: got } = await ask(signed, more, answering(status, given));
      expect([got, header('cache-control')]).toEqual([status, expected]);
    }
  });

  test('what is let through with a status that is text is limited as well', async () => {
    const { header } = await ask(signed, {}, (_request, response) => {
      Object.assign(response, { statusCode: '200' });
      response.setHeader('Cache-Control', `public, ${year}`).end();
    });
    expect(header('cache-control')).toBe(`private, max-age=${left}`);
  });

  test('the time left counts from the moment at which the headers go out', async () => {
    const clock = clockAt();
    const { header } = await ask(signed, { now: clock }, (request, response) => {
      clock.advance(100);
      canary(request, response);
    });
    expect(header('cache-control')).toBe(`private, max-age=${left - 100}`);
  });

  test.each<[how: string, install: (response: ServerResponse, set: () => void) => void]>([
    ['as the headers go out', (response, set) => onHeaders(response, set)],
    [
      'as the response ends',
      (response, set) => {
        const { end } = response;
        response.end = ((...args: []) => {
          if (!response.headersSent) set();
          return end.apply(response, args as never);
        }) as never;
      },
    ],
  ])('a middleware above lengthens no life, though it sets its own %s', async (_how, install) => {
    const guard = imageGuard(options);
    const site =
      (handler: Handler): RequestListener =>
      (request, response) => {
        install(response, () => {
          for (const name of ['CDN-Cache-Control', 'Cache-Control'])
            response.setHeader(name, `public, ${year}`);
        });
        guard(request, response, () => handler(request, response));
      };
    const headers = { 'Content-Type': 'image/webp', 'Cache-Control': year };
    const list: Handler = (_request, response) =>
      response.writeHead(200, Object.entries(headers).flat()).end();
    for (const handler of [canary, answering(200, headers), list])
      for (const [target, expected] of [
        [signed, `private, max-age=${left}`],
        [path, 'no-store'],
      ] as const) {
        const { header } = await withSite(site(handler), (port) => send(port, target));
        expect(['cache-control', 'cdn-cache-control'].map(header)).toEqual([expected, undefined]);
      }
  });

  test.each([404, 500, 302])('what is answered with %d behind it is not stored', async (status) => {
    const fields = { 'CDN-Cache-Control': 'max-age=60', Expires: 'Thu, 01 Jan 2099 00:00:00 GMT' };
    const cached = answering(status, { 'Cache-Control': 'public, max-age=60', ...fields });
    const { header } = await ask(signed, shared, cached);
    expect(['cache-control', 'cdn-cache-control', 'expires'].map(header)).toEqual([
      'no-store',
      undefined,
      undefined,
    ]);
  });

  test('a throw in report refuses all the same, and mode report says nothing of caches', async () => {
    const report = (): never => {
      throw new Error('log is full');
    };
    expect((await ask(path, { report })).status).toBe(403);
    const { status, header } = await ask(path, { report, mode: 'report' });
    expect([status, header('cache-control')]).toEqual([200, undefined]);
  });
});
