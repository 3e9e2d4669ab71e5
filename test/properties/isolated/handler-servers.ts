/**
 * Handlers that answer in every way, and do odd things to their answer, on every framework, with the middleware and without.
 * Longer than most files: each framework takes bodies of other kinds, by other methods.
 */
import { createServer, type RequestListener } from 'node:http';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import express4 from 'express4';
import fastify, { type FastifyReply } from 'fastify';
import { type Context, Hono } from 'hono';
import Koa from 'koa';
import Koa2 from 'koa2';
import { imageSigner as fastifySigner } from '../../../src/fastify.ts';
import { imageSigner as fetchSigner } from '../../../src/fetch.ts';
import { imageSigner as honoSigner } from '../../../src/hono.ts';
import { imageSigner as expressSigner, type ImageSignerOptions } from '../../../src/index.ts';
import { imageSigner as koaSigner } from '../../../src/koa.ts';
import { base, url } from '../../support/samples.ts';
import { serve } from '../../support/servers/frameworks.ts';

/** What a handler does to its answer: a response, a reply or a context. */
type Step = readonly [title: string, run: (target: never) => unknown];

/** By what they decide. A usual handler takes some of each kind, in this order, and one body. */
interface Steps {
  readonly status: readonly Step[];
  readonly type: readonly Step[];
  readonly length: readonly Step[];
  readonly field: readonly Step[];
  readonly body: readonly Step[];
  readonly odd: readonly Step[];
}

export type Kind = keyof Steps;

/** One framework. A script is a list of indices into its steps. */
export interface HandlerServer {
  readonly name: string;
  readonly titles: readonly string[];
  readonly order: readonly Kind[];
  /** The indices of the steps of a kind. */
  indicesOf(kind: Kind): readonly number[];
  listen(): Promise<Playing>;
}

/** A server whose handler plays a script at `/<indices with dots between them>`; below `/json` JSON is rewritten too. */
export interface Played {
  readonly port: number;
  /** What the app has heard of as errors. */
  readonly heard: string[];
}

export interface Playing {
  readonly plain: Played;
  readonly signed: Played;
  close(): Promise<void>;
}

/** Of an error of Node.js its code: the words tell which class of stream has thrown it. */
export function nameOf(error: unknown): string {
  return (error as { readonly code?: string }).code ?? String(error);
}

const page = `<p>é</p><img src="${url()}">`;
const circular: Record<string, unknown> = { url: url() };
circular['itself'] = circular;

function failing(): Readable {
  return new Readable({
    read() {
      this.destroy(new Error('on purpose'));
    },
  });
}

const bytes = (): Uint8Array => new TextEncoder().encode(page);
const webStream = (): ReadableStream => new Response(page).body!;
const webStreamOf = (...chunks: readonly unknown[]): ReadableStream =>
  new ReadableStream({
    start(controller) {
      for (const each of chunks) controller.enqueue(each);
      controller.close();
    },
  });
const parts = (): Buffer[] => [page.slice(0, 12), page.slice(12)].map((each) => Buffer.from(each));

