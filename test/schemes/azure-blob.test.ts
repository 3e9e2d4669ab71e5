/** `azureBlob` against `@azure/storage-blob`, and against Azurite, which verifies what it signs. */
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explainUrl } from '../../src/diagnosis.ts';
import { createSigner, type Signer, type SignerOptions } from '../../src/index.ts';
import { type AzureBlobOptions, azureBlob } from '../../src/schemes.ts';
import { checkScheme } from '../../src/testing.ts';
import { type Azurite, azuriteDelegation, startAzurite } from '../support/azurite.ts';
import { callsOf, termsFrom } from '../support/definition-calls.ts';
import { encodeName } from '../support/name-judges.ts';
import { type AzureSite, azureSite, signAzureBlob } from '../support/oracles/azure-blob.ts';
import { randomFrom } from '../support/random.ts';
import { mayHaveUrl, namesOfEachCharacter, randomName } from '../support/random-names.ts';
import { pick } from '../support/random-objects.ts';
import { shareOf } from '../support/run-length.ts';
import { errorOf } from '../support/scheme-calls.ts';
import { atLength, seed } from '../support/seed.ts';

const exp = 1_790_003_600;
const scheme = callsOf(azureBlob(azureSite));
const base = `${azureSite.url}/${azureSite.container}`;
const image = `${base}/uploads/a.jpg`;
const signed = scheme.sign(image, termsFrom(exp - 3_600, 3_600));

describe('the SDK makes the same URLs', () => {
  const sites: readonly AzureSite[] = [
    azureSite,
    { ...azureSite, url: 'http://127.0.0.1:10000/devstoreaccount1', account: 'devstoreaccount1' },
    { ...azureSite, url: 'https://images.shop.example', container: 'a-b-c' },
  ];

  test('for random names, keys and times', () => {
    const random = randomFrom(seed);
    for (let left = atLength(2_500); left > 0; ) {
      const bytes = Uint8Array.from({ length: 64 }, () => Math.floor(random() * 256));
      const site = { ...pick(random, sites), key: Buffer.from(bytes).toString('base64') };
      const name = randomName(random);
      if (!mayHaveUrl(name)) continue;
      const issuedAt = 1_000_000_000 + Math.floor(random() * 3_000_000_000);
      const end = issuedAt + 1 + Math.floor(random() * 31_622_400);
      const wanted = signAzureBlob({ name, exp: end, issuedAt }, site);
      const { sign, verdict, strip } = callsOf(azureBlob(site));
      const ours = sign(
        `${site.url}/${site.container}/${encodeName(name)}`,
        termsFrom(issuedAt, end - issuedAt),
      );
      expect(ours, `seed ${seed}`).toBe(wanted);
      expect([verdict(ours, end - 1), verdict(ours, end)]).toEqual(['ok', 'expired']);
      expect(strip(ours)).toBe(wanted.slice(0, wanted.indexOf('?')));
      left--;
    }
  }, 400_000);

  test('for names of every character, in whatever spelling the page has them', () => {
    for (const name of namesOfEachCharacter.filter(mayHaveUrl)) {
      const wanted = signAzureBlob({ name, exp, issuedAt: exp - 60 });
      const spellings = [
        encodeName(name),
        Buffer.from(name).toString('hex').replace(/../g, '%$&').replaceAll('%2f', '/'),
      ];
      for (const path of spellings)
        expect(scheme.sign(`${base}/${path}`, termsFrom(exp - 60, 60)), path).toBe(wanted);
    }
  });

  test('by a user delegation key', () => {
    const start = exp - 3_600;
    const delegation = azuriteDelegation(start - 60, start + 86_400);
    const { sign, verdict } = callsOf(azureBlob({ ...withoutKey(azureSite), delegation }));
    for (const name of namesOfEachCharacter.filter(mayHaveUrl)) {
      const ours = sign(`${base}/${encodeName(name)}`, termsFrom(start, 3_600));
      expect(ours).toBe(signAzureBlob({ name, exp, issuedAt: start }, azureSite, delegation));
      expect(verdict(ours, start)).toBe('ok');
    }
  });
});

