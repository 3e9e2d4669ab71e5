/**
 * What a row cannot say of a store: two URLs side by side, a clock that goes on, a policy for a folder. Longer than most
 * files: each store has a part of its own.
 */
import { createHmac, createSign } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { explainUrl } from '../../src/diagnosis.ts';
import { createSigner, type ImageSignerEvent, type Signer, type SignerOptions } from '../../src/index.ts';
import type { Scheme } from '../../src/schemes/definition.ts';
import { Secret } from '../../src/signing/digests.ts';
import { RsaKey } from '../../src/signing/rsa.ts';
import { encodeName } from '../support/generators/names.ts';
import { callsOf, errorOf, termsFrom } from '../support/schemes/calls.ts';
import { makeScheme, type Options, type SchemeName, tableScheme } from '../support/schemes/table.ts';
import google from '../vectors/gcs.json' with { type: 'json' };
import keys from '../vectors/keys.json' with { type: 'json' };

const start = 1_790_000_000;
const hour = termsFrom(start, 3_600);

function signerOf(scheme: Scheme, more: object = {}): Signer {
  return createSigner({ scheme, ttl: '1h', now: () => start * 1_000, ...more } as unknown as SignerOptions);
}

const tableCalls = (name: SchemeName, change: Options = {}) => callsOf(tableScheme(name, change));

describe('s3', () => {
  const url = 'https://photos.s3.eu-central-1.amazonaws.com/a.jpg';
  const midnight = Date.UTC(2013, 4, 24) / 1000;
  const { sign, verdict } = tableCalls('s3');
  const session = (name: string, endsAt: number) => ({
    ...{ accessKeyId: name, secretAccessKey: `secret-of-${name}`, sessionToken: 'a+b/c==' },
    expiration: new Date(endsAt * 1000),
  });
  const periodOf = (signed: string): readonly (string | null)[] =>
    ['X-Amz-Date', 'X-Amz-Expires'].map((name) => new URL(signed).searchParams.get(name));

  test('the period of a URL begins ttl and step before its expiry, and is as long as both', () => {
    const signed = sign(url, { exp: midnight + 4_500, ttl: 3_600, step: 900 });
    expect(periodOf(signed)).toEqual(['20130524T000000Z', '4500']);
  });

  test('a URL is signed with the key of its own UTC day, on both sides of midnight and back again', () => {
    for (const second of [-1, 0, -1]) {
      const signed = sign(url, termsFrom(midnight + second, 60));
      const day = second < 0 ? '20130523' : '20130524';
      expect(signed).toMatch(new RegExp(`%2F${day}%2Feu-central-1%2F.*&X-Amz-Date=${day}T`));
      expect(verdict(signed, midnight + 10)).toBe('ok');
    }
  });

  test('a URL ends with its session, and begins when it began', () => {
    const given = tableCalls('s3', { credentials: session('one', midnight + 100.999) });
    const signed = given.sign(url, { exp: midnight + 3_600, ttl: 3_000, step: 600 });
    expect(periodOf(signed)).toEqual(['20130524T000000Z', '100']);
    expect(signed).toContain('&X-Amz-Security-Token=a%2Bb%2Fc%3D%3D&X-Amz-SignedHeaders=host&');
    expect(given.definition.secrets!.lifetime!.endsAt).toBe(midnight + 100);
    expect([99, 100].map((at) => given.verdict(signed, midnight + at))).toEqual(['ok', 'expired']);
    expect(periodOf(given.sign(url, termsFrom(midnight + 200, 60)))[1]).toBe('0');
  });

  test('a session is kept for half of its life, though the function would give another one', () => {
    let calls = 0;
    const credentials = () => session(`s${++calls}`, start + 3_600 * calls);
    const given = tableCalls('s3', { credentials });
    const { lifetime } = given.definition.secrets!;
    const nameAt = (passed: number): string | undefined => {
      lifetime!.refresh(start + passed);
      return /X-Amz-Credential=([^%]*)/.exec(given.sign(url, termsFrom(start + passed, 60)))?.[1];
    };
    expect([0, 299, 301, 1_799].map(nameAt)).toEqual(['s1', 's1', 's1', 's1']);
    const { generation } = lifetime!;
    expect(nameAt(1_801)).toBe('s2');
    expect(lifetime!.generation).not.toBe(generation);
    expect(lifetime!.endsAt).toBe(start + 7_200);
    expect(nameAt(3_600)).toBe('s2');
  });

  test('the key of an object is decoded, without the bucket in the path', () => {
    const { id } = tableCalls('s3', { url: 'http://localhost:9000/photos', region: 'eu-1' });
    expect(id('http://localhost:9000/photos/a/%C3%A9%20b.jpg?v=3')).toBe('a/é b.jpg');
  });
});

