/**
 * Law: wherever a key is pasted by mistake into the options of a scheme, no eight characters of it show in a message, or
 * in what a log makes of the scheme and of a signer with it. A host, a base and a name are what messages are for.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSigner, ImageSignerError } from '../../../src/index.ts';
import type { Scheme } from '../../../src/schemes.ts';
import { endOnFailure } from '../../support/generators/random.ts';
import { makeScheme, type Options, type SchemeName, tables } from '../../support/schemes/table.ts';
import { runs } from '../../support/seed.ts';
import { partThatShows, thrownBy, waysToPaste } from './pasted.ts';
import { pastedKeys } from './random-keys.ts';

const url = 'https://cdn.example/private';
const cloudflare = { variants: { thumb: {} }, delivery: 'https://imagedelivery.net' };
const plain = tables.filter(({ title }) => title === undefined);

/** What each of them takes, the secrets first. */
const complete: readonly (readonly [name: SchemeName, secret: string, options: Options])[] = [
  ...plain.map(({ scheme, options, secretOption = 'key' }) => {
    const prefixes = scheme === 'imgproxy' ? 'https://a.example/uploads/' : 'uploads/';
    return [scheme, secretOption, { ...options, prefixes }] as const;
  }),
  ['cloudFront', 'key', { url, keyId: 'K2JCJMDEHXQW5F', key: '@rsa1024', policy: `${url}/photos/*` }],
  ['cloudflareImages', 'key', { key: 'a-key-for-tests-that-nobody', ...cloudflare }],
];
const ways: typeof waysToPaste = [
  ...waysToPaste,
  [' as a folder', (text) => `${url}/${text}/`],
  [' as a folder of a policy', (text) => `${url}/${text}/*`],
];

function expectHidden(text: string, value: unknown, where: string): void {
  const fault = partThatShows(text, value);
  if (fault !== undefined) expect.fail(`${where}: ${fault}`);
}

describe.each(complete)('%s', (name, secret, options) => {
  const withKey = (text: string): Options =>
    secret === 'credentials'
      ? { ...options, credentials: { accessKeyId: text, secretAccessKey: text } }
      : { ...options, [secret]: text };

  function expectNothingShows(text: string, given: Options, where: string): void {
    let scheme: Scheme | undefined;
    const error = thrownBy(() => {
      scheme = makeScheme(name, given);
    });
    if (error !== undefined) {
      expect(error, where).toBeInstanceOf(ImageSignerError);
      return expectHidden(text, error, where);
    }
    expectHidden(text, scheme, `${where}: the scheme`);
    let signer: unknown;
    const refusal = thrownBy(() => {
      signer = createSigner({ scheme, ttl: '1h', authorize: () => true, report: false } as never);
    });
    expectHidden(text, refusal ?? signer, `${where}: the signer`);
  }

  test('a key in any option shows nowhere', () => {
    const check = (text: string, isTheKey: boolean): void => {
      const base = isTheKey ? withKey(text) : options;
      expectNothingShows(text, { ...base, [text]: 1 }, 'an unknown option');
      for (const option of Object.keys(options)) {
        for (const [how, value] of ways)
          expectNothingShows(text, { ...base, [option]: value(text, option) }, `${option}${how}`);
      }
    };
    fc.assert(fc.property(pastedKeys, fc.boolean(), check), { numRuns: runs(0.03), endOnFailure });
  });
});