function withoutKey({ url, account, container }: AzureSite): Omit<AzureSite, 'key'> {
  return { url, account, container };
}

describe('a token', () => {
  test('is of this blob, this container, this account and this time alone', () => {
    expect(scheme.verdict(signed, exp - 1)).toBe('ok');
    for (const [from, to] of [
      ['a.jpg', 'b.jpg'],
      ['/photos/', '/photoss/'],
      ['2026', '2027'],
      ['sp=r', 'sp=rw'],
      ['&spr=https', ''],
      ['sv=2020-12-06', 'sv=2022-11-02'],
      ['sr=b', 'sr=c'],
    ] as const) {
      const verdict = from === '/photos/' ? undefined : scheme.verdict(signed.replace(from, to), 0);
      expect(verdict, from).not.toBe('ok');
    }
    const others = [{ container: 'photos2' }, { account: 'shopimages2', url: 'https://cdn.example' }];
    for (const change of others) {
      const other = callsOf(azureBlob({ ...azureSite, ...change }));
      const url = `${change.url ?? azureSite.url}/${change.container ?? azureSite.container}/uploads/a.jpg`;
      expect(other.sign(url, termsFrom(exp - 3_600, 3_600)).slice(-40)).not.toBe(signed.slice(-40));
    }
  });

  test.each([
    ['', 'missing-signature'],
    ['?v=3', 'missing-signature'],
    ['?sig=a', 'malformed-signature'],
    ['?se=2026-09-21T15:13:20Z&sig=a', 'malformed-signature'],
    ['?se=2026-09-21&sig=a', 'malformed-signature'],
    ['?se=2026-13-41T15%3A13%3A20Z&sig=a', 'malformed-signature'],
    ['?se=2026-09-21T15%3A13%3A20Z&se=2026-09-21T15%3A13%3A20Z&sig=a', 'malformed-signature'],
    ['?se=2026-09-21T15%3A13%3A20Z&sig=a', 'bad-signature'],
    ['?se=2026-02-31T15%3A13%3A20Z&sig=a', 'bad-signature'],
  ])('%s does not verify: %s', (query, reason) => {
    expect(scheme.verdict(image + query, 0)).toBe(reason);
  });

  test('of any kind and version is taken off, without case', () => {
    const tokens = [
      'sv=2015-04-05&sr=c&si=policy&sig=a%2Fb%3D',
      'sv=2022-11-02&ss=b&srt=o&sp=r&se=2026-01-01T00:00:00Z&st=2025-01-01&spr=https&sip=1.2.3.4&sig=x',
      'skoid=a&sktid=b&skt=c&ske=d&sks=b&skv=e&saoid=f&suoid=g&scid=h&sdd=1&sr=d&sig=x',
      'rscc=a&rscd=attachment&rsce=b&rscl=c&rsct=text/html&ses=scope',
      'SIG=x&Se=2030-01-01&sduoid=a&skdutid=b&srh=a&srq=b',
      's%69g=x',
    ];
    for (const token of tokens) {
      expect(scheme.strip(`${image}?${token}`)).toBe(image);
      expect(scheme.strip(`${image}?v=2&${token}&w=3`)).toBe(`${image}?v=2&w=3`);
    }
    for (const other of ['s=1', 'sigs=1', 'versionid=1', 'signature=1', 'expires=1'])
      expect(scheme.strip(`${image}?${other}`)).toBe(`${image}?${other}`);
  });

  test('comes behind what the URL asks for, which is not signed', () => {
    const versioned = scheme.sign(`${image}?v=2`, termsFrom(exp - 3_600, 3_600));
    expect(versioned).toBe(signed.replace('?', '?v=2&'));
    expect(scheme.verdict(versioned, 0)).toBe('ok');
  });
});

test('of two account keys the first signs, and both verify', () => {
  const [one, two] = ['one', 'two'].map((text) => Buffer.from(text.repeat(22)).toString('base64'));
  const [before, both, after] = [one!, [two!, one!], two!].map((key) =>
    callsOf(azureBlob({ ...azureSite, key })),
  );
  const terms = termsFrom(exp - 60, 60);
  expect(both!.sign(image, terms)).toBe(after!.sign(image, terms));
  expect(both!.verdict(before!.sign(image, terms), 0)).toBe('ok');
  expect(after!.verdict(before!.sign(image, terms), 0)).toBe('bad-signature');
});

