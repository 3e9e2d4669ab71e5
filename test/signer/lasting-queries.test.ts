/**
 * A URL whose query holds no token is the same for every response, so its value is remembered. One that carries a token is
 * looked at each time: the signer may have given it out meanwhile, with a life of its own.
 */
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { BoundScheme } from '../../src/schemes/bound.ts';
import { definitionOf } from '../../src/schemes/definition.ts';
import { mayHaveParameter } from '../../src/url/token-parameters.ts';
import { pick, randoms } from '../support/generators/random.ts';
import { signerOf, textSchemes } from '../support/generators/text-schemes.ts';
import { instant } from '../support/samples.ts';
import { runs } from '../support/seed.ts';

const all = textSchemes.map(({ name, scheme, base, path }) => ({
  name,
  scheme,
  url: `${base}${path[0]}cat${path[1]}`,
}));

function imageOf(url: string): string {
  return `<img src="${url.replaceAll('&', '&amp;')}">`;
}

afterEach(() => vi.restoreAllMocks());

/** How often a scheme is asked for a URL. */
function countCalls(): () => number {
  const spy = vi.spyOn(BoundScheme.prototype, 'resolve');
  return () => spy.mock.calls.length;
}

describe.each(all)('$name', ({ scheme, url }) => {
  test.each(['', '?v=a', '?width=200&v=a%20b', '?v=a#exp'])(
    'a URL that ends in "%s" is remembered',
    (end) => {
      const signer = signerOf([scheme]);
      const page = imageOf(url + end);
      const first = signer.rewriteHtml(page);
      expect(first).not.toBe(page);
      const count = countCalls();
      expect(signer.rewriteHtml(page)).toBe(first);
      expect(count()).toBe(0);
    },
  );
});

const verifying = all.filter(({ scheme, url }) => {
  const { signImage, verifyImage } = signerOf([scheme]);
  return verifyImage(signImage(url)).ok;
});

describe.each(verifying)('$name', ({ scheme, url }) => {
  test.each(['', '?v=a'])('a token with a life of its own stays after "%s"', (end) => {
    const life = { expiresAt: instant / 1000 + 60 };
    const carrying = signerOf([scheme]).signImage(url + end, undefined, life);
    const signer = signerOf([scheme]);
    for (let round = 0; round < 3; round++) {
      expect(signer.rewriteHtml(imageOf(carrying))).toBe(imageOf(signer.signImage(url + end)));
    }
    expect(signer.signImage(url + end, undefined, life)).toBe(carrying);
    expect(signer.rewriteHtml(imageOf(carrying))).toBe(imageOf(carrying));
  });
});

test('with several schemes the token of each is looked at', () => {
  const life = { expiresAt: instant / 1000 + 60 };
  const schemes = all.filter(({ name }) => ['cloudflareImages', 'imgix'].includes(name));
  for (const list of [schemes, schemes.toReversed()]) {
    const signer = signerOf(list.map(({ scheme }) => scheme));
    for (const { scheme, url } of list) {
      const carrying = signerOf([scheme]).signImage(url, undefined, life);
      expect(signer.rewriteHtml(imageOf(carrying))).toBe(imageOf(signer.signImage(url)));
      signer.signImage(url, undefined, life);
      expect(signer.rewriteHtml(imageOf(carrying))).toBe(imageOf(carrying));
    }
  }
});

/** Names of tokens as a server may read them, and others. */
const names = [
  ...['exp', 'sig', 'Expires', 'expires', 's', 'token', 'verify', 'X-Amz-Date', 'x-amz-a', 'Signature'],
  ...['vercel-blob-signature', 'vercel-blob-a', 'keyid', 'expiry', 'signature', 'ik-t', 'ik-s'],
  ...['v', 'w', 'width', 'ex', '', 'p.q', 'fp-x'],
];

test('a URL from which a token would be taken off is never one without', () => {
  const bound = all.map(
    ({ scheme, url }) => [new BoundScheme(definitionOf(scheme)!, { ttl: 3_600 }), url] as const,
  );
  const counts = { with: 0, without: 0 };
  fc.assert(
    fc.property(randoms, (random) => {
      const [scheme, url] = pick(random, bound);
      const parameters = Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
        const name = [...pick(random, names)].map((character) =>
          random() < 0.05 ? `%${character.charCodeAt(0).toString(16)}` : character,
        );
        return `${pick(random, ['', '', '', ' ', '+', '?'])}${name.join('')}${pick(random, ['', '=', '=1', ' ', '=#'])}`;
      });
      const text = `${url}?${parameters.join(pick(random, ['&', '&', '&&', '#', '?']))}`;
      const bare = scheme.unsign(text);
      const mayCarry = scheme.mayCarryToken(text);
      if (bare !== undefined && bare !== text) expect(mayCarry, `${scheme.name} ${text}`).toBe(true);
      counts[mayCarry ? 'with' : 'without']++;
    }),
    { numRuns: runs(20) },
  );
  expect(Math.min(counts.with, counts.without)).toBeGreaterThan(runs(2));
});

test.each([
  ['/a?v=1&width=2', false],
  ['/a?', false],
  ['/a?v=exp&&w', false],
  ['/a', false],
  ['/exp&exp', false],
  ['/a?exp', true],
  ['/a?v&exp=1', true],
  ['/a?v=1&exp#b', true],
  ['/a#?exp', true],
  ['/a?%65xp', true],
  ['/a?exp =1', true],
  ['/a?e+xp', true],
  ['/a?v=1&w[]=2', true],
] as const)('whether %s may have a parameter: %s', (text, may) => {
  expect(mayHaveParameter(text, (name) => name === 'exp')).toBe(may);
});
