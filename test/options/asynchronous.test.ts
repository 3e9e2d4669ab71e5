/**
 * A function that has to answer at once, and was written `async`: its promise would be a no for every image, which nobody
 * would see before the first page. A function that only returns a promise is known at run time alone.
 */
import { tmpdir } from 'node:os';
import Fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { imageDelivery } from '../../src/delivery.ts';
import * as fastifyEntry from '../../src/fastify.ts';
import * as fetchEntry from '../../src/fetch.ts';
import * as honoEntry from '../../src/hono.ts';
import * as rootEntry from '../../src/index.ts';
import * as koaEntry from '../../src/koa.ts';
import { bunny, defineScheme, jwt } from '../../src/schemes.ts';
import { base, signerWith } from '../support/samples.ts';

const forms: readonly [title: string, fn: (...args: never[]) => unknown][] = [
  ['an async arrow function', async () => true],
  ['an async method', { async method() {} }.method],
  ['a bound async function', (async () => true).bind(undefined)],
  ['an async generator', async function* () {}],
];

const scheme = bunny({ url: 'https://a.example', key: 'k'.repeat(20) });

type Factory = (...args: never[]) => unknown;

const entries: Readonly<
  Record<string, Readonly<Record<'createSigner' | 'imageGuard' | 'imageSigner' | 'signingEndpoint', Factory>>>
> = {
  'image-signer': rootEntry,
  'image-signer/koa': koaEntry,
  'image-signer/fetch': fetchEntry,
  'image-signer/hono': honoEntry,
  'image-signer/fastify': fastifyEntry,
};

/** Fastify's own functions are plugins, which read their options as they are registered. */
async function call(factory: Factory, options: object): Promise<unknown> {
  if (factory.length < 3) return factory(options as never);
  const app = Fastify();
  return await app.register(factory as never, options).ready();
}

const authorizing =
  /^`authorize`: expected a synchronous function, got an async one\. Do the asynchronous work in an earlier middleware, and let the function read the result from the request/;
const skipping =
  /^`skip`: expected a synchronous function, got an async one\. Do the asynchronous work in an earlier middleware/;
const opening =
  /^`isPublic`: expected a synchronous function, got an async one\. Keep the data that it needs in memory/;

describe.each(Object.entries(entries))(
  '%s',
  (_name, { createSigner, imageSigner, imageGuard, signingEndpoint }) => {
    test.each(forms)('says of %s at once what to do instead', async (_title, fn) => {
      const signer = createSigner({ ...base, authorize: () => true } as never);
      const mistakes: readonly [Factory, object, RegExp][] = [
        [createSigner, { ...base, authorize: fn }, authorizing],
        [createSigner, { scheme, ttl: '1h', authorize: fn }, authorizing],
        [imageSigner, { ...base, authorize: fn }, authorizing],
        [imageSigner, { signer, authorize: fn }, authorizing],
        [imageSigner, { signer, skip: fn }, skipping],
        [imageGuard, { ...base, authorize: fn }, authorizing],
        [imageGuard, { signer, authorize: fn }, authorizing],
        [imageGuard, { signer, isPublic: fn }, opening],
      ];
      for (const [factory, options, message] of mistakes) {
        await expect(call(factory, options)).rejects.toMatchObject({
          code: 'INVALID_OPTION',
          message: expect.stringMatching(message),
        });
      }
    });

    test.each(forms.slice(0, 3))(
      'takes %s for the endpoint, which waits for it',
      async (_title, authorize) => {
        const signer = createSigner(base as never);
        await expect(call(signingEndpoint, { signer, authorize })).resolves.toBeDefined();
        await expect(call(signingEndpoint, { ...base, authorize })).resolves.toBeDefined();
      },
    );
  },
);

test.each(forms)('a scheme of the app says of %s that nobody waits for it', (_title, fn) => {
  const url = 'https://cdn.example/a';
  const secret = 'a secret of the scheme';
  const own = { name: 'own', url, fingerprint: 'own', match: () => undefined, strip: String, sign: String };
  const inQuery = { name: 'own', url, token: 'token', secret, sign: () => ({ token: '1' }) };
  const mistakes: readonly (readonly [Factory, object, string])[] = [
    ...['match', 'strip', 'sign', 'verify', 'readsParameter'].map(
      (option) => [defineScheme, { ...own, [option]: fn }, option] as const,
    ),
    ...['sign', 'match', 'readExpiry', 'respell', 'parameters', 'readsParameter'].map(
      (option) => [defineScheme, { ...inQuery, [option]: fn }, option] as const,
    ),
    [jwt, { url, key: 's'.repeat(32), claims: fn }, 'claims'],
  ];
  for (const [factory, options, option] of mistakes) {
    expect(() => factory(options as never), option).toThrow(
      `\`${option}\`: expected a synchronous function, got an async one. Its promise is not awaited`,
    );
  }
});

test.each(forms)('a delivery says of %s in isPublic what to do instead', (_title, isPublic) => {
  const options = { signer: signerWith(), directory: tmpdir(), isPublic };
  expect(() => imageDelivery(options as never)).toThrow(opening);
});

test.each(forms)('a clock that is %s is told as one', (_title, now) => {
  expect(() => signerWith({ now: now as never })).toThrow(
    '`now`: expected a synchronous function, got an async one',
  );
});
