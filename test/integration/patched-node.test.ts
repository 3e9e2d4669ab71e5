/** Packages that patch Node's own `end` for the whole process, as agents for monitoring do, before or after we are loaded. */
import { OutgoingMessage, type RequestListener, ServerResponse } from 'node:http';
import express from 'express';
import express4 from 'express4';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { base, url } from '../support/samples.ts';
import { exchangeLater } from '../support/servers/in-memory.ts';

type End = (this: ServerResponse, chunk: unknown, ...more: unknown[]) => unknown;

const owners = { ServerResponse: ServerResponse.prototype, OutgoingMessage: OutgoingMessage.prototype };

/** Runs with `end` patched on Node's own prototype. */
async function withPatched(
  owner: keyof typeof owners,
  patch: (below: End) => End,
  run: () => Promise<void>,
): Promise<void> {
  const prototype = owners[owner];
  const own = Object.getOwnPropertyDescriptor(prototype, 'end');
  Reflect.set(prototype, 'end', patch(prototype.end as End));
  try {
    await run();
  } finally {
    if (own === undefined) Reflect.deleteProperty(prototype, 'end');
    else Object.defineProperty(prototype, 'end', own);
  }
}

const hello = '<p>for visitor ?</p>'.padEnd(2000, '.');
const pages = {
  'no image': hello,
  'an image': `${hello}<img src="${url()}">`,
};

const prototypes = [express, express4]
  .flatMap(({ request, response }): object[] => [request, response])
  .map((each) => [each, Object.getPrototypeOf(each) as object] as const);
const sends = [express.response, express4.response].map((each) => [each, each.send] as const);

/** The package is loaded anew, as in a process that starts, where Express has no hooks of an earlier one. */
beforeEach(() => {
  vi.resetModules();
  for (const [each, prototype] of prototypes) Object.setPrototypeOf(each, prototype);
  for (const [each, send] of sends) each.send = send;
});

async function createSite(create: typeof express | undefined, page: string): Promise<RequestListener> {
  const { imageSigner } = await import('../../src/index.ts');
  const sign = imageSigner({ ...base, report: false });
  if (create !== undefined) {
    const app = create();
    app.use(sign);
    return app.use((_request, response) => void response.send(page)) as RequestListener;
  }
  return (request, response) =>
    sign(request, response, () => {
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.setHeader('Content-Length', String(page.length));
      response.end(page);
    });
}

/** An agent's script, with the length that the page has then. */
const inject = (below: End): End =>
  function end(chunk, ...more) {
    if (typeof chunk !== 'string' && !Buffer.isBuffer(chunk)) return below.call(this, chunk, ...more);
    const page = Buffer.concat([Buffer.from(chunk as string), Buffer.from('<script></script>')]);
    this.setHeader('Content-Length', String(page.length));
    return below.call(this, page);
  };

/** A nonce, say, or a token of a form. */
const fillIn = (below: End): End =>
  function end(chunk, ...more) {
    if (Buffer.isBuffer(chunk)) chunk.write(String(visitor++), Math.max(0, chunk.indexOf('?</p>')));
    const text = typeof chunk === 'string' ? chunk.replace('?</p>', () => `${visitor++}</p>`) : chunk;
    return below.call(this, text, ...more);
  };
let visitor = 0;

const cache = (below: End): End =>
  function end(...args) {
    if (!this.headersSent) this.setHeader('Cache-Control', 'public, max-age=31536000');
    return below.apply(this, args);
  };

describe.each([
  ['bare http', undefined],
  ['Express 4', express4],
  ['Express 5', express],
] as const)('%s', (_server, create) => {
  describe.each(Object.entries(pages))('a page with %s', (_page, page) => {
    describe.each(['ServerResponse', 'OutgoingMessage'] as const)('where %s.prototype.end', (owner) => {
      test.each<[what: string, time: 'before' | 'after', patch: (below: End) => End, expected: RegExp]>([
        ['adds a script, its length is right', 'after', inject, /<script><\/script>$/],
        [
          'writes into it, before we came, each visitor has a page of his own',
          'before',
          fillIn,
          /r [0-4]<\/p>/,
        ],
        [
          'writes into it, after we came, each visitor has a page of his own',
          'after',
          fillIn,
          /r [0-4]<\/p>/,
        ],
        ['gives it a lifetime, before we came, that is cut', 'before', cache, /$/],
        ['gives it a lifetime, after we came, that is cut', 'after', cache, /$/],
      ])('%s', async (_what, time, patch, expected) => {
        visitor = 0;
        const early = time === 'after' ? await createSite(create, page) : undefined;
        const texts = new Set<string>();
        await withPatched(owner, patch, async () => {
          const site = early ?? (await createSite(create, page));
          for (let each = 0; each < 5; each++) {
            const { header, text, body } = await exchangeLater(site, '/');
            texts.add(text);
            expect(text).toMatch(expected);
            if (patch === inject) expect(header('content-length')).toBe(String(body.length));
            if (patch === cache) expect(header('cache-control')).toMatch(/^public, max-age=\d{1,6}$/);
          }
        });
        expect(texts.size).toBe(patch === fillIn ? 5 : 1);
      });
    });
  });
});
