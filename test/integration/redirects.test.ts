/**
 * Redirects to an image as each framework sends them by itself, and in every form that `writeHead` takes. What every server
 * does with one is in `conformance`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Express } from 'express';
import expressFour from 'express4';
import fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { describe, expect, test, vi } from 'vitest';
import { imageSigner as signFastify } from '../../src/fastify.ts';
import { imageSigner as signFetch } from '../../src/fetch.ts';
import { imageSigner as signHono } from '../../src/hono.ts';
import { type ImageSignerEvent, imageSigner } from '../../src/index.ts';
import { imageSigner as signKoa } from '../../src/koa.ts';
import { type RawResponse, send } from '../support/http/raw.ts';
import { base, signerWith, url } from '../support/samples.ts';
import { frameworks, type Handler, withSite } from '../support/servers/frameworks.ts';
import { exchangeLater } from '../support/servers/in-memory.ts';

const options = { ...base, rewrite: { location: true } };
const signed = signerWith().signImage(url());

type Listener = (request: IncomingMessage, response: ServerResponse) => void;
type Sent = readonly [
  status: number,
  location: string | null | undefined,
  control: string | null | undefined,
];

const ask = async (listener: Listener, accept: string): Promise<Sent> => {
  const { status, header } = await exchangeLater(listener, '/avatar/7', { accept });
  return [status, header('location'), header('cache-control')];
};
const asSent = ({ status, headers }: Response): Sent => [
  status,
  headers.get('location'),
  headers.get('cache-control'),
];
const overExpress = (create: () => Express) => (status: number, accept: string) => {
  const app = create().use(imageSigner(options));
  return ask(app.get('/avatar/7', (_, response) => response.redirect(status, url())) as never, accept);
};

const redirects: Readonly<Record<string, (status: 301 | 302 | 307, accept: string) => Promise<Sent>>> = {
  'res.redirect of Express 5': overExpress(express),
  'res.redirect of Express 4': overExpress(expressFour),
  'ctx.redirect of Koa': (status, accept) => {
    const app = new Koa().use(signKoa(options as never)).use((context) => {
      context.status = status;
      context.redirect(url());
    });
    return ask(app.callback(), accept);
  },
  'reply.redirect of Fastify': async (status) => {
    const app = fastify();
    await app.register(signFastify, options as never);
    app.get('/avatar/7', (_request, reply) => reply.redirect(url(), status));
    const { statusCode, headers } = await app.inject('/avatar/7');
    return [statusCode, headers.location, headers['cache-control']];
  },
  'c.redirect of Hono': async (status) => {
    const app = new Hono().use(signHono(options as never));
    app.get('/avatar/7', (context) => context.redirect(url(), status));
    return asSent(await app.request('/avatar/7'));
  },
  'Response.redirect, whose headers cannot be changed': async (status) => {
    const request = new Request('https://shop.example/avatar/7');
    return asSent(await signFetch(options as never)(request, () => Response.redirect(url(), status)));
  },
};

test.each(Object.entries(redirects))(
  '%s leads to the signed image, and is private',
  async (_name, redirect) => {
    for (const status of [301, 302, 307] as const)
      for (const accept of ['text/html', 'text/plain', 'application/json'])
        expect(await redirect(status, accept)).toEqual([status, signed, 'private, no-cache']);
  },
);

describe.each(frameworks)('$name', (framework) => {
  const sent = (handler: Handler, more: object = {}): Promise<RawResponse> => {
    const listener = framework.build([imageSigner({ ...options, ...more } as never)], handler);
    return withSite(listener, (port) => send(port, '/'));
  };
  const to =
    (location: unknown, more: object = {}): Handler =>
    (_, response) =>
      response.writeHead(302, { Location: location, ...more } as never).end();

  test.each<[title: string, handler: Handler]>([
    ['an object', to(url())],
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
      (_, response) => response.setHeader('X-App', 'a').writeHead(302, { Location: url() }).end(),
    ],
    [
      'the status and setHeader alone',
      (_, response) => Object.assign(response, { statusCode: 302 }).setHeader('Location', url()).end(),
    ],
    [
      'a body in parts',
      (_, response) => {
        response.writeHead(302, { Location: url(), 'Content-Type': 'text/plain' }).write('over');
        response.end(' there');
      },
    ],
  ])('writeHead with %s', async (_title, handler) => {
    const { status, header, isComplete } = await sent(handler);
    expect([status, header('location'), header('cache-control'), isComplete]).toEqual([
      302,
      signed,
      'private, no-cache',
      true,
    ]);
  });

  test('what Node refuses it refuses as without us: a line break in Location', async () => {
    const events: ImageSignerEvent[] = [];
    for (const evil of [`${url()}\r\nSet-Cookie: a=1`, `${url()}\n`]) {
      const refusing: Handler = (_, response) => {
        try {
          response.writeHead(302, { Location: evil });
        } catch (error) {
          Object.assign(response, { statusCode: 500 }).end((error as { readonly code: string }).code);
        }
      };
      const got = await sent(refusing, { report: (event: ImageSignerEvent) => events.push(event) });
      expect([got.status, got.text, got.header('set-cookie')]).toEqual([500, 'ERR_INVALID_CHAR', undefined]);
    }
    expect(events).toEqual([]);
  });

  const date = 'Mon, 01 Jan 2024 00:00:00 GMT';
  const fields = { 'Cache-Control': 'public, max-age=999999', ETag: '"a"', 'Last-Modified': date };
  const stored = url('preview').replace('https://imagedelivery.net', 'http://minio:9000/photos');
  test.each<[title: string, given: string, goesOut: string, isKept: boolean]>([
    ['of a signed one go, since neither tag nor date says that the token has expired', url(), signed, false],
    ['of one that leads elsewhere stay', '/elsewhere', '/elsewhere', true],
    ['of one to an always public image stay', url('preview'), url('preview'), true],
    ['of one to a public image that is stored elsewhere stay', stored, url('preview'), true],
  ])('the validators %s', async (_title, given, goesOut, isKept) => {
    const { header } = await sent(to(given, fields), { from: 'http://minio:9000/photos' });
    expect(['location', 'etag', 'last-modified', 'cache-control'].map(header)).toEqual([
      goesOut,
      ...(isKept
        ? ['"a"', date, 'public, max-age=999999']
        : [undefined, undefined, 'private, max-age=43200']),
    ]);
  });

  test('two of them stay: nobody knows which one a client follows', async () => {
    const { headers } = await sent(to([url(), url('card')]));
    const locations = headers.filter(([name]) => name === 'location').map(([, value]) => value);
    expect(locations).toEqual([url(), url('card')]);
  });

  test('the helper has the last word: what it signed for this answer stays', async () => {
    const { header } = await sent((request, response) => {
      const { signImage } = request as IncomingMessage & Express.Request;
      response.writeHead(303, { Location: signImage(url(), undefined, { ttl: '10m' }) }).end();
    });
    const own = signerWith().signImage(url(), undefined, { ttl: '10m' });
    expect([header('location'), header('cache-control')]).toEqual([own, 'private, no-cache']);
  });

  test('with rewrite.location off nothing is signed, and authorize is not asked', async () => {
    const authorize = vi.fn(() => true);
    const { header } = await sent(to(url()), { rewrite: { location: false }, authorize });
    expect([header('location'), authorize.mock.calls.length]).toEqual([url(), 0]);
  });
});
