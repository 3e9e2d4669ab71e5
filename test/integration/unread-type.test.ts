/** A text that is not read, and holds images: in development a site is told so, once. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import express from 'express';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type ImageSignerEvent, imageSigner } from '../../src/index.ts';
import { note } from '../support/events.ts';
import type { RawResponse } from '../support/http/raw.ts';
import { base, signerWith, url } from '../support/samples.ts';
import { type AnyServer, servers } from '../support/servers/any-server.ts';
import { visit } from '../support/servers/express-site.ts';
import { frameworks, withSite } from '../support/servers/frameworks.ts';
import { exchangeLater } from '../support/servers/in-memory.ts';

/** Without its parameters. */
const told = (...types: readonly string[]): readonly object[] =>
  types.map((type) => ({ type: 'passed', reason: 'unread-type', contentType: type.split(';')[0]! }));
const css = `a{background:url(${url()})}`;

afterEach(() => void vi.unstubAllEnvs());

interface Answer {
  readonly type: string;
  readonly body: string;
}

const inParts: AnyServer = {
  name: 'node:http, with writeHead, in parts',
  build(options, app) {
    const listener = frameworks[0]!.build([imageSigner(options as never)], async (_request, response) => {
      const { headers, body } = app(String, () => undefined);
      response.writeHead(200, headers).write(String(body).slice(0, 40));
      response.end(String(body).slice(40));
    });
    return async () => (await exchangeLater(listener, '/')) as RawResponse; // of which a test reads the text
  },
};

/** What the site is told of answers, one after the other; each goes out as it is. */
async function toldOf(
  { build }: AnyServer,
  answers: readonly Answer[],
  options: object = {},
): Promise<unknown[]> {
  const events: unknown[] = [];
  const report = (event: ImageSignerEvent): void => note(events, event);
  let current = answers[0]!;
  const ask = build({ ...base, report, ...options }, () => ({
    headers: { 'Content-Type': current.type },
    body: current.body,
  }));
  for (current of answers) expect((await ask()).text).toBe(current.body);
  return events;
}

describe.each([...servers, inParts])('$name', (server) => {
  test('tells of the first text with an image, and of the first JSON, once each', async () => {
    const json = { type: 'application/json', body: JSON.stringify({ a: url() }) };
    const style = { type: 'text/css', body: css };
    const answers = [{ type: 'text/css', body: 'a{}' }, style, style, json, json, style];
    expect(await toldOf(server, answers)).toEqual(told('text/css', 'application/json'));
    expect(await toldOf(server, [json])).toEqual(told('application/json'));
  });

  test.each([
    'image/svg+xml',
    'application/rss+xml; charset=utf-8',
    'application/xhtml+xml',
    'text/plain; charset=utf-8',
    'application/vnd.api+json',
  ])('tells of %s', async (type) => {
    expect(await toldOf(server, [{ type, body: `"${url()}"` }])).toEqual(told(type));
  });

  test('tells of nothing in code and in what is no text, nor of an image with a token', async () => {
    const answers = [
      { type: 'text/javascript', body: `x="${url()}"` },
      { type: 'image/png', body: css },
      { type: 'text/css', body: css.replace(url(), signerWith().signImage(url())) },
      { type: 'text/plain', body: 'https://imagedelivery.net' },
    ];
    expect(await toldOf(server, answers)).toEqual([]);
  });

  test('tells of nothing in production, nor where only the helpers are wanted', async () => {
    const answers = [{ type: 'text/css', body: css }];
    expect(await toldOf(server, answers, { rewrite: false })).toEqual([]);
    vi.stubEnv('NODE_ENV', 'production');
    expect(await toldOf(server, answers)).toEqual([]);
  });
});

const events: unknown[] = [];
const appWith = (options: object, handler: express.RequestHandler): express.Express => {
  events.length = 0;
  const report = (event: ImageSignerEvent): void => note(events, event);
  return express().use(imageSigner({ ...base, report, ...options } as never), handler);
};

test('a response for which the app has called a helper is not told of', async () => {
  const authorize = ({ id }: { readonly id: string }): boolean => id === 'mine';
  const app = appWith({ authorize }, (incoming, response) => void response.json(incoming.signImage(url())));
  expect((await visit(app)).text).toBe(JSON.stringify(url()));
  expect(events).toEqual([{ type: 'skipped', url: url(), reason: 'not-authorized' }]);
});

test('a page after a text, on one response, is rewritten as ever', async () => {
  const page = `<img src="${url()}">`;
  const { text, header } = await visit(
    appWith({}, (_, response) => void response.type('txt').type('html').send(page)),
  );
  expect([text, header('content-length')]).toEqual([signerWith().rewriteHtml(page), String(text.length)]);
  expect(events).toEqual([]);
});

test('each part of a stream arrives before the next is written', async () => {
  let next: () => void = () => {};
  const app = appWith({}, (_, response) => {
    response.type('text/css').write('first');
    next = () => void response.end('second');
  });
  await withSite(app, async (port) => {
    const [response] = (await once(request({ port }).end(), 'response')) as [IncomingMessage];
    expect(String(await once(response, 'data'))).toBe('first');
    next();
    expect(String(await once(response, 'data'))).toBe('second');
  });
});