describe('gcs', () => {
  /** What begins like a parameter of a token is taken off before a URL is signed. */
  const readable = google.vectors.filter(
    ({ queryParameters }) => !Object.keys(queryParameters ?? {}).some((name) => /^x-goog-/i.test(name)),
  );
  /** Google takes them in any order; its library has its signature last. */
  const partsOf = (url: string): readonly string[] => url.split(/[?&]/).sort();

  test.each(readable)("Google's conformance vector $name", (vector) => {
    const { object, timestamp, expiration, queryParameters = {}, expectedUrl } = vector;
    const name = encodeName(object);
    const url = expectedUrl.split('?', 1)[0]!.slice(0, -name.length - 1);
    const credentials = { client_email: google.clientEmail, private_key: google.privateKey };
    const { sign, verdict } = callsOf(makeScheme('gcs', { url, credentials }));
    const query = Object.entries<string>(queryParameters).map((pair) =>
      pair.map(encodeURIComponent).join('='),
    );
    const from = Date.parse(timestamp) / 1000;
    const ours = sign([`${url}/${name}`, ...query].join('?'), termsFrom(from, expiration));
    expect(partsOf(ours)).toEqual(partsOf(expectedUrl));
    expect([verdict(ours, from), verdict(ours, from + expiration)]).toEqual(['ok', 'expired']);
  });

  test("a stranger's token is verified by the public key, and costs no signature", () => {
    const { sign, verdict } = tableCalls('gcs');
    const signed = sign('https://storage.googleapis.com/shop-photos/a.jpg', hour);
    const spy = vi.spyOn(RsaKey.prototype, 'sign');
    try {
      expect(verdict(signed, start)).toBe('ok');
      expect(verdict(signed.replace('a.jpg', 'b.jpg'), start)).toBe('bad-signature');
      expect(spy).not.toHaveBeenCalled();
    } finally {
      spy.mockRestore();
    }
  });

  test('no token lives for longer than seven days', () => {
    const make = (): Signer => signerOf(tableScheme('gcs', { prefixes: 'a/' }), { ttl: '8d' });
    expect(errorOf(make).message).toContain('604800 seconds');
  });
});

