/**
 * Handlers that do odd things to their answer, on every framework: what a script's steps may be, and two servers that
 * play a script, one of them with the middleware.
 */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
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
import { base, url } from './samples.ts';

export type Step<Target> = readonly [title: string, run: (target: Target) => unknown];

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
  close(): void;
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

const types: readonly unknown[] = [
  'html',
  'json',
  'text',
  'text/html',
  'TEXT/HTML;charset=latin1',
  'text/html; charset=utf-16le',
  'application/json',
  'nonsense',
  '',
  null,
  undefined,
];
const typeValues: readonly unknown[] = [
  'text/html',
  'text/html; charset=utf-8',
  ['text/html'],
  ['text/plain', 'text/html'],
  'application/json',
  '',
  5,
];
const lengths: readonly unknown[] = [0, 5, 1000, '7', 'x', -1, null, undefined];
const statuses: readonly unknown[] = [
  200,
  201,
  204,
  205,
  206,
  299,
  304,
  400,
  404,
  410,
  500,
  599,
  999,
  99,
  'x',
  '200',
  null,
];
const odd: readonly (readonly [string, unknown])[] = [
  ['Content-Encoding', 'gzip'],
  ['Content-Encoding', 'identity'],
  ['Content-Encoding', ''],
  ['Content-Encoding', 'x-odd'],
  ['Content-Range', 'bytes 0-3/9'],
  ['Cache-Control', 'no-transform'],
  ['Cache-Control', 'public, max-age=1000000'],
  ['ETag', '"own"'],
  ['ETag', 'own'],
  ['ETag', ['"a"', '"b"']],
  ['Link', `<${url()}>; rel=preload; as=image`],
  ['X-Own', 'own'],
  ['X-Own', undefined],
];
const names: readonly string[] = [
  'Content-Type',
  'Content-Length',
  'Content-Encoding',
  'ETag',
  'Transfer-Encoding',
];

const literal = (value: unknown): string => (value === undefined ? 'undefined' : JSON.stringify(value));
const stepsOf = <Target>(
  name: string,
  list: readonly unknown[],
  run: (target: Target, value: unknown) => unknown,
): Step<Target>[] => list.map((value) => [`${name}(${literal(value)})`, (target) => run(target, value)]);
const bodySteps = <Target>(
  name: string,
  run: (target: Target, value: unknown) => unknown,
  leftOut: readonly string[] = [],
): Step<Target>[] =>
  Object.entries(values)
    .filter(([title]) => !leftOut.includes(title))
    .map(([title, make]) => [`${name}(${title})`, (target) => run(target, make())]);
const failure: Step<unknown> = [
  'throw',
  () => {
    throw new Error('on purpose');
  },
];
const pause: Step<unknown> = ['await', () => new Promise((resolve) => setImmediate(resolve))];

type Build = (
  options: ImageSignerOptions | undefined,
  play: (target: never, url: string) => unknown,
) => RequestListener | Promise<RequestListener>;

/** @param build - a listener with a middleware of these options, or with none */
function serverOf<Target>(name: string, steps: readonly Step<Target>[], build: Build): HandlerServer {
  return {
    name,
    titles: steps.map(([title]) => title),
    async listen() {
      const play = async (target: Target, path: string): Promise<unknown> => {
        let last: unknown;
        for (const index of path.split('/').at(-1)!.split('.').filter(Boolean)) {
          const result = steps[Number(index)]![1](target);
          // Only `await` waits: what a step answers is no promise of the handler's.
          last = steps[Number(index)]![0] === 'await' ? await result : (result ?? last);
        }
        return last;
      };
      const start = async (options: readonly (ImageSignerOptions | undefined)[]) => {
        const [html, json] = await Promise.all(options.map((each) => build(each, play)));
        const server = createServer((request, response) => {
          // A handler that ends twice makes Node.js emit one, which would end the process that the tests are in.
          response.on('error', () => undefined);
          (request.url!.startsWith('/json') ? json! : html!)(request, response);
        });
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        return { server, port: (server.address() as AddressInfo).port };
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
        close() {
          for (const { server } of [plain, signed]) {
            server.close();
            server.closeAllConnections();
          }
        },
      };
    },
  };
}

