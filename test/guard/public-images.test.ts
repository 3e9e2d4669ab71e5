/** `isPublic` of the guard: images that need no token whatever their variant, as each framework's guard asks for them. */
import type { RequestListener } from 'node:http';
import express from 'express';
import express4 from 'express4';
import fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { afterAll, describe, expect, test } from 'vitest';
import * as overFastify from '../../src/fastify.ts';
import * as overFetch from '../../src/fetch.ts';
import * as overHono from '../../src/hono.ts';
import { type ImageSignerEvent, imageGuard } from '../../src/index.ts';
import * as overKoa from '../../src/koa.ts';
import { closeSites, serve } from '../support/delivery-site.ts';
import { send } from '../support/raw.ts';
import { accountHash, base, signerWith } from '../support/samples.ts';

type Ask = (target: string) => Promise<{ status: number; cacheControl: string | null | undefined }>;
type GuardOptions = Readonly<Record<string, unknown>>;

afterAll(closeSites);

const cacheControl = 'public, max-age=600';
const headers = { 'Cache-Control': cacheControl };
const anyOptions = (options: GuardOptions) =>
  ({ ...base, delivery: '/images', accountHash, ...options }) as never;
/** What the app found on its request. */
let seen: unknown;

async function served(listener: RequestListener): Promise<Ask> {
  const port = await serve(listener);
  return async (target) => {
    const answer = await send(port, target);
    return { status: answer.status, cacheControl: answer.header('cache-control') };
  };
}

function overExpress(create: typeof express, options: GuardOptions): Promise<Ask> {
  const app = create();
  app.use('/images', imageGuard(anyOptions(options)), (request, response) => {
    seen = request.signedImage;
    response.set(headers).end('image');
  });
  return served(app);
}

const answerOf = ({ status, headers }: Response) => ({ status, cacheControl: headers.get('cache-control') });

const frameworks: Readonly<Record<string, (options: GuardOptions) => Promise<Ask>>> = {
  'Express 5': (options) => overExpress(express, options),
  'Express 4': (options) => overExpress(express4 as unknown as typeof express, options),
  Koa(options) {
    const app = new Koa().use(overKoa.imageGuard(anyOptions(options))).use((context) => {
      seen = context.state['signedImage'];
      context.set(headers);
      context.body = 'image';
    });
    return served(app.callback());
  },
  async Fastify(options) {
    const app = fastify();
    app.register(overFastify.imageGuard, anyOptions(options));
    app.get('/images/*', (request, reply) => {
      seen = request.signedImage;
      reply.headers(headers).send('image');
    });
    return async (target) => {
      const answer = await app.inject(target);
      return { status: answer.statusCode, cacheControl: String(answer.headers['cache-control']) };
    };
  },
  async Hono(options) {
    const app = new Hono();
    app.use(overHono.imageGuard(anyOptions(options)));
    app.get('/images/*', (context) => {
      seen = context.get('signedImage' as never);
      return context.body('image', 200, headers);
    });
    return async (target) => answerOf(await app.request(target));
  },
  async fetch(options) {
    const guard = overFetch.imageGuard(anyOptions(options));
    return async (target) =>
      answerOf(
        await guard(new Request(`http://shop.example${target}`), (_request, signedImage) => {
          seen = signedImage;
          return new Response('image', { headers });
        }),
      );
  },
};

const signer = signerWith({ delivery: '/images', accountHash });
const pathOf = (id: string, variant = 'thumb'): string => `/images/${accountHash}/${id}/${variant}`;
const isPublic = (image: { readonly id: string }): boolean => image.id.startsWith('press/');

const fail = (): never => {
  throw new Error('no');
};

describe.each(Object.entries(frameworks))('the guard of %s', (_, create) => {
  test('lets a public image pass in any allowed variant, with the freshness of the app', async () => {
    const ask = await create({ isPublic });
    const tokened = signer.signImage('press/a', 'thumb');
    for (const target of [pathOf('press/a'), pathOf('press/b', 'card'), tokened]) {
      seen = undefined;
      expect(await ask(target), target).toEqual({ status: 200, cacheControl });
      expect(JSON.stringify(seen)).toMatch(/"isPublic":true/);
    }
    expect((await ask(pathOf('press/a', 'large'))).status).toBe(403);
    expect((await ask(pathOf('private/a'))).status).toBe(403);
    expect((await ask(`${pathOf('press/a')}?exp=1&sig=0`)).status).toBe(200);
    expect((await ask(pathOf('press/%61'))).status).toBe(404);
    const signed = await ask(signer.signImage('private/a', 'thumb'));
    expect(signed).toMatchObject({ status: 200, cacheControl: 'private, max-age=600' });
  });

  test.each<[string, () => unknown, string | undefined]>([
    ['throws', fail, 'is-public-threw'],
    ['returns a promise', () => Promise.resolve(true), 'is-public-not-synchronous'],
    ['is rejected', () => Promise.reject(new Error('no')), 'is-public-not-synchronous'],
    ['returns what counts as true', () => 'yes', undefined],
    ['returns false', () => false, undefined],
  ])('takes one that %s for a no', async (_name, answer, reason) => {
    const events: ImageSignerEvent[] = [];
    const ask = await create({ isPublic: answer, report: (event: ImageSignerEvent) => events.push(event) });
    expect((await ask(pathOf('press/a'))).status).toBe(403);
    const passed = events.flatMap((event) => (event.type === 'passed' ? [event.reason] : []));
    expect(passed).toEqual(reason === undefined ? [] : [reason]);
    expect(events.at(-1)).toMatchObject({ type: 'refused', reason: 'missing-signature' });
  });

  test('is not asked about an always public variant, nor about what is no image of the site', async () => {
    const asked: unknown[] = [];
    const ask = await create({ isPublic: (image: unknown) => asked.push(image) > 0 });
    expect((await ask(pathOf('press/a', 'preview'))).status).toBe(200);
    expect((await ask('/images/other/press/a/thumb')).status).toBe(403);
    expect((await ask('/images/x')).status).toBe(404);
    expect(asked).toEqual([]);
  });
});
