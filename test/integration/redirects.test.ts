/** Redirects to an image as each framework sends them by itself, and in every form that `writeHead` takes. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Express } from 'express';
import expressFour from 'express4';
import fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { describe, expect, test } from 'vitest';
import { imageSigner as signFastify } from '../../src/fastify.ts';
import { imageSigner as signFetch } from '../../src/fetch.ts';
import { imageSigner as signHono } from '../../src/hono.ts';
import { type ImageSignerEvent, imageSigner } from '../../src/index.ts';
import { imageSigner as signKoa } from '../../src/koa.ts';
import { type Framework, frameworks, type Handler, withSite } from '../support/frameworks.ts';
import { exchangeLater } from '../support/in-memory.ts';
import { send } from '../support/raw.ts';
import { base, signerWith, url } from '../support/samples.ts';

const options = { ...base, rewrite: { location: true } };
const signed = signerWith().signImage(url());

interface Sent {
  readonly status: number;
  header(name: string): string | undefined;
  readonly text: string;
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;
const ask = (listener: Listener, accept = 'text/html'): Promise<Sent> =>
  exchangeLater(listener, '/avatar/7', { accept }, 'GET');

const asSent = async (response: Response): Promise<Sent> => ({
  status: response.status,
  header: (name) => response.headers.get(name) ?? undefined,
  text: await response.text(),
});

function expressApp(create: () => Express, status: number): Listener {
  const app = create().use(imageSigner(options));
  return app.get('/avatar/7', (_request, response) =>
    response.redirect(status, url()),
  ) as unknown as Listener;
}

const redirects: Readonly<Record<string, (status: 301 | 302 | 307, accept: string) => Promise<Sent>>> = {
  'res.redirect of Express 5': (status, accept) => ask(expressApp(express, status), accept),
  'res.redirect of Express 4': (status, accept) => ask(expressApp(expressFour, status), accept),
  'ctx.redirect of Koa': (status, accept) => {
    const app = new Koa().use(signKoa(options as never));
    app.use((context) => {
      context.status = status;
      context.redirect(url());
    });
    return ask(app.callback(), accept);
  },
  'reply.redirect of Fastify': async (status) => {
    const app = fastify();
    await app.register(signFastify, options as never);
    app.get('/avatar/7', (_request, reply) => reply.redirect(url(), status));
    const { statusCode, headers, body } = await app.inject('/avatar/7');
    return { status: statusCode, header: (name) => headers[name]?.toString(), text: body };
  },
  'c.redirect of Hono': async (status) => {
    const app = new Hono().use(signHono(options as never));
    app.get('/avatar/7', (context) => context.redirect(url(), status));
    return asSent(await app.request('/avatar/7'));
  },
  'Response.redirect, whose headers cannot be changed': async (status) => {
    const sign = signFetch(options as never);
    const request = new Request('https://shop.example/avatar/7');
    return asSent(await sign(request, () => Response.redirect(url(), status)));
  },
};

describe.each(Object.entries(redirects))('%s', (_name, redirect) => {
  test.each([301, 302, 307] as const)('%d leads to the signed image, and is private', async (status) => {
    for (const accept of ['text/html', 'text/plain', 'application/json']) {
      const got = await redirect(status, accept);
      expect([got.status, got.header('location')]).toEqual([status, signed]);
      expect(got.header('cache-control')).toBe('private, no-cache');
    }
  });
});

describe.each(frameworks)('$name', (framework: Framework) => {
  const sent = async (handler: Handler, more: object = {}) => {
    const listener = framework.build([imageSigner({ ...options, ...more } as never)], handler);
    return withSite(listener, (port) => send(port, '/'));
  };

  test.each<[title: string, handler: Handler]>([
    ['an object', (_, response) => response.writeHead(302, { Location: url() }).end()],
    [
      'a reason and an object',
      (_, response) => response.writeHead(302, 'Over There', { location: url() }).end(),
    ],
    ['a flat list', (_, response) => response.writeHead(302, ['LOCATION', url(), 'X-App', 'a']).end()],
    [
      'a list of pairs',
      (_, response) => {
        // Node takes pairs as long as no header is set; Express has set one.
        const pairs = [['Location', url()]];
        response.writeHead(302, (response.getHeaderNames().length > 0 ? pairs.flat() : pairs) as never).end();
      },
    ],
    [
      'a header before',
      (_, response) => {
        response.setHeader('X-App', 'a');
        response.writeHead(302, { Location: url() }).end();
      },
    ],
    [
      'the status and setHeader alone',
      (_, response) => {
        response.statusCode = 302;
        response.setHeader('Location', url());
        response.end();
      },
    ],
    [
      'a body in parts',
      (_, response) => {
        response.writeHead(302, { Location: url(), 'Content-Type': 'text/plain' });
        response.write('over');
        response.end(' there');
      },
    ],
  ])('writeHead with %s', async (_title, handler) => {
    const got = await sent(handler);
    expect([got.status, got.header('location'), got.header('cache-control')]).toEqual([
      302,
      signed,
      'private, no-cache',
    ]);
    expect(got.isComplete).toBe(true);
  });

  test('what Node refuses it refuses as without us: a line break in Location', async () => {
    const events: ImageSignerEvent[] = [];
    for (const evil of [`${url()}\r\nSet-Cookie: a=1`, `${url()}\n`]) {
      const got = await sent(
        (_, response) => {
          try {
            response.writeHead(302, { Location: evil });
          } catch (error) {
            response.statusCode = 500;
            response.end((error as { readonly code: string }).code);
          }
        },
        { report: (event: ImageSignerEvent) => void events.push(event) },
      );
      expect([got.status, got.text, got.header('set-cookie')]).toEqual([500, 'ERR_INVALID_CHAR', undefined]);
    }
    expect(events).toEqual([]);
  });

  test('its tag and its date go, since neither says that the token has expired; those of other redirects stay', async () => {
    const validators = { ETag: '"a"', 'Last-Modified': 'Mon, 01 Jan 2024 00:00:00 GMT' };
    for (const [to, tag, date] of [
      [url(), undefined, undefined],
      ['/elsewhere', validators.ETag, validators['Last-Modified']],
    ] as const) {
      const got = await sent((_, response) => response.writeHead(302, { Location: to, ...validators }).end());
      expect([got.header('etag'), got.header('last-modified')], to).toEqual([tag, date]);
    }
  });

  test('two of them stay: nobody knows which one a client follows', async () => {
    const got = await sent((_, response) =>
      response.writeHead(302, { Location: [url(), url('card')] as never }).end(),
    );
    expect(got.headers.filter(([name]) => name === 'location').map(([, value]) => value)).toEqual([
      url(),
      url('card'),
    ]);
  });

  test('the helper has the last word: what it signed for this answer stays', async () => {
    const got = await sent((request, response) => {
      const { signImage } = request as unknown as {
        signImage(image: string, variant?: string, more?: object): string;
      };
      response.writeHead(303, { Location: signImage(url(), undefined, { ttl: '10m' }) }).end();
    });
    const own = signerWith().signImage(url(), undefined, { ttl: '10m' });
    expect([got.header('location'), got.header('cache-control')]).toEqual([own, 'private, no-cache']);
  });

  test('rewrite: { location: false } keeps authorize from being asked', async () => {
    let asked = 0;
    const authorize = (): boolean => ++asked > 0;
    const handler: Handler = (_, response) => response.writeHead(302, { Location: url() }).end();
    expect((await sent(handler, { authorize, rewrite: { location: false } })).header('location')).toBe(url());
    expect(asked).toBe(0);
    expect((await sent(handler, { authorize, rewrite: {} })).header('location')).toBe(signed);
    expect(asked).toBe(1);
  });

  test('an open redirect hands out no token by itself, and with authorize only what a visitor may see', async () => {
    const authorize = (image: { readonly variant: string }): boolean => image.variant === 'thumb';
    const next = (to: string): Handler => {
      return (_, response) => response.writeHead(302, { Location: to }).end(); // as `/login?next=…` does
    };
    expect((await sent(next(url()), { rewrite: {} })).header('location')).toBe(url());
    expect((await sent(next(url()), { rewrite: {}, authorize })).header('location')).toBe(signed);
    expect((await sent(next(url('card')), { rewrite: {}, authorize })).header('location')).toBe(url('card'));
  });

  test('an always public image that is stored under another base leads to where it is delivered from', async () => {
    const stored = url('preview').replace('https://imagedelivery.net', 'http://minio:9000/photos');
    const got = await sent(
      (_, response) =>
        response
          .writeHead(301, { Location: stored, 'Cache-Control': 'public, max-age=9', ETag: '"a"' })
          .end(),
      { from: 'http://minio:9000/photos' },
    );
    expect([got.header('location'), got.header('cache-control'), got.header('etag')]).toEqual([
      url('preview'),
      'public, max-age=9',
      '"a"',
    ]);
  });

  test('an always public image leaves a redirect as it was', async () => {
    const got = await sent((_, response) =>
      response
        .writeHead(301, { Location: url('preview'), 'Cache-Control': 'public, max-age=9', ETag: '"a"' })
        .end(),
    );
    expect([got.header('location'), got.header('cache-control'), got.header('etag')]).toEqual([
      url('preview'),
      'public, max-age=9',
      '"a"',
    ]);
  });
});
