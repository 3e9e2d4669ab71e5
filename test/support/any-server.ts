/** One app that answers in one piece, behind the middleware of each entry point: what it sends, and what goes out. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { imageSigner as signFastify } from '../../src/fastify.ts';
import { imageSigner as signFetch } from '../../src/fetch.ts';
import { imageSigner as signHono } from '../../src/hono.ts';
import { imageSigner } from '../../src/index.ts';
import { imageSigner as signKoa } from '../../src/koa.ts';
import { frameworks } from './frameworks.ts';
import { exchangeLater } from './in-memory.ts';

export type SignImage = (image: string, variant?: string, options?: object) => string;

export interface AppAnswer {
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export type App = (
  signImage: SignImage,
  header: (name: string) => string | undefined,
) => AppAnswer | Promise<AppAnswer>;

export interface Got {
  readonly status: number;
  header(name: string): string | undefined;
  readonly text: string;
}

export interface Request {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Ask = (request?: Request) => Promise<Got>;

export interface AnyServer {
  readonly name: string;
  build(options: object, app: App): Ask;
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

function over(listener: Listener): Ask {
  return ({ method = 'GET', headers = {} } = {}) => exchangeLater(listener, '/', headers, method);
}

async function received(response: Response): Promise<Got> {
  const { status, headers } = response;
  return { status, header: (name) => headers.get(name) ?? undefined, text: await response.text() };
}

export const servers: readonly AnyServer[] = [
  ...frameworks.map(
    (framework): AnyServer => ({
      name: framework.name,
      build: (options, app) =>
        over(
          framework.build([imageSigner(options as never)], async (request, response) => {
            const { signImage } = request as IncomingMessage & { readonly signImage: SignImage };
            const header = (name: string): string | undefined => request.headers[name]?.toString();
            const { status = 200, headers, body } = await app(signImage, header);
            response.statusCode = status;
            for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
            response.end(body ?? undefined);
          }),
        ),
    }),
  ),
  {
    name: 'Koa',
    build(options, app) {
      const koa = new Koa();
      koa.use(signKoa(options as never));
      koa.use(async (ctx) => {
        const {
          status = 200,
          headers,
          body,
        } = await app(ctx.signImage as SignImage, (name) => ctx.get(name));
        ctx.body = body;
        ctx.status = status;
        ctx.set(headers);
      });
      return over(koa.callback());
    },
  },
  {
    name: 'Fastify',
    build(options, app) {
      const instance = fastify();
      instance.register(signFastify, options as never);
      instance.get('/', async (request, reply) => {
        const header = (name: string): string | undefined => request.headers[name]?.toString();
        const { status = 200, headers, body } = await app(request.signImage as SignImage, header);
        return reply.code(status).headers(headers).send(body);
      });
      return async (request) => {
        await instance.ready();
        return over((...messages) => instance.routing(...messages))(request);
      };
    },
  },
  {
    name: 'fetch',
    build(options, app) {
      const sign = signFetch(options as never);
      return async ({ method = 'GET', headers = {} } = {}) =>
        received(
          await sign(
            new Request('https://site.example/', { method, headers }),
            async (request, { signImage }) => {
              const answer = await app(
                signImage as SignImage,
                (name) => request.headers.get(name) ?? undefined,
              );
              return new Response(answer.body, answer);
            },
          ),
        );
    },
  },
  {
    name: 'Hono',
    build(options, app) {
      const hono = new Hono();
      hono.use(signHono(options as never));
      hono.get('/', async (c) => {
        const answer = await app(c.get('signImage') as SignImage, (name) => c.req.header(name));
        return new Response(answer.body, answer);
      });
      return async ({ method = 'GET', headers = {} } = {}) =>
        received(await hono.request('/', { method, headers }));
    },
  },
];
