/**
 * The secret of a store as one, a list, or a function: which signs, which verify, when it is asked for again, and how it
 * ends. Longer than most files: the stores take secrets of eleven kinds.
 */
import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createSigner } from '../../src/index.ts';
import { definitionOf, type Scheme, type SecretOption } from '../../src/schemes/definition.ts';
import { defineScheme, googleCdn, imgix, nginxSecureLink } from '../../src/schemes.ts';
import { vercelDelegation } from '../support/oracles/vercel-blob.ts';
import { callsOf, fingerprintOf, termsFrom } from '../support/schemes/calls.ts';
import { privateKeyOf } from '../support/schemes/rsa-keys.ts';
import { type SchemeName, schemeAt, tables } from '../support/schemes/table.ts';
import keys from '../vectors/keys.json' with { type: 'json' };

const start = 1_800_000_000;
const terms = termsFrom(start, 3_600);
const prefixes = 'photos/';

interface Store {
  readonly name: string;
  /** Two secrets, the newer first. */
  readonly secrets: readonly [unknown, unknown];
  make(secret: unknown): Scheme;
  readonly url: string;
  /** How it says an end, if not as `{ value, expiration }`. */
  readonly ending?: (secret: unknown, seconds: number) => unknown;
  /** When a function is asked again that gives the older secret, in seconds. */
  readonly askedAgain?: readonly [number, number];
}

const site = 'https://photos.example';
const pairs: Partial<Record<SchemeName, readonly [unknown, unknown]>> = {
  azureBlob: ['the newer', 'the older'].map((text) => Buffer.from(text).toString('base64')) as [
    string,
    string,
  ],
  cloudFront: [keys.rsa1024, keys.anotherRsa],
  edgeAuth: ['0123456789abcdef', 'fedcba9876543210'],
  gcs: [keys.rsa1024, keys.anotherRsa].map((private_key) => ({
    client_email: 'a@b.example',
    private_key,
  })) as [object, object],
  googleCdn: ['AAAAAAAAAAAAAAAAAAAAAA==', 'BBBBBBBBBBBBBBBBBBBBBA=='],
  imgproxy: ['0123456789abcdef', 'fedcba9876543210'],
  s3: [
    { accessKeyId: 'newer', secretAccessKey: 'the-newer-secret' },
    { accessKeyId: 'older', secretAccessKey: 'the-older-secret' },
  ],
  sanity: ['0123456789abcdef'.repeat(4), 'fedcba9876543210'.repeat(4)],
  vercelBlob: [vercelDelegation(start + 600_000), vercelDelegation(start + 500_000)],
};
const texts = ['the-newer-secret-of-all', 'the-older-secret-of-all'] as const;

function storeOf(name: SchemeName, option = 'key'): Store {
  const base = name === 'azureBlob' ? `${site}/img` : site;
  const isProxy = name === 'imgproxy';
  const given = { prefixes: isProxy ? `${site}/photos/` : prefixes, ...(isProxy && { salt: 'abcd' }) };
  return {
    name,
    secrets: pairs[name] ?? texts,
    make: (secret) => schemeAt(name, name === 'azureBlob' ? base : site, { ...given, [option]: secret }),
    url: isProxy ? `${site}/insecure/plain/${site}/photos/a.jpg` : `${base}/photos/a.jpg`,
  };
}

const own = (secret: unknown): Scheme =>
  defineScheme<string>({
    name: 'my-cdn',
    url: site,
    prefixes,
    token: ['expires', 'token'],
    secret: secret as string,
    sign: ({ path }, { exp, secret: key }) => ({ expires: exp, token: btoa(`${path} ${exp} ${key}`) }),
  });

const stores: readonly Store[] = [
  ...tables
    .filter(({ title, scheme }) => title === undefined && !['s3', 'vercelBlob'].includes(scheme))
    .map(({ scheme, secretOption }) => storeOf(scheme, secretOption)),
  { name: 'defineScheme', secrets: texts, make: own, url: `${site}/photos/a.jpg` },
  {
    ...storeOf('s3', 'credentials'),
    ending: (secret, seconds) => ({ ...(secret as object), expiration: new Date(seconds * 1_000) }),
  },
  {
    ...storeOf('vercelBlob', 'delegation'),
    ending: (_secret, seconds) => vercelDelegation(seconds),
    askedAgain: [250_000, 375_000], // it says its end
  },
];

