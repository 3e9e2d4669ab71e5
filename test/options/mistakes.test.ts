/**
 * Each bad option throws at once, and says what was expected, what came and how to mend it. Longer than most files: a row
 * for each mistake. That no message shows a key, `properties/pasted-keys/pasted-keys.test.ts` holds.
 */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createSigner, ImageSignerError, imageGuard, imageSigner, signingEndpoint } from '../../src/index.ts';
import { bunny } from '../../src/schemes.ts';
import { base, signerWith } from '../support/samples.ts';

/** Options beside those that are right, what the message says, and which option it names, if not the last of these. */
type Mistake = readonly [given: object, expected: RegExp | string, option?: string];

/** What was expected, what came, and how to fix it. */
const wellFormed =
  /^(?:`.+?`: |\w+ )(?:expected \S.+, got \S.*\. \S.{9,}[.?]|expected not to .{9,}\. .{9,}\.|is no.{9,}\. \S.{9,}[.?])$/s;

const canary = 'Ssh+this/is=the-key-of-the-house';
const signer = signerWith();

function errorOf(run: () => unknown): ImageSignerError {
  try {
    run();
  } catch (error) {
    if (error instanceof ImageSignerError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const classOf = (name: string): object => Object.create({ constructor: { name } });

const mistakes: readonly Mistake[] = [
  [{ sizes: ['thumb'] }, /is not an option of createSigner\. The options are key, ttl/],
  [{ variant: ['thumb'] }, /Did you mean `variants`\?$/],
  [{ key: undefined }, /got undefined\. .*is the variable set\?.* pass `scheme` instead\./],
  [{ key: '' }, /With an empty key, anybody could sign/],
  [{ key: `${canary}\n` }, /without white space around it, got text of 33 characters.*trim it/],
  [{ key: `  ${canary}` }, /without white space around it/],
  [{ key: 42 }, /expected the signing key's text/],
  [{ key: Buffer.from(canary) }, /got an instance of Buffer/],
  [{ keyRefresh: '5m' }, /a function as `key`, got text/],
  [{ key: () => canary, keyRefresh: 0 }, /above 0, got 0\. Five minutes are '5m'/],
  [{ key: 'abc\ud800' }, /visible characters/],
  [{ key: [] }, /at least one key, got an empty list/],
  [{ key: [canary, ''] }, /With an empty key, anybody could sign/, 'key.1'],
  [{ memory: '64MiB' }, /'512MB'.*, or 0, got '64MiB'\. The default is '32MB'/],
  [{ memory: 64 }, /at least '1MB', or 0, got 64/],
  [{ memory: 2 ** 20 + 0.5 }, /bytes as a whole number/],
  [{ ttl: undefined }, /seconds as a whole number.*got undefined/],
  [{ ttl: '1 day' }, /'90s', '15m', '6h', '1d'.*got '1 day'\. A day is '1d'/],
  [{ ttl: '1w' }, /got '1w'/],
  [{ ttl: 0 }, /above 0.*got 0/],
  [{ ttl: -60 }, /got -60/],
  [{ ttl: 1.5 }, /got 1\.5/],
  [{ ttl: Number.NaN }, /got NaN/],
  [{ ttl: '730d' }, /at most '366d', got '730d'\. A day is '1d'/],
  [{ ttl: 86_400_000 }, /looks like milliseconds: write 86400\./],
  [{ stableFor: 43_200_000 }, /looks like milliseconds: write 43200\./],
  [{ ttl: '1h', stableFor: '2h' }, /at most the ttl, which is 3600 seconds, got 7200\./],
  [{ ttl: canary }, /got text of 32 characters/],
  [{ stableFor: -1 }, /or 0, got -1.*turns steps off/],
  [{ stableFor: true }, /got true/],
  [{ variants: undefined }, /a list of names, or a map.*got undefined/],
  [{ variants: [] }, /at least one variant/],
  [{ variants: {} }, /at least one variant/],
  [{ variants: 'thumb' }, /got 'thumb'/],
  [{ variants: new Map([['thumb', {}]]) }, /got an instance of Map/],
  [{ variants: [42] }, /a variant's name, got 42/, 'variants.0'],
  [{ variants: [''] }, /a path segment can hold, got ''/, 'variants.0'],
  [{ variants: ['a/b'] }, /contain a slash/, 'variants.0'],
  [{ variants: ['w=400,h=300'] }, 'a named variant, got text of 11 characters. A flexible', 'variants.0'],
  [{ variants: ['*'] }, /the name of one variant.*There is no wildcard/, 'variants.0'],
  [{ variants: { '..': {} } }, /a path segment can hold/, 'variants...'],
  [{ variants: ['thumb', 'card', 'thumb'] }, /each variant once, got a list of 3/],
  [{ variants: { thumb: '1d' } }, /a policy, got '1d'\. Write \{\}/, 'variants.thumb'],
  [{ variants: { thumb: { public: true } } }, /is not part of a policy/, 'variants.thumb.public'],
  [{ variants: { thumb: { ttl: '1 h' } } }, /got '1 h'/, 'variants.thumb.ttl'],
  [{ variants: { thumb: { width: '320' } } }, /a whole number of pixels.*got '320'/, 'variants.thumb.width'],
  [{ variants: { thumb: { height: 0 } } }, /got 0/, 'variants.thumb.height'],
  [{ variants: { a: { alwaysPublic: 'yes' } } }, /true or false, got 'yes'/, 'variants.a.alwaysPublic'],
  [{ accountHash: '' }, /an account hash, got ''/],
  [{ accountHash: 'a/b' }, /one path segment/],
  [{ accountHash: 7 }, /the first part of a delivery URL's path/],
  [{ accountHash: [] }, /Leave accountHash out/],
  [{ delivery: 'imagedelivery.net' }, /got 'imagedelivery\.net'\. Write https:\/\/ in front of the host/],
  [{ delivery: 'https://' }, /http:\/\/ or https:\/\//],
  [{ delivery: 'ftp://imagedelivery.net' }, /http:\/\/ or https:\/\//],
  [{ delivery: '//imagedelivery.net' }, /Write https:\/\/ in front of the host/],
  [{ delivery: 'https://imagedelivery.net/?a=1' }, /without query, fragment or backslash/],
  [{ delivery: 'https://me@imagedelivery.net' }, /No credentials/],
  [{ delivery: 'https://imagedelivery.net:443' }, /no default port/],
  [{ delivery: 'https://bücher.example' }, /xn--/],
  [{ delivery: 'https://shop.example/a/../b' }, /without empty or dot segments/],
  [{ delivery: '/images//x' }, /without empty or dot segments/],
  [{ delivery: '/my images' }, /a space as %20/],
  [{ delivery: [] }, /Leave delivery out/],
  [{ delivery: ['/images', 7] }, /or \{ base, accountHash \}, got 7/, 'delivery.1'],
  [{ delivery: { base: '/images' } }, /expected base and accountHash/, 'delivery.accountHash'],
  [{ delivery: { base: '/a', accountHash: 'h', host: 'x' } }, /is not part of a delivery/, 'delivery.host'],
  [{ accountHash: 'a', delivery: { base: '/images', accountHash: 'b' } }, /add the account to accountHash/],
  [{ authorize: true }, /a function, got true\. It receives the image/],
  [{ report: 'console' }, /called with each event/],
  [{ now: Date }, /a clock of milliseconds, got one that returns text of/],
  [
    {
      now: () => {
        throw new Error(canary);
      },
    },
    /a clock of milliseconds, got one that throws\. Pass Date\.now/,
  ],
  [{ now: () => undefined }, /got one that returns undefined/],
  [{ key: `abcd\u200b` }, /visible characters, got text of 5/],
  [{ key: '"abc"' }, /without quotes around it/],
  [{ variants: { thumb: [] } }, /a policy, got an empty list/, 'variants.thumb'],
  [{ variants: { thumb: { width: 1e21 } } }, /at most 100000/, 'variants.thumb.width'],
  [{ ttl: '12345678abcdefgh' }, /got text of 16 characters/],
  [{ ttl: '1.5 hours' }, /got '1\.5 hours'/],
  [{ stableFor: '6 hrs' }, /got '6 hrs'/],
  [{ variants: 'thumb, card' }, /got 'thumb, card'/],
  [{ variants: ['a8f/3kq'] }, /got text of 7/, 'variants.0'],
  [{ delivery: 'cdn.example/é?' }, /got text of 14 characters/],
  [{ delivery: 'https://me:secret@cdn.example' }, /got text of 29 characters\. No credentials/],
  [{ delivery: 'https:/cdn.example' }, /got 'https:\/cdn/],
  [{ delivery: ['/images', '/images/'] }, /each base once/],
  [{ accountHash: 'abc', delivery: 'https://a.b/abc' }, "without the account hash, got 'https://a.b/abc'"],
  [
    { delivery: 'https://imagedelivery.net/b' },
    "without the account hash, got 'https://imagedelivery.net/b'",
  ],
  [
    { delivery: ['/a', 'https://a.b/cdn-cgi/imagedelivery/c'] },
    "without the account hash, got 'https://a.b/cdn-cgi",
  ],
  [{ now: 1_790_000_000_000 }, /milliseconds, as Date\.now does/],
  [{ deniedVariant: 'blurred' }, /got one that is not on the list/],
  [{ deniedVariant: 'thumb' }, /always public variant, got 'thumb', which is not\./],
];

/** Both sides of a bound, and what came in every form: several of them have a message in common. */
const details: readonly Mistake[] = [
  [{ key: "'abc'" }, /without quotes around it, got text of 5 .*remove them/],
  [{ key: '`a`' }, /without quotes around it, got text of 3/],
  [{ key: '""' }, /without quotes around it, got text of 2/],
  [{ ttl: 366 * 86_400 + 1 }, /got 31622401\./],
  [{ variants: { a: { width: 1.5 } } }, /got 1\.5/, 'variants.a.width'],
  [{ variants: { a: { width: 0 } } }, /above 0.*got 0/, 'variants.a.width'],
  [{ variants: { a: { width: 100_001 } } }, /at most 100000, got 100001/, 'variants.a.width'],
  [{ variants: { a: null } }, /a policy, got null/, 'variants.a'],
  [{ variants: null }, /a map of names to policies, got null/],
  [{ variants: new (class Shop {})() }, /got an instance of Shop\./],
  [{ variants: classOf('Ssh_this_is_the_k') }, /got an instance of …\./],
  [{ variants: classOf('a b') }, /got an instance of …\. For example/],
  [{ variants: classOf('') }, /got an empty object\. For example/],
  [{ ttl: Symbol('secret') }, /got symbol\./],
  [{ ttl: 1 / 3 }, /got a number\./],
  [{ ttl: -123456789012345 }, /got a number\./],
  [{ ttl: -12345678901234 }, /got -12345678901234\./],
  [{ ttl: false }, /got false\./],
  [{ ttl: { seconds: 5 } }, /got an object\./],
  [{ delivery: '/images#x' }, /without query, fragment/],
  [{ delivery: 'https://a.example\\x' }, /or backslash/],
  [{ delivery: 'x/images' }, /begins with one \/, got 'x\/images'/],
  [{ delivery: 'x https://imagedelivery.net' }, /http:\/\/ or https:\/\/, or a path/],
  [{ delivery: 'https://a b' }, /a host as a URL spells it/],
  [{ delivery: 'https://a.example:' }, /a host as a URL/],
  [{ delivery: '/a%2Fb' }, /as a URL spells it, got/],
  [{ delivery: '/a/%2e' }, /without empty or dot segments/],
  [{ accountHash: ['h', 'a%20b'] }, /without escapes/, 'accountHash.1'],
  [{ accountHash: 'a b' }, /slashes or white space/],
  [{ accountHash: ['abc', 'def'], delivery: ['/images', '/def'] }, /without the account hash, got '\/def'/],
  [{ report: null }, /a function, or false, got null/],
  [{ delivery: ['/a', { base: '/a', accountHash: 'h' }] }, /each base once/],
  [{ now: () => Number.POSITIVE_INFINITY }, /one that returns Infinity/],
  [{ now: () => '2026-09-21' }, /returns '2026-09-21'/],
  [{ now: () => '2026-09-21T14:13:20.000Z' }, /returns '2026-09-21T14:13:20\.000Z'/],
];

const ofMiddleware: readonly Mistake[] = [
  [{ rewrite: true }, /false, or some of \{ html, headers, locals, json, events, location \}, got true/],
  [{ rewrite: { css: true } }, /is not an option of rewrite/, 'rewrite.css'],
  [{ rewrite: { html: 'yes' } }, /true or false, got 'yes'/, 'rewrite.html'],
  [
    { rewrite: { events: 'json' } },
    /'html', or false, got 'json'\. For events whose data is JSON/,
    'rewrite.events',
  ],
  [{ skip: '/health' }, /request and response/],
  [{ attributes: ['data-hero'] }, /a map of names to/],
  [{ attributes: { hero: 'text' } }, /'url', 'srcset', 'css', 'json', 'html' for 'hero', got 'text'/],
  [{ attributes: { 'my hero': 'url' } }, /the name of an attribute, got 'my hero'/],
  [{ attributes: { hero: 'url', Hero: 'css' } }, /once, got 'Hero' again/],
  [{ attributes: { src: 'srcset' } }, /It is already read as url/],
  [{ rewrite: [] }, /got an empty list/],
  [{ attributes: { VALUE: 'url' } }, /The form would save the signed URL/],
  [{ signer: {} }, /what createSigner returns, got an empty object/],
  [{ signer: canary }, /got text of 32 characters/],
  [{ signer, ttl: '1h' }, /not to be set beside `signer`/],
  [{ signer, key: canary }, /not to be set beside `signer`/],
  [{ signer, skipp: () => true }, /is not an option of imageSigner/],
  [{ json: true }, /Did you mean rewrite: \{ json: true \}\?$/],
  [{ events: 'html' }, /Did you mean rewrite: \{ events: 'html' \}\?$/],
  [{ signer, deniedVariant: 'x' }, /got one that is not on the list/],
  [{ mode: 'report' }, /is not an option of imageSigner/],
  [{ isPublic: () => true }, /It is an option of imageGuard and imageDelivery/],
];

const ofGuard: readonly Mistake[] = [
  [{ mode: 'strict' }, /'enforce' or 'report', got 'strict'/],
  [{ sharedCache: 'yes' }, /true or false/],
  [{ rewrite: false }, /is not an option of imageGuard/],
];

const ofEndpoint: readonly Mistake[] = [
  [{ signer }, /got none/, 'authorize'],
  [{ authorize: undefined }, /here or in the signer, got none/],
  [{ authorize: true }, /a function, got true/],
  [{ rewrite: false }, /is not an option of signingEndpoint\. The options are .*path, origins/],
  [{ signer, ttl: '1h' }, /not to be set beside `signer`/],
  [{ deniedVariant: 'thumb' }, /always public variant/],
  [{ path: 'sign' }, /begins with one \/, got 'sign'\. For example, '\/sign'/],
  [{ path: '' }, /begins with one \/, got ''/],
  [{ path: '//sign' }, /begins with one \//],
  [{ path: 'https://shop.example/sign' }, /got 'https:\/\//],
  [{ path: '/sign?x' }, /without query, fragment/],
  [{ path: '/a//sign' }, /empty or dot segments/],
  [{ path: '/a/../sign' }, /empty or dot segments/],
  [{ path: '/my sign' }, /a space as %20/],
  [{ path: /sign/ }, /got an instance of RegExp/],
  [{ origins: [] }, /at least one origin, got an empty list/],
  [{ origins: '*' }, /a full origin, got '\*'\. Wildcards are not supported/],
  [{ origins: ['https://a.b', 'https://*.b'] }, "a full origin, got 'https://*.b'", 'origins.1'],
  [{ origins: ['null'] }, /an origin, got 'null'.*sandbox/, 'origins.0'],
  [{ origins: [null] }, /an origin, got null/, 'origins.0'],
  [{ origins: true }, /an origin, got true/],
  [
    { origins: ['a.b'] },
    "with http:// or https://, got 'a.b'. For example, 'https://shop.example'",
    'origins.0',
  ],
  [{ origins: ['capacitor://localhost'] }, /with http:\/\/ or https:\/\//, 'origins.0'],
  [{ origins: ['https://a.b/a'] }, "without path, query or trailing slash, got 'https://a.b/a'", 'origins.0'],
  [{ origins: ['https://shop.example/'] }, /or trailing slash/, 'origins.0'],
  [
    { origins: ['https://A.b'] },
    /as a browser sends it, got 'https:\/\/A\.b'\. Write it in lower case/,
    'origins.0',
  ],
  [{ origins: ['https://shop.example:443'] }, /a default port/, 'origins.0'],
  [{ origins: ['https://bücher.example'] }, /xn--/, 'origins.0'],
  [
    { origins: ['https://me:secret@shop.example'] },
    /got text of 30 characters\. Write it in lower case, without credentials/,
    'origins.0',
  ],
  [{ origins: /shop/ }, /got an instance of RegExp/],
];

type Factory = (options: never) => unknown;

/** What a factory throws for options; for a part of them beside the rest, or beside a signer. */
function thrownFor(factory: Factory, given: object): ImageSignerError {
  const rest =
    'signer' in given ? {} : factory === signingEndpoint ? { ...base, authorize: () => true } : base;
  return errorOf(() => factory({ ...rest, ...given } as never));
}

describe.each<[name: string, factory: Factory, rows: readonly Mistake[]]>([
  ['createSigner', createSigner, [...mistakes, ...details]],
  ['imageSigner', imageSigner, ofMiddleware],
  ['imageGuard', imageGuard, ofGuard],
  ['signingEndpoint', signingEndpoint, ofEndpoint],
])('%s refuses', (_name, factory, rows) => {
  test.each(rows.map((row) => [inspect(row[0], { breakLength: Infinity, depth: 3 }), row] as const))(
    '%s',
    (_title, [given, expected, option = Object.keys(given).at(-1)!]) => {
      const { code, message, option: named } = thrownFor(factory, given);
      expect([code, named]).toEqual(['INVALID_OPTION', option]);
      expect(message).toMatch(expected);
      expect(message).toMatch(wellFormed);
      expect(message).toContain(`\`${option}\``);
    },
  );
});

const nobody =
  'expected a function, here or in the signer, got none. Without it, the endpoint would sign for anybody';

test.each<[expected: string, factory: Factory, options: unknown, option?: string]>([
  ['createSigner expected options, got undefined. Write createSigner({ key, ttl, ', createSigner, undefined],
  ['got text of 32 characters', createSigner, canary],
  ['got a signer. Write imageSigner({ signer })', imageSigner, signer],
  ["got a scheme. Write imageSigner({ scheme, ttl: '1h' })", imageSigner, bunny({ url: '/a', key: canary })],
  [
    'signingEndpoint expected options, got undefined. Write signingEndpoint({ key',
    signingEndpoint,
    undefined,
  ],
  [nobody, signingEndpoint, base, 'authorize'],
])('what is given in place of options: %s', (expected, factory, options, option = '') => {
  const error = errorOf(() => factory(options as never));
  expect(error).toMatchObject({ code: 'INVALID_OPTION', option });
  expect(error.message).toContain(expected);
  expect(error.message).toMatch(wellFormed);
});

test('each mistake has a message of its own', () => {
  const messages = mistakes.map(([given]) => thrownFor(createSigner, given).message);
  expect(messages.filter((message, index) => messages.indexOf(message) !== index)).toEqual([]);
  expect(messages.length).toBeGreaterThan(30);
});

test.each<[title: string, options: object]>([
  ['authorize of the signer', { signer: signerWith({ authorize: () => true }) }],
  ['an asynchronous one beside a signer', { signer, authorize: async () => true }],
  ['one origin, and a path that ends in a slash', { origins: 'http://a.example', path: '/a/' }],
  ['origins with ports and addresses', { origins: ['http://localhost:5173', 'http://[::1]:8080'] }],
  ['the root for a path', { path: '/' }],
  ['options that are undefined', { origins: undefined, path: undefined }],
])('signingEndpoint takes %s', (_title, given) => {
  const options = 'signer' in given ? given : { ...base, authorize: () => true, ...given };
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

test.each<[option: string, run: () => unknown]>([
  ['ttl', () => signer.rewriteHtml('', { ttl: '1 h' } as never)],
  ['attribute', () => signer.htmlRewriter({ attribute: {} } as never)],
  ['options', () => signer.htmlRewriter(60 as never)],
  ['attributes', () => signer.htmlStream({ attributes: { value: 'url' } })],
])('a signer refuses a wrong %s for a page', (option, run) => {
  expect(errorOf(run)).toMatchObject({ option });
});

test('a short key that has landed in another option as well is not shown', () => {
  const key = 'Qw3r!ty#';
  for (const given of [{ ttl: key }, { deniedVariant: key }, { variants: { thumb: { [key]: 1 } } }]) {
    const error = errorOf(() => createSigner({ ...base, key, ...given } as never));
    expect(inspect(error, { depth: 9 })).not.toContain(key);
  }
});

describe('what is taken', () => {
  const optional = ['accountHash', 'delivery', 'report', 'now'];
  const [host, local] = ['https://imagedelivery.net/', 'http://localhost:8787/x'];

  test.each<[title: string, options: object]>([
    ['seconds', { ttl: 1 }],
    ['each unit', { ttl: '90s', stableFor: '1m', variants: { thumb: { ttl: '2h' }, card: { ttl: '7d' } } }],
    ['a leap year', { ttl: '366d' }],
    ['a step as long as the ttl', { ttl: '1h', stableFor: 3600 }],
    ['no steps', { stableFor: 0 }],
    ['options that are undefined', Object.fromEntries(optional.map((name) => [name, undefined]))],
    ['variants named as keys of prototypes', { variants: ['constructor', '__proto__', 'toString'] }],
    ['and in a map', { variants: JSON.parse('{"constructor":{},"__proto__":{"width":5}}') }],
    [
      'bases of every kind',
      { delivery: [host, local, '/images', '/', { base: 'https://a.b', accountHash: 'h' }] },
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
