/** `gcs` against Google's conformance vectors, and against `@google-cloud/storage`. */
import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { explainUrl } from '../../src/diagnosis.ts';
import { createSigner, type SignerOptions } from '../../src/index.ts';
import { type GcsOptions, gcs } from '../../src/schemes.ts';
import { RsaKey } from '../../src/signing/rsa.ts';
import { callsOf, termsFrom } from '../support/definition-calls.ts';
import { encodeName } from '../support/name-judges.ts';
import { type GcsSite, gcsSite, gcsUrlOf, signGcs } from '../support/oracles/gcs.ts';
import { randomFrom } from '../support/random.ts';
import { mayHaveUrl, namesOfEachCharacter, randomName } from '../support/random-names.ts';
import { pick, randomParameters } from '../support/random-objects.ts';
import { privateKeyOf } from '../support/rsa-keys.ts';
import { errorOf } from '../support/scheme-calls.ts';
import { atLength, seed } from '../support/seed.ts';
import vectors from '../vectors/gcs.json' with { type: 'json' };

const issuedAt = 1_790_000_000;
const { credentials } = gcsSite;
const options = { url: gcsUrlOf(gcsSite), credentials };
const scheme = callsOf(gcs(options));
const image = `${options.url}/uploads/a.jpg`;
const signed = scheme.sign(image, termsFrom(issuedAt, 3_600));

/** Google takes them in any order; its library has its signature last. */
function partsOf(url: string): { path: string; parameters: string[] } {
  const [path, query] = url.split('?');
  return { path: path!, parameters: query!.split('&').sort() };
}

/** What begins like a parameter of a token is taken off before a URL is signed. */
const readable = vectors.vectors.filter(
  ({ queryParameters }) => !Object.keys(queryParameters ?? {}).some((name) => /^x-goog-/i.test(name)),
);

test.each(readable)("Google's conformance vector $name", (vector) => {
  const { object, timestamp, expiration, queryParameters = {}, expectedUrl } = vector;
  const name = encodeName(object);
  const url = expectedUrl.split('?', 1)[0]!.slice(0, -name.length - 1);
  const account = { client_email: vectors.clientEmail, private_key: vectors.privateKey };
  const { sign, verdict } = callsOf(gcs({ url, credentials: account }));
  const query = Object.entries<string>(queryParameters).map((pair) => pair.map(encodeURIComponent).join('='));
  const start = Date.parse(timestamp) / 1000;
  const ours = sign([`${url}/${name}`, ...query].join('?'), termsFrom(start, expiration));
  expect(partsOf(ours)).toEqual(partsOf(expectedUrl));
  expect([verdict(ours, start), verdict(ours, start + expiration)]).toEqual(['ok', 'expired']);
});

describe("Google's library makes the same URLs", () => {
  // Signatures by a short key take less time, and there are two of them each time.
  const short = { ...gcsSite, credentials: { ...credentials, private_key: privateKeyOf(1024) } };
  const sites: readonly GcsSite[] = [
    short,
    { ...short, style: 'virtual' },
    { ...short, style: 'https://images.shop.example' },
    {
      ...short,
      style: 'http://images.shop.example',
      credentials: { ...short.credentials, client_email: 'a+b_c@shop.iam.gserviceaccount.com' },
    },
  ];

  test('for random names, queries and times, in all styles', async () => {
    const random = randomFrom(seed);
    for (let left = atLength(2_500); left > 0; ) {
      const site = pick(random, sites);
      const name = randomName(random);
      if (!mayHaveUrl(name)) continue;
      const start = 1_000_000_000 + Math.floor(random() * 1_000_000_000);
      const lifetime = 1 + Math.floor(random() * 604_800);
      const parameters = randomParameters(random).filter(([each]) => each !== 'response-content-type');
      const url = gcsUrlOf(site);
      const calls = callsOf(
        gcs({
          url,
          credentials: site.credentials,
          parameters: parameters.map(([each]) => each),
        }),
      );
      const query = parameters.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
      const given = `${url}/${encodeName(name)}${query && `?${query}`}`;
      const ours = calls.sign(given, termsFrom(start, lifetime));
      const wanted = await signGcs({ name, parameters, exp: start + lifetime, issuedAt: start }, site);
      expect(partsOf(ours), `seed ${seed}, ${given}`).toEqual(partsOf(wanted));
      expect(calls.verdict(ours, start + lifetime - 1)).toBe('ok');
      left--;
    }
  }, 400_000);

  test('for names of every character, in whatever spelling the page has them', async () => {
    for (const name of namesOfEachCharacter.filter(mayHaveUrl)) {
      const wanted = partsOf(await signGcs({ name, exp: issuedAt + 60, issuedAt }));
      const hex = Buffer.from(name).toString('hex').replace(/../g, '%$&').replaceAll('%2f', '/');
      for (const path of [encodeName(name), hex])
        expect(partsOf(scheme.sign(`${options.url}/${path}`, termsFrom(issuedAt, 60))), path).toEqual(wanted);
    }
  });
});