const ending = (store: Store, secret: unknown, seconds: number): unknown =>
  store.ending?.(secret, seconds) ?? { value: secret, expiration: new Date(seconds * 1_000) };

describe.each(stores.map((store) => [store.name, store] as const))('%s', (_, store) => {
  const { make, url } = store;
  const [newer, older] = store.secrets;
  const signedWith = (secret: unknown): string => callsOf(make(secret)).sign(url, terms);
  const ends = store.name !== 'gcs'; // a service account has no end
  const verifies = store.name !== 'cloudflareWaf'; // the rule alone does
  const verdictOf = (scheme: Scheme, signed: string) => callsOf(scheme).verdict(signed, start);

  test('the first of a list signs, and all verify', () => {
    const scheme = make([newer, older]);
    expect(callsOf(scheme).sign(url, terms)).toBe(signedWith(newer));
    expect(signedWith(newer)).not.toBe(signedWith(older));
    if (!verifies) return;
    expect(definitionOf(scheme)!.verify!(signedWith(newer), start)).toMatchObject({ ok: true, keyIndex: 0 });
    expect(definitionOf(scheme)!.verify!(signedWith(older), start)).toMatchObject({ ok: true, keyIndex: 1 });
    expect(verdictOf(make(newer), signedWith(older))).toBe('bad-signature');
  });

  test('a function that is not asynchronous has answered before the first URL', async () => {
    const scheme = make(() => newer);
    expect(definitionOf(scheme)!.secrets!.lifetime!.refresh(start)).toBeUndefined();
    expect(callsOf(scheme).sign(url, terms)).toBe(signedWith(newer));
  });

  test('nothing is signed or verified until an asynchronous one has answered', async () => {
    const scheme = make(async () => [newer, older]);
    const { lifetime } = definitionOf(scheme)!.secrets!;
    expect(() => callsOf(scheme).sign(url, terms)).toThrow(
      expect.objectContaining({ code: 'KEY_UNAVAILABLE' }),
    );
    if (verifies) expect(verdictOf(scheme, signedWith(older))).toBe('bad-signature');
    await lifetime!.refresh(start);
    expect(callsOf(scheme).sign(url, terms)).toBe(signedWith(newer));
    if (verifies) expect(verdictOf(scheme, signedWith(older))).toBe('ok');
  });

  const [once, twice] = store.askedAgain ?? [300, 600];
  test(`it is asked again after ${once} seconds, and another secret has another generation`, () => {
    const answers = [older, older, newer];
    const scheme = make(() => answers.shift());
    const { lifetime } = definitionOf(scheme)!.secrets!;
    lifetime!.refresh(start);
    const { generation } = lifetime!;
    const before = fingerprintOf(scheme);
    lifetime!.refresh(start + once - 1);
    expect(answers).toHaveLength(2);
    lifetime!.refresh(start + once);
    expect(answers).toHaveLength(1);
    expect(lifetime!.generation).toBe(generation);
    expect(fingerprintOf(scheme)).toBe(before);
    lifetime!.refresh(start + twice);
    expect(lifetime!.generation).toBe(generation + 1);
    expect(fingerprintOf(scheme)).not.toBe(before);
    expect(callsOf(scheme).sign(url, terms)).toBe(signedWith(newer));
  });

  test('the last one stays while the function fails, until its end', () => {
    if (!ends) return;
    let isBroken = false;
    const scheme = make(() => {
      if (isBroken) throw new Error('the secret manager is down');
      return ending(store, newer, start + 1_000);
    });
    const { lifetime } = definitionOf(scheme)!.secrets!;
    const failures: unknown[] = [];
    lifetime!.listen((error) => failures.push(error));
    lifetime!.refresh(start);
    isBroken = true;
    lifetime!.refresh(start + 999);
    expect(failures).toHaveLength(1);
    expect(lifetime!.endsAt).toBe(start + 1_000);
    expect(() => callsOf(scheme).sign(url, terms)).not.toThrow();
    lifetime!.refresh(start + 1_000);
    expect(() => callsOf(scheme).sign(url, terms)).toThrow(
      expect.objectContaining({ code: 'KEY_UNAVAILABLE' }),
    );
  });

  test('the end of the secret cuts the life of a URL, and says so to a signer', async () => {
    if (!ends) return;
    const scheme = make([ending(store, newer, start + 1_000), older]);
    const signer = createSigner({ scheme, ttl: '1h', now: () => start * 1_000 });
    expect(definitionOf(scheme)!.secrets!.lifetime!.endsAt).toBe(start + 1_000);
    const signed = signer.signImage(url);
    if (verifies) expect(signer.verifyImage(signed)).toMatchObject({ ok: true, expiresAt: start + 1_000 });
    else expect(signed).not.toBe(url);
  });

  test('after its end a secret signs nothing, given or fetched', () => {
    if (!ends) return;
    const ended = ending(store, newer, start);
    for (const secret of [ended, () => ended]) {
      const signer = createSigner({ scheme: make(secret), ttl: '1h', now: () => start * 1_000 });
      expect(() => signer.signImage(url)).toThrow(expect.objectContaining({ code: 'KEY_UNAVAILABLE' }));
    }
  });

  test('what a function gives that is no secret is not shown', async () => {
    for (const wrong of [undefined, null, 5, '', ' spaced-secret ', [], [newer, ''], { value: 7 }, {}]) {
      const scheme = make(() => wrong);
      await definitionOf(scheme)!.secrets!.lifetime!.refresh(start);
      const { failure } = definitionOf(scheme)!.secrets!.lifetime!;
      expect(failure).toMatchObject({ code: 'INVALID_OPTION' });
      expect(String(failure)).toContain('returned it.');
      expect(String(failure)).not.toContain('spaced-secret');
    }
    for (const wrong of [[], [newer, undefined]]) expect(() => make(wrong)).toThrow('expected');
  });

  test('no secret shows in an inspection', async () => {
    for (const secret of [[newer, older], () => newer]) {
      const scheme = make(secret);
      definitionOf(scheme)!.secrets!.lifetime?.refresh(start);
      const shown = inspect(definitionOf(scheme), { depth: 20, showHidden: true });
      for (const each of [newer, older]) {
        const {
          secretAccessKey,
          clientSigningToken,
          private_key: pem = each,
        } = each as Record<string, string>;
        expect(shown).not.toContain(secretAccessKey ?? clientSigningToken ?? pem);
      }
    }
  });
});