describe('cloudFront', () => {
  const base = 'https://d111111abcdef8.cloudfront.net';
  const [url, policy] = [`${base}/photos/cat.jpg`, `${base}/photos/*`];
  const calls = tableCalls('cloudFront');
  const scheme = tableCalls('cloudFront', { policy });
  const bad = { ok: false, reason: 'bad-signature' };

  test('a policy limits what is signed, and says that it opens more than one image', () => {
    const opensMore = `a signature of '${policy}' opens every image under it`;
    expect(scheme.definition).toMatchObject({ isLimited: true, opensMore });
    expect(scheme.match(`${base}/photos/1?x*`)).toEqual({ id: 'photos/1' });
    for (const other of ['/photos-of-others/1', '/private/1', '/Photos/1'])
      expect(scheme.match(base + other), other).toBeUndefined();
    expect(scheme.match(url.replace('https', 'http'))).toBeUndefined();
  });

  test('a policy serves root-relative URLs too', () => {
    const relative = tableCalls('cloudFront', { url: '/photos', policy });
    const signed = relative.sign('/photos/cat.jpg', 9);
    expect(signed).toBe(scheme.sign(url, 9).slice(base.length));
    expect(relative.verify(signed, 8)).toEqual({ ok: true, expiresAt: 9 });
    expect(relative.match('/photos/cat.jpg')).toEqual({ id: 'cat.jpg' });
  });

  test('a token of another policy, folder, key or expiry does not verify', () => {
    const other = tableCalls('cloudFront', { policy: `${base}/*` });
    const policyOf = (signed: string): string => /Policy=([^&]*)/.exec(signed)![1]!;
    const mixed = scheme.sign(url, 9).replace(policyOf(scheme.sign(url, 9)), policyOf(scheme.sign(url, 99)));
    for (const signed of [other.sign(url, 9), calls.sign(url, 9), mixed])
      expect(scheme.verify(signed, 0)).toEqual(bad);
    const foreign = tableCalls('cloudFront', { key: '@anotherRsa' });
    expect(calls.verify(foreign.sign(url, 9), 0)).toEqual(bad);
  });

  test('what the resource would open as a pattern does not verify, were it signed', () => {
    for (const path of ['/photos/*', '/photos/cat?????', '/photos/cat.jpg?v=/../../../private/1.jpg'])
      expect(calls.verify(calls.sign(base + path, 9), 0)).toEqual(bad);
  });

  test('a signature has one spelling, and one digest', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-~';
    const signed = calls.sign(url, 9);
    // The last character before the padding holds unused bits.
    const respelled = signed.replace(/.(?=_+$)/, (end) => alphabet[alphabet.indexOf(end) ^ 1]!);
    expect(respelled).not.toBe(signed);
    expect(calls.verify(respelled, 0)).toEqual(bad);
    const larger = tableCalls('cloudFront', { key: '@rsa3072' });
    const text = `{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":9}}}]}`;
    const signature = createSign('sha1').update(text).sign(keys.rsa3072, 'base64');
    const spelled = signature.replaceAll('+', '-').replaceAll('=', '_').replaceAll('/', '~');
    for (const end of ['', '&Hash-Algorithm=SHA256']) {
      const other = `${url}?Expires=9&Key-Pair-Id=K2JCJMDEHXQW5F&Signature=${spelled}${end}`;
      expect(larger.verify(other, 0)).toEqual(bad);
    }
  });

  test('a name with a * is reported, and signed if it is written %2A', () => {
    const events: ImageSignerEvent[] = [];
    const report = (event: ImageSignerEvent): void => void events.push(event);
    const signer = signerOf(tableScheme('cloudFront'), { report, authorize: () => true });
    signer.rewriteHtml(`<img src="${base}/a*.jpg">`);
    expect(events).toMatchObject([{ reason: 'object-name', problem: 'wildcard' }]);
    expect(signer.signImage('a*.jpg')).toContain(`${base}/a%2A.jpg?`);
    expect(signer.signImage(`${base}/a%2A.jpg`)).toBe(signer.signImage('a*.jpg'));
  });
});

describe('cloudflareWaf', () => {
  const url = 'https://photos.example/private';
  const { sign } = tableCalls('cloudflareWaf');

  test('a token is the last parameter, with the time of issue in ten digits', () => {
    const terms = { exp: 1_484_068_287, ttl: 3_600, step: 900 };
    expect(sign(`${url}/a.jpg`, terms)).toMatch(/\.jpg\?verify=1484063787-(?:[A-Za-z\d]|%2B|%2F){43}%3D$/);
    expect(sign(`${url}/a.jpg?v=3`, terms)).toMatch(/\/a\.jpg\?v=3&verify=1484063787-[\w%]+%3D$/);
    const urlSafe = tableCalls('cloudflareWaf', { urlSafe: true, token: 't' });
    expect(urlSafe.sign(`${url}/a.jpg`, terms)).toMatch(/\?t=1484063787-[\w-]{43}$/);
    expect(sign(`${url}/a.jpg`, termsFrom(60, 0))).toContain('?verify=0000000060-');
    expect(sign(`${url}/a.jpg`, { exp: 0, ttl: 60, step: 0 })).toContain('?verify=0000000000-');
  });

  test('a token is made for a path alone as well', () => {
    const relative = tableCalls('cloudflareWaf', { url: '/private' });
    expect(`https://photos.example${relative.sign('/private/a.jpg', hour)}`).toBe(sign(`${url}/a.jpg`, hour));
  });

  test('a call may ask for a shorter life, and not for a longer one than the rule has', () => {
    const scheme = tableScheme('cloudflareWaf', { prefixes: 'uploads/' });
    const signer = signerOf(scheme, { ttl: '3h', stableFor: '1h' });
    const issueTimeOf = (ttl: number): number =>
      Number(/verify=(\d{10})-/.exec(signer.signImage('uploads/a.jpg', undefined, { ttl }))![1]);
    const validUntil = issueTimeOf(600) + 14_400;
    expect(validUntil).toBeGreaterThanOrEqual(start + 600);
    expect(validUntil).toBeLessThanOrEqual(start + 1_200);
    expect(() => issueTimeOf(18_000)).toThrow(/at most 14400 seconds/);
  });
});