describe('a token', () => {
  test('is of this object, query, host and time alone', () => {
    expect(scheme.verdict(signed, issuedAt)).toBe('ok');
    for (const [from, to] of [
      ['a.jpg', 'b.jpg'],
      ['a.jpg', '%61.jpg'],
      ['X-Goog-Expires=3600', 'X-Goog-Expires=7200'],
      ['T141320Z', 'T141321Z'],
      ['X-Goog-SignedHeaders=host', 'X-Goog-SignedHeaders='],
      ['?', '?v=2&'],
      [/&X-Goog-Signature=.*/, '&X-Goog-Signature='],
      [/&X-Goog-Signature=.*/, '&X-Goog-Signature=-'],
      [/&X-Goog-Signature=.*/, ''],
      [/&(X-Goog-Signature=.*)/, '&$1&$1'],
      [/&X-Goog-Signature=(.)/, '&X-Goog-Signature=0$1'],
      [/[\da-f]{4}$/, '0000'],
      [/.$/, (digit: string) => (digit === '0' ? '1' : '0')],
    ] as const) {
      const changed = signed.replace(from, to as string);
      expect(scheme.verdict(changed, issuedAt), changed).toBe('bad-signature');
    }
    const elsewhere = callsOf(gcs({ ...options, url: 'https://shop-photos.storage.googleapis.com' }));
    const moved = signed.replace(options.url, 'https://shop-photos.storage.googleapis.com');
    expect(elsewhere.verdict(moved, issuedAt)).toBe('bad-signature');
  });

  test('of capital digits is no signature', () => {
    const upper = signed.replace(/[\da-f]+$/, (digits) => digits.toUpperCase());
    expect(scheme.verdict(upper, issuedAt)).toBe('bad-signature');
  });

  test.each([
    ['', 'missing-signature'],
    ['?v=3', 'missing-signature'],
    ['?X-Goog-Signature=a', 'malformed-signature'],
    ['?X-Goog-Date=20260921T141320Z&X-Goog-Signature=a', 'malformed-signature'],
    ['?X-Goog-Date=20260921T141320Z&X-Goog-Expires=60', 'bad-signature'],
    ['?X-Goog-Date=20260921T141320Z&X-Goog-Expires=60&X-Goog-Signature=zz', 'bad-signature'],
    ['?X-Amz-Date=20260921T141320Z&X-Amz-Expires=60&X-Amz-Signature=ab', 'malformed-signature'],
  ])('%s does not verify: %s', (query, reason) => {
    expect(scheme.verdict(image + query, issuedAt)).toBe(reason);
  });

  test('of Google and of AWS, of any version, is taken off', () => {
    for (const token of [
      'GoogleAccessId=a@b.iam.gserviceaccount.com&Expires=1&Signature=a%2Fb',
      'X-Goog-Algorithm=a&X-Goog-Credential=b&x-goog-date=c&X-GOOG-SIGNATURE=d',
      'X-Amz-Signature=a&X-Amz-Expires=1',
    ])
      expect(scheme.strip(`${image}?v=2&${token}`)).toBe(`${image}?v=2`);
  });

  test('is for the bytes of an object alone, whatever `parameters` lists', () => {
    const { id } = callsOf(
      gcs({ ...options, parameters: ['acl', 'response-content-type', 'response-content-disposition'] }),
    );
    for (const query of ['acl', 'response-content-type=text/html', 'response-content-disposition=inline'])
      expect(id(`${image}?${query}`), query).toBeUndefined();
    expect(id(`${image}?response-content-disposition=attachment`)).toBe('uploads/a.jpg');
  });
});

