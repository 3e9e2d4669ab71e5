/** `defineScheme`: what its functions get, what becomes of what they return, and how a token verifies. Longer than most files: each function has its tests. */
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createSigner } from '../../src/index.ts';
import { definitionOf, type Scheme } from '../../src/schemes/definition.ts';
import { defineScheme, type QuerySchemeDefinition } from '../../src/schemes.ts';
import { checkScheme } from '../../src/testing.ts';
import { callsOf, errorOf, termsFrom } from '../support/schemes/calls.ts';
import { seed } from '../support/seed.ts';

const start = 1_800_000_000;
const terms = termsFrom(start, 3_600);
const site = 'https://cdn.example/private';
const secret = 'a-key-that-nobody-else-has';
const url = `${site}/photos/a.jpg`;

function macOf(text: string, key = secret): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

const plain: QuerySchemeDefinition<string> = {
  name: 'my-cdn',
  url: site,
  prefixes: 'photos/',
  token: ['expires', 'token'],
  secret,
  sign: ({ path, query }, { exp, secret: key }) => ({
    expires: exp,
    token: macOf(`${path}?${query}\n${exp}`, key),
  }),
};

/** The encoding of a name that `encodeURIComponent` gives, whatever the URL has. */
function respell(path: string): string {
  return path
    .split('/')
    .map((segment) => encodeURIComponent(decodeURIComponent(segment)))
    .join('/');
}

/** A scheme of a store that signs the decoded name and the time of issue, in one parameter. */
const decoded: QuerySchemeDefinition<string> = {
  ...plain,
  token: 'sig',
  respell,
  sign({ id, query }, { exp, issuedAt, secret: key }) {
    return { sig: `${issuedAt}.${exp}.${macOf(`${id}\n${query}\n${issuedAt}\n${exp}`, key)}` };
  },
  readExpiry({ sig = '' }) {
    const [issuedAt, exp] = sig.split('.').map(Number);
    return { exp: exp!, issuedAt: issuedAt! };
  },
};

describe.each([
  ['the path as written, and Unix seconds', plain],
  ['the decoded name, and a time of issue', decoded],
])('a scheme that signs %s', (_, definition) => {
  test('keeps every rule', () => {
    checkScheme(defineScheme(definition), {
      urls: [url, `${site}/photos/2026/b-c.jpg?v=2`, `${site}/photos/d%20%231.jpg?w=3&v=2`],
      foreign: [`${site}/invoices/a.jpg`, 'https://cdn.example/photos/a.jpg'],
      secrets: [secret],
      seed,
    });
  });

  test('verifies until it expires, and with each secret of a list', () => {
    const older = callsOf(defineScheme(definition)).sign(url, terms);
    const scheme = defineScheme({ ...definition, secret: ['another-key', secret] });
    const verify = definitionOf(scheme)!.verify!;
    expect(verify(older, terms.exp - 1)).toEqual({ ok: true, expiresAt: terms.exp, keyIndex: 1 });
    expect(verify(older, terms.exp)).toEqual({ ok: false, reason: 'expired' });
    expect(verify(older, Number.NaN)).toEqual({ ok: false, reason: 'expired' });
    expect(verify(url, start)).toEqual({ ok: false, reason: 'missing-signature' });
  });
});

test('the functions get the parts of the URL without a token, and the terms', () => {
  const seen: unknown[] = [];
  const scheme = defineScheme({
    ...plain,
    sign(parts, given) {
      const { url: whole, origin, path, query, id } = parts;
      seen.push({ whole, origin, path, query, id }, given);
      return { expires: given.exp, token: 'sixteen-digits-xx' };
    },
  });
  const signer = createSigner({ scheme, ttl: '1h', stableFor: 0, now: () => start * 1_000 });
  signer.signImage('//CDN.example/private/photos/a%20b.jpg?v=1&expires=1&token=old#top');
  expect(seen).toEqual([
    {
      whole: '//CDN.example/private/photos/a%20b.jpg?v=1',
      origin: 'https://cdn.example',
      path: '/private/photos/a%20b.jpg',
      query: 'v=1',
      id: 'photos/a b.jpg',
    },
    { exp: start + 3_600, ttl: 3_600, step: 0, issuedAt: start, secret },
  ]);
});

test('values are percent-encoded, and a text stands in the query as it is', () => {
  const signedBy = (sign: QuerySchemeDefinition<string>['sign']): string =>
    callsOf(defineScheme({ ...plain, sign })).sign(`${url}?v=1`, terms);
  expect(signedBy(() => ({ expires: 9, token: 'a+b/c= &<"' }))).toBe(
    `${url}?v=1&expires=9&token=a%2Bb%2Fc%3D%20%26%3C%22`,
  );
  expect(signedBy(() => 'expires=9&token=exp~acl=%2f')).toBe(`${url}?v=1&expires=9&token=exp~acl=%2f`);
});

