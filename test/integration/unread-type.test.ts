/** A text that is not read, and holds images: in development a site is told so, once. */
import { once } from 'node:events';
import { type IncomingMessage, type RequestListener, request, type ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import createFastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { imageSigner as fastifySigner } from '../../src/fastify.ts';
import { imageSigner as fetchSigner } from '../../src/fetch.ts';
import { imageSigner as honoSigner } from '../../src/hono.ts';
import { type ImageSignerEvent, imageSigner } from '../../src/index.ts';
import { imageSigner as koaSigner } from '../../src/koa.ts';
import { note } from '../support/events.ts';
import { withSite } from '../support/frameworks.ts';
import { send } from '../support/raw.ts';
import { base, signerWith, url } from '../support/samples.ts';

/** Without its parameters. */
const told = (...types: readonly string[]): readonly ImageSignerEvent[] =>
  types.map((type) => ({ type: 'passed', reason: 'unread-type', contentType: type.split(';')[0]! }));
const css = `a{background:url(${url()})}`;

afterEach(() => {
  vi.unstubAllEnvs();
});

interface Answer {
  readonly type: string;
  readonly body: string;
}

type Build = (options: object, answer: () => Answer) => RequestListener | Promise<RequestListener>;

const servers: Readonly<Record<string, Build>> = {
  'node:http': (options, answer) => {
    const sign = imageSigner(options as never);
    return (incoming: IncomingMessage, response: ServerResponse) =>
      sign(incoming, response, () => {
        response.setHeader('Content-Type', answer().type);
        response.end(answer().body);
      });
  },
  'node:http with writeHead': (options, answer) => {
    const sign = imageSigner(options as never);
    return (incoming, response) =>
      sign(incoming, response, () => {
        response.writeHead(200, { 'content-type': answer().type });
        response.write(answer().body.slice(0, 40));
        response.end(answer().body.slice(40));
      });
  },
  Express: (options, answer) =>
    express()
      .use(imageSigner(options as never))
      .use((_, response) => void response.type(answer().type).send(answer().body)),
  Koa: (options, answer) =>
    new Koa()
      .use(koaSigner(options as never))
      .use((context) => {
        context.type = answer().type;
        context.body = answer().body;
      })
      .callback(),
  Fastify: async (options, answer) => {
    const app = createFastify();
    app.register(fastifySigner, options as never);
    app.get('/', (_, reply) => reply.type(answer().type).send(answer().body));
    await app.ready();
    return (incoming, response) => app.routing(incoming, response);
  },
  Hono: (options, answer) => {
    const app = new Hono();
    app.use(honoSigner(options as never));
    app.get('/', (c) => c.body(answer().body, 200, { 'content-type': answer().type }));
    return getRequestListener(app.fetch);
  },
  fetch: (options, answer) => {
    const sign = fetchSigner(options as never);
    return getRequestListener((incoming) =>
      sign(incoming, () => new Response(new Blob([answer().body]).stream(), { headers: typeOf(answer()) })),
    );
  },
};

const typeOf = ({ type }: Answer): Record<string, string> => ({ 'content-type': type });

/** What the site is told of answers, one after the other; each goes out as it is. */
async function toldOf(build: Build, answers: readonly Answer[], options: object = {}): Promise<unknown[]> {
  const events: unknown[] = [];
  let current = answers[0]!;
  const report = (event: ImageSignerEvent): void => note(events, event);
  const listener = await build({ ...base, report, ...options }, () => current);
  await withSite(listener, async (port) => {
    for (current of answers) expect((await send(port, '/')).text).toBe(current.body);
  });
  return events;
}

describe.each(Object.entries(servers))('%s', (_, build) => {
  test('tells of the first text with an image, and of the first JSON, once each', async () => {
    const json = { type: 'application/json', body: JSON.stringify({ a: url() }) };
    const style = { type: 'text/css', body: css };
    const answers = [{ type: 'text/css', body: 'a{}' }, style, style, json, json, style];
    expect(await toldOf(build, answers)).toEqual(told('text/css', 'application/json'));
    expect(await toldOf(build, [json])).toEqual(told('application/json'));
  });

  test.each([
    'image/svg+xml',
    'application/rss+xml; charset=utf-8',
    'application/xhtml+xml',
    'text/plain; charset=utf-8',
    'application/vnd.api+json',
  ])('tells of %s', async (type) => {
    expect(await toldOf(build, [{ type, body: `"${url()}"` }])).toEqual(told(type));
  });

  test('tells of nothing in code and in what is no text, nor of an image with a token', async () => {
    const signed = signerWith().signImage(url());
    const answers = [
      { type: 'text/javascript', body: `x="${url()}"` },
      { type: 'image/png', body: css },
      { type: 'text/css', body: css.replace(url(), signed) },
      { type: 'text/plain', body: 'https://imagedelivery.net' },
    ];
    expect(await toldOf(build, answers)).toEqual([]);
  });

  test('tells of nothing in production, nor where only the helpers are wanted', async () => {
    const answers = [{ type: 'text/css', body: css }];
    expect(await toldOf(build, answers, { rewrite: false })).toEqual([]);
    vi.stubEnv('NODE_ENV', 'production');
    expect(await toldOf(build, answers)).toEqual([]);
  });
});

test('a response for which the app has called a helper is not told of', async () => {
  const events: unknown[] = [];
  const report = (event: ImageSignerEvent): void => note(events, event);
  const app = express().use(imageSigner({ ...base, report, authorize: ({ id }) => id === 'mine' }));
  app.use((incoming, response) => void response.json({ url: incoming.signImage(url()) }));
  await withSite(app, async (port) => {
    expect((await send(port, '/')).text).toBe(JSON.stringify({ url: url() }));
  });
  expect(events).toEqual([{ type: 'skipped', url: url(), reason: 'not-authorized' }]);
});

test('a page after a text, on one response, is rewritten as ever', async () => {
  const page = `<img src="${url()}">`;
  const events: unknown[] = [];
  const app = express().use(imageSigner({ ...base, report: (event) => note(events, event) }));
  app.use((_, response) => void response.type('text/plain').type('html').send(page));
  await withSite(app, async (port) => {
    const { text, header } = await send(port, '/');
    expect(text).toBe(signerWith().rewriteHtml(page));
    expect(header('content-length')).toBe(String(text.length));
  });
  expect(events).toEqual([]);
});

test('each part of a stream arrives before the next is written', async () => {
  let next: () => void = () => {};
  const app = express().use(imageSigner({ ...base, report: () => {} }));
  app.use((_, response) => {
    response.type('text/css').write('first');
    next = () => void response.end('second');
  });
  await withSite(app, async (port) => {
    const asked = request({ port });
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const [first] = await once(response, 'data');
    expect(String(first)).toBe('first');
    next();
    const [second] = await once(response, 'data');
    expect(String(second)).toBe('second');
  });
});

test('over fetch a client that goes away ends the source', async () => {
  let isCanceled = false;
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(Buffer.from('text ')),
    cancel() {
      isCanceled = true;
    },
  });
  const sign = fetchSigner({ ...base, report: () => {} } as never);
  const response = await sign(
    new Request('https://shop.example/'),
    () => new Response(body, { headers: { 'content-type': 'text/plain' } }),
  );
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  expect(isCanceled).toBe(true);
});