test.each(['sigQ==', 'sigA==', '/sig'])('a key that ends like the name of a parameter is one: %s', (end) => {
  expect(() => azureBlob({ ...azureSite, key: `${'A'.repeat(88 - end.length)}${end}` })).not.toThrow();
});

describe('a delegation', () => {
  const start = 1_790_000_000;
  const given = (endsAt: number) => azuriteDelegation(start - 60, endsAt);

  function fetching(delegation: () => unknown) {
    const options = { ...withoutKey(azureSite), delegation } as AzureBlobOptions;
    const { definition, ...calls } = callsOf(azureBlob(options));
    return { ...calls, lifetime: definition.secrets!.lifetime! };
  }

  test('is awaited, and nothing outlives it', async () => {
    const { sign, verdict, lifetime } = fetching(async () => given(start + 1_000));
    expect(() => sign(image, termsFrom(start, 60))).toThrow(
      expect.objectContaining({ code: 'KEY_UNAVAILABLE' }),
    );
    await lifetime.refresh(start);
    expect(lifetime.endsAt).toBe(start + 1_000);
    const url = sign(image, termsFrom(start, 3_600));
    expect(new URL(url).searchParams.get('se')).toBe(new URL(url).searchParams.get('ske'));
    expect([verdict(url, start + 999), verdict(url, start + 1_000)]).toEqual(['ok', 'expired']);
  });

  test('that has ended is none', () => {
    const { sign, lifetime } = fetching(() => given(start - 1));
    lifetime.refresh(start);
    expect(String(lifetime.failure)).toContain('in the past');
    expect(() => sign(image, termsFrom(start, 60))).toThrow(
      expect.objectContaining({ code: 'KEY_UNAVAILABLE' }),
    );
  });

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'expected a user delegation key, got undefined'],
    ['its value alone', 'c2VjcmV0LW9mLW5vYm9keQ==', 'expected a user delegation key, got text of 24'],
    ['no end', { ...given(1), signedExpiresOn: undefined }, 'expected a valid Date as signedExpiresOn'],
    ['an end as text', { ...given(1), signedExpiresOn: '2026-01-01' }, 'expected a valid Date'],
    ['a key of another service', { ...given(1), signedService: 'q' }, "expected 'b' as signedService"],
    ['an id with a line feed', { ...given(1), signedObjectId: 'a\nb' }, 'letters, digits and -'],
    ['a value that is no base64', { ...given(1), value: 'secret-of-nobody!' }, 'a key in base64'],
  ])('of %s is a failure that says what is wrong, and shows no secret', (_what, value, message) => {
    const { lifetime } = fetching(() => value);
    lifetime.refresh(start);
    expect(lifetime.failure).toMatchObject({ code: 'INVALID_OPTION' });
    expect(String(lifetime.failure)).toContain(message);
    expect(inspect(lifetime.failure)).not.toContain('of-nobody');
  });
});