test('googleCdn: a URL without a scheme has that of the option url', () => {
  const { sign } = tableCalls('googleCdn');
  const https = sign('https://cdn.example:8443/private/a.jpg', hour);
  expect(sign('//cdn.example:8443/private/a.jpg', hour)).toBe(https.slice('https:'.length));
});

test('edgeAuth: the salt is signed, and not sent', () => {
  const { sign } = tableCalls('edgeAuth', { salt: 'a-salt', token: undefined });
  const text = 'exp=9~url=/private/a.jpg~salt=a-salt';
  const secret = Buffer.from('52a152a152a152a152a152a152a1', 'hex');
  const mac = createHmac('sha256', secret).update(text).digest('hex');
  const url = 'https://photos.example/private/a.jpg';
  expect(sign(url, 9)).toBe(`${url}?__token__=exp=9~hmac=${mac}`);
});

describe('imageKit', () => {
  const url = 'https://ik.imagekit.io/shop';
  const signer = signerOf(tableScheme('imageKit', { prefixes: 'uploads/' }));

  test('what follows the endpoint is signed, whichever of a list it is', () => {
    const own = 'https://images.example';
    const { sign } = tableCalls('imageKit', { url: [own, url] });
    const key = 'private_a-key-that-nobody-else-has/+=';
    const mac = createHmac('sha1', key).update(`uploads/a.jpg${hour.exp}`).digest('hex');
    for (const base of [own, url]) expect(sign(`${base}/uploads/a.jpg`, hour)).toContain(`ik-s=${mac}`);
  });

  test('a URL that ends with a digit is explained', () => {
    for (const path of ['a.jpg?tr=w-300', 'clip.mp4', 'a.jpg?v=2', 'a%31']) {
      const { findings } = explainUrl(`${url}/uploads/${path}`, { signer });
      expect(findings).toMatchObject([{ code: 'object-name' }]);
      expect(findings[0]!.fix).toContain('into the path');
    }
  });

  test('a transformation hides no folder', () => {
    expect(() => signer.signImage(`${url}/tr:w-300/private/a.jpg`)).toThrow();
    expect(() => signer.signImage(`${url}/tr:w-300/tr:w-300/uploads/a.jpg`)).toThrow();
    expect(() => signer.signImage(`${url}/uploads/a.jpg?foo=x&v=2&bar=x`)).toThrow();
  });

  test('no expiry comes near that of a URL that never expires', () => {
    const scheme = tableScheme('imageKit', { prefixes: 'a/' });
    expect(() => signerOf(scheme, { ttl: 6_000_000_000 })).toThrow();
    expect(start + callsOf(scheme).definition.longestLife!).toBeLessThan(9_999_999_999);
  });
});

