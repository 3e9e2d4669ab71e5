/**
 * `checkScheme`: a sound scheme passes, and of a scheme with one mistake it names the law that the mistake breaks.
 * Longer than most files: each mistake that a scheme may have is a row.
 */
import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createScheme, definitionOf } from '../../../src/schemes/definition.ts';
import { placeOf } from '../../../src/schemes/url-parts.ts';
import {
  defineScheme,
  type MatchedImage,
  type SchemeDefinition,
  type SignTerms,
  type TokenVerification,
} from '../../../src/schemes.ts';
import { checkScheme, type SchemeExamples } from '../../../src/testing.ts';
import { seed, shareOf } from '../../support/seed.ts';
import { myCdn } from './my-cdn.ts';

const key = 'a-key-that-nobody-else-has/+';
const examples: SchemeExamples = {
  urls: [
    'https://cdn.example/private/photos/a.jpg',
    'https://cdn.example/private/photos/2026/b-c.jpg?v=2',
    'https://cdn.example/private/photos/d.jpg?size=large&v=2',
  ],
  foreign: [
    'https://cdn.example/private/invoices/a.jpg',
    'https://cdn.example/photos/a.jpg',
    'https://other.example/private/photos/a.jpg',
  ],
  secrets: [key],
  seed,
};

/** A definition whose functions take what every scheme needs, and no more. */
interface Sound extends Omit<SchemeDefinition, 'match' | 'sign' | 'verify'> {
  match(url: string): MatchedImage | undefined;
  sign(url: string, terms: SignTerms): string;
  verify(url: string, now: number): TokenVerification;
}

const {
  isForeign: _isForeign,
  from: _from,
  secrets: _secrets,
  isLimited,
  bases,
  ...complete
} = definitionOf(myCdn(key))!;
const sound: Sound = {
  ...complete,
  url: 'https://cdn.example/private',
  match: (url) => complete.match(url, placeOf(url, bases)!) as MatchedImage | undefined,
  sign: (url, terms) => complete.sign(url, terms),
  verify: (url, now) => complete.verify!(url, now),
};
const { match, strip, sign, verify } = sound;