describe('wrong options', () => {
  const { key } = azureSite;
  const connection = `DefaultEndpointsProtocol=https;AccountName=shopimages;AccountKey=${key};EndpointSuffix=core.windows.net`;
  const host = 'https://shopimages.blob.core.windows.net';

  test.each<[string, object, string, string]>([
    ['a container in the path as well', { url: `${host}/photos` }, 'url', 'without the container'],
    ['another container in the path', { url: `${host}/others` }, 'url', 'the endpoint alone'],
    [
      'a container in the path of Azurite',
      { url: 'http://localhost:10000/a/photos' },
      'url',
      'without the container',
    ],
    ['a static website', { url: 'https://shopimages.z6.web.core.windows.net' }, 'url', 'the Blob endpoint'],
    ['a data lake', { url: 'https://shopimages.dfs.core.windows.net' }, 'url', 'the Blob endpoint'],
    [
      'another account',
      { account: 'shopimage' },
      'account',
      "expected 'shopimages', as in the url, got 'shopimage'",
    ],
    ['no account', { account: undefined }, 'account', 'got undefined'],
    ['an account in capitals', { account: 'ShopImages' }, 'account', '3 to 24 small letters'],
    ['no container', { container: undefined }, 'container', 'got undefined'],
    ['a container with a slash', { container: 'photos/' }, 'container', '3 to 63 small letters'],
    ['no key', { key: undefined }, 'key', 'is the variable set?'],
    ['an empty key', { key: '' }, 'key', 'is the variable set?'],
    ['a key that is no base64', { key: 'a-secret-of-nobody' }, 'key', 'an account key in base64'],
    ['a key without its end', { key: key.slice(0, -2) }, 'key', 'an account key in base64'],
    ['a key as base64url', { key: '-_-_' }, 'key', 'an account key in base64'],
    ['a connection string', { key: connection }, 'key', 'not a connection string'],
    ['a SAS', { key: 'sv=2022-11-02&sr=b&sig=abc' }, 'key', 'not a shared access signature'],
    ['a key with a line end', { key: `${key}\n` }, 'key', 'trim it'],
    ['both kinds of keys', { delegation: () => ({}) }, 'delegation', 'got both'],
    ['a parameter of a SAS', { parameters: ['v', 'RSCT'] }, 'parameters.1', "got 'RSCT'"],
    ['another name', { accountKey: key }, 'accountKey', 'is not an option of azureBlob'],
  ])('%s', (_what, change, option, message) => {
    const error = errorOf(() => azureBlob({ ...azureSite, ...change } as AzureBlobOptions));
    expect(error).toMatchObject({ code: 'INVALID_OPTION', option });
    expect(error.message).toContain(message);
    expect(error.message).not.toContain(key.slice(0, 20));
  });

  test('the second endpoint of an account, a domain of its own and a path of the site are none', () => {
    for (const url of [
      'https://shopimages-secondary.blob.core.windows.net',
      'https://img.shop.example',
      '/media',
    ])
      expect(() => azureBlob({ ...azureSite, url })).not.toThrow();
    expect(
      callsOf(azureBlob({ ...azureSite, url: '/media' })).sign('/media/photos/a.jpg', termsFrom(1, 1)),
    ).toMatch(/^\/media\/photos\/a\.jpg\?sv=2020-12-06&se=/);
  });
});

test('no key shows', () => {
  const shown = inspect(definitionShown(), { depth: 20, showHidden: true });
  expect(shown).not.toContain(azureSite.key.slice(0, 20));
});

function definitionShown(): unknown {
  return callsOf(azureBlob(azureSite)).definition;
}

describe('explainUrl', () => {
  const now = (exp - 3_600) * 1000;
  const options = { ttl: '1h', stableFor: 0, report: false, now: () => now } as const;
  const signer = createSigner({ scheme: azureBlob({ ...azureSite, prefixes: 'uploads/' }), ...options });
  const accountSas = 'sv=2022-11-02&ss=b&srt=o&sp=r&se=2030-01-01T00%3A00%3A00Z&sig=a%2Fb%3D';

  test.each([
    ['a SAS of the account', `${image}?${accountSas}`, 'unknown-signature', 'signature of the account'],
    ['a presigned URL of S3', `${image}?X-Amz-Signature=ab`, 'missing-signature', 'AWS signature version 4'],
    [
      'the container at another host',
      'http://127.0.0.1:10000/dev/photos/uploads/a.jpg',
      'not-a-delivery-url',
      'no base',
    ],
    ['another container', image.replace('/photos/', '/others/'), 'not-a-delivery-url', 'no base'],
    ['a changed name', signed.replace('a.jpg', 'b.jpg'), 'unknown-signature', 'has not made its signature'],
    ['no token', image, 'missing-signature', 'no token'],
  ])('knows %s', (_what, url, code, message) => {
    const { ok, findings } = explainUrl(url, { signer });
    expect([ok, findings.map((each) => each.code)]).toEqual([false, [code]]);
    expect(findings[0]!.message).toContain(message);
  });

  test('knows an expired token, and one that is good', () => {
    expect(explainUrl(signed, { signer })).toMatchObject({ ok: true, image: { id: 'uploads/a.jpg' } });
    const late = createSigner({
      scheme: azureBlob(azureSite),
      ...options,
      now: () => exp * 1000,
      authorize: () => true,
    });
    expect(explainUrl(signed, { signer: late }).findings).toMatchObject([{ code: 'expired' }]);
  });
});

