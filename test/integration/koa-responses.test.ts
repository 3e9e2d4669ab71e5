/**
 * Every way in which an app of Koa 2 and 3 answers, and what middleware before us may still make of it: the page is
 * signed, and all else is as without us.
 */
import { PassThrough, Readable } from 'node:stream';
import type Koa from 'koa';
import { describe, expect, test } from 'vitest';
import type { RawRequest } from '../support/http/raw.ts';
import { countTokens, url, withoutTokens } from '../support/samples.ts';
import { ask, headersOf, koaOf, koas, oursOf } from '../support/servers/koa-site.ts';

const page = `<p>é</p><img src="${url()}">`;
const stream = (): Readable => Readable.from([page.slice(0, 20), page.slice(20)]);

/** Sets properties of the context, one after the other; a function makes its value for each request. */
function set(...steps: readonly (readonly [name: string, value: unknown])[]): Koa.Middleware {
  return (ctx) => {
    for (const [name, value] of steps) Reflect.set(ctx, name, typeof value === 'function' ? value() : value);
  };
}

const type = ['type', 'html'] as const;
const fail = (): never => {
  throw new Error('no');
};

/** A response, and how many URLs of it are signed. */
type Way = readonly [title: string, tokens: number, respond: Koa.Middleware];

const ways: readonly Way[] = [
  ['text, then another', 1, set(type, ['body', `<i>${url()}`], ['body', page])],
  ['a stream, then text', 1, set(type, ['body', stream], ['body', page])],
  ['text, then a stream', 1, set(type, ['body', page], ['body', stream])],
  ['a stream, then another', 1, set(type, ['body', stream], ['body', stream])],
  ['a body that is taken back', 0, set(type, ['body', page], ['body', undefined])],
  ['null after a stream', 0, set(type, ['body', stream], ['body', null])],
  ...[204, 205, 304].flatMap((status): Way[] => [
    [`${status}, then a body`, 0, set(['status', status], type, ['body', page])],
    [`a stream, then ${status}`, 0, set(type, ['body', stream], ['status', status])],
  ]),
  ['a status of its own', 1, set(['status', 404], type, ['body', page])],
  ['a redirect', 0, (ctx) => ctx.redirect('https://shop.example/?a=1')],
  ['a redirect to an image', 0, (ctx) => ctx.redirect(url())],
  ['an error that is shown', 0, (ctx) => ctx.throw(404, `<img src="${url()}">`)],
  ['an error after a body', 0, set(type, ['body', stream], ['body', fail])],
  ['a type that Koa finds', 1, set(['body', page])],
  ['a type that comes after the body', 1, set(['body', stream], type)],
  ['a type that is taken back', 0, set(type, ['body', page], ['type', 'text/plain'])],
  ['a type that is cleared', 0, set(type, ['body', page], ['type', null])],
  ['a type that is a list', 1, (ctx, next) => set(['body', page])(typed(ctx, ['text/html']), next)],
  ['headers before the body', 1, (ctx, next) => set(['body', stream])(flushed(ctx), next)],
  ['a response of node:http', 1, (ctx) => void byHand(ctx, page.length + 1).res.end(page)],
  ['a stream that is piped by hand', 1, (ctx) => void stream().pipe(byHand(ctx).res)],
  ['an image', 0, set(['type', 'png'], ['body', Buffer.from(page)])],
  ['events', 0, set(['type', 'text/event-stream'], ['body', stream])],
  ['an object', 0, set(['body', { a: url() }])],
];

function typed(ctx: Koa.ParameterizedContext, value: string[]): never {
  ctx.set('Content-Type', value);
  return ctx as never;
}

function flushed(ctx: Koa.ParameterizedContext): never {
  Object.assign(ctx, { type: 'html', status: 200 }).flushHeaders();
  return ctx as never;
}

function byHand(ctx: Koa.ParameterizedContext, length?: number): Koa.ParameterizedContext {
  Object.assign(ctx, { respond: false }).res.statusCode = 200;
  ctx.res.setHeader('Content-Type', 'text/html');
  if (length !== undefined) ctx.res.setHeader('Content-Length', length);
  return ctx;
}

/** Middleware before us, which has its way when all is done. */
function whenDone(change: (ctx: Koa.Context) => unknown): Koa.Middleware {
  return async (ctx, next) => {
    await next();
    await change(ctx);
  };
}

function through({ body }: Koa.Context): PassThrough {
  const out = new PassThrough();
  return body instanceof Readable ? body.pipe(out) : out.end(body);
}

function sendByHand(ctx: Koa.Context): void {
  Object.assign(ctx, { respond: false, status: 200 });
  if (ctx.body instanceof Readable) ctx.body.pipe(ctx.res);
  else ctx.res.end(ctx.body);
}

