/** `isPublic` of the guard: images that need no token whatever their variant, as each framework's guard asks for them. */
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

interface Answer {
  readonly status: number;
  readonly cacheControl: string | null | undefined;
  /** What the app found on its request. */
  readonly seen: unknown;
}

type Ask = (target: string) => Promise<Answer>;
type GuardOptions = Readonly<Record<string, unknown>>;

afterAll(closeSites);

const cacheControl = 'public, max-age=600';
const anyOptions = (options: GuardOptions) =>
  ({ ...base, delivery: '/images', accountHash, ...options }) as never;

async function overExpress(create: typeof express, options: GuardOptions): Promise<Ask> {
  const app = create();
  let seen: unknown;
  app.use('/images', imageGuard(anyOptions(options)), (request, response) => {
    seen = request.signedImage;
    response.setHeader('Cache-Control', cacheControl);
    response.end('image');
  });
  const port = await serve(app);
  return async (target) => {
    seen = undefined;
    const answer = await send(port, target);
    return { status: answer.status, cacheControl: answer.header('cache-control'), seen };
  };
}

const frameworks: Readonly<Record<string, (options: GuardOptions) => Promise<Ask>>> = {
  'Express 5': (options) => overExpress(express, options),
  'Express 4': (options) => overExpress(express4 as unknown as typeof express, options),
  async Koa(options) {
    const app = new Koa();
    let seen: unknown;
    app.use(overKoa.imageGuard(anyOptions(options)));
    app.use((context) => {
      seen = context.state['signedImage'];
      context.set('Cache-Control', cacheControl);
      context.body = 'image';
    });
    const port = await serve(app.callback());
    return async (target) => {
      seen = undefined;
      const answer = await send(port, target);
      return { status: answer.status, cacheControl: answer.header('cache-control'), seen };
    };
  },
  async Fastify(options) {
    const app = fastify();
    let seen: unknown;
    app.register(overFastify.imageGuard, anyOptions(options));
    app.get('/images/*', (request, reply) => {
      seen = request.signedImage;
      reply.header('Cache-Control', cacheControl).send('image');
    });
    return async (target) => {
      seen = undefined;
      const answer = await app.inject(target);
      return { status: answer.statusCode, cacheControl: answer.headers['cache-control'], seen };
    };
  },
  async Hono(options) {
    const app = new Hono();
    app.use(overHono.imageGuard(anyOptions(options)));
    let seen: unknown;
    app.get('/images/*', (context) => {
      seen = context.get('signedImage' as never);
      return context.body('image', 200, { 'Cache-Control': cacheControl });
    });
    return async (target) => {
      seen = undefined;
      const answer = await app.request(target);
      return { status: answer.status, cacheControl: answer.headers.get('cache-control'), seen };
    };
  },
  async fetch(options) {
    const guard = overFetch.imageGuard(anyOptions(options));
    let seen: unknown;
    return async (target) => {
      seen = undefined;
      const answer = await guard(new Request(`http://shop.example${target}`), (_request, signedImage) => {
        seen = signedImage;
        return new Response('image', { headers: { 'Cache-Control': cacheControl } });
      });
      return { status: answer.status, cacheControl: answer.headers.get('cache-control'), seen };
    };
  },
};

const signer = signerWith({ delivery: '/images', accountHash });
const pathOf = (id: string, variant = 'thumb'): string => `/images/${accountHash}/${id}/${variant}`;
const isPublic = (image: { readonly id: string }): boolean => image.id.startsWith('press/');

describe.each(Object.entries(frameworks))('the guard of %s', (_, create) => {
  test('lets a public image pass in any allowed variant, with the freshness of the app', async () => {
    const ask = await create({ isPublic });
    for (const target of [
      pathOf('press/a'),
      pathOf('press/b', 'card'),
      signer.signImage('press/a', 'thumb'),
    ]) {
      const answer = await ask(target);
      expect(answer, target).toMatchObject({ status: 200, cacheControl });
      expect(JSON.stringify(answer.seen)).toMatch(/"isPublic":true/);
    }
    expect((await ask(pathOf('press/a', 'large'))).status).toBe(403);
    expect((await ask(pathOf('private/a'))).status).toBe(403);
    expect((await ask(`${pathOf('press/a')}?exp=1&sig=0`)).status).toBe(200);
    expect((await ask(pathOf('press/%61'))).status).toBe(404);
    const signed = await ask(signer.signImage('private/a', 'thumb'));
    expect(signed).toMatchObject({ status: 200, cacheControl: 'private, max-age=600' });
  });

  test.each<[string, () => unknown, string | undefined]>([
    [
      'throws',
      () => {
        throw new Error('no');
      },
      'is-public-threw',
    ],
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
