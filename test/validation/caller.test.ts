/** An entry point that was mistyped says which one is right, at the first request. */
import express from 'express';
import { Hono } from 'hono';
import Koa from 'koa';
import { expect, test } from 'vitest';
import * as fastifyEntry from '../../src/fastify.ts';
import * as fetchEntry from '../../src/fetch.ts';
import * as honoEntry from '../../src/hono.ts';
import * as rootEntry from '../../src/index.ts';
import * as koaEntry from '../../src/koa.ts';
import { exchangeLater } from '../support/in-memory.ts';
import { base } from '../support/samples.ts';

/** Each answers one request, and gives the error that its framework has caught. */
const frameworks = {
  async express(middleware: unknown): Promise<Error | undefined> {
    let caught: Error | undefined;
    const app = express().use(middleware as never);
    app.use(((error: Error, _request, response, _next) => {
      caught = error;
      response.end();
    }) satisfies express.ErrorRequestHandler);
    await exchangeLater(app as never, '/');
    return caught;
  },
  async koa(middleware: unknown): Promise<Error | undefined> {
    let caught: Error | undefined;
    const app = new Koa().use(middleware as never);
    app.on('error', (error: Error) => {
      caught = error;
    });
    await exchangeLater(app.callback(), '/');
    return caught;
  },
  async hono(middleware: unknown): Promise<Error | undefined> {
    let caught: Error | undefined;
    const app = new Hono().use(middleware as never);
    app.onError((error, context) => {
      caught = error;
      return context.text('');
    });
    await app.request('/');
    return caught;
  },
};

type Exported = 'imageGuard' | 'imageSigner' | 'signingEndpoint';
type Entry = Readonly<Record<Exported, (...args: never[]) => unknown>>;
const ofFastify: Entry = fastifyEntry;
const ofFetch: Entry = fetchEntry;
const ofHono: Entry = honoEntry;
const ofKoa: Entry = koaEntry;
const ofRoot: Entry = rootEntry;

/** What makes a middleware of each. */
const options = {
  imageSigner: base,
  imageGuard: base,
  signingEndpoint: { ...base, authorize: () => true },
};

test.each([
  [
    'express',
    ofKoa,
    'image-signer/koa',
    "Express, Connect or node:http: import imageSigner from 'image-signer'.",
  ],
  [
    'express',
    ofHono,
    'image-signer/hono',
    "Express, Connect or node:http: import imageSigner from 'image-signer'.",
  ],
  [
    'express',
    ofFetch,
    'image-signer/fetch',
    "Express, Connect or node:http: import imageSigner from 'image-signer'.",
  ],
  ['koa', ofRoot, 'image-signer', "Koa: import imageSigner from 'image-signer/koa'."],
  ['koa', ofHono, 'image-signer/hono', "Koa: import imageSigner from 'image-signer/koa'."],
  ['koa', ofFetch, 'image-signer/fetch', "Koa: import imageSigner from 'image-signer/koa'."],
  ['hono', ofRoot, 'image-signer', "Hono: import imageSigner from 'image-signer/hono'."],
  ['hono', ofKoa, 'image-signer/koa', "Hono: import imageSigner from 'image-signer/hono'."],
  ['hono', ofFetch, 'image-signer/fetch', "Hono: import imageSigner from 'image-signer/hono'."],
] as const)(
  'an app of %s is told that it has the function of another entry point',
  async (framework, entry, name, hint) => {
    for (const exported of Object.keys(options) as Exported[]) {
      const error = await frameworks[framework](entry[exported](options[exported] as never));
      expect(error).toMatchObject({ name: 'ImageSignerError', code: 'INVALID_OPTION' });
      expect(error?.message).toContain(`${exported} of '${name}' expected `);
      expect(error?.message).toContain(`It was called by ${hint.replace('imageSigner', exported)}`);
    }
  },
);

test.each(Object.keys(options) as Exported[])(
  'the plugin %s of Fastify in the place of a middleware says how it is registered',
  (exported) => {
    expect(() => ofFastify[exported](base as never, undefined as never, undefined as never)).toThrow(
      `Write app.register(${exported}, { … })`,
    );
  },
);

test('a middleware that is registered as a plugin of Fastify says which entry point is right', () => {
  const instance = { decorateRequest() {} };
  expect(() => rootEntry.imageSigner(base)(instance as never, {} as never, () => {})).toThrow(
    "It was called by Fastify: import imageSigner from 'image-signer/fastify'.",
  );
});

test('a bare server that passes no `next` is told what to pass', () => {
  expect(() => rootEntry.imageSigner(base)({} as never, {} as never, undefined as never)).toThrow(
    "imageSigner of 'image-signer' expected a request, a response and next. Call it with a request, a response and next.",
  );
});
