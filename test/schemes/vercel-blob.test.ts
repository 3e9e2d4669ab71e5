/** `vercelBlob` against `@vercel/blob`: its URLs, and the delegations that it takes. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createSigner } from '../../src/index.ts';
import { type VercelDelegation, vercelBlob } from '../../src/schemes.ts';
import { callsOf, fingerprintOf, termsFrom } from '../support/definition-calls.ts';
import { signVercelBlob, vercelDelegation, vercelUrl } from '../support/oracles/vercel-blob.ts';
import { randomFrom } from '../support/random.ts';
import { pick, randomKey, randomParameters } from '../support/random-objects.ts';
import { atLength, seed } from '../support/seed.ts';

const start = 1_790_000_000;
const end = start + 604_800;
const delegation = vercelDelegation(end);
const scheme = callsOf(vercelBlob({ url: vercelUrl, delegation }));
const encode = (name: string): string => name.split('/').map(encodeURIComponent).join('/');

/** The library writes names with `#`, `?` and `%` into a URL as they are: of such a URL its parameters alone count. */
async function expectSigned(url: string, name: string, exp: number): Promise<void> {
  const wanted = new URL(await signVercelBlob({ name, exp, issuedAt: start }, delegation));
  const signed = new URL(scheme.sign(url, termsFrom(start, exp - start)));
  const own = [...signed.searchParams].filter(([key]) => key.startsWith('vercel-blob-'));
  const theirs = [...wanted.searchParams].filter(([key]) => key.startsWith('vercel-blob-'));
  const is = [signed.host, decodeURIComponent(signed.pathname), own, scheme.id(signed.href)];
  expect(is, `seed ${seed}`).toEqual([new URL(vercelUrl).host, `/${name}`, theirs, name]);
}

test('random blobs are signed as @vercel/blob signs them, and verify until they expire', async () => {
  const random = randomFrom(seed);
  for (let left = atLength(2_500); left > 0; left--) {
    const name = randomKey(random);
    const url = new URL(`${vercelUrl}/${encode(name)}`);
    for (const [key, value] of randomParameters(random)) url.searchParams.append(key, value);
    const exp = pick(random, [end, end - 1, start + 1 + Math.floor(random() * 604_000)]);
    await expectSigned(url.href, name, exp);
    const signed = scheme.sign(url.href, termsFrom(start, exp - start));
    const verdicts = [exp - 1, exp].map((now) => scheme.verdict(signed, now));
    expect(verdicts, signed).toEqual(['ok', 'expired']);
  }
}, 60_000);

test('every printable character of a name is signed as by @vercel/blob', async () => {
  for (let code = 0x20; code < 0x7f; code++) {
    const name = `uploads/a${String.fromCharCode(code)}b.jpg`;
    await expectSigned(`${vercelUrl}/${encode(name)}`, name, start + 60);
  }
});

test('a name has one spelling, however it was written', () => {
  const spellings = ['a%28b%29%2Cc.jpg', 'a(b),c.jpg', '%61(b)%2cc.jpg'].map(
    (name) => `${vercelUrl}/${name}`,
  );
  const signed = spellings.map((url) => scheme.sign(url, termsFrom(start, 60)));
  expect(new Set(signed).size).toBe(1);
  expect(signed[0]).toContain('/a%28b%29%2Cc.jpg?');
});

test('a folder of the option url is a part of the pathname', async () => {
  const { sign } = callsOf(vercelBlob({ url: `${vercelUrl}/uploads`, delegation }));
  const wanted = await signVercelBlob(
    { name: 'uploads/a.jpg', exp: start + 60, issuedAt: start },
    delegation,
  );
  expect(sign(`${vercelUrl}/uploads/a.jpg`, termsFrom(start, 60))).toBe(wanted);
});