/** The messages of a check; undefined if every law holds. */
function messageOf(change: Partial<Sound>, changed: Partial<SchemeExamples> = {}): string | undefined {
  try {
    checkScheme(defineScheme({ ...sound, ...change }), { ...examples, ...changed });
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}

function macOf(text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

const wide: Partial<Sound> = {
  // As a scheme that takes any name; escapes are decoded.
  match(url) {
    const path = url.split('?', 1)[0]!;
    const id = path.slice(path.indexOf('/private/') + 9);
    return id.startsWith('photos/') ? { id: unescapeText(id) } : undefined;
  },
};

function unescapeText(text: string): string {
  return text.replaceAll(/%([\da-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

function mergeSlashes(url: string): string {
  return url.replace(/([^:/])\/{2,}/g, '$1/');
}

function withParameter(url: string, parameter: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${parameter}`;
}

function withId(image: { readonly id: string } | undefined, change: (id: string) => string) {
  return image && { id: change(image.id) };
}

/** A scheme whose token is an HMAC over `textOf`, in place of the whole URL, and which has no `verify`. */
function signing(textOf: (url: string, terms: SignTerms) => string): Partial<Sound> {
  return {
    ...wide,
    verify: undefined as never,
    sign: (url, terms) => withParameter(url, `expires=${terms.exp}&token=${macOf(textOf(url, terms))}`),
  };
}

describe('a sound scheme passes', () => {
  const { verify: _, ...withoutVerify } = sound;

  test('with verify', () => expect(messageOf({})).toBeUndefined());
  test('with any name, in escapes as well', () => expect(messageOf(wide)).toBeUndefined());
  test('without verify', () => {
    expect(() => checkScheme(defineScheme(withoutVerify), examples)).not.toThrow();
  });
  test('with a limit of life, and of a second at most', () => {
    expect(messageOf({ longestLife: 604_800 })).toBeUndefined();
    expect(messageOf({ longestLife: 1 })).toBeUndefined();
  });
  test('that signs the path alone, for a store that reads no parameter', () => {
    const change = signing((url, { exp }) => `${pathOf(url)} ${exp}`);
    expect(messageOf({ ...change, readsParameter: () => false })).toBeUndefined();
    expect(messageOf({ ...change, readsParameter: (name) => name === 'size' })).toContain('"one reading"');
  });
  test('with root-relative URLs', () => {
    const relative = (url: string): string => url.replace(/^https:..cdn.example/, '');
    expect(
      messageOf(
        { url: '/private' },
        { urls: examples.urls.map(relative), foreign: ['/private/invoices/a.jpg'] },
      ),
    ).toBeUndefined();
  });
  test('whose token stands in the path', () => {
    const change: Partial<Sound> = {
      match(url) {
        const [, id] = /^https:..cdn.example.private.(?:\d+-[\da-f]{64}|_)\/(photos[^?]*)/.exec(url) ?? [];
        return id === undefined ? undefined : { id };
      },
      strip: (url) => url.replace(/^([^?]*?\/private\/)\d+-[\da-f]{64}(?=\/)/, '$1_'),
      sign: (url, { exp }) => url.replace('/_/', `/${exp}-${macOf(`${exp}${url}`)}/`),
      verify: undefined as never,
    };
    const urls = examples.urls.map((url) => url.replace('/private/', '/private/_/'));
    expect(messageOf(change, { urls })).toBeUndefined();
  });
  test('whose tokens open a whole folder, and say so', () => {
    const definition = { ...complete, ...signing((_, { exp }) => `photos ${exp}`) };
    const { verify: _verify, from: _none, secret: _secret, match: matchWide, ...rest } = definition;
    const folder = createScheme({
      ...rest,
      match: (url) => (matchWide as Sound['match'])(url),
      isLimited,
      bases,
      opensMore: 'it is a policy for a folder',
    });
    expect(() => checkScheme(folder, examples)).not.toThrow();
  });
});

let count = 0;
const lookup: Record<string, number> = { photos: 1 };
const seen: string[] = [];

const pathOf = (url: string): string => url.replace(/\?.*/, '');
const queryOf = (url: string): string => url.split('?')[1] ?? '';
const lastOf = (query: string): object => Object.fromEntries(new URLSearchParams(query));
const idOf = (url: string): string => url.slice(url.indexOf('/photos/') + '/photos/'.length);
const now = (): number => Math.floor(Date.now() / 1000);
const base64 = Buffer.from(key).toString('base64url');

/** Verifies by what `read` takes for the same URL. */
function verifying(read: (url: string) => string): Partial<Sound> {
  return { verify: (url, at) => verify(read(url), at) };
}

/** Signs another expiry than it is given. */
function expiring(change: (exp: number, url: string) => number, as = (url: string) => url): Partial<Sound> {
  return { sign: (url, terms) => sign(as(url), { ...terms, exp: change(terms.exp, url) }) };
}

/** Signs, and changes what it has signed. */
function signed(change: (url: string) => unknown): Partial<Sound> {
  return { sign: (url, terms) => change(sign(url, terms)) as string };
}

/** Signs another path and parameters than the URL has, and the expiry behind them. */
function signingAs(read: (url: string) => string): Partial<Sound> {
  return signing((url, { exp }) => `${read(url)} ${exp}`);
}

/** Signs the parameters in another way. */
function signingQuery(read: (query: string) => string): Partial<Sound> {
  return signing((url, { exp }) => `${pathOf(url)} ${exp} ${read(queryOf(url))}`);
}

/** Strips, and changes what had a token. */
function stripped(change: (plain: string) => string): Partial<Sound> {
  return { strip: (url) => (strip(url) === url ? url : change(strip(url))) };
}

function sortedBackwards(url: string): string {
  const query = queryOf(url).split('&').sort().reverse().join('&');
  return query === '' ? pathOf(url) : `${pathOf(url)}?${query}`;
}

function withoutFirstToken(url: string): string {
  const list = queryOf(url).split('&');
  for (const name of ['expires=', 'token=']) {
    const at = list.findIndex((each) => each.startsWith(name));
    if (at >= 0) list.splice(at, 1);
  }
  return url.includes('?') && list.length > 0 ? `${pathOf(url)}?${list.join('&')}` : pathOf(url);
}

/** By the rule that each of them breaks. */
const mistakes: Readonly<Record<string, Readonly<Record<string, Partial<Sound>>>>> = {
  match: {
    'finds nothing': { match: () => undefined },
    'has an empty id': { match: (url) => match(url) && { id: '' } },
    'returns a text': { match: (url) => match(url)?.id as never },
    'finds other folders': { match: (url) => ({ id: pathOf(url.split('/').at(-1)!) }) },
    'finds what a query quotes': {
      match: (url) => (url.includes('/photos/') ? { id: /\/photos\/([\w/-]*)/.exec(url)![1]! } : undefined),
    },
    'has another id for a signed URL': { match: (url) => match(url) && { id: url } },
    'decodes names twice, so that `authorize` is asked for another image': {
      ...wide,
      match: (url) => withId(wide.match!(url), unescapeText),
    },
    'merges slashes in ids': { ...wide, match: (url) => withId(wide.match!(url), mergeSlashes) },
  },
  synchronous: {
    'sign returns a promise': signed((url) => Promise.resolve(url)),
    'match returns a promise': { match: ((url: string) => Promise.resolve(match(url))) as never },
    'verify returns a thenable': { verify: () => Object.fromEntries([['then', () => {}]]) as never },
  },
  'never throws': {
    'match decodes what is no escape': { match: (url) => match(decodeURI(url)) },
    'match takes every URL for an absolute one': { match: (url) => match(new URL(url).href) },
    'strip takes no other text than a URL': { strip: (url) => strip(new URL(url) && url) },
    'verify resolves any text': verifying((url) => new URL(url) && url),
  },
  deterministic: {
    counts: { sign: (url, terms) => sign(withParameter(url, `n=${count++}`), terms) },
    'reads the clock': expiring((exp) => exp + (now() % 1e6)),
    'reads the clock with new Date': expiring((exp) => exp + new Date().getUTCDate()),
    'depends on what was signed before': expiring((exp, url) => {
      if (!seen.includes(url)) seen.push(url);
      return exp + seen.length;
    }),
    'match has a state': { match: (url) => match(url) && { id: `${count++}` } },
  },
  expires: {
    'ignores exp': expiring(() => 4_102_444_800),
    'counts in days': expiring((exp) => Math.ceil(exp / 86_400) * 86_400),
  },
  output: {
    'returns a URL object': signed((url) => new URL(url)),
    'has a space': signed((url) => `${url} `),
    'has a fragment': signed((url) => `${url}#token`),
    'has a quote': signed((url) => `${url}"`),
    'moves to another host': { sign: (url, terms) => sign(url.replace('cdn.', 'edge.'), terms) },
    'is far too long': signed((url) => `${url}${'0'.repeat(5_000)}`),
  },
  strip: {
    'leaves the token': { strip: (url) => url },
    'takes off the whole query': { strip: pathOf },
    'sorts parameters backwards': stripped(sortedBackwards),
    'takes off a token at the end alone': {
      strip: (url) => url.replace(/[?&]expires=\d+&token=[\da-f]{64}$/, ''),
    },
    'takes off the first of two tokens': { strip: withoutFirstToken },
    'loses parameters with the names of prototypes': stripped((url) => url.replace(/__proto__=1&?/, '')),
    'drops what is no escape': { ...wide, strip: (url) => strip(url).replace('%zz', '') },
  },
  idempotent: {
    'signs how the URL came in': expiring(
      (exp, url) => exp + (url.includes('%20') ? 1 : 0),
      (url) => url.replace('%20', '+'),
    ),
  },
  'binds the path': {
    'signs the host alone': signing((_, { exp }) => `cdn.example ${exp}`),
    'signs the name of the file alone': signingAs((url) => pathOf(url).split('/').at(-1)!),
    'ignores the case': signingAs((url) => url.toLowerCase()),
    'merges slashes': signingAs(mergeSlashes),
    'verifies with merged slashes': { ...wide, ...verifying(mergeSlashes) },
  },
  'one spelling': {
    'signs the decoded path': signingAs(unescapeText),
    'verifies the decoded path': {
      ...wide,
      ...verifying((url) => (/^[^?]*%/.test(url) ? unescapeText(url) : url)),
    },
  },
  verify: {
    'returns true': { verify: (() => true) as never },
    'names no reason': {
      verify: (url, at) => (verify(url, at).ok ? verify(url, at) : ({ ok: false } as never)),
    },
    'lives a second too long': { verify: (url, at) => verify(url, at - 1) },
    'ends a second too early': { verify: (url, at) => verify(url, at + 1) },
    'says a wrong expiry': {
      verify: (url, at) => {
        const result = verify(url, at);
        return result.ok ? { ok: true, expiresAt: result.expiresAt * 1000 } : result;
      },
    },
    'takes NaN': { verify: (url, at) => verify(url, Number.isNaN(at) ? 0 : at) },
    'takes capitals in the token': verifying((url) =>
      url.replace(/(?<=token=)[\da-fA-F]+$/, (token) => token.toLowerCase()),
    ),
    'reads numbers in other spellings': verifying((url) => url.replace(/(?<=expires=)0+(?=\d)/, '')),
    'ignores what follows the token': verifying((url) => url.replace(/(?<=token=[\da-f]{64})&.*/, '')),
    'ignores a parameter': verifying((url) => url.replace(/(?<=\?)x=1&/, '')),
    'takes parameters in any order': verifying((url) =>
      url.replace(/token=([\da-f]{64})&expires=(\d+)$/, 'expires=$2&token=$1'),
    ),
    'compares a part of the token': {
      verify: (url, at) => {
        const exp = Number(/expires=(\d+)/.exec(url)?.[1]);
        const given = /token=([\da-f]+)/.exec(url)?.[1];
        if (given === undefined) return { ok: false, reason: 'missing-signature' };
        const right = sign(strip(url), { exp, ttl: 0, step: 0 });
        if (!right.includes(given)) return { ok: false, reason: 'bad-signature' };
        return at < exp ? { ok: true, expiresAt: exp } : { ok: false, reason: 'expired' };
      },
    },
    'looks at the expiry first': {
      verify(url, at) {
        const isOver = at >= Number(/expires=(\d+)&token/.exec(url)?.[1]);
        return isOver ? { ok: false, reason: 'expired' } : verify(url, at);
      },
    },
  },
  'one reading': {
    'signs the expiry right behind the URL': signing((url, { exp }) => `${url}${exp}`),
    'signs the expiry right before the id': signing((url, { exp }) => `${exp}${idOf(url)}`),
    'signs the path alone': signingAs(pathOf),
    'signs decoded parameters': signingQuery(unescapeText),
    'signs path, expiry and parameters with nothing between them': signing(
      (url, { exp }) => `${pathOf(url)}${exp}${queryOf(url)}`,
    ),
    'signs the parameters without their separators': signingQuery((query) => query.replaceAll(/[&=]/g, '')),
    'signs the last five digits of the expiry': signing((url, { exp }) => `${url} ${exp % 100_000}`),
    'signs the minute of the expiry': signing((url, { exp }) => `${url} ${Math.floor(exp / 60)}`),
    'signs the beginning of a long URL': signingAs((url) => url.slice(0, 255)),
    'signs a path without what follows a semicolon': signingAs((url) => url.replace(/;[^/]*/g, '')),
    'takes a plus in a path for a space': signingAs((url) => url.replaceAll('+', '%20')),
    'signs a path without its spaces': signingAs((url) => url.replaceAll('%20', '')),
    'signs parameters in lower case': signingQuery((query) => query.toLowerCase()),
    'signs the last parameter of each name': signing((url, { exp }) =>
      JSON.stringify([pathOf(url), lastOf(queryOf(url)), exp]),
    ),
    'verifies decoded parameters': {
      ...wide,
      ...verifying((url) => url.replaceAll('%26', '&').replaceAll('%3D', '=')),
    },
  },
  'signature length': {
    'keeps eight digits of its signature': {
      verify: undefined as never,
      sign: (url, { exp }) =>
        withParameter(url, `expires=${exp}&token=${macOf(`${url} ${exp}`).slice(0, 8)}`),
    },
  },
  'ordinary names': {
    'looks names up in an object': {
      match(url) {
        const folder = /\/private\/([^/]+)/.exec(url)?.[1] ?? '';
        if (lookup[folder] === undefined) return match(url);
        return match(url) ?? wide.match!(url.replace(folder, 'photos'));
      },
    },
  },
  secrets: {
    'the fingerprint holds the key': { fingerprint: `my-cdn ${key}` },
    'the fingerprint holds the key in hexadecimal digits': { fingerprint: Buffer.from(key).toString('hex') },
    'a URL holds the key in base64': {
      sign: (url, terms) => sign(withParameter(url, `token=${base64}`), terms),
      verify: undefined as never,
    },
    'a function holds the key': { strip: Object.assign((url: string) => strip(url), { key }) },
    'match returns bytes of the key': {
      match(url) {
        const found = match(url);
        return found && Object.assign(found, { deep: { key: new TextEncoder().encode(key) } });
      },
    },
  },
  'linear time': {
    'strip takes quadratic time': { strip: (url) => (/a+Z$/.test(url) ? url : strip(url)) },
    'match takes exponential time': {
      match: (url) => (/^(?:[^?]*\/)(?:a|a)+X/.test(url) ? undefined : match(url)),
    },
  },
};
const broken = Object.entries(mistakes).flatMap(([law, each]) =>
  Object.entries(each).map(([mistake, change]) => [law, mistake, change] as const),
);

describe('one mistake is named', () => {
  test.each(shareOf(broken, 5))('"%s": %s', (law, _, change) => {
    const message = messageOf(change);
    expect(message).toMatch(/^The scheme 'my-cdn' breaks the rule "/);
    expect(message).toContain(`the rule "${law}"`);
    expect(message).toContain('\n  URL:  ');
    expect(message).toContain(`seed ${seed}`);
    expect(message).not.toContain(key);
  });

  test('each law has a mistake that breaks it', () => {
    expect(new Set(broken.map(([law]) => law)).size).toBe(16);
  });
});

describe('the time', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test('that others have the processor does not count', () => {
    let time = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      time += 300;
      return time;
    });
    expect(messageOf({})).toBeUndefined();
  });

  test.each([
    ['a sound scheme passes', {}, undefined],
    ['a slow one does not', { strip: broken.at(-2)![2].strip! }, 'linear time'],
  ])('is told by one clock where the runtime has no other: %s', (_title, change, law) => {
    vi.spyOn(process, 'cpuUsage').mockImplementation(() => {
      throw new Error('not implemented');
    });
    if (law === undefined) expect(messageOf(change)).toBeUndefined();
    else expect(messageOf(change)).toContain(`the rule "${law}"`);
  });
});

describe('what it is given', () => {
  test.each<readonly [string, unknown, unknown]>([
    ['a scheme', {}, examples],
    ['a scheme', undefined, examples],
    ['urls', myCdn(key), { ...examples, urls: [] }],
    ['urls', myCdn(key), undefined],
    [
      'urls without a fragment',
      myCdn(key),
      { ...examples, urls: ['https://cdn.example/private/photos/a.jpg#a'] },
    ],
    ['foreign', myCdn(key), { ...examples, foreign: [] }],
    ['secrets of 8 characters', myCdn(key), { ...examples, secrets: ['short'] }],
    ['a whole number', myCdn(key), { ...examples, seed: 1.5 }],
  ])('%s', (what, scheme, given) => {
    expect(() => checkScheme(scheme as never, given as never)).toThrow(`checkScheme expected ${what}`);
  });

  test('a scheme that has its secret', () => {
    const secret = {
      generation: 0,
      endsAt: 0,
      failure: undefined,
      pause: 1,
      refresh: () => Promise.resolve(),
      listen() {},
    };
    const waiting = createScheme({
      ...complete,
      bases,
      isLimited,
      secrets: { lifetime: secret, source: undefined, fingerprint: '' },
    });
    expect(() => checkScheme(waiting, examples)).toThrow('expected a scheme that has its secret');
  });

  test('the clock is what it was after a check', () => {
    const { Date: before } = globalThis;
    expect(messageOf({ sign: () => now() as never })).toContain('output');
    expect(messageOf({})).toBeUndefined();
    expect(globalThis.Date).toBe(before);
  });
});
