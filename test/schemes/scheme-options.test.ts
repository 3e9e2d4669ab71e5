/** What the factories of schemes refuse, and that no secret shows. */
import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { definitionOf, type Scheme } from '../../src/schemes/definition.ts';
import {
  bunny,
  cloudFront,
  edgeAuth,
  imageKit,
  imgix,
  imgproxy,
  nginxSecureLink,
  sanity,
} from '../../src/schemes.ts';
import { fingerprintOf } from '../support/definition-calls.ts';
import { errorOf } from '../support/scheme-calls.ts';

const secret = 'qwertyuiop-asdfghjkl-zxcvbnm-1234';
const hexKey = '943b421c9eb07c830af81030552c86009268de4e532ba2ee2eab8247c6da0881';
const hexSalt = '520f986b998545b4785e0defbc4f3c1203f22de2374a3d53cb7a7fe9fea309c5';
const privateKey = generateKeyPairSync('rsa', { modulusLength: 1024 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

interface Case {
  readonly name: string;
  /** As the scheme is called in messages, if that is another name. */
  readonly shown?: string;
  readonly make: (options: object) => Scheme;
  readonly options: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

const make = (factory: (options: never) => Scheme): Case['make'] => factory as Case['make'];
const url = 'https://photos.example';
const cases: readonly Case[] = [
  { name: 'imgix', make: make(imgix), options: { url, key: secret }, secrets: ['key'] },
  { name: 'imageKit', make: make(imageKit), options: { url, key: secret }, secrets: ['key'] },
  {
    name: 'sanity',
    make: make(sanity),
    options: { url, keyId: 'pk1234567890abcd', key: hexKey },
    secrets: ['key'],
  },
  { name: 'bunny', make: make(bunny), options: { url, key: secret }, secrets: ['key'] },
  {
    name: 'imgproxy',
    make: make(imgproxy),
    options: { url, key: hexKey, salt: hexSalt },
    secrets: ['key', 'salt'],
  },
  {
    name: 'nginxSecureLink',
    shown: 'nginx-secure-link',
    make: make(nginxSecureLink),
    options: { url, key: secret },
    secrets: ['key'],
  },
  {
    name: 'edgeAuth',
    shown: 'edge-auth',
    make: make(edgeAuth),
    options: { url, key: hexKey },
    secrets: ['key'],
  },
  {
    name: 'cloudFront',
    make: make(cloudFront),
    options: { url, keyId: 'K2JCJMDEHXQW5F', key: privateKey },
    secrets: ['key'],
  },
];

describe.each(cases)('$name', ({ name, shown = name.toLowerCase(), make, options, secrets }) => {
  /** Pieces of the secrets that would betray them. */
  const pieces = secrets.flatMap((option) =>
    options[option]!.split('\n')
      .filter((line) => line.length > 8 && !line.startsWith('-----'))
      .flatMap((line) => [line.slice(0, 12), line.slice(-12)]),
  );
  const showsNothing = (text: string): void => {
    for (const piece of pieces) expect(text).not.toContain(piece);
  };

  test('shows its name alone', () => {
    const scheme = make(options);
    expect(inspect(scheme)).toBe(`{ name: '${shown}' }`);
    expect(JSON.stringify(scheme)).toBe(`{"name":"${shown}"}`);
    const parts = definitionOf(scheme)!;
    showsNothing(inspect(scheme, { depth: 9, showHidden: true }) + JSON.stringify(parts));
    showsNothing(inspect(parts, { depth: 9, showHidden: true }));
  });

  test('has a fingerprint of all that decides a token, without a secret', () => {
    const fingerprint = (more: object): string => fingerprintOf(make({ ...options, ...more }));
    expect(fingerprint({})).toBe(fingerprint({}));
    showsNothing(fingerprint({}));
    const others: object[] = [
      { url: 'https://other.example' },
      { prefixes: 'a/' },
      { prefixes: ['a/', 'b/'] },
    ];
    if (name === 'cloudFront') others.push({ keyId: 'K3' + '0'.repeat(9) }, { policy: `${url}/a/*` });
    else for (const option of secrets) others.push({ [option]: name === 'sanity' ? hexSalt : 'abcdef' });
    expect(new Set([{}, ...others].map(fingerprint)).size).toBe(others.length + 1);
  });

  test.each([undefined, null, 5, 'text', [], () => undefined])('%o is no object of options', (given) => {
    const error = errorOf(() => make(given as never));
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.message).toContain(`${name} expected options`);
  });

  test('names an option that it does not have, and those that it has', () => {
    const error = errorOf(() => make({ ...options, publicRead: 'x' }));
    expect(error).toMatchObject({ code: 'INVALID_OPTION', option: 'publicRead' });
    expect(error.message).toContain(Object.keys(options).join(', '));
    const mistyped = errorOf(() => make({ ...options, urls: 'x' }));
    expect(mistyped).toMatchObject({ code: 'INVALID_OPTION', option: 'urls' });
    expect(mistyped.message).toContain('Is `url` meant?');
    showsNothing(errorOf(() => make({ ...options, [options[secrets[0]!]!]: 1 })).message);
  });

  test.each(Object.keys(options))('requires %s', (option) => {
    const { [option]: _, ...rest } = options;
    for (const given of [rest, { ...rest, [option]: undefined }, { ...rest, [option]: '' }])
      expect(errorOf(() => make(given))).toMatchObject({ code: 'INVALID_OPTION', option });
  });

  test.each([
    ['url', 'ftp://photos.example'],
    ['url', 'https://photos.example?x'],
    ['url', []],
    ['url', [url, url]],
    ['prefixes', []],
    ['prefixes', 'uploads'],
    ['prefixes', ['uploads/', '/uploads/']],
    ['prefixes', 5],
  ])('refuses %s: %o', (option, given) => {
    expect(errorOf(() => make({ ...options, [option]: given })).option).toContain(option);
  });

  test('shows no secret that was pasted in the place of another option', () => {
    const places = [...Object.keys(options), 'prefixes', ...(name === 'cloudFront' ? ['policy'] : [])];
    for (const option of places) {
      for (const text of secrets.map((each) => options[each]!)) {
        for (const given of [text, [text], `${text} `, ` ${text}`, `${url}/${text}`, `"${text}"`, { text }]) {
          try {
            make({ ...options, [option]: given });
          } catch (error) {
            showsNothing(inspect(error, { depth: 9, showHidden: true }));
          }
        }
      }
    }
  });
});

test('a prefix that repeats the url would never match, except where ids are URLs', () => {
  const prefixes = `${url}/uploads/`;
  expect(errorOf(() => bunny({ url, key: 'a-key', prefixes })).message).toContain('below `url`');
  expect(() => imgproxy({ url, key: 'ab', salt: 'ab', prefixes })).not.toThrow();
});

test.each(['abc', '0g', 'ab cd', 'ab,cd', '0xab', 'AB\n'])('imgproxy takes no %j for hex', (text) => {
  for (const option of ['key', 'salt'])
    expect(errorOf(() => imgproxy({ url, key: 'ab', salt: 'ab', [option]: text })).option).toBe(option);
});

test('CloudFront signs whole URLs, so that a path alone is refused without a policy', () => {
  const given = { keyId: 'K2JCJMDEHXQW5F', key: privateKey };
  for (const paths of ['/photos', [url, '/photos']]) {
    const error = errorOf(() => cloudFront({ url: paths, ...given }));
    expect(error).toMatchObject({ code: 'INVALID_OPTION', option: 'url' });
    expect(error.message).toContain("got '/photos'");
  }
});

test.each(['', 'k2jcjmdehxqw5f', 'K2JC JMDEHXQW5F', 'K2&Signature=x', 5])(
  '%j is no ID of a public key',
  (keyId) => {
    const error = errorOf(() => cloudFront({ url, keyId: keyId as string, key: privateKey }));
    expect(error).toMatchObject({ code: 'INVALID_OPTION', option: 'keyId' });
  },
);