describe('Azurite', () => {
  let azurite: Azurite;
  let signer: Signer;
  const now = Math.floor(Date.now() / 1000);

  function signerOf(options: Partial<AzureBlobOptions>, clock: () => number = Date.now): Signer {
    const { url, account, container } = azurite;
    return createSigner({
      scheme: azureBlob({ url, account, container, ...options }),
      ttl: '1h',
      now: clock,
      report: false,
      authorize: () => true,
    } as unknown as SignerOptions);
  }

  beforeAll(async () => {
    azurite = await startAzurite();
    signer = signerOf({ key: azurite.key });
  });
  afterAll(() => azurite?.stop());

  test('delivers each name for our URL, and nothing for a plain one or for that of another name', async () => {
    const random = randomFrom(seed);
    const names = [
      ...shareOf(namesOfEachCharacter, 2, seed),
      ...Array.from({ length: atLength(100) }, () => randomName(random)),
    ].filter(mayHaveUrl);
    const other = new URL(signer.signImage('uploads/other.jpg')).search;
    for (const name of new Set(names)) {
      await azurite.put(`uploads/${name}`, 'image/png', name);
      const plain = `${azurite.url}/photos/uploads/${encodeName(name)}`;
      const ours = signer.signImage(plain);
      const answers = await Promise.all([ours, plain, plain + other].map((url) => azurite.answerOf(url)));
      expect(
        answers.map(({ status }) => status),
        name,
      ).toEqual([200, 403, 403]);
      // `fetch` takes a byte order mark off the beginning of a text.
      expect(answers[0]!.text).toBe(name.replace(/^\ufeff/, ''));
      if (!name.includes('://')) expect(signer.signImage(`uploads/${name}`)).toBe(ours);
    }
  }, 60_000);

  test('delivers by a user delegation key', async () => {
    const delegation = azuriteDelegation(now - 60, now + 7_200);
    await azurite.put('uploads/a b.jpg', 'image/png', 'a');
    const url = signerOf({ delegation }).signImage('uploads/a b.jpg');
    expect((await azurite.answerOf(url)).status).toBe(200);
    expect((await azurite.answerOf(url.replace('sktid=6', 'sktid=7'))).status).toBe(403);
  });

  test('refuses what has expired, and what was changed', async () => {
    await azurite.put('uploads/c.jpg', 'image/png', 'c');
    const old = signerOf({ key: azurite.key }, () => (now - 86_400) * 1000).signImage('uploads/c.jpg');
    const fresh = signer.signImage(`${azurite.url}/photos/uploads/c.jpg?v=2`);
    expect((await azurite.answerOf(fresh)).status).toBe(200);
    for (const url of [
      old,
      fresh.replace('sp=r', 'sp=rw'),
      `${fresh}&rsct=text/html`,
      fresh.replace(/se=2/, 'se=3'),
    ])
      expect((await azurite.answerOf(url)).status, url).toBe(403);
  });

  test('is asked by `checkScheme`, and agrees with every verdict', async () => {
    const { url, account, container, key } = azurite;
    const names = ['uploads/d.jpg', 'uploads/café #1 (2).jpg', "uploads/2026//it's 100%25.jpg"];
    for (const name of names) await azurite.put(name, 'image/png', name);
    const base = `${url}/${container}`;
    await checkScheme(azureBlob({ url, account, container, key, prefixes: 'uploads/' }), {
      urls: names.map((name) => `${base}/${encodeName(name)}`),
      foreign: [`${base}/invoices/1.jpg`, `${url}/others/uploads/d.jpg`],
      secrets: [key],
      oracle: async (image) => (await azurite.answerOf(image)).status === 200,
    });
  });
});