/** Made anew for each use. */
const values: Readonly<Record<string, () => unknown>> = {
  'a page': () => page,
  'a page as bytes': () => Buffer.from(page),
  'a page as a Uint8Array': bytes,
  'a page as a DataView': () => new DataView(bytes().buffer),
  'a page as an ArrayBuffer': () => bytes().buffer,
  'a Float64Array': () => new Float64Array(2),
  text: () => 'text',
  "''": () => '',
  'no bytes': () => Buffer.alloc(0),
  null: () => null,
  undefined: () => undefined,
  0: () => 0,
  5: () => 5,
  NaN: () => Number.NaN,
  true: () => true,
  false: () => false,
  'an object': () => ({ url: url(), text: 'é' }),
  'an array': () => [url(), { page }],
  'a circular object': () => circular,
  'an object without a text': () => ({ toJSON: () => undefined }),
  'an object that throws': () => ({
    toJSON() {
      throw new Error('on purpose');
    },
  }),
  'an object without a prototype': () => Object.assign(Object.create(null), { url: url() }),
  'a big integer': () => 10n,
  'a symbol': () => Symbol('odd'),
  'a function': () => () => page,
  'a date': () => new Date(0),
  'a map': () => new Map([['url', url()]]),
  'a String object': () => new String(page),
  'an iterator': () => parts().values(),
  'a stream': () => Readable.from(parts()),
  'a stream of texts': () => Readable.from([page]),
  'an object stream': () => Readable.from([{ url: url() }]),
  'an empty stream': () => Readable.from([]),
  'a web stream': webStream,
  'a web stream in parts': () => webStreamOf(...parts()),
  'a web stream of texts': () => webStreamOf(page),
  'a web stream of objects': () => webStreamOf({ url: url() }),
  'a locked web stream': () => {
    const stream = webStream();
    stream.getReader();
    return stream;
  },
  'a blob': () => new Blob([page], { type: 'text/html' }),
  'a blob without a type': () => new Blob([page]),
  'a Response': () => new Response(page, { status: 201, headers: { 'content-type': 'text/html' } }),
  'a Response with a length': () =>
    new Response(page, { headers: { 'content-length': String(bytes().length) } }),
  'a Response without a body': () => new Response(null, { headers: { 'x-own': '1' } }),
};

const types = [
  ...['html', 'json', 'text', 'text/html', 'TEXT/HTML;charset=latin1', 'text/html; charset=utf-16le'],
  ...['application/json', 'nonsense', '', null, undefined],
];
const html = 'text/html';
const typeValues = [html, `${html}; charset=utf-8`, [html], ['text/plain', html], 'application/json', '', 5];
const lengths = [bytes().length, 0, 5, 1000, '7', 'x', -1, null, undefined];
const codes = [200, 201, 204, 205, 206, 299, 304, 400, 404, 410, 500, 599];
const statuses = [...codes, 999, 99, 'x', '200', null];
const fields: readonly (readonly [string, unknown])[] = [
  ...['gzip', 'identity', '', 'x-odd'].map((coding) => ['Content-Encoding', coding] as const),
  ['Content-Range', 'bytes 0-3/9'],
  ['Cache-Control', 'no-transform'],
  ['Cache-Control', 'public, max-age=1000000'],
  ...['"own"', 'own', ['"a"', '"b"']].map((tag) => ['ETag', tag] as const),
  ['Last-Modified', new Date(0).toUTCString()],
  ['Link', `<${url()}>; rel=preload; as=image`],
  ['X-Own', 'own'],
  ['X-Own', 'é'],
  ['X-Own', undefined],
];
const names = ['Content-Type', 'Content-Length', 'Content-Encoding', 'ETag', 'Transfer-Encoding'];

const literal = (value: unknown): string => (value === undefined ? 'undefined' : JSON.stringify(value));
const listed = (value: unknown): readonly unknown[] => [value];
const ofField =
  (name: string) =>
  (value: unknown): readonly unknown[] => [name, value];
type Methods = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

/** One step for each list of arguments. */
const calls = (method: string, lists: readonly (readonly unknown[])[]): Step[] =>
  lists.map((args) => [
    `${method}(${args.map(literal)})`,
    (target: Methods) => target[method]!.apply(target, [...args]),
  ]);
const sets = (name: string, values: readonly unknown[]): Step[] =>
  values.map((value) => [`${name}(${literal(value)})`, (target: object) => Reflect.set(target, name, value)]);
/** One for each value that may be a body. */
const bodies = <Target>(name: string, put: (target: Target, value: unknown) => unknown, of = /^/): Step[] =>
  Object.entries(values).flatMap(([title, make]): Step[] =>
    of.test(title) ? [[`${name}(${title})`, (target: Target) => put(target, make())]] : [],
  );
const sends = (method: string, of?: RegExp): Step[] =>
  bodies<Methods>(method, (target, value) => target[method]!.call(target, value), of);
const common: readonly Step[] = [
  [
    'throw',
    () => {
      throw new Error('on purpose');
    },
  ],
  ['await', () => new Promise((resolve) => setImmediate(resolve))],
];