describe('a secret that ends, in a list', () => {
  const [leaked, current] = ['a-secret-that-has-leaked', 'the-secret-of-today'];
  const url = '/private/photos/a.jpg';
  const make = (key: SecretOption<string>): Scheme => nginxSecureLink({ url: '/private', key, prefixes });
  const lasting = callsOf(make(leaked)).sign(url, { exp: start + 100_000_000, ttl: 0, step: 0 });
  const ended = new Date((start + 50) * 1_000);

  test('verifies nothing after its end, whatever a token says', () => {
    for (const secret of [
      [current, { value: leaked, expiration: ended }],
      () => [current, { value: leaked, expiration: ended }],
    ]) {
      const scheme = make(secret);
      const { verify, secrets } = definitionOf(scheme)!;
      secrets!.lifetime?.refresh(start);
      expect(verify!(lasting, start)).toEqual({ ok: true, expiresAt: start + 50, keyIndex: 1 });
      expect(verify!(lasting, start + 50)).toEqual({ ok: false, reason: 'expired' });
    }
  });

  test('leaves the next one to sign, with a generation of its own', () => {
    const scheme = make([{ value: leaked, expiration: ended }, current]);
    const { lifetime } = definitionOf(scheme)!.secrets!;
    lifetime!.refresh(start);
    const { generation } = lifetime!;
    expect(callsOf(scheme).sign(url, terms)).toBe(callsOf(make(leaked)).sign(url, terms));
    expect(lifetime!.refresh(start + 50)).toBeUndefined();
    expect(callsOf(scheme).sign(url, terms)).toBe(callsOf(make(current)).sign(url, terms));
    expect(lifetime!.generation).toBe(generation + 1);
    expect(lifetime!.endsAt).toBe(Number.POSITIVE_INFINITY);
  });

  test('and none is left', () => {
    const scheme = make({ value: leaked, expiration: ended });
    definitionOf(scheme)!.secrets!.lifetime!.refresh(start + 50);
    expect(() => callsOf(scheme).sign(url, terms)).toThrow(
      expect.objectContaining({ code: 'KEY_UNAVAILABLE' }),
    );
  });
});

