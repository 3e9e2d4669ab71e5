/**
 * Apps that compare a strong tag themselves, text by text, on every framework: they answer 304 while the tokens are the
 * same, as without the middleware.
 */
import { createServer, type RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import express4 from 'express4';
import fastify from 'fastify';
import { Hono } from 'hono';
import { compress } from 'hono/compress';
import Koa from 'koa';
import { describe, expect, test } from 'vitest';
import * as overFastify from '../../src/fastify.ts';
import * as overFetch from '../../src/fetch.ts';
import * as overHono from '../../src/hono.ts';
import { imageSigner } from '../../src/index.ts';
import * as overKoa from '../../src/koa.ts';
import { boundTag } from '../support/conditional.ts';
import { withSite } from '../support/frameworks.ts';
import { send } from '../support/raw.ts';
import { base, type Clock, clockAt, countTokens, url } from '../support/samples.ts';

const page = `<p>text</p><img src="${url()}">`;
const fields = { 'content-type': 'text/html', etag: '"v1"' };
type Build = (now: Clock) => RequestListener | Promise<RequestListener>;

function overExpress(create: typeof express): Build {
  return (now) => {
    const app = create();
    app.use(imageSigner({ ...base, now }));
    app.get('/', (request, response) => {
      response.set(fields);
      if (request.headers['if-none-match'] === '"v1"') response.status(304).end();
      else response.end(page);
    });
    return app;
  };
}

const builds: Readonly<Record<string, Build>> = {
  'Express 5': overExpress(express),
  'Express 4': overExpress(express4 as unknown as typeof express),
  Koa: (now) => {
    const app = new Koa();
    app.use(overKoa.imageSigner({ ...base, now } as never));
    app.use((ctx) => {
      ctx.set(fields);
      if (ctx.get('if-none-match') === '"v1"') ctx.status = 304;
      else ctx.body = page;
    });
    return app.callback();
  },
  Fastify: async (now) => {
    let listener: RequestListener = () => {};
    const app = fastify({
      serverFactory: (handler) => {
        listener = handler;
        return createServer(handler);
      },
    });
    await app.register(overFastify.imageSigner, { ...base, now } as never);
    app.get('/', (request, reply) => {
      reply.headers(fields);
      return request.headers['if-none-match'] === '"v1"' ? reply.code(304).send() : reply.send(page);
    });
    await app.ready();
    return listener;
  },
  Hono: (now) => {
    const app = new Hono();
    app.use(overHono.imageSigner({ ...base, now } as never));
    app.get('/', (c) =>
      c.req.header('if-none-match') === '"v1"' ? c.body(null, 304, fields) : c.body(page, 200, fields),
    );
    return getRequestListener(app.fetch);
  },
  fetch: (now) => {
    const sign = overFetch.imageSigner({ ...base, now } as never);
    return getRequestListener((request) =>
      sign(request, ({ headers }) =>
        headers.get('if-none-match') === '"v1"'
          ? new Response(null, { status: 304, headers: fields })
          : new Response(page, { headers: fields }),
      ),
    );
  },
};

describe.each(Object.entries(builds))('%s', (_name, build) => {
  test('the app gets its own tag back, and its 304 goes out, until the tokens change', async () => {
    const now = clockAt();
    await withSite(await build(now), async (port) => {
      for (const accept of ['*/*', 'text/html']) {
        const first = await send(port, '/', { headers: { accept } });
        const tag = first.header('etag')!;
        expect([tag, countTokens(first.text)]).toEqual([expect.stringMatching(boundTag), 1]);
        const lists =
          accept === '*/*' ? [tag] : [tag, `"other", ${tag}`, `${tag}, W/"v1-is.${'0'.repeat(24)}"`];
        for (const tags of lists) {
          for (const method of ['GET', 'HEAD']) {
            const again = await send(port, '/', { method, headers: { accept, 'if-none-match': tags } });
            expect([again.status, again.header('etag'), again.body.length]).toEqual([304, tag, 0]);
          }
        }
        // Those of earlier versions, of others, and of every kind.
        for (const tags of [`W/"v1-is.${'0'.repeat(24)}"`, '"v1-is"', '*']) {
          const whole = await send(port, '/', { headers: { accept, 'if-none-match': tags } });
          expect([whole.status, countTokens(whole.text)]).toEqual([200, 1]);
        }
        now.advance(21_600);
        const later = await send(port, '/', { headers: { accept, 'if-none-match': tag } });
        expect([later.status, countTokens(later.text)]).toEqual([200, 1]);
        expect(later.header('etag')).not.toBe(tag);
      }
    });
  });
});

test('a 304 has the tag of its page, where a compressor makes the tag of the page weak', async () => {
  const app = new Hono();
  app.use(overHono.imageSigner(base as never), compress({ threshold: 0 }));
  app.get('/', (c) =>
    /"v1"/.test(c.req.header('if-none-match') ?? '') ? c.body(null, 304, fields) : c.body(page, 200, fields),
  );
  await withSite(getRequestListener(app.fetch), async (port) => {
    const headers = { 'accept-encoding': 'gzip' };
    const tag = (await send(port, '/', { headers })).header('etag')!;
    const again = await send(port, '/', { headers: { ...headers, 'if-none-match': tag } });
    expect([again.status, again.header('etag')]).toEqual([304, tag]);
  });
});
