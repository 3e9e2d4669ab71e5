/**
 * A clock that goes back while the site runs, by one stroke to 1970: pages pass unsigned and whole, images and the
 * endpoint are refused, and nothing that is kept anywhere brings an old token back; over every server.
 */
import type { RequestListener } from 'node:http';
import { Readable } from 'node:stream';
import express from 'express';
import express4 from 'express4';
import type Koa from 'koa';
import { describe, expect, test } from 'vitest';
import * as overFetch from '../../src/fetch.ts';
import {
  type ImageSignerEvent,
  imageGuard,
  imageSigner,
  type Middleware,
  signingEndpoint,
} from '../../src/index.ts';
import * as overKoa from '../../src/koa.ts';
import { endpointOptions } from '../support/endpoint.ts';
import { note } from '../support/events.ts';
import { frameworks, withSite } from '../support/frameworks.ts';
import { koaOf, koas } from '../support/koa-site.ts';
import { exchange, type RawRequest, type RawResponse, send } from '../support/raw.ts';
import {
  accountHash,
  base,
  countTokens,
  id,
  instant,
  signerWith,
  url,
  withoutTokens,
} from '../support/samples.ts';

const page = `<p>text</p><img src="${url()}"><img srcset="${url('card')} 2x">${'x'.repeat(5_000)}`;
const fault: ImageSignerEvent = { type: 'passed', reason: 'internal-error' };
const wrongTimes = [0, -1, Number.NaN, instant - 2 * 86_400_000];

interface Scene {
  readonly options: object;
  readonly events: ImageSignerEvent[];
  readonly asked: string[];
  time: number;
}

function createScene(): Scene {
  const events: ImageSignerEvent[] = [];
  const asked: string[] = [];
  const scene: Scene = {
    events,
    asked,
    time: instant,
    options: {
      ...base,
      now: () => scene.time,
      report: (event: ImageSignerEvent) => note(events, event),
    },
  };
  return scene;
}

/** How a page is sent: as a whole, or in chunks. */
type Sending = 'whole' | 'streamed';

const headers = {
  'Content-Type': 'text/html; charset=utf-8',
  ETag: '"a"',
  'Cache-Control': 'public, max-age=600',
};
const link = `<${url()}>; rel=preload; as=image`;

type Got = Pick<RawResponse, 'status' | 'header' | 'text'>;

function overNode(listener: RequestListener): (request: RawRequest) => Promise<Got> {
  return (request) =>
    withSite(listener, async (port) => {
      const response = await send(port, '/', request);
      expect(response.isComplete).toBe(true);
      return response;
    });
}

interface Server {
  readonly name: string;
  build(options: object, sending: Sending): (request: RawRequest) => Promise<Got>;
}

const nodeServers: readonly Server[] = frameworks.map((framework) => ({
  name: framework.name,
  build: (options, sending) =>
    overNode(
      framework.build([imageSigner(options as never)], (_request, response) => {
        for (const [name, value] of Object.entries({ ...headers, Link: link }))
          response.setHeader(name, value);
        if (sending === 'whole') return void response.end(page);
        response.write(page.slice(0, 50));
        response.end(page.slice(50));
      }),
    ),
}));

const koaServers: readonly Server[] = koas.map(([name, Application]) => ({
  name,
  build(options, sending) {
    const respond: Koa.Middleware = (ctx) => {
      ctx.set({ ...headers, Link: link });
      ctx.body = sending === 'whole' ? page : Readable.from([page.slice(0, 50), page.slice(50)]);
    };
    return overNode(koaOf(Application, [overKoa.imageSigner(options as never), respond]).callback());
  },
}));