test('a token that would leave the query, or is no text, is refused, and the page keeps its URL', () => {
  for (const bad of [
    'expires=9&token=a"onerror=',
    'expires=9 ',
    'token=#',
    undefined,
    7,
    Promise.resolve(''),
  ]) {
    const events: unknown[] = [];
    const scheme = defineScheme({ ...plain, sign: () => bad as never });
    const signer = createSigner({ scheme, ttl: '1h', report: (event) => void events.push(event) });
    const page = `<img src="${url}">`;
    expect(signer.rewriteHtml(page)).toBe(page);
    expect(events).toContainEqual(expect.objectContaining({ reason: 'scheme-failed' }));
  }
});

test('a function that throws breaks no page', () => {
  const fail = (): never => {
    throw new Error('on purpose');
  };
  for (const change of [{ sign: fail }, { match: fail }]) {
    const signer = createSigner({
      scheme: defineScheme({ ...plain, ...change }),
      ttl: '1h',
      report: false,
    });
    const page = `<img src="${url}">`;
    expect(signer.rewriteHtml(page)).toBe(page);
  }
  const scheme = defineScheme({ ...plain, readExpiry: fail });
  const signer = createSigner({ scheme, ttl: '1h', report: false });
  expect(signer.verifyImage(signer.signImage(url))).toEqual({ ok: false, reason: 'bad-signature' });
});

describe('`respell`', () => {
  const page = (path: string): string => `<img src="${site}/photos/${path}">`;

  test.each<[title: string, path: string, respell: (path: string) => unknown]>([
    [
      'moves a part of the name into the query',
      'a.jpg%3Fresponse-content-type=text/html',
      (path) => encodeURI(decodeURIComponent(path)),
    ],
    ['writes a query', 'a.jpg', (path) => `${path}?acl`],
    ['writes a fragment', 'a%23b.jpg', (path) => decodeURIComponent(path)],
    ['leads to another folder', 'a.jpg', () => '/invoices/a.jpg'],
    [
      'leads to another folder by characters that fold',
      '%EF%BC%8E%EF%BC%8E%EF%BC%8Finvoices/a.jpg',
      (path) => encodeURI(decodeURIComponent(path).normalize('NFKC')),
    ],
    ['adds a segment', 'a.jpg', (path) => path.replace('/photos', '/photos/x')],
    ['names another image', 'PRIVATE/a.jpg', (path) => path.toLowerCase()],
    ['leaves the slash out', 'a.jpg', (path) => path.slice(1)],
    ['throws', '100%.jpg', (path) => encodeURIComponent(decodeURIComponent(path))],
    ['returns a promise', 'a.jpg', (path) => Promise.resolve(path)],
    ['is rejected', 'a.jpg', () => Promise.reject(new Error('on purpose'))],
    ['returns no text', 'a.jpg', () => undefined],
  ])('that %s signs nothing, and is reported', (_title, path, spell) => {
    const events: unknown[] = [];
    const scheme = defineScheme({ ...plain, respell: spell as (path: string) => string });
    const signer = createSigner({ scheme, ttl: '1h', report: (event) => events.push(event) });
    expect(signer.rewriteHtml(page(path))).toBe(page(path));
    expect(events).toMatchObject([{ type: 'skipped', reason: 'scheme-failed' }]);
    expect(errorOf(() => signer.signImage(`${site}/photos/${path}`)).code).toBe('SCHEME_FAILED');
    expect(signer.verifyImage(`${site}/photos/${path}?expires=1&token=x`).ok).toBe(false);
  });

  test('changes the spelling, and the id that `authorize` gets stays', () => {
    const scheme = callsOf(defineScheme(decoded));
    const image = `${site}/photos/%61%C3%a9!.jpg`;
    expect(scheme.sign(image, terms)).toContain('/photos/a%C3%A9!.jpg?sig=');
    expect(scheme.id(image)).toBe('photos/aé!.jpg');
  });

  test('that decodes separators is found by checkScheme', () => {
    const examples = { urls: [url], foreign: [`${site}/invoices/a.jpg`] };
    for (const spell of [
      (path: string) => encodeURI(decodeURIComponent(path)),
      (path: string) => path.replaceAll('%20', '+'),
      (path: string) => path.replace(/;.*/, ''),
    ])
      expect(() => checkScheme(defineScheme({ ...plain, respell: spell }), examples)).toThrow(
        /breaks the rule "match", which is: respell encodes each segment anew/,
      );
  });
});

test.each([
  ['none', {}, '?expires'],
  ['given twice', {}, '?expires=1&expires=2&token=3'],
  ['no number', { readExpiry: () => Number.NaN }, '?expires=5&token=3'],
  ['undefined', { readExpiry: () => undefined }, '?expires=5&token=3'],
  ['in fractions', { readExpiry: () => 5.5 }, '?expires=5&token=3'],
])('an expiry that is %s is malformed', (_, change, query) => {
  const scheme = defineScheme({ ...plain, ...change });
  expect(callsOf(scheme).verdict(url + query, 1)).toBe('malformed-signature');
});

