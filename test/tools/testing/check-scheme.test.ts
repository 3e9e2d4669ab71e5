/** `checkScheme`: a sound scheme passes, and of a scheme with one mistake it names the law that the mistake breaks. */
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
import { shareOf } from '../../support/run-length.ts';
import { seed } from '../../support/seed.ts';
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

function withId(image: { readonly id: string } | undefined, change: (id: string) => string) {
  return image && { id: change(image.id) };
}

/** A scheme whose token is an HMAC over `textOf`, in place of the whole URL, and which has no `verify`. */
function signing(textOf: (url: string, terms: SignTerms) => string): Partial<Sound> {
  return {
    ...wide,
    verify: undefined as never,
    sign: (url, terms) =>
      `${url}${url.includes('?') ? '&' : '?'}expires=${terms.exp}&token=${macOf(textOf(url, terms))}`,
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
    const change = signing((url, { exp }) => `${withoutParameters(url)} ${exp}`);
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

const withoutParameters = (url: string): string => url.replace(/\?.*/, '');
const queryOf = (url: string): string => url.split('?')[1] ?? '';
const lastOf = (query: string): object => Object.fromEntries(new URLSearchParams(query));
const idOf = (url: string): string => url.slice(url.indexOf('/photos/') + '/photos/'.length);
const now = (): number => Math.floor(Date.now() / 1000);
/** Verifies by what `read` takes for the same URL. */
function verifying(read: (url: string) => string): Partial<Sound> {
  return { verify: (url, at) => verify(read(url), at) };
}

const broken: readonly (readonly [law: string, mistake: string, Partial<Sound>])[] = [
  ['match', 'finds nothing', { match: () => undefined }],
  ['match', 'has an empty id', { match: (url) => match(url) && { id: '' } }],
  ['match', 'returns a text', { match: (url) => match(url)?.id as never }],
  ['match', 'finds other folders', { match: (url) => ({ id: url.split('/').at(-1)!.split('?')[0]! }) }],
  [
    'match',
    'finds what a query quotes',
    { match: (url) => (url.includes('/photos/') ? { id: /\/photos\/([\w/-]*)/.exec(url)![1]! } : undefined) },
  ],
  ['match', 'has another id for a signed URL', { match: (url) => match(url) && { id: url } }],
  [
    'synchronous',
    'sign returns a promise',
    { sign: ((url: string, terms: SignTerms) => Promise.resolve(sign(url, terms))) as never },
  ],
  [
    'synchronous',
    'match returns a promise',
    { match: ((url: string) => Promise.resolve(match(url))) as never },
  ],
  [
    'synchronous',
    'verify returns a thenable',
    { verify: () => Object.fromEntries([['then', () => {}]]) as never },
  ],
  ['never throws', 'match decodes what is no escape', { match: (url) => match(decodeURI(url)) }],
  ['never throws', 'match takes every URL for an absolute one', { match: (url) => match(new URL(url).href) }],
  ['never throws', 'strip takes no other text than a URL', { strip: (url) => strip(new URL(url) && url) }],
  ['never throws', 'verify resolves any text', { verify: (url, at) => verify(new URL(url) && url, at) }],
  [
    'deterministic',
    'counts',
    { sign: (url, terms) => sign(`${url}${url.includes('?') ? '&' : '?'}n=${count++}`, terms) },
  ],
  [
    'deterministic',
    'reads the clock',
    { sign: (url, terms) => sign(url, { ...terms, exp: terms.exp + (now() % 1e6) }) },
  ],
  [
    'deterministic',
    'reads the clock with new Date',
    { sign: (url, terms) => sign(url, { ...terms, exp: terms.exp + new Date().getUTCDate() }) },
  ],
  [
    'deterministic',
    'depends on what was signed before',
    {
      sign(url, terms) {
        if (!seen.includes(url)) seen.push(url);
        return sign(url, { ...terms, exp: terms.exp + seen.length });
      },
    },
  ],
  ['deterministic', 'match has a state', { match: (url) => match(url) && { id: `${count++}` } }],
  ['expires', 'ignores exp', { sign: (url, terms) => sign(url, { ...terms, exp: 4_102_444_800 }) }],
  [
    'expires',
    'counts in days',
    { sign: (url, terms) => sign(url, { ...terms, exp: Math.ceil(terms.exp / 86_400) * 86_400 }) },
  ],
  [
    'output',
    'returns a URL object',
    { sign: ((url: string, terms: SignTerms) => new URL(sign(url, terms))) as never },
  ],
  ['output', 'has a space', { sign: (url, terms) => `${sign(url, terms)} ` }],
  ['output', 'has a fragment', { sign: (url, terms) => `${sign(url, terms)}#token` }],
  ['output', 'has a quote', { sign: (url, terms) => `${sign(url, terms)}"` }],
  ['output', 'moves to another host', { sign: (url, terms) => sign(url.replace('cdn.', 'edge.'), terms) }],
  ['output', 'is far too long', { sign: (url, terms) => `${sign(url, terms)}${'0'.repeat(5_000)}` }],
  ['strip', 'leaves the token', { strip: (url) => url }],
  ['strip', 'takes off the whole query', { strip: withoutParameters }],
  [
    'strip',
    'sorts parameters backwards',
    {
      strip: (url) => {
        const plain = strip(url);
        if (plain === url) return url;
        const [path, query = ''] = plain.split('?');
        return query === '' ? path! : `${path}?${query.split('&').sort().reverse().join('&')}`;
      },
    },
  ],
  [
    'strip',
    'takes off a token at the end alone',
    { strip: (url) => url.replace(/[?&]expires=\d+&token=[\da-f]{64}$/, '') },
  ],
  [
    'strip',
    'takes off the first of two tokens',
    {
      strip: (url) => {
        const query = url.indexOf('?') + 1;
        const list = query === 0 ? [] : url.slice(query).split('&');
        for (const name of ['expires=', 'token=']) {
          const at = list.findIndex((each) => each.startsWith(name));
          if (at >= 0) list.splice(at, 1);
        }
        return list.length === 0 ? withoutParameters(url) : `${url.slice(0, query)}${list.join('&')}`;
      },
    },
  ],
  [
    'strip',
    'loses parameters with the names of prototypes',
    {
      strip: (url) => {
        const plain = strip(url);
        return plain === url ? url : plain.replace(/__proto__=1&?/, '');
      },
    },
  ],
  ['strip', 'drops what is no escape', { ...wide, strip: (url) => strip(url).replace('%zz', '') }],
  [
    'idempotent',
    'signs how the URL came in',
    {
      sign: (url, terms) =>
        sign(url.replace('%20', '+'), { ...terms, exp: terms.exp + (url.includes('%20') ? 1 : 0) }),
    },
  ],
  ['binds the path', 'signs the host alone', signing((_, { exp }) => `cdn.example ${exp}`)],
  [
    'binds the path',
    'signs the name of the file alone',
    signing((url, { exp }) => `${withoutParameters(url).split('/').at(-1)} ${exp}`),
  ],
  ['binds the path', 'ignores the case', signing((url, { exp }) => `${url.toLowerCase()} ${exp}`)],
  [
    'match',
    'decodes names twice, so that `authorize` is asked for another image',
    { ...wide, match: (url) => withId(wide.match!(url), unescapeText) },
  ],
  ['match', 'merges slashes in ids', { ...wide, match: (url) => withId(wide.match!(url), mergeSlashes) }],
  ['binds the path', 'merges slashes', signing((url, { exp }) => `${mergeSlashes(url)} ${exp}`)],
  ['binds the path', 'verifies with merged slashes', { ...wide, ...verifying((url) => mergeSlashes(url)) }],
  ['one spelling', 'signs the decoded path', signing((url, { exp }) => `${unescapeText(url)} ${exp}`)],
  [
    'one spelling',
    'verifies the decoded path',
    { ...wide, ...verifying((url) => (/^[^?]*%/.test(url) ? unescapeText(url) : url)) },
  ],
  ['verify', 'returns true', { verify: (() => true) as never }],
  [
    'verify',
    'names no reason',
    {
      verify: (url, at) => {
        const result = verify(url, at);
        return result.ok ? result : ({ ok: false } as never);
      },
    },
  ],
  ['verify', 'lives a second too long', { verify: (url, at) => verify(url, at - 1) }],
  ['verify', 'ends a second too early', { verify: (url, at) => verify(url, at + 1) }],
  [
    'verify',
    'says a wrong expiry',
    {
      verify: (url, at) => {
        const result = verify(url, at);
        return result.ok ? { ok: true, expiresAt: result.expiresAt * 1000 } : result;
      },
    },
  ],
  ['verify', 'takes NaN', { verify: (url, at) => verify(url, Number.isNaN(at) ? 0 : at) }],
  [
    'verify',
    'takes capitals in the token',
    verifying((url) => url.replace(/(?<=token=)[\da-fA-F]+$/, (token) => token.toLowerCase())),
  ],
  [
    'verify',
    'reads numbers in other spellings',
    verifying((url) => url.replace(/(?<=expires=)0+(?=\d)/, '')),
  ],
  [
    'verify',
    'ignores what follows the token',
    verifying((url) => url.replace(/(?<=token=[\da-f]{64})&.*/, '')),
  ],
  ['verify', 'ignores a parameter', verifying((url) => url.replace(/(?<=\?)x=1&/, ''))],
  [
    'verify',
    'takes parameters in any order',
    verifying((url) => url.replace(/token=([\da-f]{64})&expires=(\d+)$/, 'expires=$2&token=$1')),
  ],
  [
    'verify',
    'compares a part of the token',
    {
      verify: (url, at) => {
        const exp = Number(/expires=(\d+)/.exec(url)?.[1]);
        const given = /token=([\da-f]+)/.exec(url)?.[1];
        if (given === undefined) return { ok: false, reason: 'missing-signature' };
        const right = sign(strip(url), { exp, ttl: 0, step: 0 });
        if (!right.includes(given)) return { ok: false, reason: 'bad-signature' };
        return at < exp ? { ok: true, expiresAt: exp } : { ok: false, reason: 'expired' };
      },
    },
  ],
  [
    'verify',
    'looks at the expiry first',
    {
      verify: (url, at) =>
        at >= Number(/expires=(\d+)&token/.exec(url)?.[1])
          ? { ok: false, reason: 'expired' }
          : verify(url, at),
    },
  ],
  ['one reading', 'signs the expiry right behind the URL', signing((url, { exp }) => `${url}${exp}`)],
  ['one reading', 'signs the expiry right before the id', signing((url, { exp }) => `${exp}${idOf(url)}`)],
  ['one reading', 'signs the path alone', signing((url, { exp }) => `${withoutParameters(url)} ${exp}`)],
  [
    'one reading',
    'signs decoded parameters',
    signing((url, { exp }) => `${withoutParameters(url)} ${exp} ${unescapeText(queryOf(url))}`),
  ],
  [
    'one reading',
    'signs path, expiry and parameters with nothing between them',
    signing((url, { exp }) => `${withoutParameters(url)}${exp}${queryOf(url)}`),
  ],
  [
    'one reading',
    'signs the parameters without their separators',
    signing((url, { exp }) => `${withoutParameters(url)} ${exp} ${queryOf(url).replaceAll(/[&=]/g, '')}`),
  ],
  [
    'one reading',
    'signs the last five digits of the expiry',
    signing((url, { exp }) => `${url} ${exp % 100_000}`),
  ],
  [
    'one reading',
    'signs the minute of the expiry',
    signing((url, { exp }) => `${url} ${Math.floor(exp / 60)}`),
  ],
  [
    'one reading',
    'signs the beginning of a long URL',
    signing((url, { exp }) => `${url.slice(0, 255)} ${exp}`),
  ],
  [
    'one reading',
    'signs a path without what follows a semicolon',
    signing((url, { exp }) => `${url.replace(/;[^/]*/g, '')} ${exp}`),
  ],
  [
    'one reading',
    'takes a plus in a path for a space',
    signing((url, { exp }) => `${url.replaceAll('+', '%20')} ${exp}`),
  ],
  [
    'one reading',
    'signs a path without its spaces',
    signing((url, { exp }) => `${url.replaceAll('%20', '')} ${exp}`),
  ],
  [
    'one reading',
    'signs parameters in lower case',
    signing((url, { exp }) => `${withoutParameters(url)} ${exp} ${queryOf(url).toLowerCase()}`),
  ],
  [
    'one reading',
    'signs the last parameter of each name',
    signing((url, { exp }) => JSON.stringify([withoutParameters(url), lastOf(queryOf(url)), exp])),
  ],
  [
    'one reading',
    'verifies decoded parameters',
    { ...wide, ...verifying((url) => url.replaceAll('%26', '&').replaceAll('%3D', '=')) },
  ],
  [
    'signature length',
    'keeps eight digits of its signature',
    {
      verify: undefined as never,
      sign: (url, { exp }) =>
        `${url}${url.includes('?') ? '&' : '?'}expires=${exp}&token=${macOf(`${url} ${exp}`).slice(0, 8)}`,
    },
  ],
  [
    'ordinary names',
    'looks names up in an object',
    {
      match: (url) => {
        const found = match(url);
        const folder = /\/private\/([^/]+)/.exec(url)?.[1] ?? '';
        return (
          found ?? (lookup[folder] === undefined ? undefined : wide.match!(url.replace(folder, 'photos')))
        );
      },
    },
  ],
  ['secrets', 'the fingerprint holds the key', { fingerprint: `my-cdn ${key}` }],
  [
    'secrets',
    'the fingerprint holds the key in hexadecimal digits',
    { fingerprint: Buffer.from(key).toString('hex') },
  ],
  [
    'secrets',
    'a URL holds the key in base64',
    {
      sign: (url, terms) =>
        sign(`${url}${url.includes('?') ? '&' : '?'}token=${Buffer.from(key).toString('base64url')}`, terms),
      verify: undefined as never,
    },
  ],
  ['secrets', 'a function holds the key', { strip: Object.assign((url: string) => strip(url), { key }) }],
  [
    'secrets',
    'match returns bytes of the key',
    {
      match: (url) => {
        const found = match(url);
        return found && Object.assign(found, { deep: { key: new TextEncoder().encode(key) } });
      },
    },
  ],
  ['linear time', 'strip takes quadratic time', { strip: (url) => (/a+Z$/.test(url) ? url : strip(url)) }],
  [
    'linear time',
    'match takes exponential time',
    { match: (url) => (/^(?:[^?]*\/)(?:a|a)+X/.test(url) ? undefined : match(url)) },
  ],
];

describe('one mistake is named', () => {
  test.each(shareOf(broken, 5, seed))('"%s": %s', (law, _, change) => {
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