type Build = (
  options: ImageSignerOptions | undefined,
  play: (target: never, url: string) => unknown,
  hear: (error: unknown) => void,
) => RequestListener | Promise<RequestListener>;

/** @param build - a listener with a middleware of these options, or with none */
function serverOf(name: string, steps: Steps, build: Build): HandlerServer {
  const kinds = Object.entries(steps).flatMap(([kind, list]: [string, readonly Step[]]) =>
    list.map(() => kind),
  );
  const all = Object.values(steps).flat() as Step[];
  return {
    name,
    titles: all.map(([title]) => title),
    order: Object.keys(steps) as Kind[],
    indicesOf: (kind) => [...kinds.keys()].filter((index) => kinds[index] === kind),
    async listen() {
      const play = async (target: never, path: string): Promise<void> => {
        let last: unknown;
        for (const index of path.split('/').at(-1)!.split('.').filter(Boolean)) {
          const [title, run] = all[Number(index)]!;
          const result = run(target);
          // Only `await` waits: what a step answers is no promise of the handler's.
          if (title === 'await') await result;
          else if (result instanceof Promise) last = result;
        }
        await last;
      };
      const start = async (options: readonly (ImageSignerOptions | undefined)[]) => {
        const heard: string[] = [];
        const hear = (error: unknown): void => void heard.push(nameOf(error));
        const [html, json] = await Promise.all(options.map((each) => build(each, play, hear)));
        const site = await serve((request, response) => {
          // A handler that ends twice makes Node.js emit one, which would end the process that the tests are in.
          response.on('error', hear);
          (request.url!.startsWith('/json') ? json! : html!)(request, response);
        });
        return { ...site, heard };
      };
      const signer = { ...base, report: false, now: () => Date.now() } as const;
      const [plain, signed] = await Promise.all([
        start([undefined, undefined]),
        start([signer as ImageSignerOptions, { ...signer, rewrite: { json: true } } as ImageSignerOptions]),
      ]);
      return {
        plain,
        signed,
        close: async () => void (await Promise.all([plain.close(), signed.close()])),
      };
    },
  };
}

/** A body together with its coding. */
const encoded = <Target>(
  name: string,
  set: (target: Target, coding: string) => unknown,
  put: (target: Target, value: unknown) => unknown,
): Step[] =>
  [
    ['a page', () => gzipSync(page)],
    ['a stream of a page', () => Readable.from([gzipSync(page)])],
    ['half a page', () => gzipSync(page).subarray(0, 30)],
  ].map(([title, make]) => [
    `${name}(${title} in gzip)`,
    (target: Target) => {
      set(target, 'gzip');
      return put(target, (make as () => unknown)());
    },
  ]);

const koaSteps = (of: RegExp): Steps => ({
  status: sets('status', statuses),
  type: [...sets('type', types), ...calls('set', typeValues.map(ofField('Content-Type')))],
  body: [
    ...bodies<object>('body', (ctx, value) => Reflect.set(ctx, 'body', value), of),
    ...encoded<Koa.Context>(
      'body',
      (ctx, coding) => ctx.set('Content-Encoding', coding),
      (ctx, value) => Reflect.set(ctx, 'body', value),
    ),
  ],
  length: sets('length', lengths),
  field: [
    ...calls('set', fields),
    ['res.statusCode(201)', (ctx: Koa.Context) => Reflect.set(ctx.res, 'statusCode', 201)],
  ],
  odd: [
    ...('a stream that fails'.match(of)
      ? [['body(a stream that fails)', (ctx: Koa.Context) => Reflect.set(ctx, 'body', failing())] as Step]
      : []),
    ...calls('remove', names.map(listed)),
    ['res.setHeader(Content-Type, text/html)', (ctx: Koa.Context) => ctx.res.setHeader('Content-Type', html)],
    ...calls('redirect', [['/elsewhere']]),
    ...calls('throw', [[404, page]]),
    [
      'respond(false)',
      (ctx: Koa.Context) => {
        ctx.respond = false;
        ctx.res.end(page);
      },
    ],
    ...common,
  ],
});

