/** Handlers that do odd things to their answer, on every framework, with the middleware and without. */
import { createServer, type RequestListener } from 'node:http';
import { Readable } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import express4 from 'express4';
import fastify, { type FastifyReply } from 'fastify';
import { type Context, Hono } from 'hono';
import Koa from 'koa';
import Koa2 from 'koa2';
import { imageSigner as fastifySigner } from '../../src/fastify.ts';
import { imageSigner as honoSigner } from '../../src/hono.ts';
import { imageSigner as expressSigner, type ImageSignerOptions } from '../../src/index.ts';
import { imageSigner as koaSigner } from '../../src/koa.ts';
import { serve } from './frameworks.ts';
import { base, url } from './samples.ts';

/** What a handler does to its answer: a response, a reply or a context. */
type Step = readonly [title: string, run: (target: never) => unknown];

/** One framework. A script is a list of indices into its steps. */
export interface HandlerServer {
  readonly name: string;
  readonly titles: readonly string[];
  listen(): Promise<Playing>;
}

export interface Playing {
  /** The port of a server whose handler plays the scripts of `targetOf`. */
  readonly plain: number;
  readonly signed: number;
  /** A target that plays a script; `/json/…` has the middleware rewrite JSON too. */
  targetOf(script: readonly number[]): string;
  /** Whether the handler calls a helper. */
  hasSigned(script: readonly number[]): boolean;
  close(): Promise<void>;
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

function webStream(): ReadableStream {
  return new Response(page).body!;
}

/** Made anew for each use. */
const values: Readonly<Record<string, () => unknown>> = {
  'a page': () => page,
  'a page as bytes': () => Buffer.from(page),
  'a page as a Uint8Array': () => new TextEncoder().encode(page),
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
  'a big integer': () => 10n,
  'a symbol': () => Symbol('odd'),
  'a function': () => () => page,
  'a date': () => new Date(0),
  'a map': () => new Map([['url', url()]]),
  'a String object': () => new String(page),
  'a stream': () => Readable.from([page.slice(0, 12), page.slice(12)].map((each) => Buffer.from(each))),
  'an empty stream': () => Readable.from([]),
  'a web stream': webStream,
  'a blob': () => new Blob([page], { type: 'text/html' }),
  'a blob without a type': () => new Blob([page]),
  'a Response': () => new Response(page, { status: 201, headers: { 'content-type': 'text/html' } }),
  'a Response without a body': () => new Response(null, { headers: { 'x-own': '1' } }),
};

const types = [
  ...['html', 'json', 'text', 'text/html', 'TEXT/HTML;charset=latin1', 'text/html; charset=utf-16le'],
  ...['application/json', 'nonsense', '', null, undefined],
];
const html = 'text/html';
const typeValues = [html, `${html}; charset=utf-8`, [html], ['text/plain', html], 'application/json', '', 5];
const lengths = [0, 5, 1000, '7', 'x', -1, null, undefined];
const codes = [200, 201, 204, 205, 206, 299, 304, 400, 404, 410, 500, 599];
const statuses = [...codes, 999, 99, 'x', '200', null];
const odd: readonly (readonly [string, unknown])[] = [
  ...['gzip', 'identity', '', 'x-odd'].map((coding) => ['Content-Encoding', coding] as const),
  ['Content-Range', 'bytes 0-3/9'],
  ['Cache-Control', 'no-transform'],
  ['Cache-Control', 'public, max-age=1000000'],
  ...['"own"', 'own', ['"a"', '"b"']].map((tag) => ['ETag', tag] as const),
  ['Link', `<${url()}>; rel=preload; as=image`],
  ['X-Own', 'own'],
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
const sends = (method: string): Step[] =>
  bodies<Methods>(method, (target, value) => target[method]!.call(target, value));
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
) => RequestListener | Promise<RequestListener>;

/** @param build - a listener with a middleware of these options, or with none */
function serverOf(name: string, steps: readonly Step[], build: Build): HandlerServer {
  return {
    name,
    titles: steps.map(([title]) => title),
    async listen() {
      const play = async (target: never, path: string): Promise<void> => {
        let last: unknown;
        for (const index of path.split('/').at(-1)!.split('.').filter(Boolean)) {
          const [title, run] = steps[Number(index)]!;
          const result = run(target);
          // Only `await` waits: what a step answers is no promise of the handler's.
          if (title === 'await') await result;
          else if (result instanceof Promise) last = result;
        }
        await last;
      };
      const start = async (options: readonly (ImageSignerOptions | undefined)[]) => {
        const [html, json] = await Promise.all(options.map((each) => build(each, play)));
        return serve((request, response) => {
          // A handler that ends twice makes Node.js emit one, which would end the process that the tests are in.
          response.on('error', () => undefined);
          (request.url!.startsWith('/json') ? json! : html!)(request, response);
        });
      };
      const signer = { ...base, report: false, now: () => Date.now() } as const;
      const [plain, signed] = await Promise.all([
        start([undefined, undefined]),
        start([signer as ImageSignerOptions, { ...signer, rewrite: { json: true } } as ImageSignerOptions]),
      ]);
      return {
        plain: plain.port,
        signed: signed.port,
        targetOf: (script) => `/${script.join('.')}`,
        hasSigned: (script) => script.some((index) => steps[index]![0] === 'signImage'),
        close: async () => void (await Promise.all([plain.close(), signed.close()])),
      };
    },
  };
}

const koaSteps: readonly Step[] = [
  ...bodies<object>('body', (ctx, value) => Reflect.set(ctx, 'body', value)),
  ['body(a stream that fails)', (ctx: Koa.Context) => Reflect.set(ctx, 'body', failing())],
  ...sets('type', types),
  ...calls('set', typeValues.map(ofField('Content-Type'))),
  ...sets('length', lengths),
  ...sets('status', statuses),
  ...calls('set', odd),
  ...calls('remove', names.map(listed)),
  ['res.statusCode(201)', (ctx: Koa.Context) => Reflect.set(ctx.res, 'statusCode', 201)],
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
];

const koaServer = (name: string, App: typeof Koa, steps: readonly Step[], where: 'outermost' | 'below') =>
  serverOf(name, steps, (options, play) => {
    const app = new App();
    app.silent = true;
    if (where === 'below') app.use((_ctx, next) => next());
    if (options !== undefined) app.use(koaSigner(options as never));
    app.use(async (ctx) => void (await play(ctx as never, ctx.url)));
    return app.callback();
  });

const expressSteps: readonly Step[] = [
  ...['send', 'json', 'end', 'write'].flatMap(sends),
  ...calls('type', types.map(listed)),
  ...['set', 'setHeader'].flatMap((method) => calls(method, typeValues.map(ofField('Content-Type')))),
  ...calls('set', lengths.map(ofField('Content-Length'))),
  ...calls('status', statuses.map(listed)),
  ...sets('statusCode', statuses),
  ...calls(
    'writeHead',
    statuses.map((status) => [status, { 'content-type': html }]),
  ),
  ...calls('set', odd),
  ...calls('removeHeader', names.map(listed)),
  ...calls('flushHeaders', [[]]),
  ...calls('redirect', [['/elsewhere']]),
  ...calls('sendStatus', [[404]]),
  ['next(error)', (res: express.Response) => failWith(res, Object.assign(new Error(page), { status: 418 }))],
  ...common,
];

/** The error handler answers, once, and the script's end is not waited for. */
function failWith({ locals }: express.Response, error: Error): void {
  const { next } = locals;
  delete locals['next'];
  next?.(error);
}

const expressServer = (name: string, create: typeof express, steps = expressSteps) =>
  serverOf(name, steps, (options, play) => {
    const app = create();
    app.set('env', 'test'); // silent
    if (options !== undefined) app.use(expressSigner(options));
    app.use((request, response, next) => {
      response.locals['next'] = next;
      const end = (): void => {
        if (!response.writableEnded && response.locals['next'] !== undefined) response.end();
      };
      Promise.resolve(play(response as never, request.url))
        .then(end)
        .catch(next);
    });
    // Express shows the stack, which holds the files that a call went through.
    const hideStack: express.ErrorRequestHandler = (error, _request, _response, next) =>
      next(Object.assign(error, { stack: page }));
    app.use(hideStack);
    return app;
  });

const fastifySteps: readonly Step[] = [
  ...sends('send'),
  ['send(a stream that fails)', (reply: FastifyReply) => reply.send(failing())],
  ...calls('type', [[html], ['application/json'], [''], ['nonsense']]),
  ...calls('header', typeValues.map(ofField('Content-Type'))),
  ...calls('header', lengths.map(ofField('Content-Length'))),
  ...calls('code', statuses.map(listed)),
  ...calls('header', odd),
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
];

const fastifyServer = serverOf('Fastify', fastifySteps, async (options, play) => {
  let listener: RequestListener = () => {};
  const app = fastify({
    exposeHeadRoutes: false,
    serverFactory: (handler) => {
      listener = handler;
      return createServer(handler);
    },
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
  response?: Response;
}
/** An answer by hand. */
const makes =
  (make: (c: Context, value: unknown) => Response) =>
  (answer: Answer, value?: unknown): void => {
    answer.response = make(answer.c, value);
  };
/** One step for each value. */
const each = (
  name: string,
  list: readonly unknown[],
  run: (answer: Answer, value: unknown) => unknown,
): Step[] => list.map((value) => [`${name}(${literal(value)})`, (answer: Answer) => run(answer, value)]);
const onHeaders = (method: 'set' | 'delete', lists: readonly (readonly unknown[])[]): Step[] =>
  each(`headers.${method}`, lists, ({ response }, args) =>
    response?.headers[method](...(args as [string, string])),
  );
const onContext = (method: string, lists: readonly (readonly unknown[])[]): Step[] =>
  each(method, lists, ({ c }, args) => (c as unknown as Methods)[method]!(...(args as unknown[])));
// Of a `Blob` with a type, the server sends the type with the middleware alone.
const plain = /^(?:a page.*|text|''|no bytes|null|undefined|a web stream|a blob without a type)$/;
const honoSteps: readonly Step[] = [
  ...bodies<Answer>(
    'new Response',
    makes((_c, value) => new Response(value as string)),
    plain,
  ),
  ...bodies<Answer>(
    'c.body',
    makes((c, value) => c.body(value as string)),
    plain,
  ),
  ...bodies<Answer>(
    'c.json',
    makes((c, value) => c.json(value as string)),
  ),
  ...each(
    'c.html',
    [page, 'text', ''],
    makes((c, text) => c.html(text as string) as Response),
  ),
  // Any other status, and any other body, is an error, which comes at another place with the middleware.
  ...onContext('status', codes.map(listed)),
  ...each(
    'init status',
    codes,
    makes(
      (_c, status) => new Response(page, { status: status as number, headers: { 'content-type': html } }),
    ),
  ),
  // The coding of a body that is none is taken off: `fetch` decodes, and leaves the header.
  ...onContext('header', [
    ...typeValues.map(ofField('content-type')),
    ...odd.filter(([name]) => name !== 'Content-Encoding'),
    ...names.map(listed),
  ]),
  ...onHeaders('set', typeValues.map(ofField('content-type'))),
  ...onHeaders('set', lengths.map(ofField('content-length'))),
  ...onHeaders('delete', names.map(listed)),
  ['c.res', ({ c, response }: Answer) => Reflect.set(c, 'res', response)],
  ['c.res of nothing', ({ c }: Answer) => Reflect.set(c, 'res', undefined)],
  ['c.res read', ({ c }: Answer) => c.res.headers.get('x')],
  ['nothing', (answer: Answer) => delete answer.response],
  ['Response.redirect()', makes(() => Response.redirect('http://localhost/elsewhere', 302))],
  ['Response.json()', makes(() => Response.json({ url: url() }))],
  ['read', (answer: Answer) => answer.response?.text()],
  ['clone', (answer: Answer) => answer.response?.clone()],
  ['frozen', (answer: Answer) => Object.freeze(answer.response)],
  ['signImage', ({ c }: Answer) => c.get('signImage')?.(url(), 'thumb')],
  ['c.notFound', makes((c) => c.notFound() as Response)],
  ...common,
];

const honoServer = serverOf('Hono', honoSteps, (options, play) => {
  const app = new Hono();
  // Without any middleware Hono answers in another way if a handler returns nothing.
  app.use(options === undefined ? async (_c, next) => void (await next()) : honoSigner(options as never));
  app.onError((_error, c) => c.html(page, 500));
  app.all('*', async (c) => {
    const answer: Answer = { c };
    await play(answer as never, new URL(c.req.url).pathname);
    return answer.response as Response;
  });
  return getRequestListener(app.fetch, { errorHandler: () => new Response('failed', { status: 500 }) });
});

/** A stream that fails leaves the connection open in Koa 2, and what Koa 3 has learnt is JSON or an error. */
const unknownToKoa2 =
  /fails|^body\((?:a Response|a Response without a body|a web stream|a blob|a blob without a type)\)$/;
export const handlerServers: readonly HandlerServer[] = [
  koaServer('Koa 3', Koa, koaSteps, 'outermost'),
  koaServer('Koa 3, below another middleware', Koa, koaSteps, 'below'),
  koaServer(
    'Koa 2',
    Koa2 as unknown as typeof Koa,
    koaSteps.filter(([title]) => !unknownToKoa2.test(title)),
    'outermost',
  ),
  expressServer('Express 5', express),
  expressServer(
    'Express 4',
    express4 as unknown as typeof express,
    expressSteps.filter(([title]) => title !== 'send(NaN)'), // a status that its own error page keeps
  ),
  fastifyServer,
  honoServer,
];