const fetchServer: Server = {
  name: 'fetch',
  build(options, sending) {
    const sign = overFetch.imageSigner(options as never);
    const parts = (): ReadableStream<Uint8Array> =>
      ReadableStream.from([page.slice(0, 50), page.slice(50)].map((part) => new TextEncoder().encode(part)));
    return async ({ method = 'GET', headers: given = {} }) => {
      const asked = new Request('https://shop.example/', { method, headers: given });
      const answer = await sign(
        asked,
        () => new Response(sending === 'whole' ? page : parts(), { headers: { ...headers, Link: link } }),
      );
      return {
        status: answer.status,
        header: (name) => answer.headers.get(name) ?? undefined,
        text: method === 'HEAD' ? '' : await answer.text(), // of which a runtime sends none
      };
    };
  },
};

describe.each([...nodeServers, ...koaServers, fetchServer])('a page over $name', ({ build }) => {
  test.each(['whole', 'streamed'] as const)(
    'passes %s, unsigned, reported once, and is not kept',
    async (sending) => {
      for (const time of wrongTimes) {
        const scene = createScene();
        const ask = build(scene.options, sending);
        const before = await ask({});
        expect([before.status, withoutTokens(before.text), countTokens(before.text)]).toEqual([200, page, 2]);
        expect(scene.events).toEqual([]);
        scene.time = time;
        const response = await ask({});
        expect([response.status, response.text]).toEqual([200, page]);
        expect([response.header('cache-control'), response.header('etag')]).toEqual(['no-store', undefined]);
        expect(response.header('link')).toBe(link);
        expect(scene.events.splice(0)).toEqual([fault]);
        // What is remembered of pages and values is of no other time.
        scene.time = instant;
        expect((await ask({})).text).toBe(before.text);
        expect(scene.events).toEqual([]);
      }
    },
  );

  test('answers no condition with 304, whoever gave the tag out', async () => {
    const scene = createScene();
    const ask = build(scene.options, 'whole');
    const tag = (await ask({})).header('etag')!;
    scene.time = 0;
    for (const condition of [tag, '"a"', `"b", ${tag}`, '*']) {
      for (const accept of ['text/html', '*/*']) {
        const response = await ask({ headers: { 'if-none-match': condition, accept } });
        expect([response.status, response.text], `${condition} ${accept}`).toEqual([200, page]);
        expect(scene.events.splice(0)).toEqual([fault]);
      }
    }
  });

  test('has the headers of such a page for HEAD', async () => {
    const scene = createScene();
    const ask = build(scene.options, 'whole');
    scene.time = 0;
    const response = await ask({ method: 'HEAD' });
    expect([response.status, response.text]).toEqual([200, '']);
    expect([response.header('cache-control'), response.header('etag')]).toEqual(['no-store', undefined]);
    expect(scene.events).toEqual([fault]);
  });

  test('has nobody asked about its images', async () => {
    const scene = createScene();
    const authorize = (): boolean => Boolean(scene.asked.push('authorize'));
    const ask = build({ ...scene.options, authorize }, 'whole');
    scene.time = 0;
    expect((await ask({})).text).toBe(page);
    expect(scene.asked).toEqual([]);
  });
});

