import type { RequestListener } from 'node:http';
import express, { type RequestHandler } from 'express';
import { expect, test } from 'vitest';
import { type ImageSignerEvent, type ImageSignerOptions, imageSigner } from '../../../src/index.ts';
import { base, signerWith, url } from '../../support/samples.ts';
import { exchangeLater } from '../../support/servers/in-memory.ts';

test('in Express a request has helpers behind the middleware, and none before it', async () => {
  const seen: unknown[] = [];
  const note: RequestHandler = (request, _response, next) => {
    seen.push(request.signImage?.(url()));
    next();
  };
  const app = express()
    .use(note)
    .use(imageSigner({ ...base, report: false }))
    .use(note);
  app.get('/', (_request, response) => void response.send('text'));
  for (let visit = 0; visit < 2; visit++)
    expect((await exchangeLater(app as RequestListener, '/')).text).toBe('text');
  const signed = signerWith().signImage(url());
  expect(seen).toEqual([undefined, signed, undefined, signed]);
});

test.each([
  ['/gallery', 'GET /gallery'],
  ['/caf\u00e9', 'GET …'],
  ['/a b', 'GET …'],
  [`/${'a'.repeat(100)}`, 'GET …'],
  [['/a', '/b'], 'GET …'],
])('a route before the middleware is named, if its path may be logged: %j', async (path, route) => {
  const events: ImageSignerEvent[] = [];
  const app = express();
  app.get(path, (_request, response) => void response.type('html').send(`<img src="${url()}">`));
  app.use(imageSigner({ ...base, report: (event) => void events.push(event) } as ImageSignerOptions));
  app.use((_request, response) => void response.send('text'));
  await exchangeLater(app as RequestListener, '/elsewhere');
  expect(events).toContainEqual({ type: 'installed-late', route, page: 'GET /elsewhere' });
});