const koaServer = (name: string, App: typeof Koa, steps: Steps, where: 'outermost' | 'below') =>
  serverOf(name, steps, (options, play, hear) => {
    const app = new App();
    app.on('error', hear);
    if (where === 'below') app.use((_ctx, next) => next());
    if (options !== undefined) app.use(koaSigner(options as never));
    app.use(async (ctx) => void (await play(ctx as never, ctx.url)));
    return app.callback();
  });

const expressSteps = (of?: RegExp): Steps => ({
  status: [...calls('status', statuses.map(listed)), ...sets('statusCode', statuses)],
  type: [
    ...calls('type', types.map(listed)),
    ...['set', 'setHeader'].flatMap((method) => calls(method, typeValues.map(ofField('Content-Type')))),
  ],
  length: calls('set', lengths.map(ofField('Content-Length'))),
  field: calls('set', fields),
  body: [
    ...sends('send', of),
    ...['json', 'end', 'write'].flatMap((method) => sends(method)),
    ...bodies<express.Response>(
      'pipe',
      (response, value) => (value as Readable).pipe(response),
      /^an? .*stream/,
    ),
    ...encoded<express.Response>(
      'send',
      (response, coding) => response.set('Content-Encoding', coding),
      (response, value) => (value instanceof Readable ? value.pipe(response) : response.send(value)),
    ),
  ],
  odd: [
    ...calls(
      'writeHead',
      statuses.map((status) => [status, { 'content-type': html }]),
    ),
    ...calls('removeHeader', names.map(listed)),
    ...calls('flushHeaders', [[]]),
    ...calls('redirect', [['/elsewhere']]),
    ...calls('sendStatus', [[404]]),
    [
      'next(error)',
      (res: express.Response) => failWith(res, Object.assign(new Error(page), { status: 418 })),
    ],
    ...common,
  ],
});

/** The error handler answers, once, and the script's end is not waited for. */
function failWith({ locals }: express.Response, error: Error): void {
  const { next } = locals;
  delete locals['next'];
  next?.(error);
}

const expressServer = (name: string, create: typeof express, steps: Steps) =>
  serverOf(name, steps, (options, play, hear) => {
    const app = create();
    app.set('env', 'test'); // silent
    if (options !== undefined) app.use(expressSigner(options));
    app.use((request, response, next) => {
      response.locals['next'] = next;
      let isPiped = false;
      response.on('pipe', () => {
        isPiped = true;
      });
      const end = (): void => {
        if (!isPiped && !response.writableEnded && response.locals['next'] !== undefined) response.end();
      };
      Promise.resolve(play(response as never, request.url))
        .then(end)
        .catch(next);
    });
    // Express shows the stack, which holds the files that a call went through.
    const hideStack: express.ErrorRequestHandler = (error, _request, _response, next) => {
      hear(error);
      next(Object.assign(error, { stack: page }));
    };
    app.use(hideStack);
    return app;
  });

const fastifySteps: Steps = {
  status: calls('code', statuses.map(listed)),
  type: [
    ...calls('type', [[html], [html], ['application/json'], [''], ['nonsense']]),
    ...calls('header', typeValues.map(ofField('Content-Type'))),
  ],
  length: calls('header', lengths.map(ofField('Content-Length'))),
  field: calls('header', fields),
  body: [
    ...sends('send'),
    ...encoded<FastifyReply>(
      'send',
      (reply, coding) => reply.header('Content-Encoding', coding),
      (reply, value) => reply.send(value),
    ),
  ],
  odd: [
    ['send(a stream that fails)', (reply: FastifyReply) => reply.send(failing())],
    ...calls('removeHeader', names.map(listed)),
    [
      'serializer',
      (reply: FastifyReply) => reply.serializer((payload: unknown) => `<i>${JSON.stringify(payload)}</i>`),
    ],
    [
      'raw.setHeader(Content-Type, text/html)',
      (reply: FastifyReply) => reply.raw.setHeader('Content-Type', html),
    ],
    ['raw.statusCode(201)', (reply: FastifyReply) => Reflect.set(reply.raw, 'statusCode', 201)],
    ...calls('redirect', [['/elsewhere']]),
    ...calls('callNotFound', [[]]),
    ...common,
  ],
};

