/** `key` as a function: the first request waits for it, a failure is a 503, and a new key takes hold while the site runs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { getRequestListener } from '@hono/node-server';
import express, { type ErrorRequestHandler } from 'express';
import express4 from 'express4';
import { Hono } from 'hono';
import Koa from 'koa';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { explainUrl } from '../../src/diagnosis.ts';
import { imageSigner as signFastify } from '../../src/fastify.ts';
import { imageSigner as signHono } from '../../src/hono.ts';
import {
  createSigner,
  type ImageSignerError,
  type ImageSignerEvent,
  imageGuard,
  imageSigner,
  type Signer,
} from '../../src/index.ts';
import { imageSigner as signKoa } from '../../src/koa.ts';
import { servers } from '../support/any-server.ts';
import { withApp } from '../support/fastify-site.ts';
import { frameworks, withSite } from '../support/frameworks.ts';
import { type KeySite, keySites, page } from '../support/key-sites.ts';
import { type RawRequest, type RawResponse, send } from '../support/raw.ts';
import { shareOf } from '../support/run-length.ts';
import {
  accountHash,
  base,
  clockAt,
  countTokens,
  id,
  signerWith,
  url,
  withoutTokens,
} from '../support/samples.ts';
import { seed } from '../support/seed.ts';

const first = 'the-first-key-of-the-site-for-tests';
const second = 'the-second-key-of-the-site-for-tests';

interface Made {
  readonly signer: Signer;
  readonly events: ImageSignerEvent[];
  readonly clock: ReturnType<typeof clockAt>;
}

/** @param key - the function */
function made(key: () => unknown, more: object = {}): Made {
  const events: ImageSignerEvent[] = [];
  const clock = clockAt();
  const signer = createSigner({
    ...base,
    key,
    accountHash,
    delivery: ['https://imagedelivery.net', '/images'],
    now: clock,
    report: (event: ImageSignerEvent) => events.push(event),
    ...more,
  } as never);
  return { signer, events, clock };
}

type Get = (target: string, headers?: RawRequest['headers']) => Promise<RawResponse>;

async function serve(site: KeySite, signer: Signer, use: (get: Get) => Promise<void>): Promise<void> {
  await withSite(await site.build(signer), (port) =>
    use((target, headers = {}) => send(port, target, { headers })),
  );
}

/** By a signer with one key of text: for the guard. */
function imagePath(key: string): string {
  const options = { key, delivery: ['/images'], accountHash };
  return signerWith(options).signImage(`/images/${accountHash}/${id}/thumb`);
}

const signTarget = `/sign?url=${encodeURIComponent(url())}`;

function byHand() {
  const waiting: { resolve(answer: unknown): void; reject(error: unknown): void }[] = [];
  const key = (): Promise<unknown> =>
    new Promise((resolve, reject) => void waiting.push({ resolve, reject }));
  return { key, waiting };
}

const unhandled = vi.fn();
process.on('unhandledRejection', unhandled);
afterEach(async () => {
  vi.useRealTimers();
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).not.toHaveBeenCalled();
});

