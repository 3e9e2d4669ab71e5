/**
 * Bodies that come to no good end, on Koa 2 and 3: sources that fail, and clients that go. The connection closes, the
 * source is let go, and the app hears of it as often as without us.
 */
import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Koa from 'koa';
import { describe, expect, test } from 'vitest';
import { type Site, serve, withSite } from '../support/frameworks.ts';
import { ask, koaOf, koas, oursOf } from '../support/koa-site.ts';
import { OwnBlob, type Source, sources, sourcesOfTheWeb, webSource } from '../support/koa-sources.ts';
import { type RawResponse, send } from '../support/raw.ts';
import { countTokens, url } from '../support/samples.ts';
import { atLength } from '../support/seed.ts';

const page = `<p>text</p><img src="${url()}">`;

const matrix = koas.flatMap(([name, Application]) =>
  [...sources, ...(name === 'Koa 3' ? sourcesOfTheWeb : [])].map(
    ([title, create]) => [name, title, Application, create] as const,
  ),
);

function answer(body: (ctx: Koa.Context) => unknown): Koa.Middleware {
  return (ctx) => {
    ctx.type = 'html';
    ctx.body = body(ctx);
  };
}

interface Failure {
  readonly response: Pick<RawResponse, 'status' | 'isComplete'>;
  readonly tokens: number;
  readonly heard: number;
}

describe.each(matrix)('%s, %s', (name, _title, Application, create) => {
  async function fail(first: string, mounts: readonly Koa.Middleware[]): Promise<Failure> {
    const heard: string[] = [];
    const respond = answer((ctx) => {
      const source = create();
      const breakOff = (): void => {
        setImmediate(() => {
          source.fail();
          // What plain Koa 2 leaves to the app.
          if (mounts.length === 0 && name === 'Koa 2' && first !== '') setImmediate(() => ctx.res.destroy());
        });
      };
      if (first === '') breakOff();
      else {
        source.give(first);
        const { write } = ctx.res;
        ctx.res.write = ((...args: Parameters<typeof write>) => {
          breakOff();
          return write.apply(ctx.res, args);
        }) as typeof write;
      }
      return source.body;
    });
    const app = koaOf(Application, [...mounts, respond], heard);
    const { status, isComplete, text } = await withSite(app.callback(), (port) => send(port, '/'));
    return { response: { status, isComplete }, tokens: countTokens(text), heard: heard.length };
  }

  test.each([
    ['before the first byte', ''],
    ['after it', page],
  ])('a source that fails %s ends as without us', async (_when, first) => {
    const plain = await fail(first, []);
    const mine = await fail(first, [oursOf()]);
    expect(mine).toEqual({ ...plain, tokens: first === '' ? 0 : 1 });
    if (first !== '') expect(mine.response.isComplete).toBe(false);
  });

  /** Plain Koa 3 never lets go of a source of the web that has nothing to give. */
  async function leave(
    first: string,
    mounts: readonly Koa.Middleware[],
  ): Promise<{ readonly heard: number; readonly isReleased: boolean }> {
    const heard: string[] = [];
    let source: Source | undefined;
    let isReleased = false;
    const moments = new EventEmitter();
    const [piped, closed] = [once(moments, 'pipe'), once(moments, 'close')];
    const respond = answer((ctx) => {
      source = create();
      if (first !== '') source.give(first);
      for (const each of ['pipe', 'close']) ctx.res.once(each, () => moments.emit(each));
      return source.body;
    });
    await withSite(koaOf(Application, [...mounts, respond], heard).callback(), async (port) => {
      const socket = await visit(port);
      await (first === '' ? piped : once(socket, 'data'));
      socket.destroy();
      await closed;
      void source!.released.then(() => {
        isReleased = true;
      });
      await until(() => isReleased, 100);
    });
    return { heard: heard.length, isReleased };
  }

  test('a client that goes lets the source go, whatever it has had, and the app hears of it as without us', async () => {
    for (const first of ['', page]) {
      const mine = await leave(first, [oursOf()]);
      expect(mine.isReleased).toBe(true);
      const plain = await leave(first, []);
      // Of a source that plain Koa keeps it hears from Node.js 22 on nothing.
      expect(mine.heard).toBe(plain.isReleased ? plain.heard : 1);
    }
  });
});