const koaSteps: readonly Step<Koa.Context>[] = [
  ...bodySteps<Koa.Context>('body', (ctx, value) => void Reflect.set(ctx, 'body', value)),
  ['body(a stream that fails)', (ctx) => void Reflect.set(ctx, 'body', failing())],
  ...stepsOf<Koa.Context>('type', types, (ctx, value) => void Reflect.set(ctx, 'type', value as string)),
  ...stepsOf<Koa.Context>('set Content-Type', typeValues, (ctx, value) =>
    ctx.set('Content-Type', value as string),
  ),
  ...stepsOf<Koa.Context>(
    'length',
    lengths,
    (ctx, value) => void Reflect.set(ctx, 'length', value as number),
  ),
  ...stepsOf<Koa.Context>(
    'status',
    statuses,
    (ctx, value) => void Reflect.set(ctx, 'status', value as number),
  ),
  ...stepsOf<Koa.Context>('set', odd, (ctx, value) => ctx.set(...(value as [string, string]))),
  ...stepsOf<Koa.Context>('remove', names, (ctx, value) => ctx.remove(value as string)),
  ['res.statusCode(201)', (ctx) => void Reflect.set(ctx.res, 'statusCode', 201)],
  ['res.setHeader(Content-Type, text/html)', (ctx) => void ctx.res.setHeader('Content-Type', 'text/html')],
  ['redirect', (ctx) => ctx.redirect('/elsewhere')],
  ['throw(404)', (ctx) => ctx.throw(404, page)],
  [
    'respond(false)',
    (ctx) => {
      ctx.respond = false;
      ctx.res.end(page);
    },
  ],
  failure,
  pause,
];

const koaServer = (
  name: string,
  App: typeof Koa,
  steps: readonly Step<Koa.Context>[],
  where: 'outermost' | 'below',
) =>
  serverOf<Koa.Context>(name, steps, (options, play) => {
    const app = new App();
    app.silent = true;
    if (where === 'below') app.use((_ctx, next) => next());
    if (options !== undefined) app.use(koaSigner(options as never));
    app.use(async (ctx) => void (await play(ctx as never, ctx.url)));
    return app.callback();
  });

type ExpressResponse = express.Response;
const expressSteps: readonly Step<ExpressResponse>[] = [
  ...bodySteps<ExpressResponse>('send', (res, value) => void res.send(value)),
  ...bodySteps<ExpressResponse>('json', (res, value) => void res.json(value)),
  ...bodySteps<ExpressResponse>('end', (res, value) => void res.end(value as string)),
  ...bodySteps<ExpressResponse>('write', (res, value) => void res.write(value)),
  ...stepsOf<ExpressResponse>('type', types, (res, value) => void res.type(value as string)),
  ...stepsOf<ExpressResponse>(
    'set Content-Type',
    typeValues,
    (res, value) => void res.set('Content-Type', value as string),
  ),
  ...stepsOf<ExpressResponse>(
    'setHeader Content-Type',
    typeValues,
    (res, value) => void res.setHeader('Content-Type', value as string),
  ),
  ...stepsOf<ExpressResponse>(
    'set Content-Length',
    lengths,
    (res, value) => void res.set('Content-Length', value as string),
  ),
  ...stepsOf<ExpressResponse>('status', statuses, (res, value) => void res.status(value as number)),
  ...stepsOf<ExpressResponse>(
    'statusCode',
    statuses,
    (res, value) => void Reflect.set(res, 'statusCode', value as number),
  ),
  ...stepsOf<ExpressResponse>(
    'writeHead',
    statuses,
    (res, value) => void res.writeHead(value as number, { 'content-type': 'text/html' }),
  ),
  ...stepsOf<ExpressResponse>('set', odd, (res, value) => void res.set(...(value as [string, string]))),
  ...stepsOf<ExpressResponse>('removeHeader', names, (res, value) => void res.removeHeader(value as string)),
  ['flushHeaders', (res) => res.flushHeaders()],
  ['redirect', (res) => res.redirect('/elsewhere')],
  ['sendStatus(404)', (res) => void res.sendStatus(404)],
  ['next(error)', (res) => failWith(res, Object.assign(new Error(page), { status: 418 }))],
  failure,
  pause,
];

/** The error handler answers, once, and the script's end is not waited for. */
function failWith({ locals }: ExpressResponse, error: Error): void {
  const { next } = locals;
  delete locals['next'];
  next?.(error);
}

