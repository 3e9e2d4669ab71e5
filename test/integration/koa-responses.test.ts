/**
 * Every way in which an app of Koa 2 and 3 answers, and what middleware before us may still make of it: the page is
 * signed, and all else is as without us.
 */
import { PassThrough, Readable } from 'node:stream';
import type Koa from 'koa';
import { describe, expect, test } from 'vitest';
import { ask, headersOf, koaOf, koas, oursOf } from '../support/koa-site.ts';
import { html, page, stream, ways } from '../support/koa-ways.ts';
import type { RawRequest, RawResponse } from '../support/raw.ts';
import { countTokens, withoutTokens } from '../support/samples.ts';

/** Middleware before us, which has its way when all is done. */
function after(change: (ctx: Koa.Context) => unknown): Koa.Middleware {
  return async (ctx, next) => {
    await next();
    await change(ctx);
  };
}

const wrap = (text: unknown): string => `<main>${text}</main>`;

const changes: readonly (readonly [title: string, tokens: number, change: Koa.Middleware])[] = [
  ['null', 0, after((ctx) => void Object.assign(ctx, { body: null }))],
  ['another page', 1, after((ctx) => void Object.assign(ctx, { body: wrap(page) }))],
  ['a stream that ours goes through', 1, after((ctx) => through(ctx))],
  ['a cookie', 1, after((ctx) => void ctx.cookies.set('a', 'b'))],
  ['another type', 1, after((ctx) => void Object.assign(ctx, { type: 'text/html; charset=utf-8' }))],
  ['another status', 1, after((ctx) => void Object.assign(ctx, { status: 404 }))],
  ['an error', 0, after((ctx) => ctx.throw(500))],
  [
    'a response by hand',
    1,
    after((ctx) => {
      ctx.respond = false;
      ctx.status = 200;
      if (ctx.body instanceof Readable) ctx.body.pipe(ctx.res);
      else ctx.res.end(ctx.body);
    }),
  ],
];

function through(ctx: Koa.Context): void {
  const { body } = ctx;
  const out = new PassThrough();
  if (body instanceof Readable) body.pipe(out);
  else out.end(body);
  ctx.body = out;
}

/** What a page that is signed says otherwise. */
const ofPages = ['cache-control', 'content-length', 'transfer-encoding'];

describe.each(koas)('%s', (_name, Application) => {
  async function expectAsWithoutUs(
    tokens: number,
    respond: Koa.Middleware,
    before: readonly Koa.Middleware[] = [],
  ): Promise<void> {
    for (const request of [{}, { method: 'HEAD' }, { version: '1.0' }] as RawRequest[]) {
      const [heard, plainHeard]: string[][] = [[], []];
      const mine = await ask(koaOf(Application, [...before, oursOf(), respond], heard), request);
      const plain = await ask(koaOf(Application, [...before, respond], plainHeard), request);
      expect([mine.status, mine.isComplete, heard]).toEqual([plain.status, plain.isComplete, plainHeard]);
      const sent = request.method === 'HEAD' ? 0 : tokens;
      expect([withoutTokens(mine.text), countTokens(mine.text)]).toEqual([plain.text, sent]);
      expect(headersOf(mine, ofPages)).toEqual(headersOf(plain, ofPages));
      if (tokens > 0) expect(mine.header('cache-control')).toBe('no-cache');
      if (request.method !== 'HEAD') expectFraming(mine);
    }
  }

  function expectFraming({ header, body }: RawResponse): void {
    expect([undefined, String(body.length)]).toContain(header('content-length'));
  }

  test.each(ways)('%s: %i signed', async (_title, tokens, respond) => {
    await expectAsWithoutUs(tokens, respond);
  });

  describe.each<[string, () => unknown]>([
    ['text', () => page],
    ['bytes', () => Buffer.from(page)],
    ['a stream', stream],
  ])('of %s a middleware before us makes', (_kind, body) => {
    test.each(changes)('%s: %i signed', async (_title, tokens, change) => {
      await expectAsWithoutUs(tokens, (ctx) => html(ctx, body()), [change]);
    });
  });

  test('text is text still for who comes after us, bytes are bytes, and a stream is a stream', async () => {
    const kinds: string[] = [];
    const look = after(({ body }) => {
      kinds.push(body instanceof Readable ? 'stream' : Buffer.isBuffer(body) ? 'bytes' : typeof body);
    });
    for (const body of [page, Buffer.from(page), stream()])
      await ask(koaOf(Application, [look, oursOf(), (ctx) => html(ctx, body)]));
    expect(kinds).toEqual(['string', 'bytes', 'stream']);
  });

  test('JSON of null keeps the status that Koa gives it', async () => {
    const respond: Koa.Middleware = (ctx) => {
      ctx.type = 'json';
      ctx.body = null;
    };
    const plain = await ask(koaOf(Application, [respond]));
    const mine = await ask(koaOf(Application, [oursOf({ rewrite: { json: true } }), respond]));
    expect([mine.status, mine.text]).toEqual([plain.status, plain.text]);
  });

  test('a length that the app has set by itself is put right', async () => {
    for (const body of [page, stream()]) {
      const app = koaOf(Application, [
        oursOf(),
        (ctx) => {
          html(ctx, body);
          ctx.length = 5;
        },
      ]);
      const response = await ask(app);
      expect([response.isComplete, withoutTokens(response.text)]).toEqual([true, page]);
      expectFraming(response);
    }
  });

  test('`skip` is asked once about a 304, whatever body the app has set', async () => {
    const asked: number[] = [];
    const skip = ({ status }: Koa.Context): boolean => {
      asked.push(status);
      return false;
    };
    for (const body of [page, stream()]) {
      const app = koaOf(Application, [
        oursOf({ skip }),
        (ctx) => {
          ctx.status = 304; // takes a body back that is there already
          html(ctx, body);
        },
      ]);
      expect([(await ask(app)).text, asked.splice(0)]).toEqual(['', [304]]);
    }
  });

  test('a source that another body took the place of is let go', async () => {
    const first = new PassThrough();
    const app = koaOf(Application, [
      oursOf(),
      (ctx) => [first, page].forEach((body) => void html(ctx, body)),
    ]);
    expect(countTokens((await ask(app)).text)).toBe(1);
    expect(first.destroyed).toBe(true);
  });
});