test('a parameter of a token is one of the prototype too', () => {
  const scheme = defineScheme({
    ...plain,
    token: ['expires', '__proto__', 'constructor'],
    readExpiry: (token) => (typeof token.constructor === 'string' ? Number(token.expires) : undefined),
    sign: (_, { exp }) => `expires=${exp}&__proto__=1&constructor=sixteen-digits-xx`,
  });
  expect(callsOf(scheme).verdict(callsOf(scheme).sign(url, terms), start)).toBe('ok');
  expect(callsOf(scheme).verdict(`${url}?expires=9`, 1)).toBe('malformed-signature');
});

test('a token may have a name that tells versions apart elsewhere', () => {
  const scheme = defineScheme({
    ...plain,
    token: ['v', 't'],
    sign: (_, { exp }) => `v=${exp}&t=sixteen-digits-xx`,
  });
  expect(callsOf(scheme).strip(`${url}?v=1&t=2&w=3`)).toBe(`${url}?w=3`);
});

describe('what is signed of a query', () => {
  const signedQuery = (definition: QuerySchemeDefinition<string>): string =>
    new URL(
      createSigner({ scheme: defineScheme(definition), ttl: '1h', report: false }).signImage(
        `${url}?v=1&size=large`,
      ),
    ).search.replace(/expires.*/, '');

  test('by default names of versions, else a list or what a function allows', () => {
    expect(signedQuery(plain)).toBe('?v=1&');
    expect(signedQuery({ ...plain, parameters: 'size' })).toBe('?size=large&');
    expect(signedQuery({ ...plain, parameters: [] })).toBe('?');
    expect(signedQuery({ ...plain, parameters: () => true })).toBe('?v=1&size=large&');
  });
});

test('`match` narrows what is signed, adds to the image, and is an allowlist', () => {
  const { prefixes: _, ...open } = plain;
  const scheme: Scheme = defineScheme({
    ...open,
    match: ({ id, query }) =>
      id.endsWith('.jpg') && !query.includes('token') ? { folder: id.split('/')[0], id: 'x' } : undefined,
  });
  const signer = createSigner({ scheme, ttl: '1h' });
  expect(signer.verifyImage(signer.signImage(`${url}?token=1`))).toMatchObject({
    ok: true,
    image: { id: 'photos/a.jpg', folder: 'photos' },
  });
  expect(definitionOf(scheme)!.isLimited).toBe(true);
  expect(definitionOf(defineScheme(open))!.isLimited).toBe(false);
  expect(callsOf(scheme).id(`${site}/photos/a.txt`)).toBeUndefined();
});

describe('a wrong option is refused', () => {
  test.each([
    ['name', 'My CDN'],
    ['url', undefined],
    ['token', undefined],
    ['token', []],
    ['token', 'a&b'],
    ['token', ['expires', 5]],
    ['token', ['expires', 'expires']],
    ['secret', undefined],
    ['secret', ''],
    ['sign', undefined],
    ['respell', 'a'],
    ['readExpiry', 5],
    ['match', true],
    ['parameters', ['token']],
    ['longestLife', 0],
    ['maxSignatures', 1.5],
    ['plainNames', 'yes'],
    ['readsParameter', []],
  ])('%s: %o', (option, given) => {
    const error = errorOf(() => defineScheme({ ...plain, [option]: given } as never));
    expect(error).toMatchObject({ code: 'INVALID_OPTION' });
    expect(error.option?.split('.')[0]).toBe(option);
    expect(error.message).not.toContain(secret);
  });

  test.each([
    [
      'token beside strip',
      { strip: (text: string) => text },
      'strip',
      'expected `token` or `strip`, got both',
    ],
    ['token beside verify', { verify: () => ({ ok: false }) }, 'verify', 'got both'],
    ['token beside fingerprint', { fingerprint: 'x' }, 'fingerprint', 'got both'],
  ])('%s', (_, change, option, message) => {
    const error = errorOf(() => defineScheme({ ...plain, ...change } as never));
    expect(error).toMatchObject({ code: 'INVALID_OPTION', option });
    expect(error.message).toContain(message);
  });

  test('a `token` that is undefined is as good as none', () => {
    const byFunctions = {
      name: 'my-cdn',
      url: 'https://cdn.example/private',
      token: undefined,
      match: () => ({ id: 'a' }),
      strip: (text: string) => text,
      sign: (text: string) => text,
      fingerprint: 'a',
    };
    expect(definitionOf(defineScheme(byFunctions))?.name).toBe('my-cdn');
  });

  test('`prefixes` without `token`, and neither `token` nor `strip`', () => {
    const { token: _token, ...withPrefixes } = plain;
    const { prefixes: _prefixes, ...neither } = withPrefixes;
    expect(errorOf(() => defineScheme(withPrefixes as never)).message).toContain('which `prefixes` needs');
    expect(errorOf(() => defineScheme(neither as never))).toMatchObject({
      option: 'strip',
      message: expect.stringContaining('in `token` instead') as string,
    });
  });

  test.each([undefined, null, 'text', 5])('%o is no object of options', (given) => {
    expect(errorOf(() => defineScheme(given as never)).message).toContain('defineScheme expected options');
  });
});
