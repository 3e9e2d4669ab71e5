/** `explainUrl` takes no mistake for another, never throws, agrees with `verifyImage`, and says nothing that helps to sign. */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Explanation, explainUrl } from '../../src/diagnosis.ts';
import { createSigner, type Signer } from '../../src/index.ts';
import { anyText } from '../support/generators/any-text.ts';
import { mistakes, rightUrl, type Sample } from '../support/generators/signing-mistakes.ts';
import { accountHash, id, instant, otherAccount, signerWith, url } from '../support/samples.ts';
import { runs } from '../support/seed.ts';

const lower = 'abcdefghijklmnopqrstuvwxyz';
const hexDigits = '0123456789abcdef';

const textOf = (length: number, characters: string): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...characters), minLength: length, maxLength: length });
const name = (index: number): fc.Arbitrary<string> => textOf(3, lower).map((value) => `p${index}=${value}`);

const samples: fc.Arbitrary<Sample> = fc
  .record({
    // It can be read as hex and as base64, as those of the dashboard can.
    key: fc.integer({ min: 5, max: 16 }).chain((quads) => textOf(4 * quads, hexDigits)),
    olderKey: textOf(20, lower),
    account: textOf(22, `${lower}${lower.toUpperCase()}0123456789_-`),
    id: fc
      .tuple(...[8, 4, 4, 4, 12].map((length) => textOf(length, hexDigits)))
      .map((parts) => parts.join('-')),
    variants: fc.tuple(fc.constantFrom('thumb', 'card', 'hero'), textOf(6, lower), fc.boolean()),
    expiry: fc.integer({ min: 60, max: 100_000_000 }).map((seconds) => instant / 1000 + seconds),
    parameters: fc.oneof(fc.constant([]), fc.tuple(name(0)), fc.tuple(name(0), name(1))),
  })
  .map(({ variants: [one, other, isSwapped], ...sample }) => ({
    ...sample,
    variant: isSwapped ? other : one,
    otherVariant: isSwapped ? one : other,
  }));

function signerOf(sample: Sample): Signer {
  const { key, olderKey, account, variant, otherVariant } = sample;
  return createSigner({
    key: [key, olderKey],
    ttl: '1d',
    variants: { [variant]: {}, [otherVariant]: {}, large: {}, preview: { alwaysPublic: true } },
    accountHash: account,
    delivery: ['https://imagedelivery.net', 'https://shop.example/cdn-cgi/imagedelivery'],
    now: () => instant,
  });
}

// A thousand explanations of each mistake (`NUM_RUNS=5000`) take minutes on a machine that is busy.
const timeout = 300_000;

test.each(mistakes)(
  'property: no mistake is taken for another: $title',
  { timeout },
  ({ codes, url: urlOf }) => {
    const check = (sample: Sample): void => {
      const { findings } = explainUrl(urlOf(sample), { signer: signerOf(sample) });
      expect(findings.map(({ code }) => code).sort()).toEqual([...codes].sort());
    };
    fc.assert(fc.property(samples, check), { numRuns: runs(0.25) });
  },
);

test('property: a right URL has no findings', () => {
  fc.assert(
    fc.property(samples, (sample) => {
      const explanation = explainUrl(rightUrl(sample), { signer: signerOf(sample) });
      expect(explanation).toMatchObject({ ok: true, findings: [] });
    }),
  );
});

/** All strings of a value, at any depth. */
function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsOf) : [];
}

/** In the forms in which a secret is written. */
function formsOf(secret: Buffer): string[] {
  return [
    secret.toString('utf8'),
    secret.toString('hex'),
    secret.toString('base64'),
    secret.toString('base64url'),
  ];
}

/** Ten characters in a row are no coincidence. */
function partsOf(secrets: readonly Buffer[]): string[] {
  return secrets
    .flatMap(formsOf)
    .flatMap((secret) =>
      Array.from({ length: Math.max(0, Math.floor((secret.length - 5) / 5)) }, (_, index) =>
        secret.slice(5 * index, 5 * index + 10).toLowerCase(),
      ).filter((part) => part.length === 10),
    );
}