describe('a secret of an app’s own kind', () => {
  const make = (secret: unknown): Scheme =>
    defineScheme({
      name: 'my-cdn',
      url: site,
      prefixes,
      token: ['expires', 'token'],
      secret: secret as object,
      sign: (_, { exp }) => `expires=${exp}&token=sixteen-digits-xx`,
    });
  const kinds: readonly (readonly [string, (text: string) => unknown])[] = [
    ['bytes', (text) => Buffer.from(text)],
    ['a KeyObject', (text) => createSecretKey(text, 'utf8')],
    ['an object with bytes', (text) => ({ id: 7, key: Buffer.from(text), since: new Date(5), old: null })],
    ['an object with a list', (text) => ({ keys: [text, true], none: undefined })],
    ['a public key', (text) => createPublicKey(privateKeyOf(text === 'one' ? 1024 : 2048))],
    ['a private key', (text) => ({ key: createPrivateKey(privateKeyOf(text === 'one' ? 1024 : 2048)) })],
  ];

  test('two keys of a size are not one', () => expect(privateKeyOf(1024)).not.toBe(privateKeyOf(1024)));

  test.each(kinds.slice(0, 4))('%s: equal ones are the same after a restart, others are not', (_, of) => {
    expect(fingerprintOf(make(of('one')))).toBe(fingerprintOf(make(of('one'))));
    expect(fingerprintOf(make(of('one')))).not.toBe(fingerprintOf(make(of('other'))));
  });

  test.each(kinds.slice(4))('%s is a secret', (_, of) => {
    expect(() => make(of('one'))).not.toThrow();
  });

  test('what no text tells from another is none', () => {
    class Own {
      readonly key = 'a-key-of-a-class';
    }
    const own: Record<string, unknown> = { key: 'a-key' };
    own['self'] = own;
    for (const wrong of [
      own,
      new Own(),
      { key: new Own() },
      { key: () => 'a' },
      new Map(),
      { key: Symbol('a') },
    ])
      expect(() => make(wrong)).toThrow('a secret of texts, numbers, bytes and KeyObjects');
  });

  test('an inspection that reads accessors shows none', () => {
    const shown = inspect(definitionOf(make({ key: 'a-key-that-nobody-else-has' })), {
      depth: 20,
      showHidden: true,
      getters: true,
    });
    expect(shown).not.toContain('a-key-that-nobody-else-has');
  });
});

test('a key with a name of its own is signed with that', () => {
  const key = 'AAAAAAAAAAAAAAAAAAAAAA==';
  const scheme = googleCdn({
    url: site,
    keyId: 'old',
    key: [{ value: key, keyId: 'new' }, key],
    prefixes,
  });
  const signed = callsOf(scheme).sign(`${site}/photos/a.jpg`, terms);
  expect(signed).toContain('KeyName=new');
  const earlier = callsOf(googleCdn({ url: site, keyId: 'old', key, prefixes })).sign(
    `${site}/photos/a.jpg`,
    terms,
  );
  expect(definitionOf(scheme)!.verify!(earlier, start)).toMatchObject({ ok: true, keyIndex: 1 });
  expect(() => googleCdn({ url: site, keyId: 'old', key: { value: key, keyId: 'NO' }, prefixes })).toThrow(
    '`key.keyId`',
  );
  expect(() =>
    googleCdn({ url: site, keyId: 'old', key: { value: key, name: 'new' } as never, prefixes }),
  ).toThrow('It has value, expiration, keyId.');
});

test('what a page was signed with before is signed anew after the secret has changed', () => {
  let key = 'the-older-secret-of-all';
  let now = start;
  const scheme = imgix({ url: site, key: () => key, prefixes });
  const signer = createSigner({ scheme, ttl: '1h', now: () => now * 1_000 });
  const page = `<img src="${site}/photos/a.jpg">`;
  const before = signer.rewriteHtml(page);
  key = 'the-newer-secret-of-all';
  now += 300;
  signer.rewriteHtml(page); // asks for it
  const fresh = createSigner({
    scheme: imgix({ url: site, key, prefixes }),
    ttl: '1h',
    now: () => now * 1_000,
  });
  expect(signer.rewriteHtml(page)).toBe(fresh.rewriteHtml(page));
  expect(signer.rewriteHtml(page)).not.toBe(before);
});
