/** `checkScheme` with an oracle: a store that takes what it must not, or refuses what it must take, is named. */
import { describe, expect, test } from 'vitest';
import { definitionOf, type Scheme } from '../../../src/schemes/definition.ts';
import { defineScheme } from '../../../src/schemes.ts';
import { checkScheme, type SchemeExamples } from '../../../src/testing.ts';
import { seed } from '../../support/seed.ts';
import { myCdn } from './my-cdn.ts';

const key = 'a-key-that-nobody-else-has/+';
const scheme = myCdn(key);
const examples = {
  urls: ['https://cdn.example/private/photos/a.jpg', 'https://cdn.example/private/photos/b.jpg?v=2'],
  foreign: ['https://cdn.example/private/invoices/a.jpg'],
  secrets: [key],
  seed,
} satisfies SchemeExamples;

/** What a store with this scheme answers. */
function takes(url: string, now = Date.now() / 1_000): boolean {
  return definitionOf(scheme)!.verify!(url, now).ok;
}

function messageOf(oracle: (url: string) => unknown, of: Scheme = scheme): Promise<string> {
  return checkScheme(of, { ...examples, oracle: oracle as () => boolean }).then(
    () => 'passed',
    (error: Error) => error.message,
  );
}

test('a store that takes what is signed, and nothing else, passes, however it answers', async () => {
  expect(await messageOf((url) => takes(url))).toBe('passed');
  expect(await messageOf(async (url) => takes(url))).toBe('passed');
});

const bare = (url: string): boolean => !url.includes('token=');

describe('a store is named', () => {
  test.each<readonly [string, string, (url: string) => unknown]>([
    ['that refuses everything', 'takes a URL that is signed', () => false],
    ['that takes what is not signed', 'takes no URL without a token', (url) => bare(url) || takes(url)],
    ['that knows no expiry', 'takes no URL that has expired', (url) => takes(url, 1)],
    [
      'that reads no path',
      'takes no token of another image',
      (url) => ['a', 'b'].some((name) => takes(url.replace(/[ab]\.jpg/, `${name}.jpg`))),
    ],
    ['that answers with a status', 'takes a URL that is signed', () => 200],
  ])('%s', async (_, rule, oracle) => {
    const message = await messageOf(oracle);
    expect(message).toContain(`breaks the rule "oracle", which is: the store ${rule}`);
    expect(message).not.toContain(key);
  });
});

test('the other rules come first, and the secret is waited for', async () => {
  expect(await messageOf(takes, {} as never)).toContain('checkScheme expected a scheme');
  let asked = 0;
  const waiting = defineScheme<string>({
    name: 'my-cdn',
    url: 'https://cdn.example/private',
    prefixes: 'photos/',
    token: ['expires', 'token'],
    secret: async () => key,
    sign: ({ path, query }, { exp, secret }) => ({
      expires: exp,
      token: Buffer.from(`${path}?${query} ${exp} ${secret.length}`).toString('hex'),
    }),
  });
  const { verify } = definitionOf(waiting)!;
  await checkScheme(waiting, {
    ...examples,
    oracle: (url) => {
      asked++;
      return verify!(url, Date.now() / 1_000).ok;
    },
  });
  expect(asked).toBe(8);
});

test('an oracle is a function', () => {
  expect(() => checkScheme(scheme, { ...examples, oracle: 'https://cdn.example' as never })).rejects.toThrow(
    'checkScheme expected a function as oracle',
  );
});