async function visit(port: number): Promise<ReturnType<typeof connect>> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  return socket;
}

test.each(koas)(
  '%s: an error page in the place of a source that failed arrives as without us, however long',
  async (_name, Application) => {
    const respond = answer(() => {
      const source = new PassThrough();
      const error = Object.assign(new Error('x'.repeat(8 << 20)), { expose: true });
      setImmediate(() => source.destroy(error));
      return source;
    });
    const lengths = await Promise.all(
      [[oursOf()], []].map(async (mounts) => {
        const { status, body, isComplete } = await ask(koaOf(Application, [...mounts, respond], []));
        return [status, body.length, isComplete];
      }),
    );
    expect(lengths[0]).toEqual(lengths[1]);
  },
);

test('Koa 3: a client that goes lets the stream of a Blob go', async () => {
  const source = webSource((stream) => new OwnBlob(stream));
  source.give(page);
  const respond: Koa.Middleware = (ctx) => {
    ctx.body = source.body;
    ctx.type = 'html';
    ctx.remove('Content-Length');
  };
  await withSite(koaOf(Koa, [oursOf(), respond]).callback(), async (port) => {
    const socket = await visit(port);
    await once(socket, 'data');
    socket.destroy();
    await source.released;
  });
});

const atOnce = 50;
const visits = atOnce * atLength(40, 8);

test.each(koas)(`%s: of ${visits} visits that were broken off nothing is left`, async (name, Application) => {
  const sides = name === 'Koa 3' ? [...sources, ...sourcesOfTheWeb] : sources;
  const contexts: WeakRef<object>[] = [];
  let open = 0;
  const respond = answer((ctx) => {
    const source = sides[contexts.length % sides.length]![1]();
    contexts.push(new WeakRef(ctx));
    open++;
    source.give(page);
    void source.released.then(() => open--);
    return source.body;
  });
  const app = koaOf(Application, [oursOf(), respond], []);
  const site = await serve(app.callback());
  try {
    await breakOffVisits(site, visits);
    await until(() => open === 0);
    await until(() => {
      collectGarbage();
      return contexts.every((each) => each.deref() === undefined);
    }, 20);
    const kept = contexts.filter((each) => each.deref() !== undefined).length;
    // Of those that came last, the connection or the parser may not have been let go yet.
    expect([contexts.length, open, app.listenerCount('error'), kept < atOnce]).toEqual([visits, 0, 1, true]);
  } finally {
    await site.close();
  }
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function breakOffVisits({ port }: Site, visits: number): Promise<void> {
  for (let done = 0; done < visits; done += atOnce) {
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        const socket = await visit(port);
        await once(socket, 'data');
        const closed = once(socket, 'close');
        socket.destroy();
        await closed;
      }),
    );
  }
}

/** Both ends of a connection close when they come to it. */
async function until(isDone: () => boolean, turns = 10_000): Promise<void> {
  for (let turn = 0; turn < turns && !isDone(); turn++) await new Promise(setImmediate);
}

test.each(koas)(
  '%s: an error with which middleware around ours ends a body is the one that its source gets',
  async (_, Application) => {
    const source = new PassThrough();
    const got = once(source, 'error');
    const app = koaOf(Application, [
      async (ctx, next) => {
        await next();
        (ctx.body as PassThrough).destroy(new Error('took too long'));
        ctx.body = 'another';
      },
      oursOf(),
      answer(() => source),
    ]);
    await ask(app);
    const [{ message }] = (await got) as [Error];
    expect(message).toBe('took too long');
  },
);

test.each(koas)(
  '%s: middleware around ours takes the stream of a page for HEAD for one of bytes, as koa-json has to',
  async (_, Application) => {
    let isOfObjects: boolean | undefined;
    const app = koaOf(Application, [
      async (ctx, next) => {
        await next();
        isOfObjects = (ctx.body as PassThrough).readableObjectMode;
      },
      oursOf(),
      answer(() => new PassThrough().end(page)),
    ]);
    await withSite(app.callback(), (port) => send(port, '/', { method: 'HEAD' }));
    expect(isOfObjects).toBe(false);
  },
);
