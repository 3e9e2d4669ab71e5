/** An entry point that was mistyped, or a call that is missing, is told at the first request or at start, with the right import. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import connect from 'connect';
import express from 'express';
import express4 from 'express4';
import Fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import Koa2 from 'koa2';
import { describe, expect, test } from 'vitest';
import * as fastifyEntry from '../../src/fastify.ts';
import * as fetchEntry from '../../src/fetch.ts';
import * as honoEntry from '../../src/hono.ts';
import * as rootEntry from '../../src/index.ts';
import { createSigner } from '../../src/index.ts';
import * as koaEntry from '../../src/koa.ts';
import { base } from '../support/samples.ts';
import { exchangeLater } from '../support/servers/in-memory.ts';

type Install = (middleware: never) => Promise<unknown>;

type Middleware = (...args: unknown[]) => unknown;

/** Those before Express 5 leave a rejection to the process, which ends with its message. */
function caughtLate(middleware: never): Middleware {
  return (request, response, next) =>
    Promise.resolve()
      .then(() => (middleware as Middleware)(request, response, next))
      .catch(next as (error: unknown) => void);
}

/** Of an app with `use`, as Express 4 and 5 and Connect have it. */
const byUse = (create: () => { use(...given: never[]): unknown }): Install => {
  return async (middleware) => {
    let caught: unknown;
    const app = create();
    app.use(caughtLate(middleware) as never);
    app.use(((error: unknown, _request: unknown, response: ServerResponse, _next: unknown) => {
      caught = error;
      response.end();
    }) as never);
    await exchangeLater(app as never, '/');
    return caught;
  };
};

function koa23(create: () => Koa): Install {
  return async (middleware) => {
    let caught: unknown;
    const app = create().use(middleware);
    app.on('error', (error: Error) => {
      caught = error;
    });
    await exchangeLater(app.callback(), '/');
    return caught;
  };
}

const outcomeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

/** Each answers one request, and gives the error that the framework has caught. */
const frameworks: Readonly<Record<string, { readonly entry: string; readonly install: Install }>> = {
  'Express 5': { entry: 'image-signer', install: byUse(express) },
  'Express 4': { entry: 'image-signer', install: byUse(express4) },
  Connect: { entry: 'image-signer', install: byUse(connect) },
  'node:http': {
    entry: 'image-signer',
    async install(middleware) {
      let caught: unknown;
      await exchangeLater((request: IncomingMessage, response: ServerResponse) => {
        caughtLate(middleware)(request, response, (error: unknown) => {
          caught = error;
          response.end();
        });
      }, '/');
      return caught;
    },
  },
  'Koa 3': { entry: 'image-signer/koa', install: koa23(() => new Koa()) },
  'Koa 2': { entry: 'image-signer/koa', install: koa23(() => new Koa2() as never) },
  Hono: {
    entry: 'image-signer/hono',
    async install(middleware) {
      let caught: unknown;
      const app = new Hono().use(middleware);
      app.onError((error, context) => {
        caught = error;
        return context.text('');
      });
      await app.request('/');
      return caught;
    },
  },
  Fastify: {
    entry: 'image-signer/fastify',
    install(middleware) {
      // What a plugin throws at once ends the process; here it is a rejection.
      const app = Fastify().register(async (instance, given) =>
        (middleware as Middleware)(instance, given, () => {}),
      );
      return outcomeOf(Promise.resolve(app.ready()));
    },
  },
  fetch: {
    entry: 'image-signer/fetch',
    // As the module of a Worker has it: `export default { fetch: imageSigner(options) }`.
    install: (middleware) =>
      outcomeOf(
        (async () =>
          (middleware as Middleware)(new Request('https://site.example/'), {}, { waitUntil() {} }))(),
      ),
  },
};

const entries: Readonly<Record<string, Readonly<Record<Exported, (...args: never[]) => unknown>>>> = {
  'image-signer': rootEntry,
  'image-signer/koa': koaEntry,
  'image-signer/fetch': fetchEntry,
  'image-signer/hono': honoEntry,
  'image-signer/fastify': fastifyEntry,
};

type Exported = 'imageGuard' | 'imageSigner' | 'signingEndpoint';

/** What makes a middleware of each. */
const options = {
  imageSigner: base,
  imageGuard: base,
  signingEndpoint: { ...base, authorize: () => true },
};
const factories = Object.keys(options) as Exported[];

describe.each(Object.entries(frameworks))('in %s', (_name, { entry: right, install }) => {
  const others = Object.keys(entries).filter((entry) => entry !== right);

  test.each(others.filter((entry) => entry !== 'image-signer/fastify'))(
    'the middleware of %s names the entry point to import instead',
    async (entry) => {
      for (const factory of factories) {
        const error = await install(entries[entry]![factory](options[factory] as never) as never);
        expect(error).toMatchObject({
          name: 'ImageSignerError',
          code: 'INVALID_OPTION',
          message: expect.stringMatching(
            `^${factory} of '${entry}' expected .+ It was called by .+: import ${factory} from '${right}'\\.$`,
          ),
        });
      }
    },
  );

  test.each(others)(
    'the factory of %s, without a call, names the entry point and the call',
    async (entry) => {
      for (const factory of factories) {
        const error = await install(entries[entry]![factory] as never);
        expect(error).toMatchObject({
          name: 'ImageSignerError',
          code: 'INVALID_OPTION',
          message: expect.stringMatching(
            entry === 'image-signer/fastify'
              ? `^${factory} of '${entry}' expected a Fastify instance\\. It was called by .+: import ${factory} from '${right}'\\.$`
              : `^${factory} expected options, got .+\\. Write .*${factory}.*\\{ … \\}.*, with ${factory} of '${right}'\\.$`,
          ),
        });
      }
    },
  );
});

// A plugin of Fastify is registered without a call; without options it lacks the key.
const called = Object.entries(frameworks).filter(([, { entry }]) => entry !== 'image-signer/fastify');

test.each(called)(
  'in %s the right factory without a call names the call',
  async (_name, { entry, install }) => {
    for (const factory of factories) {
      expect(await install(entries[entry]![factory] as never)).toMatchObject({
        message: expect.stringMatching(
          `^${factory} expected options, got .+\\. Write .*${factory}\\(\\{ … \\}\\)+, with ${factory} of '${entry}'\\.$`,
        ),
      });
    }
  },
);

test.each(factories)(
  'the plugin %s of Fastify in the place of a middleware says how it is registered',
  (factory) => {
    expect(() => entries['image-signer/fastify']![factory](base as never)).toThrow(
      `${factory} of 'image-signer/fastify' expected a Fastify instance. Write app.register(${factory}, { … }); for Express, Koa and Hono import it from 'image-signer', 'image-signer/koa', 'image-signer/hono'.`,
    );
  },
);

test('a bare server that passes no `next` is told what to pass', () => {
  expect(() => rootEntry.imageSigner(base)({} as never, {} as never, undefined as never)).toThrow(
    "imageSigner of 'image-signer' expected a request, a response and next. Call it with a request, a response and next.",
  );
});

test('a signer that is made of a request is told what makes one', () => {
  const request = { method: 'GET', headers: {} };
  expect(() => createSigner(request as never)).toThrow(
    'createSigner expected options, got a request. Write createSigner({ … }).',
  );
});
