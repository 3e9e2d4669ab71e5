/** The parts of Fastify 5 that the adapters use. Only the entry point uses Fastify's own types. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HeaderFields } from '../../http/header-fields.ts';
import { calledByAnother, type Exported } from '../../validation/caller.ts';
import { toValues } from '../http/response-fields.ts';

export interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly url: string;
  readonly method: string;
  readonly originalUrl: string;
  readonly routeOptions: { readonly url?: string | undefined };
  readonly body?: unknown;
  signedImage?: unknown;
}

export interface FastifyReply {
  readonly raw: ServerResponse;
  readonly request: FastifyRequest;
  statusCode: number;
  locals?: Record<string, unknown> | null;
  getHeader(name: string): unknown;
  getHeaders(): Record<string, unknown>;
  header(name: string, value: unknown): unknown;
  removeHeader(name: string): unknown;
  code(status: number): FastifyReply;
  send(payload?: unknown): unknown;
  callNotFound(): unknown;
  hijack(): unknown;
}

type Done = (error?: Error | null, payload?: unknown) => void;

export interface FastifyInstance {
  /** Includes the prefixes of outer scopes. */
  readonly prefix: string;
  readonly initialConfig: {
    readonly useSemicolonDelimiter?: boolean;
    readonly routerOptions?: { readonly useSemicolonDelimiter?: boolean };
  };
  /** The methods that routes may have. Early versions of Fastify 5 know QUERY only if the app adds it. */
  readonly supportedMethods: readonly string[];
  hasRequestDecorator(name: string | symbol): boolean;
  hasReplyDecorator(name: string): boolean;
  decorateRequest(name: string | symbol, value?: unknown): unknown;
  decorateReply(name: string, value?: unknown): unknown;
  addHook(
    name: 'onRequest',
    hook: (request: FastifyRequest, reply: FastifyReply, done: Done) => void,
  ): unknown;
  addHook(
    name: 'preSerialization' | 'onSend',
    hook: (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: Done) => void,
  ): unknown;
  route(route: {
    readonly method: readonly string[];
    readonly url: string;
    readonly handler: (request: FastifyRequest, reply: FastifyReply) => unknown;
  }): unknown;
  removeAllContentTypeParsers(): unknown;
  addContentTypeParser(
    type: string,
    parser: (request: FastifyRequest, payload: unknown, done: Done) => void,
  ): unknown;
}

/** An argument of `app.register`. */
export type FastifyPlugin = (
  instance: FastifyInstance,
  options: unknown,
  done: (error?: Error) => void,
) => void;

/**
 * A plugin that Fastify runs in its own scope.
 * @param name - shown in messages: Fastify reads the property, and avvio, which loads plugins, the function's name
 * @param exported - its name in 'image-signer/fastify'
 * @param install - Fastify reports its errors when the app starts; thrown from the plugin itself, they would end the process
 */
export function createPlugin(
  name: string,
  exported: Exported,
  install: (instance: FastifyInstance, options: unknown) => void,
): FastifyPlugin {
  // For `app.use(imageSigner({ … }))`, as in other frameworks: the arguments do not show which one it is.
  const mend = `Write app.register(${exported}, { … }); for Express, Koa and Hono import it from 'image-signer', 'image-signer/koa', 'image-signer/hono'.`;
  const plugin: FastifyPlugin = (instance, options, done) => {
    if (typeof done !== 'function' || !('decorateRequest' in instance))
      throw calledByAnother(exported, 'image-signer/fastify', 'a Fastify instance', instance, mend);
    try {
      install(instance, options);
    } catch (error) {
      return done(error as Error);
    }
    done();
  };
  Object.defineProperty(plugin, 'name', { value: name });
  return Object.assign(plugin, { [Symbol.for('fastify.display-name')]: name });
}

/**
 * A plugin whose hooks and decorators apply to the scope that registers it. Fastify documents these properties; the package
 * fastify-plugin sets the same ones.
 */
export function createSharedPlugin(
  ...[name, exported, install]: Parameters<typeof createPlugin>
): FastifyPlugin {
  return Object.assign(createPlugin(name, exported, install), {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('plugin-meta')]: { name, fastify: '5.x' },
  });
}

/** The headers of a reply before they are sent. Fastify stores them itself until then. */
export class ReplyFields implements HeaderFields {
  readonly #reply: FastifyReply;

  constructor(reply: FastifyReply) {
    this.#reply = reply;
  }

  get(name: string): string | undefined {
    const values = this.list(name);
    return values.length === 0 ? undefined : values.join(', ');
  }

  list(name: string): string[] {
    return toValues(this.#reply.getHeader(name));
  }

  names(): string[] {
    return Object.keys(this.#reply.getHeaders());
  }

  set(name: string, value: string | string[]): void {
    this.#reply.header(name, value);
  }

  remove(name: string): void {
    this.#reply.removeHeader(name);
  }
}
