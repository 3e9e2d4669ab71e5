/**
 * `key` as a function: the first request waits for it, a failure is a 503, and a new key takes hold while the site runs.
 * Longer than most files: what a function may do, over every adapter, and for a signer alone.
 */
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
  type ImageSignerEvent,
  imageGuard,
  imageSigner,
  type Signer,
} from '../../src/index.ts';
import { imageSigner as signKoa } from '../../src/koa.ts';
import { type Listening, listeners } from '../conformance/drivers/listeners.ts';
import { type RawRequest, type RawResponse, send } from '../support/http/raw.ts';
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
import { servers } from '../support/servers/any-server.ts';
import { withApp } from '../support/servers/fastify-site.ts';
import { frameworks, withSite } from '../support/servers/frameworks.ts';

const first = 'the-first-key-of-the-site-for-tests';
const second = 'the-second-key-of-the-site-for-tests';
const page = `<p>text</p><img src="${url()}">`;

interface Made {
  readonly signer: Signer;
  readonly events: ImageSignerEvent[];
  readonly clock: ReturnType<typeof clockAt>;
}

/** @param key - the function */
function made(key: () => unknown, more: object = {}): Made {
  const events: ImageSignerEvent[] = [];
  const clock = clockAt();
  const report = (event: ImageSignerEvent): void => void (event.type === 'rewritten' || events.push(event));
  const delivery = ['https://imagedelivery.net', '/images'];
  const signer = createSigner({ ...base, key, accountHash, delivery, now: clock, report, ...more } as never);
  return { signer, events, clock };
}

type Get = (target: string, headers?: RawRequest['headers']) => Promise<RawResponse>;

/** A page with an image, the endpoint, and images behind the guard. */
async function serve({ build }: Listening, signer: Signer, use: (get: Get) => Promise<void>): Promise<void> {
  const tag = 'W/"app"';
  const listener = await build({
    signers: [{ signer }],
    endpoint: { signer, authorize: () => true },
    guard: { signer },
    answer: ({ target, header }) => {
      if (target !== '/') return { body: 'image' };
      const headers = { 'Content-Type': 'text/html', ETag: tag };
      return header('if-none-match') === tag ? { status: 304, headers, body: null } : { headers, body: page };
    },
  });
  await withSite(listener, (port) => use((target, headers = {}) => send(port, target, { headers })));
}

/** By a signer with one key of text: for the guard. */
function imagePath(key: string): string {
  const options = { key, delivery: ['/images'], accountHash };
  return signerWith(options).signImage(`/images/${accountHash}/${id}/thumb`);
}

const signedBy = (key: string): string => signerWith({ key }).signImage(url());
const signTarget = `/sign?url=${encodeURIComponent(url())}`;
const targets = ['/', signTarget, imagePath(first)];
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A function that a test answers for. */
function byHand() {
  const waiting: ((answer: unknown) => void)[] = [];
  return { key: (): Promise<unknown> => new Promise((resolve) => void waiting.push(resolve)), waiting };
}

const unhandled = vi.fn();
process.on('unhandledRejection', unhandled);
afterEach(async () => {
  vi.useRealTimers();
  await settle();
  expect(unhandled).not.toHaveBeenCalled();
});

