/**
 * Bodies that come to no good end, on Koa 2 and 3: sources that fail, and clients that go. The connection closes, the
 * source is let go, and the app hears of it as often as without us.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type Koa from 'koa';
import { describe, expect, test } from 'vitest';
import { countTokens, url } from '../support/samples.ts';
import { runs } from '../support/seed.ts';
import { withSite } from '../support/servers/frameworks.ts';
import { ask, koaOf, koas, oursOf } from '../support/servers/koa-site.ts';

const page = `<p>text</p><img src="${url()}">`;

/** A source that gives what it is told to. */
interface Source {
  readonly body: unknown;
  give(text: string): void;
  fail(): void;
  /** When it has been let go. */
  readonly released: Promise<unknown>;
}

function nodeSource(): Source {
  const stream = new PassThrough();
  return {
    body: stream,
    give: (text) => void stream.write(text),
    fail: () => void stream.destroy(new Error('broken')),
    released: new Promise((resolve) => stream.once('close', resolve)),
  };
}

function webSource(wrap: (stream: ReadableStream) => unknown = (stream) => stream): Source {
  let controller: ReadableStreamDefaultController | undefined;
  let body: ReadableStream | undefined;
  const released = new Promise((cancel) => {
    body = new ReadableStream({
      start(given) {
        controller = given;
      },
      cancel,
    });
  });
  return {
    body: wrap(body!),
    give: (text) => controller!.enqueue(Buffer.from(text)),
    fail: () => controller!.error(new Error('broken')),
    released,
  };
}

const type = { headers: { 'content-type': 'text/html' } };
const sources: readonly (readonly [title: string, create: () => Source])[] = [
  ['a Node.js stream', nodeSource],
  ['a web stream', webSource],
  ['a Response', () => webSource((stream) => new Response(stream, type))],
  ['a Blob', () => webSource((stream) => Object.assign(new Blob(['x']), { stream: () => stream }))],
];
/** Koa 2 knows no bodies of the web, and of a Blob Koa 3 sends a length. */
const sourcesOf = (name: string): typeof sources => sources.slice(0, name === 'Koa 3' ? 3 : 1);

function answer(body: (ctx: Koa.Context) => unknown): Koa.Middleware {
  return (ctx) => {
    ctx.type = 'html';
    ctx.body = body(ctx);
    ctx.remove('Content-Length');
  };
}

async function visit(port: number): Promise<ReturnType<typeof connect>> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  return socket;
}

/** Both ends of a connection close when they come to it. */
async function until(isDone: () => boolean, turns = 10_000): Promise<void> {
  for (let turn = 0; turn < turns && !isDone(); turn++) await new Promise(setImmediate);
}

const matrix = koas.flatMap(([name, Application]) =>
  sourcesOf(name).map(([title, create]) => [name, title, Application, create] as const),
);

describe.each(matrix)('%s, %s', (name, _title, Application, create) => {
  async function fail(first: string, mounts: readonly Koa.Middleware[]): Promise<unknown[]> {
    const heard: string[] = [];
    const respond = answer(({ res }) => {
      const source = create();
      const breakOff = (): void => {
        setImmediate(() => {
          source.fail();
          // What plain Koa 2 leaves to the app.
          if (mounts.length === 0 && name === 'Koa 2' && first !== '') setImmediate(() => res.destroy());
        });
      };
      if (first === '') breakOff();
      else {
        source.give(first);
        const { write } = res;
        res.write = ((...args: Parameters<typeof write>) => {
          breakOff();
          return write.apply(res, args);
        }) as typeof write;
      }
      return source.body;
    });
    const { status, isComplete, text } = await ask(koaOf(Application, [...mounts, respond], heard));
    return [status, isComplete, heard.length, countTokens(text)];
  }

  test('a source that fails ends as without us, before its first byte and after it', async () => {
    expect(await fail('', [oursOf()])).toEqual(await fail('', []));
    const [status, isComplete, heard] = await fail(page, []);
    expect(isComplete).toBe(false);
    expect(await fail(page, [oursOf()])).toEqual([status, false, heard, 1]);
  });

  /** Plain Koa 3 never lets go of a source of the web that has nothing to give. */
  async function leave(first: string, mounts: readonly Koa.Middleware[]): Promise<[number, boolean]> {
    const heard: string[] = [];
    let isReleased = false;
    let piped: Promise<unknown> = Promise.resolve();
    let closed = piped;
    const respond = answer(({ res }) => {
      const source = create();
      void source.released.then(() => {
        isReleased = true;
      });
      if (first !== '') source.give(first);
      [piped, closed] = [once(res, 'pipe'), once(res, 'close')];
      return source.body;
    });
    await withSite(koaOf(Application, [...mounts, respond], heard).callback(), async (port) => {
      const socket = await visit(port);
      if (first !== '') await once(socket, 'data');
      else await until(() => closed !== piped).then(() => piped);
      socket.destroy();
      await closed;
      await until(() => isReleased, 100);
    });
    return [heard.length, isReleased];
  }

  test.each([
    ['nothing', ''],
    ['a part', page],
  ])(
    'a client that goes when it has had %s lets the source go, and the app hears of it as without us',
    async (_, first) => {
      const [heard, isReleased] = await leave(first, [oursOf()]);
      expect(isReleased).toBe(true);
      const [plainHeard, isPlainReleased] = await leave(first, []);
      // Of a source that plain Koa keeps it hears from Node.js 22 on nothing.
      expect(heard).toBe(isPlainReleased ? plainHeard : 1);
    },
  );
});

test.each(koas)(
  '%s: an error page in the place of a source that failed arrives, however long',
  async (_, Application) => {
    const respond = answer(() => {
      const source = new PassThrough();
      const error = Object.assign(new Error('x'.repeat(8 << 20)), { expose: true });
      setImmediate(() => source.destroy(error));
      return source;
    });
    const [mine, plain] = await Promise.all(
      [[oursOf()], []].map((mounts) => ask(koaOf(Application, [...mounts, respond]))),
    );
    expect([mine!.status, mine!.body.length]).toEqual([plain!.status, plain!.body.length]);
  },
);

const atOnce = 50;
const visits = atOnce * runs(0.08);
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test.each(koas)(`%s: of ${visits} visits that were broken off nothing is left`, async (name, Application) => {
  const all = name === 'Koa 3' ? sources : sourcesOf(name);
  const contexts: WeakRef<object>[] = [];
  let open = 0;
  const respond = answer((ctx) => {
    const source = all[contexts.length % all.length]![1]();
    contexts.push(new WeakRef(ctx));
    open++;
    source.give(page);
    void source.released.then(() => open--);
    return source.body;
  });
  const app = koaOf(Application, [oursOf(), respond]);
  const leave = async (port: number): Promise<void> => {
    const socket = await visit(port);
    await once(socket, 'data');
    const closed = once(socket, 'close');
    socket.destroy();
    await closed;
  };
  await withSite(app.callback(), async (port) => {
    for (let done = 0; done < visits; done += atOnce)
      await Promise.all(Array.from({ length: atOnce }, () => leave(port)));
    await until(() => open === 0);
    const kept = (): number => contexts.filter((each) => each.deref() !== undefined).length;
    await until(() => {
      collectGarbage();
      return kept() === 0;
    }, 20);
    // Of those that came last, the connection or the parser may not have been let go yet.
    expect([contexts.length, open, app.listenerCount('error'), kept() < atOnce]).toEqual([
      visits,
      0,
      1,
      true,
    ]);
  });
});
