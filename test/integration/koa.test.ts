/** What Koa alone has: bodies of many kinds, put in each other's place, and neighbours such as `koa-compress`; Koa 2 and 3. */
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import etag from '@koa/etag';
import Koa from 'koa';
import compress from 'koa-compress';
import conditional from 'koa-conditional-get';
import mount from 'koa-mount';
import Koa2 from 'koa2';
import { describe, expect, test } from 'vitest';
import { imageGuard, imageSigner } from '../../src/koa.ts';
import { withSite } from '../support/frameworks.ts';
import { type RawRequest, type RawResponse, send } from '../support/raw.ts';
import {
  accountHash,
  base,
  clockAt,
  countTokens,
  id,
  signerWith,
  url,
  withoutTokens,
} from '../support/samples.ts';

const page = `<p>text</p><img src="${url()}">`;
const kinds = [
  ['Koa 2', Koa2],
  ['Koa 3', Koa],
] as const;

function appOf(
  Application: typeof Koa,
  respond: Koa.Middleware,
  options: object = {},
  before: readonly Koa.Middleware[] = [],
  after: readonly Koa.Middleware[] = [],
): Koa {
  const app = new Application();
  app.silent = true;
  for (const each of [...before, imageSigner({ ...base, ...options } as never), ...after, respond])
    app.use(each);
  return app;
}

function ask(app: Koa, request: RawRequest = {}, path = '/'): Promise<RawResponse> {
  return withSite(app.callback(), (port) => send(port, path, request));
}

function html(body: () => unknown): Koa.Middleware {
  return (ctx) => {
    ctx.type = 'html';
    ctx.body = body();
  };
}

function answer(body: () => unknown): Koa.Middleware {
  return (ctx) => {
    ctx.body = body();
  };
}

const web = (): ReadableStream => new Blob([page]).stream() as ReadableStream;

