/** Apps of Express within apps: the middleware's hooks hold wherever a response goes, and nowhere else. */
import { ServerResponse } from 'node:http';
import express from 'express';
import express4 from 'express4';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type ImageSignerOptions, imageSigner } from '../../src/index.ts';
import { withSite } from '../support/frameworks.ts';
import { send } from '../support/raw.ts';
import { base, countTokens, url } from '../support/samples.ts';

const page = `<img src="${url()}">`;
const sign = (): express.RequestHandler => imageSigner(base as ImageSignerOptions);
const sendPage: express.RequestHandler = (_, res) => void res.send(page);

afterEach(() => {
  vi.unstubAllEnvs();
});

async function tokensAt(app: express.Express, ...paths: string[]): Promise<number[]> {
  return withSite(app, async (port) => {
    const counts: number[] = [];
    for (const path of paths) counts.push(countTokens((await send(port, path)).text));
    return counts;
  });
}

describe.each([
  ['Express 4', express4 as unknown as typeof express],
  ['Express 5', express],
])('%s', (_name, create) => {
  test('a mounted app is signed by the middleware of the app around it', async () => {
    const [app, mounted, inner] = [create(), create(), create()];
    inner.get('/page', sendPage);
    mounted.use('/inner', inner);
    mounted.get('/page', sendPage);
    app.use(sign());
    app.use('/mounted', mounted);
    app.get('/page', sendPage);
    expect(await tokensAt(app, '/page', '/mounted/page', '/mounted/inner/page', '/page')).toEqual([
      1, 1, 1, 1,
    ]);
  });

  test('one that was mounted after the first page, too', async () => {
    const [app, mounted] = [create(), create()];
    app.use(sign());
    app.get('/page', sendPage);
    mounted.get('/page', sendPage);
    expect(await tokensAt(app, '/page')).toEqual([1]);
    app.use('/mounted', mounted);
    expect(await tokensAt(app, '/mounted/page', '/page')).toEqual([1, 1]);
  });

  test('a middleware in a mounted app holds for what follows that app', async () => {
    const [app, mounted] = [create(), create()];
    mounted.use(sign());
    app.use('/signed', mounted);
    app.get(/page$/, sendPage);
    expect(await tokensAt(app, '/signed/page', '/page', '/signed/page')).toEqual([1, 0, 1]);
  });

  test('an app that served alone can be mounted', async () => {
    const [app, mounted] = [create(), create()];
    mounted.use(sign());
    mounted.get('/page', sendPage);
    expect(await tokensAt(mounted, '/page')).toEqual([1]);
    app.use('/mounted', mounted);
    app.get('/page', sendPage);
    expect(await tokensAt(app, '/mounted/page', '/page')).toEqual([1, 0]);
  });

  test('two apps side by side do not see each other', async () => {
    const [signed, plain] = [create(), create()];
    signed.use(sign());
    signed.get('/page', sendPage);
    plain.get('/page', sendPage);
    expect(await tokensAt(signed, '/page')).toEqual([1]);
    expect(await tokensAt(plain, '/page')).toEqual([0]);
  });

  test('methods that an app has given all its responses stay above ours', async () => {
    const app = create();
    const seen: string[] = [];
    Object.assign(app.response, {
      setHeader(this: ServerResponse, name: string, value: string) {
        seen.push(name);
        return ServerResponse.prototype.setHeader.call(this, name, value);
      },
    });
    app.use(sign());
    app.get('/page', sendPage);
    expect(await tokensAt(app, '/page', '/page')).toEqual([1, 1]);
    expect(seen).toContain('Content-Type');
  });

  test('the helpers are there on each request, for itself alone, and may be replaced', async () => {
    const [app, mounted] = [create(), create()];
    const answer: express.RequestHandler = (req, res) => {
      const { signImage } = req; // taken off the request, it still signs
      res.json([typeof signImage, signImage?.(url()), typeof req.signSrcset]);
    };
    app.get('/before', answer);
    app.use(sign());
    mounted.get('/helpers', answer);
    app.use('/mounted', mounted);
    app.get('/helpers', answer);
    app.get('/replaced', (req, res) => {
      Object.assign(req, { signImage: () => 'mine' });
      res.json(req.signImage(url()));
    });
    await withSite(app, async (port) => {
      for (const path of ['/helpers', '/mounted/helpers', '/helpers']) {
        const [type, signed] = JSON.parse((await send(port, path)).text) as string[];
        expect([type, countTokens(signed ?? '')]).toEqual(['function', 1]);
      }
      expect((await send(port, '/before')).text).toBe('["undefined",null,"undefined"]');
      expect((await send(port, '/replaced')).text).toBe('"mine"');
      expect((await send(port, '/helpers')).text).toContain('sig=');
    });
  });
});