const changes: readonly Way[] = [
  ['null', 0, whenDone((ctx) => Object.assign(ctx, { body: null }))],
  ['another page', 1, whenDone((ctx) => Object.assign(ctx, { body: `<main>${page}` }))],
  ['a stream that ours goes through', 1, whenDone((ctx) => Object.assign(ctx, { body: through(ctx) }))],
  ['a cookie', 1, whenDone((ctx) => ctx.cookies.set('a', 'b'))],
  ['another type', 1, whenDone((ctx) => Object.assign(ctx, { type: 'text/html; charset=utf-8' }))],
  ['another status', 1, whenDone((ctx) => Object.assign(ctx, { status: 404 }))],
  ['an error', 0, whenDone((ctx) => ctx.throw(500))],
  ['a response by hand', 1, whenDone(sendByHand)],
];

/** What a page that is signed says otherwise. */
const ofPages = ['cache-control', 'content-length', 'transfer-encoding'];
const bodies: readonly (readonly [kind: string, body: () => unknown])[] = [
  ['text', () => page],
  ['bytes', () => Buffer.from(page)],
  ['a stream', stream],
];

describe.each(koas)('%s', (_name, Application) => {
  async function expectAsWithoutUs(tokens: number, ...[respond, ...before]: Koa.Middleware[]): Promise<void> {
    for (const request of [{}, { method: 'HEAD' }, { version: '1.0' }] as RawRequest[]) {
      const [heard, plainHeard]: string[][] = [[], []];
      const mine = await ask(koaOf(Application, [...before, oursOf(), respond!], heard), request);
      const plain = await ask(koaOf(Application, [...before, respond!], plainHeard), request);
      expect([mine.status, mine.isComplete, heard]).toEqual([plain.status, plain.isComplete, plainHeard]);
      const isHead = request.method === 'HEAD';
      expect([withoutTokens(mine.text), countTokens(mine.text)]).toEqual([plain.text, isHead ? 0 : tokens]);
      expect(headersOf(mine, ofPages)).toEqual(headersOf(plain, ofPages));
      if (tokens > 0) expect(mine.header('cache-control')).toBe('no-cache');
      if (!isHead) expect([undefined, String(mine.body.length)]).toContain(mine.header('content-length'));
    }
  }

  test.each(ways)('%s: %i signed', (_title, tokens, respond) => expectAsWithoutUs(tokens, respond));

  describe.each(bodies)('of %s a middleware before us makes', (_kind, body) => {
    test.each(changes)('%s: %i signed', (_title, tokens, change) =>
      expectAsWithoutUs(tokens, set(type, ['body', body]), change),
    );
  });

  test('text is text still for who comes after us, bytes are bytes, and a stream is one of bytes, also for HEAD', async () => {
    const kinds: string[] = [];
    const look = whenDone(({ body }) => {
      const isStream = body instanceof Readable && !body.readableObjectMode;
      kinds.push(isStream ? 'stream' : Buffer.isBuffer(body) ? 'bytes' : typeof body);
    });
    for (const [, body] of bodies) await ask(koaOf(Application, [look, oursOf(), set(type, ['body', body])]));
    const empty = set(type, ['body', () => new PassThrough().end(page)]);
    await ask(koaOf(Application, [look, oursOf(), empty]), { method: 'HEAD' });
    expect(kinds).toEqual(['string', 'bytes', 'stream', 'stream']);
  });

  test('JSON of null keeps the status that Koa gives it', async () => {
    const respond = set(['type', 'json'], ['body', null]);
    const plain = await ask(koaOf(Application, [respond]));
    const mine = await ask(koaOf(Application, [oursOf({ rewrite: { json: true } }), respond]));
    expect([mine.status, mine.text]).toEqual([plain.status, plain.text]);
  });

  test.each(bodies)('a length that the app has set by itself is put right: %s', async (_kind, body) => {
    const app = koaOf(Application, [oursOf(), set(type, ['body', body], ['length', 5])]);
    const response = await ask(app);
    expect([response.isComplete, withoutTokens(response.text)]).toEqual([true, page]);
    expect([undefined, String(response.body.length)]).toContain(response.header('content-length'));
  });

  test.each(bodies)(
    '`skip` is asked once about a 304, whatever body the app has set: %s',
    async (_, body) => {
      const asked: number[] = [];
      const skip = ({ status }: Koa.Context): boolean => asked.push(status) === 0;
      // A 304 takes a body back that is there already.
      const app = koaOf(Application, [oursOf({ skip }), set(['status', 304], type, ['body', body])]);
      expect([(await ask(app)).text, asked]).toEqual(['', [304]]);
    },
  );

  test('a source that another body took the place of is let go', async () => {
    const first = new PassThrough();
    const app = koaOf(Application, [oursOf(), set(type, ['body', first], ['body', page])]);
    expect(countTokens((await ask(app)).text)).toBe(1);
    expect(first.destroyed).toBe(true);
  });

  test('an error with which middleware around ours ends a body is the one that its source gets', async () => {
    const source = new PassThrough();
    const got = new Promise<Error>((resolve) => source.once('error', resolve));
    const end = whenDone((ctx) => {
      (ctx.body as PassThrough).destroy(new Error('took too long'));
      ctx.body = 'another';
    });
    await ask(koaOf(Application, [end, oursOf(), set(type, ['body', source])]));
    expect((await got).message).toBe('took too long');
  });
});