describe('imgproxy', () => {
  const base = 'https://img.example';
  const calls = tableCalls('imgproxy');
  const base64 = (text: string): string => Buffer.from(text).toString('base64url');
  const source = 'https://photos.example/uploads/a.jpg';
  const path = `/insecure/rs:fill:300:400/g:sm/${base64(source)}`;

  test('the signature in its documentation is right', () => {
    const example = '/rs:fill:300:400:0/g:sm/aHR0cDovL2V4YW1w/bGUuY29tL2ltYWdl/cy9jdXJpb3NpdHku/anBn.png';
    const mac = new Secret(Buffer.from('736563726574', 'hex')).macBytes(
      'sha256',
      Buffer.from(`hello${example}`),
    );
    expect(mac.toString('base64url')).toBe('oKfUtW34Dvo2BGQehJFR4Nr0_rIjOtdtzJ3QFsUcXH8');
  });

  test('the source is compared with prefixes once it is decoded', () => {
    const limited = tableCalls('imgproxy', { prefixes: 'https://photos.example/uploads/' });
    expect(limited.definition).toMatchObject({ isLimited: true, hasFreePath: true });
    expect(limited.match(base + path)).toEqual({ id: source, options: 'rs:fill:300:400/g:sm' });
    expect(limited.id(`${base}/_/plain/https%3A%2F%2Fphotos.example%2Fuploads%2Fa.jpg`)).toBe(source);
    for (const other of [
      'https://photos.example/private/a.jpg',
      'https://photos.example.evil.example/uploads/a.jpg',
      'http://photos.example/uploads/a.jpg',
      'https://me@photos.example/uploads/a.jpg',
    ])
      expect(limited.match(`${base}/insecure/${base64(other)}`), other).toBeUndefined();
  });

  test('an expiry that is there is a token, and no option', () => {
    for (const option of ['exp:1', 'expires:1', 'e%78p:1', 'exp%3A1', 'exp:'])
      expect(
        JSON.stringify(calls.match(`${base}/insecure/q:80/${option}/${base64(source)}`) ?? {}),
      ).not.toContain('exp');
  });

  test('the base is not signed, and the inner one of two has the URL; a query stays, unsigned', () => {
    const { sign, verify, strip } = tableCalls('imgproxy', { url: [base, `${base}/sub`, '/images'] });
    for (const each of [`${base}/sub`, '/images']) {
      const signed = sign(each + path, 9);
      expect(signed).toBe(calls.sign(base + path, 9).replace(base, each));
      expect(verify(signed, 8)).toEqual({ ok: true, expiresAt: 9 });
      expect(strip(signed)).toBe(each + path);
    }
    const signed = calls.sign(`${base}${path}?v=1`, 9);
    expect(signed).toBe(`${calls.sign(base + path, 9)}?v=1`);
    expect(calls.verify(signed, 8)).toEqual({ ok: true, expiresAt: 9 });
  });
});

test('imgix: the path of the base is signed as well, and is no part of the id', () => {
  const url = ['https://shop.imgix.net', 'https://shop.imgix.net/users'];
  const { id, sign } = tableCalls('imgix', { url });
  expect(id('https://shop.imgix.net/users/1.png')).toBe('1.png');
  const image = 'https://shop.imgix.net/users/1.png';
  expect(sign(image, 5)).toBe(tableCalls('imgix').sign(image, 5));
  const byId = signerOf(tableScheme('imgix'), { authorize: () => true }).signImage('a+b:c#d?e.jpg');
  expect(byId).toContain('https://shop.imgix.net/a%2Bb%3Ac%23d%3Fe.jpg?expires=');
  expect(new Secret('FOO123bar').hashWith('md5', '/users/1.png')).toBe('6797c24146142d5b40bde3141fd3600c');
});

describe('nginxSecureLink', () => {
  const base = 'https://photos.example/private';
  const signer = signerOf(tableScheme('nginxSecureLink', { prefixes: 'u/' }));

  test('names of every printable character have one spelling, however the page spells them', () => {
    for (let code = 0x20; code < 0x7f; code++) {
      const character = String.fromCharCode(code);
      if (character === '/' || character === '\\') continue;
      const escaped = `%${code.toString(16)}`;
      const signed = signer.signImage(`u/a${character}b.jpg`);
      const written = /[\w.~-]/.test(character) ? character : escaped.toUpperCase();
      expect(signed.split('?', 1)[0]).toBe(`${base}/u/a${written}b.jpg`);
      expect(signer.signImage(`${base}/u/a${escaped}b.jpg`)).toBe(signed);
      if (!'#?%"<>`{}^|'.includes(character))
        expect(signer.signImage(`${base}/u/a${character}b.jpg`)).toBe(signed);
      if (written !== character)
        expect(signer.verifyImage(signed.replace(written, character)).ok).toBe(false);
    }
  });

  test.each(['a//b.jpg', '/a.jpg', 'a//'])(
    'a name with an empty segment is not signed, and reported: %s',
    (name) => {
      const events: ImageSignerEvent[] = [];
      const report = (event: ImageSignerEvent): void => void events.push(event);
      const open = signerOf(tableScheme('nginxSecureLink'), { authorize: () => true, report });
      expect(open.rewriteHtml(`<img src="${base}/${name}">`)).toBe(`<img src="${base}/${name}">`);
      expect(events).toMatchObject([{ reason: 'object-name' }]);
      expect(() => open.signImage(`${base}/${name}`)).toThrow('which is not signed');
    },
  );

  test('parameters are not signed', () => {
    const signed = signer.signImage(`${base}/u/a.jpg?v=2`);
    expect(signer.verifyImage(signed.replace('v=2', 'v=3'))).toMatchObject({ ok: true });
    expect(tableCalls('nginxSecureLink').definition.readsParameter?.('v')).toBe(false);
  });
});