test("a stranger's token is verified by the public key, and costs no signature", () => {
  const sign = vi.spyOn(RsaKey.prototype, 'sign');
  try {
    expect(scheme.verdict(signed, issuedAt)).toBe('ok');
    expect(scheme.verdict(signed.replace('a.jpg', 'b.jpg'), issuedAt)).toBe('bad-signature');
    expect(sign).not.toHaveBeenCalled();
  } finally {
    sign.mockRestore();
  }
});

describe('credentials', () => {
  const account = { type: 'service_account', ...credentials };

  test('are the JSON file of a service account, or a function that gives it', async () => {
    const { url } = options;
    const given = callsOf(gcs({ url, credentials: account }));
    expect(given.sign(image, termsFrom(issuedAt, 3_600))).toBe(signed);
    const { definition, sign, verdict } = callsOf(gcs({ url, credentials: async () => account }));
    expect(() => sign(image, termsFrom(issuedAt, 60))).toThrow(
      expect.objectContaining({ code: 'KEY_UNAVAILABLE' }),
    );
    expect(verdict(signed, issuedAt)).toBe('bad-signature');
    await definition.secrets!.lifetime!.refresh(issuedAt);
    expect(sign(image, termsFrom(issuedAt, 3_600))).toBe(signed);
    expect(verdict(signed, issuedAt)).toBe('ok');
  });

  test('of a list the first signs, and all verify', () => {
    const newer = { client_email: 'new@shop.iam.gserviceaccount.com', private_key: privateKeyOf(3072) };
    const { sign, verdict } = callsOf(gcs({ url: options.url, credentials: [newer, account] }));
    expect(sign(image, termsFrom(issuedAt, 60))).toContain('X-Goog-Credential=new%40shop');
    expect(verdict(signed, issuedAt)).toBe('ok');
  });

  test('show nowhere', () => {
    const { definition } = callsOf(gcs({ url: options.url, credentials: account }));
    const shown = inspect(definition, { depth: 20, showHidden: true });
    expect(shown).not.toContain(credentials.private_key.split('\n')[3]);
  });
});