describe.each(shareOf(keySites, 2, seed))('$name', (site) => {
  const targets = ['/', signTarget, ...(site.hasGuard ? [imagePath(first)] : [])];

  test('the first requests wait for the key, which is asked for once', async () => {
    const { key, waiting } = byHand();
    const { signer } = made(key);
    await serve(site, signer, async (get) => {
      const answers = Promise.all(targets.map((target) => get(target)));
      await vi.waitFor(() => expect(waiting.length).toBeGreaterThan(0));
      waiting[0]!.resolve(first);
      const [signed, endpoint, image] = await answers;
      expect([signed!.status, countTokens(signed!.text), withoutTokens(signed!.text)]).toEqual([
        200,
        1,
        page,
      ]);
      expect(signed!.text).toContain(signerWith({ key: first }).signImage(url()).replace('&', '&amp;'));
      expect([endpoint!.status, endpoint!.text]).toEqual([200, signerWith({ key: first }).signImage(url())]);
      if (site.hasGuard) expect([image!.status, image!.text]).toEqual([200, 'image']);
      expect(waiting).toHaveLength(1);
    });
  });

  test('without a key the answer is 503 that says when to come again, and then the key is asked for again', async () => {
    let fails = true;
    const { signer, events, clock } = made(async () => {
      if (fails) throw new Error('the store is away');
      return first;
    });
    await serve(site, signer, async (get) => {
      for (const [index, target] of targets.entries()) {
        expect((await get(target)).status).toBe(503);
        const response = await get(target); // within the pause: the function is left alone
        expect([target, response.status]).toEqual([target, 503]);
        expect(response.header('retry-after')).toBe(String(2 ** index));
        clock.advance(2 ** index);
        expect(response.text).not.toMatch(/<img|sig=|image$/);
        expect(response.header('cache-control') ?? 'no-store').toBe('no-store');
      }
      expect(events).toEqual(
        targets.map(() => ({
          type: 'key-unavailable',
          error: new Error('the store is away'),
          hasKey: false,
        })),
      );
      fails = false;
      for (const target of targets) expect((await get(target)).status).toBe(200);
    });
  });

  test('a function that hangs is a 503 after ten seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { key, waiting } = byHand();
    const { signer } = made(key);
    await serve(site, signer, async (get) => {
      const answer = get('/');
      while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(10_000);
      expect((await answer).status).toBe(503);
      waiting[0]!.resolve(first);
      expect((await get('/')).status).toBe(200);
      expect(waiting).toHaveLength(1);
    });
  });

  test('a new key changes tokens and entity tags, and the old one verifies as long as it is listed', async () => {
    let keys: unknown = first;
    let gate = Promise.resolve();
    const { signer, clock } = made(async () => {
      await gate;
      return keys;
    });
    const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    await serve(site, signer, async (get) => {
      const guarded = async (key: string): Promise<number> =>
        site.hasGuard ? (await get(imagePath(key))).status : 0;
      const before = await get('/');
      const tag = before.header('etag')!;
      // Often enough for every cache to hold it.
      for (let time = 0; time < 3; time++) expect((await get('/')).text).toBe(before.text);
      expect((await get('/', { 'if-none-match': tag })).status).toBe(304);

      keys = [second, first];
      clock.advance(299);
      expect((await get('/', { 'if-none-match': tag })).status).toBe(304);
      clock.advance(1);
      let open = (): void => {};
      gate = new Promise((resolve) => {
        open = resolve;
      });
      expect((await get('/')).text).toBe(before.text); // it does not wait
      open();
      await settle();
      const after = await get('/', { 'if-none-match': tag });
      expect([after.status, withoutTokens(after.text), countTokens(after.text)]).toEqual([200, page, 1]);
      expect(after.text).toContain(signerWith({ key: second }).signImage(url()).replace('&', '&amp;'));
      expect(after.header('etag')).not.toBe(tag);
      for (let time = 0; time < 3; time++) expect((await get('/')).text).toBe(after.text);
      expect((await get('/', { 'if-none-match': after.header('etag')! })).status).toBe(304);
      expect((await get(signTarget)).text).toBe(signerWith({ key: second }).signImage(url()));
      expect([await guarded(first), await guarded(second)]).toEqual(site.hasGuard ? [200, 200] : [0, 0]);

      keys = second;
      clock.advance(300);
      await get('/');
      await settle();
      expect([await guarded(first), await guarded(second)]).toEqual(site.hasGuard ? [403, 200] : [0, 0]);
    });
  });

  test.each<[what: string, later: () => unknown]>([
    ['fails', () => Promise.reject(new Error('away'))],
    [
      'throws',
      () => {
        throw new Error('away');
      },
    ],
    ['hangs', () => new Promise(() => {})],
    ['gives nonsense', () => ({ key: second })],
    ['gives an empty text', async () => ''],
  ])('while the function %s, the last key stays', async (_what, later) => {
    let key: () => unknown = () => first;
    const { signer, clock, events } = made(() => key());
    await serve(site, signer, async (get) => {
      const before = await get('/');
      key = later;
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      for (let time = 0; time < 3; time++) {
        clock.advance(300);
        const response = await get('/');
        expect([response.status, response.text]).toEqual([200, before.text]);
        vi.advanceTimersByTime(10_000);
      }
      expect(events.filter(({ type }) => type === 'key-unavailable')).toEqual(
        [1, 2, 3].map(() => ({ type: 'key-unavailable', error: expect.any(Error), hasKey: true })),
      );
      expect(inspect(events, { depth: 9 })).not.toContain(second);
    });
  });
});

test.each(frameworks)(
  '$name: a guard that only reports lets images pass without a key, and blames none of them',
  async ({ build }) => {
    const { signer, events } = made(async () => undefined);
    const app = build([['/images', imageGuard({ signer, mode: 'report' })]], (_request, response) =>
      response.end('image'),
    );
    const response = await withSite(app, (port) => send(port, imagePath(second)));
    expect([response.status, response.text]).toEqual([200, 'image']);
    expect(events.map(({ type }) => type)).toEqual(['key-unavailable']);
  },
);