describe.each(kinds)('%s', (name, Application) => {
  const bodies: [string, () => unknown][] = [
    ['a string', () => page],
    ['a Buffer', () => Buffer.from(page)],
    ['a stream', () => Readable.from([page.slice(0, 20), page.slice(20)])],
  ];
  if (name === 'Koa 3')
    bodies.push(
      ['a web stream', web],
      ['a Blob', () => new Blob([page])],
      ['a Response', () => new Response(page, { headers: { 'content-type': 'text/html' } })],
    );

  test.each(bodies)(
    '%s is signed, its framing is right, and HEAD has the headers of GET',
    async (_title, body) => {
      const app = appOf(Application, html(body));
      const get = await ask(app);
      expect([get.status, withoutTokens(get.text), countTokens(get.text), get.isComplete]).toEqual([
        200,
        page,
        1,
        true,
      ]);
      expect(get.header('cache-control')).toBe('no-cache');
      expect([undefined, String(get.body.length)]).toContain(get.header('content-length'));
      const head = await ask(app, { method: 'HEAD' });
      const names = (response: RawResponse): string[] =>
        response.headers.map(([each]) => each).filter((each) => !/length|transfer-encoding/.test(each));
      expect(names(head)).toEqual(names(get));
      expect(head.body.length).toBe(0);
    },
  );

  test('a body without a type that begins with a tag is a page, as Koa says', async () => {
    const { text } = await ask(
      appOf(
        Application,
        answer(() => page),
      ),
    );
    expect(countTokens(text)).toBe(1);
  });

  test('JSON is signed where json is on', async () => {
    const respond = answer(() => ({ image: url(), other: 'é' }));
    expect(JSON.parse((await ask(appOf(Application, respond))).text)).toEqual({ image: url(), other: 'é' });
    const { text, header } = await ask(appOf(Application, respond, { rewrite: { json: true } }));
    expect(countTokens(JSON.parse(text).image)).toBe(1);
    expect(header('content-length')).toBe(String(Buffer.byteLength(text)));
  });

  test.each([
    ['null', null, 204],
    ['nothing', undefined, 404],
  ])('%s is left to Koa', async (_title, body, status) => {
    const respond = body === undefined ? () => {} : answer(() => body);
    expect((await ask(appOf(Application, respond))).status).toBe(status);
  });

  test('helpers stand on the context and in the state', async () => {
    const app = appOf(Application, (ctx) => {
      const state = ctx.state as { signImage(image: unknown): unknown };
      ctx.body = { image: ctx.signImage(url()), srcset: ctx.signSrcset(url()), view: state.signImage(null) };
    });
    const { image, srcset, view } = JSON.parse((await ask(app)).text);
    expect([countTokens(image), countTokens(srcset), view]).toEqual([1, 2, null]);
  });

  test('authorize and skip are asked with the context', async () => {
    const seen: unknown[] = [];
    const options = {
      authorize: (_image: unknown, ctx: { state: { user: string } }) => {
        seen.push(ctx.state.user);
        return true;
      },
      skip: (ctx: { path: string }) => {
        seen.push(ctx.path);
        return false;
      },
    };
    const user: Koa.Middleware = (ctx, next) => {
      ctx.state['user'] = 'me';
      return next();
    };
    const { header } = await ask(
      appOf(
        Application,
        html(() => page),
        options,
        [],
        [user],
      ),
    );
    expect(seen).toEqual(['/', 'me']);
    expect(header('cache-control')).toBe('private, no-cache');
  });

  test('what somebody before sets afterwards is signed as well', async () => {
    const outer: Koa.Middleware = async (ctx, next) => {
      await next();
      ctx.body = `<main>${page}</main>`;
    };
    const { text } = await ask(
      appOf(
        Application,
        html(() => page),
        {},
        [outer],
      ),
    );
    expect([withoutTokens(text), countTokens(text)]).toEqual([`<main>${page}</main>`, 1]);
  });

  test('an error page of a middleware before is signed', async () => {
    const outer: Koa.Middleware = async (ctx, next) => {
      try {
        await next();
      } catch {
        ctx.status = 500;
        ctx.body = page;
      }
    };
    const app = appOf(Application, () => Promise.reject(new Error('no')), {}, [outer]);
    const { status, text } = await ask(app);
    expect([status, countTokens(text)]).toEqual([500, 1]);
  });

  test.each([
    ['before', [compress({ threshold: 0 })], []],
    ['after', [], [compress({ threshold: 0 })]],
  ] as const)('koa-compress mounted %s', async (title, before, after) => {
    // It takes no bodies of the web; before us it gets what we have made of them.
    for (const [, body] of title === 'after' ? bodies.slice(0, 3) : bodies) {
      const app = appOf(Application, html(body), {}, before, after);
      const { header, body: bytes } = await ask(app, { headers: { 'accept-encoding': 'gzip' } });
      expect(header('content-encoding')).toBe('gzip');
      const text = gunzipSync(bytes).toString();
      expect([withoutTokens(text), countTokens(text)]).toEqual([page, 1]);
    }
  });

  test.each([
    ['before', [conditional(), etag()], []],
    ['after', [], [conditional(), etag()]],
  ] as const)(
    'a tag by @koa/etag mounted %s brings a 304 within the step, and none after it',
    async (_title, before, after) => {
      const now = clockAt();
      const app = appOf(
        Application,
        html(() => page),
        { now },
        before,
        after,
      );
      await withSite(app.callback(), async (port) => {
        for (const accept of ['text/html', '*/*']) {
          const tag = (await send(port, '/')).header('etag')!;
          const revisit = (): Promise<RawResponse> =>
            send(port, '/', { headers: { 'if-none-match': tag, accept } });
          const again = await revisit();
          expect([again.status, again.header('etag'), again.header('cache-control')]).toEqual([
            304,
            tag,
            'no-cache',
          ]);
          now.advance(6 * 3600);
          expect((await revisit()).status).toBe(200);
          const foreign = { 'if-none-match': '"other"', accept };
          expect((await send(port, '/', { headers: foreign })).status).toBe(200);
        }
      });
    },
  );

  test('a source that fails closes the connection, without a clean end, and is heard of as often as without us', async () => {
    const counts = await Promise.all(
      [true, false].map(async (isSigned) => {
        const app = new Application();
        let errors = 0;
        app.on('error', () => errors++);
        if (isSigned) app.use(imageSigner(base as never));
        app.use((ctx) => {
          const source = new PassThrough();
          source.write(page);
          ctx.type = 'html';
          ctx.body = source;
          ctx.res.once('pipe', () => setImmediate(() => source.destroy(new Error('broken'))));
          if (!isSigned && name === 'Koa 2')
            source.once('error', () => setImmediate(() => ctx.res.destroy()));
        });
        const { isComplete } = await ask(app);
        expect(isComplete).toBe(false);
        return errors;
      }),
    );
    expect(counts[0]).toBe(counts[1]);
  });

  test('a client that goes destroys the source', async () => {
    let source: PassThrough | undefined;
    const app = appOf(Application, (ctx) => {
      source = new PassThrough();
      source.write(page);
      ctx.type = 'html';
      ctx.body = source;
    });
    await withSite(app.callback(), async (port) => {
      const { connect } = await import('node:net');
      const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
      await once(socket, 'data');
      const closed = once(source!, 'close');
      socket.destroy();
      await closed;
      expect(source!.destroyed).toBe(true);
    });
  });

  test('the guard refuses, passes, and says what it has let through', async () => {
    const options = { ...base, delivery: '/images', accountHash };
    const app = new Application();
    app.silent = true;
    const inner: Koa.Middleware = (ctx) => {
      ctx.body = { variant: (ctx.state['signedImage'] as { image: { variant: string } }).image.variant };
    };
    const guarded = new Application();
    guarded.use(imageGuard(options as never)).use(inner);
    app.use(mount('/images', guarded));
    const bare = `/images/${accountHash}/${id}/thumb`;
    const target = signerWith({ delivery: '/images', accountHash }).signImage(bare);
    expect(await ask(app, {}, bare)).toMatchObject({ status: 403, text: 'Forbidden\n' });
    expect((await ask(app, {}, '/images/x')).status).toBe(404);
    const passed = await ask(app, {}, target);
    expect([passed.status, passed.text]).toEqual([200, '{"variant":"thumb"}']);
    expect(passed.header('cache-control')).toMatch(/^private, max-age=\d+$/);
  });
});