describe.each(listeners)('$name', (site) => {
  test('the first requests wait for the key, which is asked for once', async () => {
    const { key, waiting } = byHand();
    await serve(site, made(key).signer, async (get) => {
      const answers = Promise.all(targets.map((target) => get(target)));
      await vi.waitFor(() => expect(waiting.length).toBeGreaterThan(0));
      waiting[0]!(first);
      expect((await answers).map(({ status, text }) => [status, text])).toEqual([
        [200, page.replace(url(), signedBy(first).replace('&', '&amp;'))],
        [200, signedBy(first)],
        [200, 'image'],
      ]);
      expect(waiting).toHaveLength(1);
    });
  });

  test('without a key the answer is 503 that says when to come again, and then the key is asked for again', async () => {
    const error = new Error('the store is away');
    let fails = true;
    const { signer, events, clock } = made(async () => {
      if (fails) throw error;
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
      expect(events).toEqual(targets.map(() => ({ type: 'key-unavailable', error, hasKey: false })));
      fails = false;
      for (const target of targets) expect((await get(target)).status).toBe(200);
    });
  });

  test('a function that hangs is a 503 after ten seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { key, waiting } = byHand();
    await serve(site, made(key).signer, async (get) => {
      const answer = get('/');
      while (waiting.length === 0) await settle();
      vi.advanceTimersByTime(10_000);
      expect((await answer).status).toBe(503);
      waiting[0]!(first);
      expect((await get('/')).status).toBe(200);
      expect(waiting).toHaveLength(1);
    });
  });

  test('a new key changes tokens and entity tags, and the old one verifies as long as it is listed', async () => {
    let keys: unknown = first;
    let gate: Promise<unknown> = Promise.resolve();
    const { signer, clock } = made(async () => {
      await gate;
      return keys;
    });
    await serve(site, signer, async (get) => {
      const ifNot = async (tag: string) => (await get('/', { 'if-none-match': tag })).status;
      const guarded = async () => [
        (await get(imagePath(first))).status,
        (await get(imagePath(second))).status,
      ];
      const before = await get('/');
      const tag = before.header('etag')!;
      // Often enough for every cache to hold it.
      for (let time = 0; time < 3; time++) expect((await get('/')).text).toBe(before.text);
      expect(await ifNot(tag)).toBe(304);

      keys = [second, first];
      clock.advance(299);
      expect(await ifNot(tag)).toBe(304);
      clock.advance(1);
      const { key, waiting } = byHand();
      gate = key();
      expect((await get('/')).text).toBe(before.text); // it does not wait
      waiting[0]!(undefined);
      await settle();
      const after = await get('/', { 'if-none-match': tag });
      expect([after.status, withoutTokens(after.text), countTokens(after.text)]).toEqual([200, page, 1]);
      expect(after.text).toContain(signedBy(second).replace('&', '&amp;'));
      expect(after.header('etag')).not.toBe(tag);
      for (let time = 0; time < 3; time++) expect((await get('/')).text).toBe(after.text);
      expect(await ifNot(after.header('etag')!)).toBe(304);
      expect((await get(signTarget)).text).toBe(signedBy(second));
      expect(await guarded()).toEqual([200, 200]);

      keys = second;
      clock.advance(300);
      await get('/');
      await settle();
      expect(await guarded()).toEqual([403, 200]);
    });
  });

  const throwing = (): never => {
    throw new Error('away');
  };
  test.each<[what: string, later: () => unknown]>([
    ['fails', () => Promise.reject(new Error('away'))],
    ['throws', throwing],
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
      const event = { type: 'key-unavailable', error: expect.any(Error), hasKey: true };
      expect(events).toEqual([event, event, event]);
      expect(inspect(events, { depth: 9 })).not.toContain(second);
    });
  });
});

test.each(frameworks)(
  '$name: a guard that only reports lets images pass without a key, and blames none of them',
  async ({ build }) => {
    const { signer, events } = made(async () => undefined);
    const guard = imageGuard({ signer, mode: 'report' });
    const app = build([['/images', guard]], (_request, response) => response.end('image'));
    const response = await withSite(app, (port) => send(port, imagePath(second)));
    expect([response.status, response.text]).toEqual([200, 'image']);
    expect(events.map(({ type }) => type)).toEqual(['key-unavailable']);
  },
);