describe('the error handler of the app gets the error, and answers', () => {
  const { signer } = made(async () => undefined);
  const handlers: readonly [name: string, build: (hear: (error: unknown) => string) => RequestListener][] = [
    ...[express, express4 as unknown as typeof express].map((create, index): (typeof handlers)[number] => [
      `Express ${5 - index}`,
      (hear) => {
        const app = create();
        app.use(imageSigner({ signer }));
        const answer: ErrorRequestHandler = (error, _request, response, _next) =>
          void response.status(error.status).send(hear(error));
        return app.use(answer);
      },
    ]),
    [
      'Koa',
      (hear) => {
        const app = new Koa();
        app.use((ctx, next) =>
          next().catch((error) => {
            ctx.status = error.status;
            ctx.body = hear(error);
          }),
        );
        return app.use(signKoa({ signer })).callback();
      },
    ],
    [
      'Hono',
      (hear) => {
        const app = new Hono().use(signHono({ signer }));
        app.onError((error, c) => c.text(hear(error), 503));
        return getRequestListener(app.fetch);
      },
    ],
  ];

  test.each(handlers)('%s', async (_name, build) => {
    const heard: unknown[] = [];
    const app = build((error) => {
      heard.push(error);
      return 'sorry';
    });
    const response = await withSite(app, (port) => send(port, '/'));
    expect([response.status, response.text]).toEqual([503, 'sorry']);
    expect(heard).toMatchObject([{ code: 'KEY_UNAVAILABLE', status: 503, cause: { option: 'key' } }]);
  });

  test('Fastify', async () => {
    await withApp(
      (app) => {
        app.setErrorHandler((error, _request, reply) =>
          reply.code(503).send((error as { readonly code?: string }).code),
        );
        return app.register(signFastify, { signer }).get('/', () => 'page');
      },
      async (get) => {
        const response = await get('/');
        expect([response.status, response.text]).toEqual([503, 'KEY_UNAVAILABLE']);
      },
    );
  });
});

describe('a signer', () => {
  function errorOf(run: () => unknown): ImageSignerError {
    try {
      run();
    } catch (error) {
      return error as ImageSignerError;
    }
    throw new Error('nothing was thrown');
  }

  test('throws KEY_UNAVAILABLE until the key is there, and signs after `ready`', async () => {
    const { key, waiting } = byHand();
    const { signer } = made(key);
    const calls: readonly (() => unknown)[] = [
      () => signer.signImage(url()),
      () => signer.signSrcset(url()),
      () => signer.rewriteHtml(page),
      () => signer.htmlRewriter(),
      () => signer.htmlStream(),
    ];
    for (const call of calls)
      expect(errorOf(call)).toMatchObject({ code: 'KEY_UNAVAILABLE', status: 503, statusCode: 503 });
    expect(signer.verifyImage(signerWith({ key: first }).signImage(url()))).toMatchObject({
      ok: false,
      reason: 'bad-signature',
    });
    expect(waiting).toHaveLength(1);
    const ready = signer.ready();
    waiting[0]!.resolve([first]);
    await ready;
    for (const call of calls) expect(call).not.toThrow();
    expect(signer.signImage(url())).toBe(signerWith({ key: first }).signImage(url()));
  });

  test('`ready` is rejected by a failure, and a call after the pause asks again', async () => {
    const answers: unknown[] = [Promise.reject(new Error('away')), '', 42, first];
    const { signer, clock } = made(() => answers.shift());
    const away = { code: 'KEY_UNAVAILABLE', cause: new Error('away'), headers: { 'Retry-After': '1' } };
    for (let call = 0; call < 2; call++) await expect(signer.ready()).rejects.toMatchObject(away);
    clock.advance(1);
    await expect(signer.ready()).rejects.toMatchObject({ cause: { code: 'INVALID_OPTION', option: 'key' } });
    clock.advance(2);
    await expect(signer.ready()).rejects.toMatchObject({
      cause: { message: expect.stringContaining('a number') },
    });
    clock.advance(4);
    await expect(signer.ready()).resolves.toBeUndefined();
  });

  test('with a function that is not asynchronous never waits, and hears of the environment', () => {
    const environment: { KEY?: string } = {};
    const { signer, clock } = made(() => environment.KEY);
    expect(errorOf(() => signer.signImage(url()))).toMatchObject({ cause: { option: 'key' } });
    environment.KEY = first;
    clock.advance(1);
    expect(signer.signImage(url())).toBe(signerWith({ key: first }).signImage(url()));
  });

  test('with a text is ready at once', async () => {
    await expect(signerWith().ready()).resolves.toBeUndefined();
  });

  test.each([
    ['1m', 60],
    [90, 90],
    [undefined, 300],
  ])('with `keyRefresh` %s asks again after %i seconds', (keyRefresh, seconds) => {
    const key = vi.fn(() => first);
    const { signer, clock } = made(key, { keyRefresh });
    signer.signImage(url());
    clock.advance(seconds - 1);
    signer.signImage(url());
    expect(key).toHaveBeenCalledTimes(1);
    clock.advance(1);
    signer.verifyImage(url());
    expect(key).toHaveBeenCalledTimes(2);
  });

  test('drops the URLs of the old key, and tells by `keyIndex` which key a URL is by', () => {
    let keys: unknown = first;
    const { signer, clock } = made(() => keys);
    const before = signer.signImage(url());
    const custom = signer.signImage(url(), 'card', { ttl: '10d' });
    keys = [second, first];
    clock.advance(300);
    const after = signer.signImage(url());
    expect(after).toBe(signerWith({ key: second }).signImage(url()));
    expect(signer.verifyImage(before)).toMatchObject({ ok: true, keyIndex: 1 });
    expect(signer.verifyImage(after)).toMatchObject({ ok: true, keyIndex: 0 });
    // A page replaces a token of the old key, except one that was given out with a ttl of its own.
    expect(signer.rewriteHtml(`<img src="${before}">`)).toContain(after.replace('&', '&amp;'));
    expect(signer.rewriteHtml(`<img src="${custom}">`)).toContain(custom);
  });

  test('explains URLs once there is a key', async () => {
    const { signer } = made(async () => first);
    const signed = signerWith({ key: first }).signImage(url());
    expect(errorOf(() => explainUrl(signed, { signer }))).toMatchObject({ code: 'KEY_UNAVAILABLE' });
    await signer.ready();
    expect(explainUrl(signed, { signer }).ok).toBe(true);
  });

  test('shows no key, nor does an error', async () => {
    const { signer } = made(() => first);
    await signer.ready();
    const nonsense = made(() => `${second}\n`).signer;
    const error: unknown = await nonsense.ready().catch((caught: unknown) => caught);
    const shown =
      inspect([signer, nonsense, error], { depth: 12, showHidden: true }) + JSON.stringify([signer, error]);
    expect(shown).not.toContain(first);
    expect(shown).not.toContain(second);
  });
});