describe('the delegation', () => {
  const make = (given: unknown) => (): unknown =>
    vercelBlob({ url: vercelUrl, delegation: given as VercelDelegation });
  const scoped = (scope: object): VercelDelegation => {
    const { delegationToken, ...rest } = delegation;
    const [head = '', tail] = delegationToken.split('.');
    const read = JSON.parse(Buffer.from(head, 'base64url').toString()) as object;
    const text = Buffer.from(JSON.stringify({ ...read, ...scope })).toString('base64url');
    return { ...rest, delegationToken: `${text}.${tail}` };
  };

  test.each<[string, unknown, string]>([
    ['none', undefined, 'expected { delegationToken, clientSigningToken, validUntil }'],
    ['its token alone', delegation.delegationToken, 'expected { delegationToken'],
    ['one without a key', { ...delegation, clientSigningToken: '' }, 'the key of a delegation'],
    ['one with another text for a token', { ...delegation, delegationToken: 'a b' }, 'a delegation token'],
    ['one whose token is no JSON', { ...delegation, delegationToken: 'YWJj.YWJj' }, 'says its scope'],
    ['an end in seconds', { ...delegation, validUntil: end }, 'Unix milliseconds'],
    ['an end as a Date', { ...delegation, validUntil: new Date(end * 1_000) }, 'Unix milliseconds'],
    ['the end of another', { ...delegation, validUntil: (end + 1) * 1_000 }, 'of one call'],
    ['one for uploads', scoped({ operations: ['put', 'head'] }), "allows 'get'"],
    ['one that says no operations', scoped({ operations: undefined }), "allows 'get'"],
    ['one for a single blob', vercelDelegation(end, 'uploads/a.jpg'), 'for all pathnames'],
    ['an empty list', [], 'at least one secret'],
  ])('%s is refused', (_name, given, message) => {
    expect(make(given)).toThrow(message);
    expect(make(given)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    expect(make(given)).not.toThrow(delegation.clientSigningToken);
    expect(make(given)).not.toThrow(delegation.delegationToken);
  });

  test('without a pathname in its scope is for all of them', () => {
    expect(make(scoped({ pathname: undefined }))).not.toThrow();
  });

  test('ends, and no URL outlives it', () => {
    const signer = createSigner({
      scheme: vercelBlob({ url: vercelUrl, delegation, prefixes: 'uploads/' }),
      ttl: '2d',
      now: () => (end - 60) * 1_000,
    });
    const signed = signer.signImage('uploads/a.jpg');
    expect(signed).not.toContain('valid-until');
    expect(signer.verifyImage(signed)).toMatchObject({ ok: true, expiresAt: end });
  });

  test('that ends within a second counts the whole seconds', () => {
    const odd = scoped({ validUntil: end * 1_000 + 999 });
    const { sign, verdict } = callsOf(
      vercelBlob({ url: vercelUrl, delegation: { ...odd, validUntil: end * 1_000 + 999 } }),
    );
    const signed = sign(`${vercelUrl}/a.jpg`, termsFrom(start, end - start));
    expect(signed).toContain(`valid-until=${end}000`);
    expect([verdict(signed, end - 1), verdict(signed, end)]).toEqual(['ok', 'expired']);
  });

  test('of another store, or one that is not known, verifies nothing', () => {
    const other = callsOf(vercelBlob({ url: vercelUrl, delegation: vercelDelegation(end + 1) }));
    const signed = scheme.sign(`${vercelUrl}/a.jpg`, termsFrom(start, end - start));
    expect(other.verdict(signed, start)).toMatch(/^(?:mal|bad)/);
    const both = callsOf(vercelBlob({ url: vercelUrl, delegation: [vercelDelegation(end + 1), delegation] }));
    expect(both.verdict(signed, start)).toBe('ok');
  });

  test('of a longer list may sign for a longer time: a URL says the end that it was signed with', () => {
    const signed = scheme.sign(`${vercelUrl}/a.jpg`, termsFrom(start, 60));
    for (const changed of [
      signed.replace(/vercel-blob-valid-until=\d+&/, ''),
      signed.replace(`${start + 60}000`, `${start + 61}000`),
      signed.replace(`${start + 60}000`, `${start + 60}001`),
      signed.replace(`${start + 60}000`, `0${start + 60}000`),
      signed.replace('a.jpg', 'b.jpg'),
      `${signed}&vercel-blob-valid-until=${end}000`,
      signed.slice(0, -1),
    ])
      expect(scheme.verdict(changed, start), changed).toMatch(/^(?:mal|bad)/);
  });
});

test('what uploads and older tokens have left comes off', () => {
  const signed = scheme.sign(`${vercelUrl}/a.jpg?v=1`, termsFrom(start, 60));
  expect(scheme.strip(`${signed}&vercel-blob-allowed-content-types=a&b=1`)).toBe(
    `${vercelUrl}/a.jpg?v=1&b=1`,
  );
});

test('a comment asks for no download', () => {
  const signer = createSigner({
    scheme: vercelBlob({ url: vercelUrl, delegation, prefixes: 'uploads/' }),
    ttl: '1h',
    now: () => start * 1_000,
  });
  const page = signer.rewriteHtml(`<img src="${vercelUrl}/uploads/a.jpg?download=1&amp;cache=0&amp;v=3">`);
  expect(page).toContain('/uploads/a.jpg?v=3&amp;vercel-blob-');
});

test('the fingerprint differs where tokens do, and nothing shows the key', () => {
  const schemes = [
    vercelBlob({ url: vercelUrl, delegation }),
    vercelBlob({ url: vercelUrl, delegation: vercelDelegation(end + 1) }),
    vercelBlob({ url: vercelUrl, delegation: { ...delegation, clientSigningToken: 'another-key' } }),
    vercelBlob({ url: vercelUrl, delegation, prefixes: 'a/' }),
    vercelBlob({ url: vercelUrl, delegation, parameters: 'v' }),
  ];
  expect(new Set(schemes.map(fingerprintOf)).size).toBe(schemes.length);
  const shown = schemes.map((each) => inspect(each, { depth: 20, showHidden: true }) + fingerprintOf(each));
  expect(shown.join()).not.toContain(delegation.clientSigningToken);
});