function digestsOf(key: string): Buffer[] {
  return ['sha1', 'sha256', 'sha512'].map((digest) => createHmac(digest, key).update('').digest());
}

/** The signatures that would be right. */
function signaturesOf({ signedText = '' }: Explanation, keys: readonly string[]): Buffer[] {
  const texts = new Set([signedText, decodeURIComponent(signedText)]);
  return keys.flatMap((key) => Array.from(texts, (text) => createHmac('sha256', key).update(text).digest()));
}

test('property: neither a key, nor a digest of one, nor the right signature shows', { timeout }, () => {
  const check = (sample: Sample): void => {
    const signer = signerOf(sample);
    const { key, olderKey } = sample;
    const keys = [key, olderKey];
    const partsOfKeys = partsOf(keys.flatMap((each) => [Buffer.from(each), ...digestsOf(each)]));
    const pasted = [
      `${rightUrl(sample)}&v=${key}`,
      rightUrl({ ...sample, variant: key }),
      rightUrl({ ...sample, id: key }),
      ...keys.map((each) => rightUrl(sample).replace(/sig=.*/, `sig=${each}`)),
      `https://example.com/${key}`,
      `https://${key}@imagedelivery.net/a/b/thumb`,
      key,
    ];
    for (const given of [...mistakes.map((mistake) => mistake.url(sample)), ...pasted]) {
      const explanation = explainUrl(given, { signer });
      const text = stringsOf(explanation).join('\n').toLowerCase();
      const parts = [...partsOfKeys, ...partsOf(signaturesOf(explanation, keys))];
      const shown = parts.filter((part) => text.includes(part));
      if (shown.length > 0) expect.fail(`${shown.join()} shows in what is said of ${given}`);
    }
  };
  fc.assert(fc.property(samples, check), { numRuns: runs(0.1) });
});

const signer = signerWith({ accountHash, delivery: ['https://imagedelivery.net', '/images'] });
const pieces = [
  ...[
    'https://',
    'http:/',
    '//',
    'ftp://',
    'imagedelivery.net',
    'example.com',
    '/cdn-cgi/imagedelivery',
    '/images',
  ],
  ...[
    '/',
    accountHash,
    otherAccount,
    id,
    'thumb',
    'card',
    'preview',
    'w=1,h=2',
    '?',
    '&',
    '&amp;',
    'amp;',
    '#',
    ';',
  ],
  ...[
    'exp=1',
    'exp=1790050000',
    'exp=1790050000000',
    'exp=',
    'sig=',
    `sig=${'0'.repeat(64)}`,
    '0'.repeat(63),
    'sig',
  ],
  ...[...'% %25 %2f %2520 %3Fexp%3D %73ig= . .. ) "'.split(' '), '\\', '\ud800', '\u0000', '\u202e', ' '],
  ...`/__cf_local/imagedelivery v=1 utm_source=x + é @ :8080 ^ C| __proto__ constructor`.split(' '),
  signer.signImage(url()),
  signer.signImage(url('card')).split('?')[1]!,
];

test('property: it never throws, agrees with verifyImage, and names a failure if and only if that refuses', {
  timeout,
}, () => {
  fc.assert(
    fc.property(
      fc.oneof(
        {
          weight: 4,
          arbitrary: fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((list) => list.join('')),
        },
        fc.tuple(fc.nat(), fc.constantFrom(...pieces), fc.nat(4)).map(([place, piece, cut]) => {
          const signed = signer.signImage(url());
          const at = place % signed.length;
          return signed.slice(0, at) + piece + signed.slice(at + cut);
        }),
        anyText(),
        fc.webUrl({ withQueryParameters: true }),
        fc.anything(),
      ),
      (given) => {
        const explanation = explainUrl(given as string, { signer });
        expect(explanation.ok).toBe(signer.verifyImage(given as string).ok);
        expect(explanation.findings.some(({ kind }) => kind === 'failure')).toBe(!explanation.ok);
        for (const { message, fix } of explanation.findings)
          expect(message + fix).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      },
    ),
    { numRuns: runs(20) },
  );
});