describe('the error handler of the app gets the error, and answers', () => {
  const { signer } = made(async () => undefined);
  type Build = (hear: (error: unknown) => string) => RequestListener;
  const overExpress =
    (create: typeof express): Build =>
    (hear) => {
      const answer: ErrorRequestHandler = (error, _request, response, _next) =>
        void response.status(error.status).set(error.headers).send(hear(error));
      return create().use(imageSigner({ signer })).use(answer);
    };
  const overKoa: Build = (hear) => {
    const app = new Koa().use((ctx, next) =>
      next().catch((error) => void Object.assign(ctx, { status: error.status, body: hear(error) })),
    );
    return app.use(signKoa({ signer })).callback();
  };
  const overHono: Build = (hear) => {
    const app = new Hono().use(signHono({ signer }));
    app.onError((error, c) => c.text(hear(error), 503));
    return getRequestListener(app.fetch);
  };

  test.each<[string, Build]>([
    ['Express 5', overExpress(express)],
    ['Express 4', overExpress(express4 as unknown as typeof express)],
    ['Koa', overKoa],
    ['Hono', overHono],
  ])('%s', async (name, build) => {
    const heard: unknown[] = [];
    const app = build((error) => {
      heard.push(error);
      return 'sorry';
    });
    const response = await withSite(app, (port) => send(port, '/'));
    expect([response.status, response.text]).toEqual([503, 'sorry']);
    if (name.startsWith('Express')) expect(response.header('retry-after')).toBe('1');
    expect(heard).toMatchObject([{ code: 'KEY_UNAVAILABLE', status: 503, cause: { option: 'key' } }]);
  });

  test('Fastify', async () => {
    await withApp(
      (app) => {
        app.setErrorHandler((error: { code?: string }, _request, reply) => reply.code(503).send(error.code));
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
  const unavailable = { code: 'KEY_UNAVAILABLE', status: 503, statusCode: 503 };

  test('throws KEY_UNAVAILABLE until the key is there, and signs after `ready`', async () => {
    const { key, waiting } = byHand();
    const { signer } = made(key);
    const calls: readonly (() => unknown)[] = [
      () => signer.signImage(url()),
      () => signer.signSrcset(url()),
      () => signer.rewriteHtml(page),
      () => signer.htmlRewriter(),
      () => signer.htmlStream(),
      () => explainUrl(signedBy(first), { signer }),
    ];
    for (const call of calls) expect(call).toThrow(expect.objectContaining(unavailable));
    expect(signer.verifyImage(signedBy(first))).toMatchObject({ ok: false, reason: 'bad-signature' });
    expect(waiting).toHaveLength(1);
    const ready = signer.ready();
    waiting[0]!([first]);
    await ready;
    for (const call of calls) expect(call).not.toThrow();
    expect(signer.signImage(url())).toBe(signedBy(first));
    expect(explainUrl(signedBy(first), { signer }).ok).toBe(true);
  });

  test('`ready` is rejected by a failure, and a call after the pause asks again', async () => {
    const answers: unknown[] = [Promise.reject(new Error('away')), '', 42, first];
    const { signer, clock } = made(() => answers.shift());
    const away = { code: 'KEY_UNAVAILABLE', cause: new Error('away'), headers: { 'Retry-After': '1' } };
    for (const [pause, error] of [
      [0, away],
      [0, away],
      [1, { cause: { code: 'INVALID_OPTION', option: 'key' } }],
      [2, { cause: { message: expect.stringContaining('a number') } }],
    ] as const) {
      clock.advance(pause);
      await expect(signer.ready()).rejects.toMatchObject(error);
    }
    clock.advance(4);
    await expect(signer.ready()).resolves.toBeUndefined();
  });

  test('with a function that is not asynchronous never waits, and hears of the environment', () => {
    const environment: { KEY?: string } = {};
    const { signer, clock } = made(() => environment.KEY);
    const error = expect.objectContaining({ cause: expect.objectContaining({ option: 'key' }) });
    expect(() => signer.signImage(url())).toThrow(error);
    environment.KEY = first;
    clock.advance(1);
    expect(signer.signImage(url())).toBe(signedBy(first));
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
    expect(after).toBe(signedBy(second));
    expect(signer.verifyImage(before)).toMatchObject({ ok: true, keyIndex: 1 });
    expect(signer.verifyImage(after)).toMatchObject({ ok: true, keyIndex: 0 });
    // A page replaces a token of the old key, except one that was given out with a ttl of its own.
    expect(signer.rewriteHtml(`<img src="${before}">`)).toContain(after.replace('&', '&amp;'));
    expect(signer.rewriteHtml(`<img src="${custom}">`)).toContain(custom);
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
  const key = (): string => first;
  for (const [other, told] of [
    [key, []],
    [() => first, ['installed-twice']],
  ] as const) {
    const types: string[] = [];
    const report = ({ type }: ImageSignerEvent): void => void types.push(type);
    const signs = [key, other].map((each) => imageSigner({ ...base, report, key: each }));
    await withSite(
      frameworks[0]!.build(signs, (_request, response) => response.end('text')),
      (port) => send(port, '/'),
    );
    expect(types).toEqual(told);
  }
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