const expressServer = (name: string, create: typeof express, steps = expressSteps) =>
  serverOf<ExpressResponse>(name, steps, (options, play) => {
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

const fastifySteps: readonly Step<FastifyReply>[] = [
  ...bodySteps<FastifyReply>('send', (reply, value) => void reply.send(value)),
  ['send(a stream that fails)', (reply) => void reply.send(failing())],
  ...stepsOf<FastifyReply>(
    'type',
    ['text/html', 'application/json', '', 'nonsense'],
    (reply, value) => void reply.type(value as string),
  ),
  ...stepsOf<FastifyReply>(
    'header Content-Type',
    typeValues,
    (reply, value) => void reply.header('Content-Type', value),
  ),
  ...stepsOf<FastifyReply>(
    'header Content-Length',
    lengths,
    (reply, value) => void reply.header('Content-Length', value),
  ),
  ...stepsOf<FastifyReply>('code', statuses, (reply, value) => void reply.code(value as number)),
  ...stepsOf<FastifyReply>(
    'header',
    odd,
    (reply, value) => void reply.header(...(value as [string, string])),
  ),
  ...stepsOf<FastifyReply>('removeHeader', names, (reply, value) => void reply.removeHeader(value as string)),
  ['serializer', (reply) => void reply.serializer((payload: unknown) => `<i>${JSON.stringify(payload)}</i>`)],
  [
    'raw.setHeader(Content-Type, text/html)',
    (reply) => void reply.raw.setHeader('Content-Type', 'text/html'),
  ],
  ['raw.statusCode(201)', (reply) => void Reflect.set(reply.raw, 'statusCode', 201)],
  ['redirect', (reply) => void reply.redirect('/elsewhere')],
  ['callNotFound', (reply) => void reply.callNotFound()],
  failure,
  pause,
];

const fastifyServer = serverOf<FastifyReply>('Fastify', fastifySteps, async (options, play) => {
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
  for (const method of ['GET', 'HEAD', 'POST'] as const)
    app.route({
      method,
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
const respond = (answer: Answer, response: Response): void => void Reflect.set(answer, 'response', response);
/** Any other status, and any other body, is an error, which comes at another place with the middleware. */
const honoStatuses = statuses.filter((each) => typeof each === 'number' && each >= 200 && each < 600);
// Of a `Blob` with a type, the server sends the type with the middleware alone.
const bodies = /^(?:a page.*|text|''|no bytes|null|undefined|a web stream|a blob without a type)$/;
const noBodies = Object.keys(values).filter((title) => !bodies.test(title));
const honoSteps: readonly Step<Answer>[] = [
  ...bodySteps<Answer>(
    'new Response',
    (answer, value) => respond(answer, new Response(value as string)),
    noBodies,
  ),
  ...bodySteps<Answer>(
    'c.body',
    (answer, value) => respond(answer, answer.c.body(value as string)),
    noBodies,
  ),
  ...bodySteps<Answer>('c.json', (answer, value) => respond(answer, answer.c.json(value as string))),
  ...[page, 'text', ''].map(
    (text): Step<Answer> => [`c.html(${text})`, (answer) => respond(answer, answer.c.html(text) as Response)],
  ),
  ...stepsOf<Answer>('status', honoStatuses, ({ c }, value) => c.status(value as 200)),
  ...stepsOf<Answer>('init status', honoStatuses, (answer, value) =>
    respond(
      answer,
      new Response(page, { status: value as number, headers: { 'content-type': 'text/html' } }),
    ),
  ),
  ...stepsOf<Answer>('header Content-Type', typeValues, ({ c }, value) =>
    c.header('content-type', value as string),
  ),
  // The coding of a body that is none is taken off: `fetch` decodes, and leaves the header.
  ...stepsOf<Answer>(
    'header',
    odd.filter(([name]) => name !== 'Content-Encoding'),
    ({ c }, value) => c.header(...(value as [string, string])),
  ),
  ...stepsOf<Answer>('header removed', names, ({ c }, value) => c.header(value as string)),
  ...stepsOf<Answer>('headers.set Content-Type', typeValues, ({ response }, value) =>
    response?.headers.set('content-type', value as string),
  ),
  ...stepsOf<Answer>('headers.set Content-Length', lengths, ({ response }, value) =>
    response?.headers.set('content-length', value as string),
  ),
  ...stepsOf<Answer>('headers.delete', names, ({ response }, value) =>
    response?.headers.delete(value as string),
  ),
  ['c.res', ({ c, response }) => void Reflect.set(c, 'res', response)],
  ['c.res of nothing', ({ c }) => void Reflect.set(c, 'res', undefined)],
  ['c.res read', ({ c }) => void c.res.headers.get('x')],
  ['nothing', (answer) => void delete answer.response],
  ['Response.redirect()', (answer) => respond(answer, Response.redirect('http://localhost/elsewhere', 302))],
  ['Response.json()', (answer) => respond(answer, Response.json({ url: url() }))],
  ['read', (answer) => answer.response?.text()],
  ['clone', (answer) => void answer.response?.clone()],
  ['frozen', (answer) => void Object.freeze(answer.response)],
  ['signImage', ({ c }) => void c.get('signImage')?.(url(), 'thumb')],
  ['c.notFound', (answer) => respond(answer, answer.c.notFound() as Response)],
  failure,
  pause,
];

const honoServer = serverOf<Answer>('Hono', honoSteps, (options, play) => {
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

const left = ['a Response', 'a Response without a body', 'a web stream', 'a blob', 'a blob without a type'];
export const handlerServers: readonly HandlerServer[] = [
  koaServer('Koa 3', Koa, koaSteps, 'outermost'),
  koaServer('Koa 3, below another middleware', Koa, koaSteps, 'below'),
  koaServer(
    'Koa 2',
    Koa2 as unknown as typeof Koa,
    // A stream that fails leaves the connection open there, and what Koa 3 has learnt is JSON or an error.
    koaSteps.filter(([title]) => !title.includes('fails') && !left.some((each) => title === `body(${each})`)),
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