const fastifyServer = serverOf('Fastify', fastifySteps, async (options, play, hear) => {
  let listener: RequestListener = () => {};
  const app = fastify({
    exposeHeadRoutes: false,
    serverFactory: (handler) => {
      listener = handler;
      return createServer(handler);
    },
  });
  app.addHook('onError', (_request, _reply, error, done) => {
    hear(error);
    done();
  });
  // With any hook of this kind Fastify reports a second answer in another way.
  if (options === undefined) app.addHook('onSend', (_request, _reply, payload, done) => done(null, payload));
  else app.register(fastifySigner, options as never);
  app.route({
    method: ['GET', 'HEAD', 'POST'],
    url: '/*',
    handler: (request, reply) => {
      Promise.resolve(play(reply as never, request.url)).then(
        () => {
          if (!reply.sent && !reply.raw.headersSent) reply.send();
        },
        (error: unknown) => void reply.send(error),
      );
    },
  });
  await app.ready();
  return listener;
});

interface Answer {
  readonly c: Context;
  readonly init: { status?: number; readonly headers: [string, string][] };
  response?: Response;
}
/** An answer by hand. */
const makes =
  (make: (answer: Answer, value: unknown) => Response) =>
  (answer: Answer, value?: unknown): void => {
    answer.response = make(answer, value);
  };
/** One step for each value. */
const each = (
  name: string,
  list: readonly unknown[],
  run: (answer: Answer, value: unknown) => unknown,
): Step[] => list.map((value) => [`${name}(${literal(value)})`, (answer: Answer) => run(answer, value)]);
const inits = (lists: readonly (readonly unknown[])[]): Step[] =>
  each('init header', lists, ({ init }, field) => init.headers.push(field as [string, string]));
const onHeaders = (method: 'set' | 'delete', lists: readonly (readonly unknown[])[]): Step[] =>
  each(`headers.${method}`, lists, ({ response }, args) =>
    response?.headers[method](...(args as [string, string])),
  );
const onContext = (method: string, lists: readonly (readonly unknown[])[]): Step[] =>
  each(method, lists, ({ c }, args) => (c as unknown as Methods)[method]!(...(args as unknown[])));
// The coding of a body that is none is taken off: `fetch` decodes, and leaves the header.
const uncoded = fields.filter(([name, value]) => name !== 'Content-Encoding' && value !== undefined);
/** Every value that `Response` takes: any other is an error, which comes at another place with the middleware. */
const ofFetch =
  /^(?:a page.*|a Float64Array|text|''|no bytes|null|undefined|a web stream|a web stream in parts|a blob.*)$/;
const fetchSteps: Steps = {
  status: each('init status', codes, ({ init }, status) => Reflect.set(init, 'status', status)),
  type: inits(typeValues.filter((each) => typeof each === 'string').map(ofField('content-type'))),
  length: inits(lengths.slice(0, 4).map((value) => ['content-length', String(value)])),
  field: inits(uncoded.filter(([, value]) => typeof value === 'string')),
  body: [
    ...bodies<Answer>(
      'new Response',
      makes(({ init }, value) => new Response(value as string, { ...init, headers: [...init.headers] })),
      ofFetch,
    ),
    ...each(
      'in gzip',
      [page, 'text'],
      makes(({ init }, text) => {
        const headers = [...init.headers, ['content-encoding', 'gzip'] as [string, string]];
        return new Response(gzipSync(text as string), { ...init, headers });
      }),
    ),
  ],
  odd: [
    ...onHeaders('set', typeValues.map(ofField('content-type'))),
    ...onHeaders('set', lengths.map(ofField('content-length'))),
    ...onHeaders('delete', names.map(listed)),
    ['nothing', (answer: Answer) => delete answer.response],
    ['Response.redirect()', makes(() => Response.redirect('http://localhost/elsewhere', 302))],
    ['Response.json()', makes(() => Response.json({ url: url() }))],
    ['Response.error()', makes(() => Response.error())],
    ['read', (answer: Answer) => answer.response?.text()],
    ['clone', (answer: Answer) => answer.response?.clone()],
    ['frozen', (answer: Answer) => Object.freeze(answer.response)],
    ...common,
  ],
};