describe('sanity', () => {
  const url = 'https://cdn.sanity.io/images/abc123/production/a-1x1.jpg';

  test('a list has an ID for each key, and PEM is as good as hexadecimal digits', () => {
    const { sign } = tableCalls('sanity');
    const signed = sign(url, hour);
    const hex = Buffer.from('thirty-two bytes of a known seed').toString('hex');
    for (const key of [hex, hex.toUpperCase()])
      expect(tableCalls('sanity', { key }).sign(url, hour)).toBe(signed);
    const both = tableCalls('sanity', { key: [{ value: 'ab'.repeat(32), keyId: 'newer' }, '@ed25519'] });
    expect(both.sign(url, hour)).toContain('keyid=newer&');
    expect(both.verdict(signed, start)).toBe('ok');
    expect(both.verdict(signed.replace('pk1234567890abcd', 'newer'), start)).toBe('bad-signature');
  });

  test('a page computes 4,096 signatures, or as many as it may', () => {
    expect(tableCalls('sanity').definition.maxSignatures).toBe(4_096);
    expect(tableCalls('sanity', { maxSignatures: 5 }).definition.maxSignatures).toBe(5);
  });
});

describe('vercelBlob', () => {
  const end = 1_790_604_800;
  const url = 'https://abcdefgh12345678.private.blob.vercel-storage.com/a.jpg';
  const { sign, verdict } = tableCalls('vercelBlob');

  test('a delegation ends, and no URL outlives it', () => {
    const scheme = tableScheme('vercelBlob', { prefixes: 'uploads/' });
    const signer = signerOf(scheme, { ttl: '2d', now: () => (end - 60) * 1_000 });
    const signed = signer.signImage('uploads/a.jpg');
    expect(signed).not.toContain('valid-until');
    expect(signer.verifyImage(signed)).toMatchObject({ ok: true, expiresAt: end });
  });

  test('of one that ends within a second the whole seconds count', () => {
    const validUntil = end * 1_000 + 999;
    const change = { validUntil, delegationToken: { $scope: { validUntil } } };
    const odd = tableCalls('vercelBlob', { delegation: { $with: [{ $vercel: end }, change] } });
    const signed = odd.sign(url, termsFrom(start, end - start));
    expect(signed).toContain(`valid-until=${end}000`);
    expect([odd.verdict(signed, end - 1), odd.verdict(signed, end)]).toEqual(['ok', 'expired']);
  });

  test('of another store, or one that is not known, verifies nothing', () => {
    const signed = sign(url, termsFrom(start, end - start));
    const other = tableCalls('vercelBlob', { delegation: { $vercel: end + 1 } });
    expect(other.verdict(signed, start)).toMatch(/^(?:mal|bad)/);
    const both = tableCalls('vercelBlob', { delegation: [{ $vercel: end + 1 }, { $vercel: end }] });
    expect(both.verdict(signed, start)).toBe('ok');
    expect(verdict(signed, start)).toBe('ok');
  });
});

test('azureBlob: nothing outlives a user delegation key, and none is taken that has ended', () => {
  const image = 'https://shopimages.blob.core.windows.net/photos/a.jpg';
  const fetching = (ends: number) =>
    tableCalls('azureBlob', { key: undefined, delegation: { $gives: { $azure: [start - 60, ends] } } });
  const { sign, verdict, definition } = fetching(start + 1_000);
  definition.secrets!.lifetime!.refresh(start);
  const signed = sign(image, hour);
  expect(new URL(signed).searchParams.get('se')).toBe(new URL(signed).searchParams.get('ske'));
  expect([verdict(signed, start + 999), verdict(signed, start + 1_000)]).toEqual(['ok', 'expired']);
  const ended = fetching(start - 1);
  ended.definition.secrets!.lifetime!.refresh(start);
  expect(String(ended.definition.secrets!.lifetime!.failure)).toContain('in the past');
  expect(() => ended.sign(image, hour)).toThrow(expect.objectContaining({ code: 'KEY_UNAVAILABLE' }));
});
