import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explainUrl } from '../../src/diagnosis.ts';
import { createSigner } from '../../src/index.ts';
import { bunny } from '../../src/schemes.ts';
import { pick, randoms } from '../support/generators/random.ts';
import { callsOf } from '../support/schemes/calls.ts';
import { runs } from '../support/seed.ts';
import vectors from '../vectors/bunny.json' with { type: 'json' };
import { edge, readingsOf } from './bunny-edge.ts';

const base = 'https://shop.b-cdn.net';
const url = `${base}/photos/cat.jpg`;
const calls = callsOf(bunny({ url: base, key: 'a-bunny-key-for-tests' }));

test.each(vectors.vectors)("Bunny's vector $name is signed byte for byte", ({ name, signedUrl }) => {
  const scheme = callsOf(bunny({ url: 'https://token-tester.b-cdn.net', key: vectors.key }));
  const bare = signedUrl.replace(/token=[^&]*&/, '').replace(/[?&]expires=\d+$/, '');
  expect(scheme.sign(bare, vectors.expires)).toBe(signedUrl);
  expect(scheme.strip(signedUrl)).toBe('https://token-tester.b-cdn.net/300kb.jpg');
  // What is a token of more than a file and a time is not what is signed here.
  expect(scheme.verify(signedUrl, vectors.expires - 1)).toEqual(
    name === 'plain' ? { ok: true, expiresAt: vectors.expires } : { ok: false, reason: 'bad-signature' },
  );
});

test('a path that ends with a digit is not signed: its token would open another path', () => {
  const taken = calls.sign(`${base}/photos/1234`, 1_790_000_000).replace('/1234?', '/123?');
  const forever = taken.replace('expires=', 'expires=4');
  // What makes the rule necessary: the signed text is the same.
  expect(calls.verify(forever, 1_800_000_000)).toEqual({ ok: true, expiresAt: 41_790_000_000 });
  expect(calls.id(`${base}/photos/1234`)).toBeUndefined();
});

describe('whoever has a token has nothing else', () => {
  const key = 'a-bunny-key-for-tests';
  const [now, exp] = [1_800_000_000, 1_800_003_600];
  const client = Buffer.from([203, 0, 113, 7]);
  const meaning = new Set(['blur', 'class', 'crop']);

  /** What Bunny Optimizer, and the token, get to see. */
  const meantBy = (parameters: ReadonlyMap<string, string>): string =>
    JSON.stringify([...parameters].filter(([name]) => meaning.has(name) || name.startsWith('token_')));

  /** A URL with the same token that opens something else at some time from now on. */
  function otherReading(given: string): string | undefined {
    const bare = calls.strip(given);
    const signed = calls.sign(bare, exp);
    const opened = edge(signed, key, client, now)!;
    const query = [...opened.parameters].map(([name, value]) => `${name}=${value}`).sort();
    const text = Buffer.from(`${new URL(bare).pathname}${exp}${query.join('&')}`);
    const mac = /token=HS256-([^&]*)/.exec(signed)![1]!;
    const other = readingsOf(text, mac, base).find((reading) => {
      const found = edge(reading.url, key, reading.address, now);
      if (found === undefined) return false;
      const isSame = found.path === opened.path && found.exp === opened.exp;
      // Of the billions of addresses one may read a parameter less: nobody chooses that one.
      return (
        !isSame ||
        (reading.address.equals(Buffer.alloc(4)) && meantBy(found.parameters) !== meantBy(opened.parameters))
      );
    });
    return other?.url;
  }

  test('the edge takes what is signed, and the attacker finds what is not', () => {
    expect(edge(calls.sign(`${url}?width=300`, exp), key, client, now)).toMatchObject({
      path: '/photos/cat.jpg',
      exp,
    });
    for (const path of [
      '/uploads/cat.jpg4',
      '/uploads/9999999999a?b=1',
      '/uploads/9999999999token_path=/uploads/&x=',
      '/a.jpg?v=1900000000000',
      '/a.jpg?v=99999999991234',
      '/a.jpg?blur=9&width=200',
      '/a.jpg?v=2&class=card',
      '/uploads/9999999999a?b=1%26token_path=%2Fuploads%2F',
      '/a.jpg?a=1%26blur=3',
      '/a.jpg?class=a=b',
    ]) {
      expect(otherReading(base + path), path).toBeDefined();
      expect(calls.match(base + path), path).toBeUndefined();
    }
  });

  test('random hostile URLs are signed only if they have one reading', { timeout: 60_000 }, () => {
    const pieces = (
      '9999999999 1900000000 17 4 0 1700000000 / a cat.jpg .jpg %3D = - token_path= token_path /uploads/ ' +
      'width w v blur limit abcd %26 %23 %3F %2525 // %5E %00'
    ).split(' ');
    let signed = 0;
    fc.assert(
      fc.property(randoms, (random) => {
        const some = (most: number, without = /^$/): string =>
          Array.from({ length: 1 + Math.floor(random() * most) }, () => {
            const allowed = pieces.filter((each) => !without.test(each));
            return pick(random, allowed);
          }).join('');
        const query = Array.from(
          { length: Math.floor(random() * 3) },
          () => `${some(2, /[=/]/)}=${some(3)}`,
        ).join('&');
        const given = `${base}/uploads/${some(4)}${query && `?${query}`}`;
        if (calls.match(given) === undefined) return;
        signed++;
        const other = otherReading(given);
        if (other !== undefined) expect.fail(`${given}\n is also\n${other}`);
      }),
      { numRuns: runs(3) },
    );
    expect(signed).toBeGreaterThan(runs(3) / 20);
  });
});

test('an expiry of eleven digits, which is also one of ten behind a longer path, is not given', () => {
  const signer = createSigner({
    scheme: bunny({ url: base, key: 'a-bunny-key-for-tests', prefixes: 'photos/' }),
    ttl: '1h',
  });
  expect(() => signer.signImage(url, { expiresAt: 41_790_000_000 })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', option: 'expiresAt' }),
  );
  expect(signer.signImage(url, { expiresAt: 4_179_000_000 })).toContain('&expires=4179000000');
});

test.each(['photos/1234', 'photos/%C3%A9', 'photos/clip.mp4'])(
  'whoever asks about %s is not sent to `prefixes`',
  (path) => {
    const scheme = bunny({ url: base, key: 'a-bunny-key-for-tests', prefixes: 'photos/' });
    const signer = createSigner({ scheme, ttl: '1h' });
    const messages = (text: string) =>
      explainUrl(`${base}/${text}`, { signer }).findings.map(({ message }) => message);
    expect(messages(path).join()).not.toContain('prefixes');
    expect(messages('others/1234').join()).toContain('prefixes');
  },
);
