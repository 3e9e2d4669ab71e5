import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createSigner, ImageSignerError, imageGuard, imageSigner, signingEndpoint } from '../../src/index.ts';
import { bunny } from '../../src/schemes.ts';
import { base, signerWith } from '../support/samples.ts';

type Mistake = readonly [title: string, options: unknown, option: string, expected: RegExp];

/** What was expected, what came, and how to fix it. */
const wellFormed =
  /^(?:`.+?`: |\w+ )(?:expected \S.+, got \S.*\. \S.{9,}[.?]|expected not to .{9,}\. .{9,}\.|is no.{9,}\. \S.{9,}[.?])$/s;

const canary = 'Ssh+this/is=the-key-of-the-house';

function errorOf(run: () => unknown): ImageSignerError {
  try {
    run();
  } catch (error) {
    if (error instanceof ImageSignerError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const mistakes: readonly Mistake[] = [
  [
    'no options',
    undefined,
    '',
    /createSigner expected options, got undefined\. Write createSigner\(\{ key, ttl, variants \}\)/,
  ],
  ['the key alone', canary, '', /got text of 32 characters/],
  [
    'an unknown name',
    { ...base, sizes: ['thumb'] },
    'sizes',
    /is not an option of createSigner\. There are key, ttl/,
  ],
  ['a mistyped name', { ...base, variant: ['thumb'] }, 'variant', /Is `variants` meant\?$/],

  [
    'no key',
    { ...base, key: undefined },
    'key',
    /got undefined\. .*is the variable set\?.* give `scheme` in its place\./,
  ],
  ['an empty key', { ...base, key: '' }, 'key', /An empty key signs for everybody/],
  [
    'a key with a line end',
    { ...base, key: `${canary}\n` },
    'key',
    /without white space around it, got text of 33 characters.*trim it/,
  ],
  ['a key with spaces before it', { ...base, key: `  ${canary}` }, 'key', /without white space around it/],
  ['a key that is a number', { ...base, key: 42 }, 'key', /expected the signing key's text/],
  ['a key that is a Buffer', { ...base, key: Buffer.from(canary) }, 'key', /got an instance of Buffer/],
  [
    'a time to ask for the key again beside a text',
    { ...base, keyRefresh: '5m' },
    'keyRefresh',
    /a function as `key`, got text/,
  ],
  [
    'a time to ask for the key again of nothing',
    { ...base, key: () => canary, keyRefresh: 0 },
    'keyRefresh',
    /above 0, got 0\. Five minutes are '5m'/,
  ],
  ['a key of half characters', { ...base, key: 'abc\ud800' }, 'key', /visible characters/],
  ['no keys', { ...base, key: [] }, 'key', /at least one key, got an empty list/],
  ['an empty key in a list', { ...base, key: [canary, ''] }, 'key.1', /An empty key signs for everybody/],

  [
    'memory in another unit',
    { ...base, memory: '64MiB' },
    'memory',
    /'512MB'.*, or 0, got '64MiB'\. The default is '32MB'/,
  ],
  ['megabytes as a number', { ...base, memory: 64 }, 'memory', /at least '1MB', or 0, got 64/],
  ['memory of half a byte', { ...base, memory: 2 ** 20 + 0.5 }, 'memory', /bytes as a whole number/],

  ['no ttl', { ...base, ttl: undefined }, 'ttl', /seconds as a whole number.*got undefined/],
  [
    'a ttl in words',
    { ...base, ttl: '1 day' },
    'ttl',
    /'90s', '15m', '6h', '1d'.*got '1 day'\. A day is '1d'/,
  ],
  ['a ttl in weeks', { ...base, ttl: '1w' }, 'ttl', /got '1w'/],
  ['a ttl of nothing', { ...base, ttl: 0 }, 'ttl', /above 0.*got 0/],
  ['a ttl below nothing', { ...base, ttl: -60 }, 'ttl', /got -60/],
  ['a ttl in fractions', { ...base, ttl: 1.5 }, 'ttl', /got 1\.5/],
  ['a ttl that is no number', { ...base, ttl: Number.NaN }, 'ttl', /got NaN/],
  ['a ttl of two years', { ...base, ttl: '730d' }, 'ttl', /at most '366d', got '730d'\. A day is '1d'/],
  ['a ttl in milliseconds', { ...base, ttl: 86_400_000 }, 'ttl', /looks like milliseconds: write 86400\./],
  [
    'a step in milliseconds',
    { ...base, stableFor: 43_200_000 },
    'stableFor',
    /looks like milliseconds: write 43200\./,
  ],
  [
    'a step that is longer than the ttl',
    { ...base, ttl: '1h', stableFor: '2h' },
    'stableFor',
    /at most the ttl, which is 3600 seconds, got 7200\./,
  ],
  ['the key for a ttl', { ...base, ttl: canary }, 'ttl', /got text of 32 characters/],
  ['a step below nothing', { ...base, stableFor: -1 }, 'stableFor', /or 0, got -1.*turns the steps off/],
  ['a step of yes', { ...base, stableFor: true }, 'stableFor', /got true/],

  ['no variants', { ...base, variants: undefined }, 'variants', /a list of names, or a map.*got undefined/],
  ['an empty list of variants', { ...base, variants: [] }, 'variants', /at least one variant/],
  ['an empty map of variants', { ...base, variants: {} }, 'variants', /at least one variant/],
  ['one variant as text', { ...base, variants: 'thumb' }, 'variants', /got 'thumb'/],
  [
    'a Map of variants',
    { ...base, variants: new Map([['thumb', {}]]) },
    'variants',
    /got an instance of Map/,
  ],
  ['a variant that is no text', { ...base, variants: [42] }, 'variants.0', /a variant's name, got 42/],
  ['an empty variant', { ...base, variants: [''] }, 'variants.0', /a path segment can hold, got ''/],
  ['a variant with a slash', { ...base, variants: ['a/b'] }, 'variants.0', /No slash/],
  [
    'a flexible variant',
    { ...base, variants: ['w=400,h=300'] },
    'variants.0',
    /a named variant, got text of 11 characters\. A flexible variant/,
  ],
  ['a wildcard', { ...base, variants: ['*'] }, 'variants.0', /the name of one variant.*There is no wildcard/],
  ['a variant of dots', { ...base, variants: { '..': {} } }, 'variants...', /a path segment can hold/],
  [
    'a variant twice',
    { ...base, variants: ['thumb', 'card', 'thumb'] },
    'variants',
    /each variant once, got a list of 3/,
  ],
  [
    'a policy that is text',
    { ...base, variants: { thumb: '1d' } },
    'variants.thumb',
    /a policy, got '1d'\. Write \{\}/,
  ],
  [
    'a policy with an unknown name',
    { ...base, variants: { thumb: { public: true } } },
    'variants.thumb.public',
    /is not part of a policy/,
  ],
  [
    'a policy with a wrong ttl',
    { ...base, variants: { thumb: { ttl: '1 h' } } },
    'variants.thumb.ttl',
    /got '1 h'/,
  ],
  [
    'a width in text',
    { ...base, variants: { thumb: { width: '320' } } },
    'variants.thumb.width',
    /a whole number of pixels.*got '320'/,
  ],
  ['a height of nothing', { ...base, variants: { thumb: { height: 0 } } }, 'variants.thumb.height', /got 0/],
  [
    'always public in text',
    { ...base, variants: { thumb: { alwaysPublic: 'yes' } } },
    'variants.thumb.alwaysPublic',
    /true or false, got 'yes'/,
  ],

  ['an empty account hash', { ...base, accountHash: '' }, 'accountHash', /an account hash, got ''/],
  ['an account hash with a slash', { ...base, accountHash: 'a/b' }, 'accountHash', /one path segment/],
  [
    'an account hash that is a number',
    { ...base, accountHash: 7 },
    'accountHash',
    /the first part of a delivery URL's path/,
  ],
  ['no account hashes', { ...base, accountHash: [] }, 'accountHash', /Leave accountHash out/],

  [
    'a base without a scheme',
    { ...base, delivery: 'imagedelivery.net' },
    'delivery',
    /got 'imagedelivery\.net'\. Write https:\/\/ in front of the host/,
  ],
  ['a base without a host', { ...base, delivery: 'https://' }, 'delivery', /http:\/\/ or https:\/\//],
  [
    'a base of another scheme',
    { ...base, delivery: 'ftp://imagedelivery.net' },
    'delivery',
    /http:\/\/ or https:\/\//,
  ],
  [
    'a base that leaves the scheme open',
    { ...base, delivery: '//imagedelivery.net' },
    'delivery',
    /Write https:\/\/ in front of the host/,
  ],
  [
    'a base with a query',
    { ...base, delivery: 'https://imagedelivery.net/?a=1' },
    'delivery',
    /without query, fragment or backslash/,
  ],
  [
    'a base with credentials',
    { ...base, delivery: 'https://me@imagedelivery.net' },
    'delivery',
    /No credentials/,
  ],
  [
    'a base with a default port',
    { ...base, delivery: 'https://imagedelivery.net:443' },
    'delivery',
    /no default port/,
  ],
  ['a base with an international name', { ...base, delivery: 'https://bücher.example' }, 'delivery', /xn--/],
  [
    'a base with a dot segment',
    { ...base, delivery: 'https://shop.example/a/../b' },
    'delivery',
    /without empty or dot segments/,
  ],
  [
    'a base with two slashes',
    { ...base, delivery: '/images//x' },
    'delivery',
    /without empty or dot segments/,
  ],
  ['a base with a space', { ...base, delivery: '/my images' }, 'delivery', /a space as %20/],
  ['no bases', { ...base, delivery: [] }, 'delivery', /Leave delivery out/],
  [
    'a base that is a number',
    { ...base, delivery: ['/images', 7] },
    'delivery.1',
    /or \{ base, accountHash \}, got 7/,
  ],
  [
    'a base without its account',
    { ...base, delivery: { base: '/images' } },
    'delivery.accountHash',
    /expected base and accountHash/,
  ],
  [
    'a base with an unknown name',
    { ...base, delivery: { base: '/images', accountHash: 'h', host: 'x' } },
    'delivery.host',
    /is not part of a delivery/,
  ],
  [
    'a base of an account that is not signed',
    { ...base, accountHash: 'a', delivery: { base: '/images', accountHash: 'b' } },
    'delivery',
    /add the account to accountHash/,
  ],

  [
    'authorize that is no function',
    { ...base, authorize: true },
    'authorize',
    /a function, got true\. It gets the image/,
  ],
  ['report that is no function', { ...base, report: 'console' }, 'report', /called with each event/],
  [
    'a clock that tells the date in words',
    { ...base, now: Date },
    'now',
    /a clock of milliseconds, got one that says text of/,
  ],
  [
    'a clock that throws',
    {
      ...base,
      now: () => {
        throw new Error(canary);
      },
    },
    'now',
    /a clock of milliseconds, got one that throws\. Such as Date\.now/,
  ],
  ['a clock that tells nothing', { ...base, now: () => undefined }, 'now', /got one that says undefined/],
  [
    'a key with something invisible in it',
    { ...base, key: `abcd\u200b` },
    'key',
    /visible characters, got text of 5/,
  ],
  ['a key in quotes', { ...base, key: '"abc"' }, 'key', /without quotes around it/],
  [
    'a policy that is a list',
    { ...base, variants: { thumb: [] } },
    'variants.thumb',
    /a policy, got an empty list/,
  ],
  [
    'a width beyond all screens',
    { ...base, variants: { thumb: { width: 1e21 } } },
    'variants.thumb.width',
    /at most 100000/,
  ],
  ['a ttl in many letters', { ...base, ttl: '12345678abcdefgh' }, 'ttl', /got text of 16 characters/],
  ['a ttl in fractions of text', { ...base, ttl: '1.5 hours' }, 'ttl', /got '1\.5 hours'/],
  ['a step in words', { ...base, stableFor: '6 hrs' }, 'stableFor', /got '6 hrs'/],
  ['a list of variants in a text', { ...base, variants: 'thumb, card' }, 'variants', /got 'thumb, card'/],
  ['a variant that looks generated', { ...base, variants: ['a8f/3kq'] }, 'variants.0', /got text of 7/],
  ['a base in other words', { ...base, delivery: 'cdn.example/é?' }, 'delivery', /got text of 14 characters/],
  [
    'a base with a password',
    { ...base, delivery: 'https://me:secret@cdn.example' },
    'delivery',
    /got text of 29 characters\. No credentials/,
  ],
  ['a base without slashes', { ...base, delivery: 'https:/cdn.example' }, 'delivery', /got 'https:\/cdn/],
  ['a base twice', { ...base, delivery: ['/images', '/images/'] }, 'delivery', /each base once/],
  [
    'a base with the account in it',
    { ...base, accountHash: 'abc', delivery: 'https://imagedelivery.net/abc' },
    'delivery',
    /without the account hash, got 'https:\/\/imagedelivery.net\/abc'/,
  ],
  [
    'an account in the base, at Cloudflare',
    { ...base, delivery: 'https://imagedelivery.net/def' },
    'delivery',
    /without the account hash, got 'https:\/\/imagedelivery.net\/def'/,
  ],
  [
    'an account in the base, on a domain of its own',
    { ...base, delivery: ['/images', 'https://shop.example/cdn-cgi/imagedelivery/abc'] },
    'delivery',
    /without the account hash, got 'https:\/\/shop.example\/cdn-cgi/,
  ],
  ['a clock that is none', { ...base, now: 1_790_000_000_000 }, 'now', /milliseconds, as Date\.now does/],
  [
    'a denied variant that is not on the list',
    { ...base, deniedVariant: 'blurred' },
    'deniedVariant',
    /got one that is not on the list/,
  ],
  [
    'a denied variant that is not public',
    { ...base, deniedVariant: 'thumb' },
    'deniedVariant',
    /always public variant, got 'thumb', which is not\./,
  ],
];

/** Both sides of a bound, and what came in every form: several of them have a message in common. */
const details: readonly Mistake[] = [
  [
    'a key in apostrophes',
    { ...base, key: "'abc'" },
    'key',
    /without quotes around it, got text of 5 .*take them off/,
  ],
  ['a key in backticks', { ...base, key: '`a`' }, 'key', /without quotes around it, got text of 3/],
  ['a key of two quotes', { ...base, key: '""' }, 'key', /without quotes around it, got text of 2/],
  ['a ttl of a second more than a leap year', { ...base, ttl: 366 * 86_400 + 1 }, 'ttl', /got 31622401\./],
  ['a width of half pixels', { ...base, variants: { a: { width: 1.5 } } }, 'variants.a.width', /got 1\.5/],
  ['a width of nothing', { ...base, variants: { a: { width: 0 } } }, 'variants.a.width', /above 0.*got 0/],
  [
    'a width of one pixel too many',
    { ...base, variants: { a: { width: 100_001 } } },
    'variants.a.width',
    /at most 100000, got 100001/,
  ],
  ['a policy that is null', { ...base, variants: { a: null } }, 'variants.a', /a policy, got null/],
  ['variants that are null', { ...base, variants: null }, 'variants', /a map of names to policies, got null/],
  [
    'variants of a class',
    { ...base, variants: new (class Shop {})() },
    'variants',
    /got an instance of Shop\./,
  ],
  [
    'a class with the name of a key',
    { ...base, variants: Object.create({ constructor: { name: 'Ssh_this_is_the_k' } }) },
    'variants',
    /got an instance of …\./,
  ],
  [
    'a class with a sentence for a name',
    { ...base, variants: Object.create({ constructor: { name: 'a b' } }) },
    'variants',
    /got an instance of …\. Such/,
  ],
  [
    'a class without a name',
    { ...base, variants: Object.create({ constructor: { name: '' } }) },
    'variants',
    /got an empty object\. Such/,
  ],
  ['a symbol', { ...base, ttl: Symbol('secret') }, 'ttl', /got symbol\./],
  ['a number with many digits', { ...base, ttl: 1 / 3 }, 'ttl', /got a number\./],
  ['a number of fifteen digits', { ...base, ttl: -123456789012345 }, 'ttl', /got a number\./],
  ['a number of fourteen digits', { ...base, ttl: -12345678901234 }, 'ttl', /got -12345678901234\./],
  ['false', { ...base, ttl: false }, 'ttl', /got false\./],
  ['an object with names', { ...base, ttl: { seconds: 5 } }, 'ttl', /got an object\./],
  ['a base with a fragment', { ...base, delivery: '/images#x' }, 'delivery', /without query, fragment/],
  ['a base with a backslash', { ...base, delivery: 'https://a.example\\x' }, 'delivery', /or backslash/],
  [
    'a base in a bare word',
    { ...base, delivery: 'x/images' },
    'delivery',
    /begins with one \/, got 'x\/images'/,
  ],
  [
    'a base behind something',
    { ...base, delivery: 'x https://imagedelivery.net' },
    'delivery',
    /http:\/\/ or https:\/\/, or a path/,
  ],
  ['a base that no URL is', { ...base, delivery: 'https://a b' }, 'delivery', /a host as a URL spells it/],
  ['a base with an empty port', { ...base, delivery: 'https://a.example:' }, 'delivery', /a host as a URL/],
  ['a base with an encoded slash', { ...base, delivery: '/a%2Fb' }, 'delivery', /as a URL spells it, got/],
  [
    'a base with an encoded dot',
    { ...base, delivery: '/a/%2e' },
    'delivery',
    /without empty or dot segments/,
  ],
  [
    'an account hash with an escape',
    { ...base, accountHash: ['h', 'a%20b'] },
    'accountHash.1',
    /written without escapes/,
  ],
  ['an account hash with a space', { ...base, accountHash: 'a b' }, 'accountHash', /no white space/],
  [
    'a base with the second of the accounts in it',
    { ...base, accountHash: ['abc', 'def'], delivery: ['/images', '/def'] },
    'delivery',
    /without the account hash, got '\/def'/,
  ],
  ['report that is null', { ...base, report: null }, 'report', /a function, or false, got null/],
  [
    'a base of two accounts',
    { ...base, delivery: ['/a', { base: '/a', accountHash: 'h' }] },
    'delivery',
    /each base once/,
  ],
  ['a clock of no end', { ...base, now: () => Number.POSITIVE_INFINITY }, 'now', /one that says Infinity/],
  ['a clock that tells the date', { ...base, now: () => '2026-09-21' }, 'now', /says '2026-09-21'/],
  [
    'a clock that tells the date and the time',
    { ...base, now: () => '2026-09-21T14:13:20.000Z' },
    'now',
    /says '2026-09-21T14:13:20\.000Z'/,
  ],
];

test.each([...mistakes, ...details])('createSigner: %s', (_title, options, option, expected) => {
  const error = errorOf(() => createSigner(options as never));
  expect(error.code).toBe('INVALID_OPTION');
  expect(error.option).toBe(option);
  expect(error.message).toMatch(expected);
  expect(error.message).toMatch(wellFormed);
  expect(error.message).toContain(option === '' ? 'createSigner' : `\`${option}\``);
});

test('each mistake has a message of its own', () => {
  const messages = mistakes.map(([, options]) => errorOf(() => createSigner(options as never)).message);
  expect(messages.filter((message, index) => messages.indexOf(message) !== index)).toEqual([]);
  expect(messages.length).toBeGreaterThan(30);
});

const middlewareMistakes: readonly Mistake[] = [
  [
    'rewrite of yes',
    { ...base, rewrite: true },
    'rewrite',
    /false, or some of \{ html, headers, locals, json, events, location \}, got true/,
  ],
  [
    'rewrite with an unknown name',
    { ...base, rewrite: { css: true } },
    'rewrite.css',
    /is not an option of rewrite/,
  ],
  ['rewrite in text', { ...base, rewrite: { html: 'yes' } }, 'rewrite.html', /true or false, got 'yes'/],
  [
    'events of another kind',
    { ...base, rewrite: { events: 'json' } },
    'rewrite.events',
    /'html', or false, got 'json'\. Events whose data is JSON/,
  ],
  ['skip that is no function', { ...base, skip: '/health' }, 'skip', /request and response/],
  ['attributes in a list', { ...base, attributes: ['data-hero'] }, 'attributes', /a map of names to/],
  [
    'an attribute of an unknown kind',
    { ...base, attributes: { hero: 'text' } },
    'attributes',
    /'url', 'srcset', 'css', 'json', 'html' for 'hero', got 'text'/,
  ],
  [
    'an attribute with a space',
    { ...base, attributes: { 'my hero': 'url' } },
    'attributes',
    /the name of an attribute, got 'my hero'/,
  ],
  [
    'an attribute twice',
    { ...base, attributes: { hero: 'url', Hero: 'css' } },
    'attributes',
    /once, got 'Hero' again/,
  ],
  [
    'an attribute that is read anyway',
    { ...base, attributes: { src: 'srcset' } },
    'attributes',
    /That one is read by itself, as url/,
  ],
  [
    'a scheme for options',
    bunny({ url: 'https://shop.b-cdn.net', key: canary, prefixes: 'a/' }),
    '',
    /got a scheme\. Write imageSigner\(\{ scheme, ttl: '1h' \}\)/,
  ],
  ['a signer for options', signerWith(), '', /got a signer\. Write imageSigner\(\{ signer \}\)/],
  ['rewrite as a list', { ...base, rewrite: [] }, 'rewrite', /got an empty list/],
  ['a form value', { ...base, attributes: { VALUE: 'url' } }, 'attributes', /would be saved back/],
  ['a signer that is none', { signer: {} }, 'signer', /what createSigner returns, got an empty object/],
  ['a key for a signer', { signer: canary }, 'signer', /got text of 32 characters/],
  ['a ttl beside a signer', { signer: signerWith(), ttl: '1h' }, 'ttl', /not to be set beside `signer`/],
  ['a key beside a signer', { signer: signerWith(), key: canary }, 'key', /not to be set beside `signer`/],
  [
    'an unknown name beside a signer',
    { signer: signerWith(), skipp: () => true },
    'skipp',
    /is not an option of imageSigner/,
  ],
  ['json beside rewrite', { ...base, json: true }, 'json', /Is rewrite: \{ json: true \} meant\?$/],
  [
    'events beside rewrite',
    { ...base, events: 'html' },
    'events',
    /Is rewrite: \{ events: 'html' \} meant\?$/,
  ],
  [
    'a denied variant beside a signer that does not know it',
    { signer: signerWith(), deniedVariant: 'x' },
    'deniedVariant',
    /got one that is not on the list/,
  ],
  ['an option of the guard', { ...base, mode: 'report' }, 'mode', /is not an option of imageSigner/],
  [
    'what needs no token',
    { ...base, isPublic: () => true },
    'isPublic',
    /It is one of imageGuard and imageDelivery/,
  ],
];

test.each(middlewareMistakes)('imageSigner: %s', (_title, options, option, expected) => {
  const error = errorOf(() => imageSigner(options as never));
  expect(error).toMatchObject({ code: 'INVALID_OPTION', option });
  expect(error.message).toMatch(expected);
  expect(error.message).toMatch(wellFormed);
});

test.each<Mistake>([
  ['an unknown mode', { ...base, mode: 'strict' }, 'mode', /'enforce' or 'report', got 'strict'/],
  ['a shared cache in text', { ...base, sharedCache: 'yes' }, 'sharedCache', /true or false/],
  ['an option of the middleware', { ...base, rewrite: false }, 'rewrite', /is not an option of imageGuard/],
])('imageGuard: %s', (_title, options, option, expected) => {
  const error = errorOf(() => imageGuard(options as never));
  expect(error).toMatchObject({ code: 'INVALID_OPTION', option });
  expect(error.message).toMatch(expected);
  expect(error.message).toMatch(wellFormed);
});

const endpointBase = { ...base, authorize: () => true };

const endpointMistakes: readonly Mistake[] = [
  [
    'no options',
    undefined,
    '',
    /signingEndpoint expected options, got undefined\. Write signingEndpoint\(\{ key/,
  ],
  [
    'nobody to authorize',
    base,
    'authorize',
    /expected a function, here or in the signer, got none\. The endpoint signs for anybody otherwise/,
  ],
  ['nobody to authorize in the signer either', { signer: signerWith() }, 'authorize', /got none/],
  [
    'authorize that is undefined',
    { ...base, authorize: undefined },
    'authorize',
    /here or in the signer, got none/,
  ],
  ['authorize that is true', { ...base, authorize: true }, 'authorize', /a function, got true/],
  [
    'an option of the middleware',
    { ...endpointBase, rewrite: false },
    'rewrite',
    /is not an option of signingEndpoint\. There are .*path, origins/,
  ],
  ['a ttl beside a signer', { signer: signerWith(), ttl: '1h' }, 'ttl', /not to be set beside `signer`/],
  [
    'a denied variant that is not public',
    { ...endpointBase, deniedVariant: 'thumb' },
    'deniedVariant',
    /always public variant/,
  ],

  [
    'a path without a slash',
    { ...endpointBase, path: 'sign' },
    'path',
    /begins with one \/, got 'sign'\. Such as '\/sign'/,
  ],
  ['an empty path', { ...endpointBase, path: '' }, 'path', /begins with one \/, got ''/],
  ['a path of two slashes', { ...endpointBase, path: '//sign' }, 'path', /begins with one \//],
  ['a URL for a path', { ...endpointBase, path: 'https://shop.example/sign' }, 'path', /got 'https:\/\//],
  ['a path with a query', { ...endpointBase, path: '/sign?x' }, 'path', /without query, fragment/],
  ['a path with an empty segment', { ...endpointBase, path: '/a//sign' }, 'path', /empty or dot segments/],
  ['a path with dots', { ...endpointBase, path: '/a/../sign' }, 'path', /empty or dot segments/],
  ['a path with a space', { ...endpointBase, path: '/my sign' }, 'path', /a space as %20/],
  ['a pattern for a path', { ...endpointBase, path: /sign/ }, 'path', /got an instance of RegExp/],

  ['no origins', { ...endpointBase, origins: [] }, 'origins', /at least one origin, got an empty list/],
  [
    'every origin',
    { ...endpointBase, origins: '*' },
    'origins',
    /a site by its whole name, got '\*'\. There are no wildcards/,
  ],
  [
    'an origin with a wildcard',
    { ...endpointBase, origins: ['https://shop.example', 'https://*.shop.example'] },
    'origins.1',
    /a site by its whole name, got 'https:\/\/\*\.shop\.example'/,
  ],
  ['null for an origin', { ...endpointBase, origins: ['null'] }, 'origins.0', /a site, got 'null'.*sandbox/],
  ['no origin at all', { ...endpointBase, origins: [null] }, 'origins.0', /the origin of a site, got null/],
  ['true for origins', { ...endpointBase, origins: true }, 'origins', /the origin of a site, got true/],
  [
    'a bare host for an origin',
    { ...endpointBase, origins: ['shop.example'] },
    'origins.0',
    /with http:\/\/ or https:\/\/, got 'shop\.example'\. Such as 'https:\/\/shop\.example'/,
  ],
  [
    'an origin of an app',
    { ...endpointBase, origins: ['capacitor://localhost'] },
    'origins.0',
    /with http:\/\/ or https:\/\//,
  ],
  [
    'an origin with a path',
    { ...endpointBase, origins: ['https://shop.example/a'] },
    'origins.0',
    /without path, query or slash at its end, got 'https:\/\/shop\.example\/a'/,
  ],
  [
    'an origin with a slash',
    { ...endpointBase, origins: ['https://shop.example/'] },
    'origins.0',
    /or slash at its end/,
  ],
  [
    'an origin in upper case',
    { ...endpointBase, origins: ['https://Shop.example'] },
    'origins.0',
    /as a browser sends it, got 'https:\/\/Shop\.example'\. In lower case/,
  ],
  [
    'an origin with its default port',
    { ...endpointBase, origins: ['https://shop.example:443'] },
    'origins.0',
    /a default port/,
  ],
  [
    'an origin with an international name',
    { ...endpointBase, origins: ['https://bücher.example'] },
    'origins.0',
    /xn--/,
  ],
  [
    'an origin with a password',
    { ...endpointBase, origins: ['https://me:secret@shop.example'] },
    'origins.0',
    /got text of 30 characters\. In lower case, without credentials/,
  ],
  ['a pattern for an origin', { ...endpointBase, origins: /shop/ }, 'origins', /got an instance of RegExp/],
];

test.each(endpointMistakes)('signingEndpoint: %s', (_title, options, option, expected) => {
  const error = errorOf(() => signingEndpoint(options as never));
  expect(error).toMatchObject({ code: 'INVALID_OPTION', option });
  expect(error.message).toMatch(expected);
  expect(error.message).toMatch(wellFormed);
});

test.each<[title: string, options: object]>([
  ['authorize of the signer', { signer: signerWith({ authorize: () => true }) }],
  ['an asynchronous one beside a signer', { signer: signerWith(), authorize: async () => true }],
  [
    'one origin, and a path that ends in a slash',
    { ...endpointBase, origins: 'http://a.example', path: '/a/' },
  ],
  [
    'origins with ports and addresses',
    { ...endpointBase, origins: ['http://localhost:5173', 'http://[::1]:8080'] },
  ],
  ['the root for a path', { ...endpointBase, path: '/' }],
  ['options that are undefined', { ...endpointBase, origins: undefined, path: undefined }],
])('signingEndpoint takes %s', (_title, options) => {
  expect(signingEndpoint(options as never)).toHaveProperty('name', 'signingEndpointMiddleware');
});

test('a middleware that was mounted without a call is told as such', () => {
  const request = { method: 'GET', url: '/', headers: {} };
  const error = errorOf(() =>
    (imageSigner as unknown as (...args: unknown[]) => void)(request, {}, () => {}),
  );
  expect(error.message).toBe(
    "imageSigner expected options, got a request. Write app.use(imageSigner({ … })), with imageSigner of 'image-signer'.",
  );
});

test('rewriteHtml and htmlRewriter refuse options that are wrong', () => {
  const signer = signerWith();
  expect(errorOf(() => signer.rewriteHtml('', { ttl: '1 h' } as never))).toMatchObject({ option: 'ttl' });
  expect(errorOf(() => signer.htmlRewriter({ attribute: {} } as never))).toMatchObject({
    option: 'attribute',
  });
  expect(errorOf(() => signer.htmlRewriter(60 as never))).toMatchObject({ option: 'options' });
  expect(errorOf(() => signer.htmlStream({ attributes: { value: 'url' } }))).toMatchObject({
    option: 'attributes',
  });
});

test('a short key that has landed in another option as well is not shown', () => {
  const key = 'Qw3r!ty#';
  for (const [option, value] of [
    ['ttl', key],
    ['deniedVariant', key],
    ['variants', { thumb: { [key]: 1 } }],
  ] as const) {
    const error = errorOf(() => createSigner({ ...base, key, [option]: value } as never));
    expect(inspect(error, { depth: 9 })).not.toContain(key);
  }
});

describe('a key that was pasted into a wrong place is not shown', () => {
  const signer = signerWith({ accountHash: 'h' });
  const image = 'https://imagedelivery.net/h/id/thumb';
  const hash = 'cheeW4oKsx5ljh8e8BoL2A';
  test.each<[place: string, run: (text: string) => unknown]>([
    ['the options', (text) => createSigner(text as never)],
    ['a name of an option', (text) => createSigner({ ...base, [text]: 1 } as never)],
    ...['ttl', 'stableFor', 'variants', 'authorize', 'deniedVariant', 'report', 'now'].map(
      (option) =>
        [option, (text: string) => createSigner({ ...base, [option]: text } as never)] as [
          string,
          (text: string) => unknown,
        ],
    ),
    ['a variant', (text) => createSigner({ ...base, variants: [`${text}/`] } as never)],
    ['a name of a variant', (text) => createSigner({ ...base, variants: { [text]: 1 } } as never)],
    ['a policy', (text) => createSigner({ ...base, variants: { thumb: text } } as never)],
    ['a name in a policy', (text) => createSigner({ ...base, variants: { thumb: { [text]: 1 } } } as never)],
    ['a ttl of a policy', (text) => createSigner({ ...base, variants: { thumb: { ttl: text } } } as never)],
    ['a width', (text) => createSigner({ ...base, variants: { thumb: { width: text } } } as never)],
    ['alwaysPublic', (text) => createSigner({ ...base, variants: { a: { alwaysPublic: text } } } as never)],
    ['accountHash', (text) => createSigner({ ...base, accountHash: `${text}/` })],
    ['delivery', (text) => createSigner({ ...base, delivery: text })],
    ['a base', (text) => createSigner({ ...base, delivery: { base: text, accountHash: 'h' } })],
    [
      'an account of a base',
      (text) =>
        createSigner({
          ...base,
          accountHash: hash,
          delivery: { base: '/a', accountHash: encodeURIComponent(text).replaceAll('%', '-') },
        }),
    ],
    ['a name in delivery', (text) => createSigner({ ...base, delivery: { [text]: 1 } } as never)],
    ['rewrite', (text) => imageSigner({ ...base, rewrite: text } as never)],
    ['a part of rewrite', (text) => imageSigner({ ...base, rewrite: { html: text } } as never)],
    ['a name in rewrite', (text) => imageSigner({ ...base, rewrite: { [text]: true } } as never)],
    ['skip', (text) => imageSigner({ ...base, skip: text } as never)],
    ['attributes', (text) => imageSigner({ ...base, attributes: text } as never)],
    ['a kind of attribute', (text) => imageSigner({ ...base, attributes: { hero: text } } as never)],
    ['an attribute', (text) => imageSigner({ ...base, attributes: { [text]: 'text' } } as never)],
    ['signer', (text) => imageSigner({ signer: text } as never)],
    ['mode', (text) => imageGuard({ ...base, mode: text } as never)],
    ['sharedCache', (text) => imageGuard({ ...base, sharedCache: text } as never)],
    ['path', (text) => signingEndpoint({ ...endpointBase, path: text })],
    ['origins', (text) => signingEndpoint({ ...endpointBase, origins: text })],
    ['the variant of a call', (text) => signer.signImage(image, text)],
    ['the options of a call', (text) => signer.signImage(image, 'thumb', text as never)],
    ['an option of a call', (text) => signer.signImage(image, 'thumb', { [text]: 1 } as never)],
    ['the ttl of a call', (text) => signer.signImage(image, 'thumb', { ttl: text } as never)],
    ['the expiry of a call', (text) => signer.signImage(image, 'thumb', { expiresAt: text } as never)],
    ['candidates', (text) => signer.signSrcset(image, text as never)],
    ['a candidate', (text) => signer.signSrcset(image, { [text]: '1x' })],
    ['a descriptor', (text) => signer.signSrcset(image, { thumb: text })],
    ['a candidate with a wrong descriptor', (text) => signer.signSrcset(image, { [text]: 1 } as never)],
    ['the options of rewriteHtml', (text) => signer.rewriteHtml('', text as never)],
    ['an option of rewriteHtml', (text) => signer.rewriteHtml('', { [text]: 1 } as never)],
    ['the ttl of rewriteHtml', (text) => signer.rewriteHtml('', { ttl: text } as never)],
    ['attributes of rewriteHtml', (text) => signer.rewriteHtml('', { attributes: { a: text } as never })],
  ])('%s', (_place, run) => {
    for (const text of ['pässword.key!x', 'k3y8Tq', '7c4a8d09ca3762af', canary]) {
      expect(
        inspect(
          errorOf(() => run(text)),
          { depth: 9 },
        ),
      ).not.toContain(text);
    }
  });

  test('a number in the place of the key is one', () => {
    expect(errorOf(() => createSigner({ ...base, key: 48_151_623 } as never)).message).toContain('a number');
  });
});

test('no message shows a key, wherever it was put', () => {
  const places = [
    'key',
    'ttl',
    'stableFor',
    'variants',
    'accountHash',
    'delivery',
    'authorize',
    'deniedVariant',
    'report',
    'now',
    'secret',
  ];
  for (const place of places) {
    for (const value of [canary, `${canary}\n`, [`${canary} `], { [place]: `${canary}\t` }]) {
      const error = (() => {
        try {
          createSigner({ ...base, [place]: value } as never);
          return undefined; // an account hash, say, which it might be
        } catch (thrown) {
          return thrown;
        }
      })();
      expect(inspect(error, { depth: 9, showHidden: true }), place).not.toContain(canary);
    }
  }
});

describe('what is taken', () => {
  test.each<[title: string, options: object]>([
    ['seconds', { ttl: 1 }],
    ['each unit', { ttl: '90s', stableFor: '1m', variants: { thumb: { ttl: '2h' }, card: { ttl: '7d' } } }],
    ['a leap year', { ttl: '366d' }],
    ['a step as long as the ttl', { ttl: '1h', stableFor: 3600 }],
    ['no steps', { stableFor: 0 }],
    [
      'options that are undefined',
      { accountHash: undefined, delivery: undefined, report: undefined, now: undefined },
    ],
    [
      'a variant with the name of a prototype key, in a list',
      { variants: ['constructor', '__proto__', 'toString'] },
    ],
    ['and in a map', { variants: JSON.parse('{"constructor":{},"__proto__":{"width":5}}') }],
    [
      'bases of every kind',
      {
        delivery: [
          'https://imagedelivery.net/',
          'http://localhost:8787/x',
          '/images',
          '/',
          { base: 'https://a.example', accountHash: 'h' },
        ],
      },
    ],
    ['options without a prototype', Object.assign(Object.create(null), base)],
  ])('%s', (_title, options) => {
    expect(createSigner({ ...base, ...options } as never).verifyImage('')).toMatchObject({ ok: false });
  });

  test('a variant named as a prototype key is signed once it is on the list', () => {
    const signer = createSigner({ ...base, variants: JSON.parse('{"constructor":{},"__proto__":{}}') });
    for (const name of ['constructor', '__proto__']) {
      const url = `https://imagedelivery.net/h/id/${name}`;
      expect(signer.verifyImage(signer.signImage(url))).toMatchObject({ ok: true, image: { variant: name } });
    }
  });
});