describe.each([
  ['Express 4', express4],
  ['Express 5', express],
] as const)('%s', (_name, create) => {
  test('views get their data unsigned, and are rendered', async () => {
    const scene = createScene();
    const app = create() as ReturnType<typeof express>;
    app.engine('all', (_path, locals, done) => {
      const { signImage, signSrcset, photo } = locals as unknown as {
        signImage(image: string, variant?: string): string;
        signSrcset(image: string): string;
        photo: string;
      };
      done(null, `<p>${[photo, signImage(url()), signImage(id, 'thumb'), signSrcset(url())].join('|')}</p>`);
    });
    app.set('view engine', 'all').set('views', import.meta.dirname);
    app.set(
      'view',
      class {
        readonly path = 'x';
        render(options: object, done: (error: unknown, text?: string) => void): void {
          (app as unknown as { engines: Record<string, (...args: unknown[]) => void> }).engines['.all']!(
            'x',
            options,
            done,
          );
        }
      },
    );
    app.use(imageSigner({ ...scene.options, rewrite: { locals: true } } as never));
    app.get('/', (_request, response) => response.render('x', { photo: url('card') }));
    scene.time = 0;
    const { status, text } = await withSite(app, (port) => send(port, '/'));
    expect([status, text]).toEqual([200, `<p>${[url('card'), url(), id, url()].join('|')}</p>`]);
    expect(scene.events).toEqual([fault]);
  });

  test('the helpers of a request throw what the signer throws', async () => {
    const scene = createScene();
    const app = create() as ReturnType<typeof express>;
    app.use(imageSigner(scene.options as never));
    app.get('/', (request, response) => {
      const errors = [() => request.signImage?.(url()), () => request.signSrcset?.(url())].map((call) => {
        try {
          return call();
        } catch (error) {
          return error;
        }
      });
      response.json(
        errors.map((error) => [(error as { code: string }).code, (error as { option: string }).option]),
      );
    });
    scene.time = 0;
    const { text } = await withSite(app, (port) => send(port, '/'));
    expect(JSON.parse(text)).toEqual([
      ['INVALID_OPTION', 'now'],
      ['INVALID_OPTION', 'now'],
    ]);
  });

  test('a second middleware with other options takes over all the same', async () => {
    const scene = createScene();
    const app = create() as ReturnType<typeof express>;
    app.use(imageSigner(scene.options as never));
    let given = '';
    app.use((request, _response, next) => {
      given = request.signImage!(url());
      scene.time = 0;
      next();
    });
    app.use(imageSigner({ ...scene.options, ttl: '1h' } as never));
    app.get('/', (_request, response) => response.type('html').send(page));
    const { status, text } = await withSite(app, (port) => send(port, '/'));
    expect(given).toContain('sig=');
    expect([status, text]).toEqual([200, page]);
  });

  test('early hints go out as they came', async () => {
    const scene = createScene();
    const app = create() as ReturnType<typeof express>;
    app.use(imageSigner(scene.options as never));
    app.get('/', (_request, response) => {
      response.writeEarlyHints({ link });
      response.type('html').send(page);
    });
    scene.time = 0;
    const raw = await withSite(app, (port) =>
      exchange(port, 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'),
    );
    expect(raw.toString()).toMatch(/^HTTP\/1\.1 103 /);
    expect(raw.toString().toLowerCase()).toContain(`link: ${link}`.toLowerCase());
    expect(scene.events).toEqual([fault]);
  });
});

describe('the guard', () => {
  const delivery = '/images';
  const path = `/images/${accountHash}/${id}/thumb`;
  const guarded = frameworks.map(({ name, build }) => ({
    name,
    build: (options: object) =>
      build([['/images', imageGuard(options as never) as Middleware]], (_request, response) =>
        response.end('canary'),
      ),
  }));
  const guardedKoa = koas.map(([name, Application]) => ({
    name,
    build(options: object) {
      const respond: Koa.Middleware = (ctx) => {
        ctx.body = 'canary';
      };
      return koaOf(Application, [overKoa.imageGuard(options as never), respond]).callback();
    },
  }));

  test.each([...guarded, ...guardedKoa])(
    'of $name refuses what has a token, and says why to report',
    async ({ build }) => {
      for (const time of wrongTimes) {
        const scene = createScene();
        const options = { ...scene.options, delivery, accountHash };
        const listener = build(options);
        const signer = signerWith({ delivery, accountHash });
        const fresh = signer.signImage(path);
        const expired = signer.signImage(path, undefined, { expiresAt: instant / 1000 - 60 });
        scene.time = time;
        for (const [target, status, reason] of [
          [fresh, 403, 'untrusted-clock'],
          [expired, 403, 'untrusted-clock'],
          [path, 403, 'missing-signature'],
          [`${path}?exp=1&sig=${'0'.repeat(64)}`, 403, 'bad-signature'],
          [`${path}/`, 404, 'not-a-delivery-url'],
        ] as const) {
          const response = await withSite(listener, (port) => send(port, target));
          expect([response.status, response.text], target).toEqual([
            status,
            status === 403 ? 'Forbidden\n' : 'Not Found\n',
          ]);
          expect(response.header('cache-control')).toBe('no-store');
          expect(scene.events.splice(0)).toMatchObject([{ type: 'refused', reason }]);
        }
        const open = await withSite(listener, (port) => send(port, path.replace('thumb', 'preview')));
        expect([open.status, open.text]).toEqual([200, 'canary']);
        expect(scene.events).toEqual([]);
      }
    },
  );

  test('forbids to keep an image while whose headers leave the clock goes back', async () => {
    for (const time of wrongTimes) {
      const scene = createScene();
      const listener = frameworks
        .at(-1)!
        .build(
          [['/images', imageGuard({ ...scene.options, delivery } as never) as Middleware]],
          (_request, response) => {
            scene.time = time;
            response.setHeader('Cache-Control', 'public, max-age=31536000');
            response.end('canary');
          },
        );
      const { status, header } = await withSite(listener, (port) =>
        send(port, signerWith({ delivery }).signImage(path)),
      );
      expect([status, header('cache-control')]).toEqual([200, 'no-store']);
    }
  });
});

describe('the endpoint', () => {
  const target = `/sign/${url()}`;

  test.each(['node', 'fetch'])('of %s refuses, asks nobody, and says why to report', async (kind) => {
    for (const time of wrongTimes) {
      const scene = createScene();
      const authorize = (): boolean => Boolean(scene.asked.push('authorize'));
      const options = endpointOptions({ ...scene.options, path: '/sign', authorize });
      const node = signingEndpoint(options);
      const web = overFetch.signingEndpoint(options as never);
      scene.time = time;
      const refused =
        kind === 'node'
          ? await withSite(node, (port) => send(port, target))
          : await web(new Request(`https://shop.example${target}`)).then(async (response) => ({
              status: response.status,
              text: await response.text(),
              header: (name: string) => response.headers.get(name) ?? undefined,
            }));
      expect([refused.status, refused.text, refused.header('cache-control')]).toEqual([
        403,
        'This image is not signed for you.\n',
        'no-store',
      ]);
      expect(scene.asked).toEqual([]);
      expect(scene.events.splice(0)).toEqual([{ type: 'refused', url: url(), reason: 'untrusted-clock' }]);
    }
  });

  test('signs nothing where the clock goes back while authorize thinks, and still gives what is public', async () => {
    const scene = createScene();
    const authorize = async (): Promise<boolean> => {
      await undefined;
      scene.time = 0;
      return true;
    };
    const endpoint = signingEndpoint(endpointOptions({ ...scene.options, path: '/sign', authorize }));
    await withSite(endpoint, async (port) => {
      const response = await send(port, '/sign', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ urls: [url(), url('preview')] }),
      });
      expect(JSON.parse(response.text)).toEqual({
        urls: {
          [url()]: { error: 'This image is not signed for you.' },
          [url('preview')]: { url: url('preview') },
        },
      });
      expect((await send(port, `/sign/${url('preview')}`)).text).toBe(url('preview'));
    });
    expect(scene.events).toEqual([{ type: 'refused', url: url(), reason: 'untrusted-clock' }]);
  });
});

test('a clock that gives rejected promises ends no process: its signer is refused, and pages pass unsigned', async () => {
  const rejections: unknown[] = [];
  const note = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', note);
  try {
    const rejecting = (): Promise<number> => Promise.reject(new Error('on purpose'));
    expect(() => signerWith({ now: rejecting as never })).toThrow(/got one that says/);
    let now: () => unknown = () => instant;
    const signer = signerWith({ now: (() => now()) as never });
    const signed = signer.signImage(url());
    now = rejecting;
    expect(signer.verifyImage(signed).ok).toBe(false);
    expect(() => signer.signImage(url())).toThrow(/now/);
    await withSite(
      frameworks[0]!.build([imageSigner({ signer, report: false })], (_request, response) => {
        response.setHeader('Content-Type', 'text/html').end(page);
      }),
      async (port) => expect((await send(port, '/')).text).toBe(page),
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(rejections).toEqual([]);
  } finally {
    process.off('unhandledRejection', note);
  }
});
