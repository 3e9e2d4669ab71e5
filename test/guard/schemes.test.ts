/** The guard with schemes whose base is a path, before handlers that find the image by `id`, by `path` and by the request. */
import { createHmac } from 'node:crypto';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSigner, imageGuard, type SignedImage, type Signer } from '../../src/index.ts';
import { bunny, cloudflareWaf, defineScheme, imgix, type Scheme } from '../../src/schemes.ts';
import { percentDecode } from '../../src/url/percent-encoding.ts';
import { instant } from '../support/samples.ts';
import { frameworks } from '../support/servers/frameworks.ts';
import { exchangeLater } from '../support/servers/in-memory.ts';
import { withToken } from './leak.ts';
import { aliasesOf } from './path-aliases.ts';

const key = 'a-key-that-nobody-else-has/+';

/** A user's own: it signs path and query as they are written, and names an image by what they decode to. */
function ownScheme(): Scheme {
  const strip = (url: string): string => url.replace(/[?&]until=\d+&mac=[\da-f]*$/, '');
  const sign = (url: string, { exp }: { readonly exp: number }): string => {
    const text = `${url}${url.includes('?') ? '&' : '?'}until=${exp}`;
    return `${text}&mac=${createHmac('sha256', key).update(text).digest('hex')}`;
  };
  return defineScheme({
    name: 'own',
    url: '/files',
    match: (url) => ({ id: decodeURIComponent(url.slice('/files/'.length).split('?', 1)[0]!) }),
    strip,
    sign,
    verify(url, now) {
      const exp = Number(/until=(\d+)&mac=/.exec(url)?.[1] ?? 0);
      if (exp === 0) return { ok: false, reason: 'missing-signature' };
      if (sign(strip(url), { exp }) !== url) return { ok: false, reason: 'bad-signature' };
      return now < exp ? { ok: true, expiresAt: exp } : { ok: false, reason: 'expired' };
    },
    fingerprint: 'own',
  });
}

const authorize = (): boolean => true;
const signers: readonly (readonly [name: string, signer: Signer])[] = [
  ownScheme(),
  bunny({ url: '/files', key }),
  imgix({ url: '/files', key }),
].map((scheme) => [
  scheme.name,
  createSigner({ scheme, ttl: '1h', now: () => instant, report: false, authorize }),
]);

const meant = '/files/customers/2026/card.jpg';
const other = '/files/customers/2025/a b.jpg'.replace(' ', '%20');

/** What handlers would send, by the ways in which they come to a name. */
function namesOf(image: SignedImage, target: string): string[] {
  const store = 'http://store.example/files/';
  const decoded = percentDecode(target.split('?', 1)[0]!);
  return [
    new URL(image.image.id, store).href,
    `http://store.example/files${image.path}`,
    `http://store.example${posix.normalize(decoded)}`,
    new URL(target.split('?', 1)[0]!, store).href,
  ].flatMap((name) => {
    const { href, protocol } = new URL(name);
    // `fetch` has no way to `customers:/2026/card.jpg`.
    return ['http:', 'https:', 'ftp:', 'ws:', 'wss:', 'file:', 'data:', 'blob:'].includes(protocol)
      ? [percentDecode(href)]
      : [];
  });
}

describe.each(signers)('%s', (_name, signer) => {
  const express = frameworks.filter(({ isExpress }) => isExpress);

  test.each(express)('$name: every spelling brings the one image that its token is of', async (framework) => {
    let got: SignedImage | undefined;
    const listener = framework.build([['/files', imageGuard({ signer })]], (request, response) => {
      got = (request as { signedImage?: SignedImage }).signedImage;
      response.end('private');
    });
    let passed = 0;
    // Each is asked of one of the two.
    const aliases = aliasesOf(meant, 'preview').filter(
      (_, index) => index % express.length === express.indexOf(framework),
    );
    for (const path of aliases) {
      for (const token of ['its own', 'of the image that is meant', 'of another image'] as const) {
        const target = withToken(signer, path, token, meant, other);
        got = undefined;
        const { text } = await exchangeLater(listener, target, {}, 'GET');
        if (got === undefined) continue;
        passed++;
        expect(text).toBe('private');
        expect(signer.verifyImage(target).ok, target).toBe(true);
        const names = namesOf(got, target);
        expect(
          names.every((name) => name.startsWith('http://store.example/files/')),
          target,
        ).toBe(true);
        expect(new Set(names).size, `${target} is ${names.join(' and ')}`).toBe(1);
      }
    }
    expect(passed).toBeGreaterThan(5);
  });

  test('a token is of one image, and there is none without a token', () => {
    const [, token] = signer.signImage(meant).split('?');
    expect(signer.verifyImage(`${meant}?${token}`)).toMatchObject({
      ok: true,
      path: '/customers/2026/card.jpg',
    });
    for (const target of [meant, `${other}?${token}`, `${meant}?${token}&v=1`, `${meant}?v=1&${token}`])
      expect(signer.verifyImage(target).ok, target).toBe(false);
  });

  test.each([
    '%20https:evil.example/a.jpg',
    '%20%20a.jpg',
    'a.jpg%20',
    'https:evil/a.jpg',
    'C:/a.jpg',
    'data:,a',
  ])('%s never gets to a handler: `new URL(id, store)` would be elsewhere', async (id) => {
    const listener = express[0]!.build([['/files', imageGuard({ signer })]], (_request, response) => {
      response.end('private');
    });
    let target = `/files/${id}`;
    try {
      target = signer.signImage(target);
    } catch {}
    expect((await exchangeLater(listener, target, {}, 'GET')).text).not.toContain('private');
  });
});

test('a guard with a scheme that cannot verify is refused at once: it would let nothing through', () => {
  const scheme = cloudflareWaf({ url: '/files', key, prefixes: 'uploads/' });
  const signer = createSigner({ scheme, ttl: '1h', now: () => instant, report: false });
  expect(() => imageGuard({ signer })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', option: 'scheme' }),
  );
  expect(signer.verifyImage(signer.signImage('/files/uploads/a.jpg')).ok).toBe(false);
});