test.each(servers)('$name: a response that began under the old key has no entity tag', async ({ build }) => {
  let keys = first;
  const { signer, clock } = made(() => keys);
  const ask = build({ signer }, (signImage) => {
    const issued = signImage(url());
    if (keys === first) {
      keys = second;
      clock.advance(300);
      signer.signImage(url()); // a use elsewhere, which asks for the key
    }
    const body = `${page}<img src="${issued.replace('&', '&amp;')}">`;
    return { headers: { 'content-type': 'text/html', etag: '"app"' }, body };
  });
  const during = await ask();
  expect([during.status, during.header('etag'), countTokens(during.text)]).toEqual([200, undefined, 2]);
  expect((await ask()).header('etag')).toMatch(/^W\/"app/);
});

test('two middlewares with one function are one, and with two functions are two', async () => {
  const twins = async (one: () => string, other: () => string): Promise<string[]> => {
    const types: string[] = [];
    const report = ({ type }: ImageSignerEvent): void => void types.push(type);
    const { authorize: _, ...options } = { ...base, report };
    const before = imageSigner({ ...options, key: one } as never);
    const after = imageSigner({ ...options, key: other } as never);
    await withSite(
      (request, response) =>
        before(request, response, () => after(request, response, () => response.end('text'))),
      (port) => send(port, '/'),
    );
    return types;
  };
  const key = (): string => first;
  expect(await twins(key, key)).toEqual([]);
  expect(await twins(key, () => first)).toEqual(['installed-twice']);
});

test('a process ends although the function never answers', async () => {
  const program = `
    import { createSigner } from ${JSON.stringify(join(import.meta.dirname, '../../src/index.ts'))};
    const key = () => new Promise(() => {});
    const signer = createSigner({ key, ttl: '1d', variants: ['thumb'] });
    signer.ready().then(() => console.log('ready'), () => console.log('given up'));
    console.log('asked');
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    cwd: join(import.meta.dirname, '../..'),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  // A timer that kept it alive would have given the function up first.
  expect([code, output.trim()]).toEqual([0, 'asked']);
});