const honoSteps: Steps = {
  ...fetchSteps,
  // Any other status is an error, too.
  status: [...fetchSteps.status, ...onContext('status', codes.map(listed))],
  type: [...fetchSteps.type, ...onContext('header', typeValues.map(ofField('content-type')))],
  field: [...fetchSteps.field, ...onContext('header', uncoded)],
  body: [
    ...fetchSteps.body,
    ...bodies<Answer>(
      'c.body',
      makes(({ c }, value) => c.body(value as string)),
      ofFetch,
    ),
    ...bodies<Answer>(
      'c.json',
      makes(({ c }, value) => c.json(value as string)),
    ),
    ...each(
      'c.html',
      [page, 'text', ''],
      makes(({ c }, text) => c.html(text as string) as Response),
    ),
  ],
  odd: [
    ...fetchSteps.odd,
    ...onContext('header', names.map(listed)),
    ['c.res', ({ c, response }: Answer) => Reflect.set(c, 'res', response)],
    ['c.res of nothing', ({ c }: Answer) => Reflect.set(c, 'res', undefined)],
    ['c.res read', ({ c }: Answer) => c.res.headers.get('x')],
    ['c.notFound', makes(({ c }) => c.notFound() as Response)],
  ],
};

const failed = (): Response => new Response('failed', { status: 500 });

/** The globals of the runtime stay, as in Deno and Bun. */
const fetchServer = serverOf('fetch', fetchSteps, (options, play, hear) => {
  const answer = async (request: Request): Promise<Response> => {
    const given: Answer = { c: undefined as never, init: { headers: [] } };
    await play(given as never, new URL(request.url).pathname);
    if (given.response === undefined) throw new Error('no answer');
    return given.response;
  };
  const sign = options && fetchSigner(options as never);
  const listener = sign === undefined ? answer : (request: Request) => sign(request, answer);
  const errorHandler = (error: unknown): Response => {
    hear(error);
    return failed();
  };
  return getRequestListener(listener, { overrideGlobalObjects: false, errorHandler });
});

const honoServer = serverOf('Hono', honoSteps, (options, play, hear) => {
  const app = new Hono();
  // Any middleware that reads a header has Hono's server give a response without a type one.
  if (options === undefined)
    app.use(async (c, next) => {
      await next();
      if (c.finalized) c.res.headers.get('content-type');
    });
  else app.use(honoSigner(options as never));
  app.onError((error, c) => {
    hear(error);
    return c.html(page, 500);
  });
  app.all('*', async (c) => {
    const answer: Answer = { c, init: { headers: [] } };
    await play(answer as never, new URL(c.req.url).pathname);
    return answer.response as Response;
  });
  return getRequestListener(app.fetch, { errorHandler: failed });
});

/** A stream that fails leaves the connection open in Koa 2. */
const ofKoa2 = /^(?!.*fails)/;
/** The first one before Hono's server replaces the globals. */
export const handlerServers: readonly HandlerServer[] = [
  fetchServer,
  koaServer('Koa 3', Koa, koaSteps(/^/), 'outermost'),
  koaServer('Koa 3, below another middleware', Koa, koaSteps(/^/), 'below'),
  koaServer('Koa 2', Koa2 as unknown as typeof Koa, koaSteps(ofKoa2), 'outermost'),
  expressServer('Express 5', express, expressSteps()),
  // NaN is a status that its own error page keeps.
  expressServer('Express 4', express4 as unknown as typeof express, expressSteps(/^(?!NaN)/)),
  fastifyServer,
  honoServer,
];