describe('wrong options', () => {
  const pemOf = (type: 'ec' | 'ed25519'): string =>
    (type === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('ed25519')
    ).privateKey
      .export({ type: 'pkcs8', format: 'pem' })
      .toString();
  const publicKey = generateKeyPairSync('rsa', { modulusLength: 1024 })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString();
  const { url } = options;
  const withKey = (key: unknown): object => ({ credentials: { ...credentials, private_key: key } });

  test.each<[string, object, string, string]>([
    ['all buckets', { url: 'https://storage.googleapis.com' }, 'url', 'expected the URL of a bucket'],
    [
      'the console',
      { url: 'https://storage.cloud.google.com/shop-photos' },
      'url',
      "a visitor's Google account",
    ],
    ['Firebase', { url: 'https://firebasestorage.googleapis.com/v0/b/shop/o' }, 'url', "got Firebase's"],
    ['a path', { url: '/photos' }, 'url', 'got a path'],
    ['a path in another spelling', { url: `${url}/a(1)` }, 'url', 'as Google spells it'],
    [
      'no credentials',
      { credentials: undefined },
      'credentials',
      'Google would sign each URL over the network',
    ],
    [
      'the address alone',
      { credentials: { client_email: 'a@b.example' } },
      'credentials',
      'waits for nobody',
    ],
    [
      'the credentials of a user',
      { credentials: { type: 'authorized_user', refresh_token: 'a' } },
      'credentials',
      'waits for nobody',
    ],
    ['a file as text', { credentials: '{"private_key":"a"}' }, 'credentials', 'JSON.parse'],
    [
      'a file without an address',
      { credentials: { private_key: credentials.private_key } },
      'credentials.client_email',
      "the service account's address",
    ],
    [
      'no address',
      { credentials: { ...credentials, client_email: 'images' } },
      'credentials.client_email',
      "a service account's address",
    ],
    ['a key that is none', withKey('a-secret-of-nobody'), 'credentials.private_key', 'as PEM text'],
    [
      'a key with escaped line ends',
      withKey(credentials.private_key.replaceAll('\n', '\\n')),
      'credentials.private_key',
      'replaceAll',
    ],
    ['a public key', withKey(publicKey), 'credentials.private_key', 'not a public one'],
    ['an elliptic curve', withKey(pemOf('ec')), 'credentials.private_key', 'not an elliptic curve key'],
    ['another kind of key', withKey(pemOf('ed25519')), 'credentials.private_key', 'an RSA key'],
    ['a parameter of a token', { parameters: 'X-Goog-Date' }, 'parameters', "got 'X-Goog-Date'"],
    ['another name', { bucket: 'photos' }, 'bucket', 'is not an option of gcs'],
  ])('%s', (_what, change, option, message) => {
    const error = errorOf(() => gcs({ ...options, ...change } as GcsOptions));
    expect(error).toMatchObject({ code: 'INVALID_OPTION', option });
    expect(error.message).toContain(message);
    expect(error.message).not.toContain(credentials.private_key.split('\n')[3]);
  });
});

test('no token lives for longer than seven days', () => {
  const signer = { scheme: gcs(options), ttl: '8d', authorize: () => true } as unknown as SignerOptions;
  expect(errorOf(() => createSigner(signer)).message).toContain('604800 seconds');
});

describe('explainUrl', () => {
  const signer = createSigner({
    scheme: gcs({ ...options, prefixes: 'uploads/' }),
    ttl: '1h',
    now: () => issuedAt * 1000,
    report: false,
  });
  const version2 = 'GoogleAccessId=images%40shop.iam.gserviceaccount.com&Expires=1&Signature=a%2Fb';

  test.each([
    [
      'the other style',
      'https://shop-photos.storage.googleapis.com/uploads/a.jpg',
      'not-a-delivery-url',
      'in another spelling',
    ],
    [
      'the console',
      'https://storage.cloud.google.com/shop-photos/uploads/a.jpg',
      'not-a-delivery-url',
      'add it to `from`',
    ],
    ['a token of version 2', `${image}?${version2}`, 'malformed-signature', 'take that token off'],
    [
      'a changed path',
      signer.signImage(image).replace('a.jpg', 'b.jpg'),
      'unknown-signature',
      'Compare the host, which is signed',
    ],
    ['no token', image, 'missing-signature', 'Sign the URL'],
  ])('knows %s', (_what, url, code, fix) => {
    const { ok, findings } = explainUrl(url, { signer });
    expect([ok, findings.map((each) => each.code)]).toEqual([false, [code]]);
    expect(findings[0]!.fix).toContain(fix);
  });

  test('knows an expired token, and one that is good', () => {
    const url = signer.signImage(image);
    expect(explainUrl(url, { signer })).toMatchObject({ ok: true, image: { id: 'uploads/a.jpg' } });
    const late = createSigner({
      scheme: gcs(options),
      ttl: '1h',
      now: () => (issuedAt + 86_400) * 1000,
      report: false,
      authorize: () => true,
    });
    expect(explainUrl(url, { signer: late }).findings).toMatchObject([{ code: 'expired' }]);
  });
});
