/**
 * The option `scheme` in an app of Express over real sockets: several stores on one page, and credentials that a function
 * gives. Longer than most files: it has what a scheme may get wrong beside these.
 */
import { generateKeyPairSync } from 'node:crypto';
import express, { type Request, type Response } from 'express';
import { describe, expect, test, vi } from 'vitest';
import { explainUrl } from '../../src/diagnosis.ts';
import {
  createSigner,
  type ImageSignerError,
  type ImageSignerEvent,
  imageGuard,
  imageSigner,
  type Signer,
  signingEndpoint,
} from '../../src/index.ts';
import { cloudFront, cloudflareImages, defineScheme, type S3Credentials, s3 } from '../../src/schemes.ts';
import { type RawResponse, send } from '../support/http/raw.ts';
import { accountHash, clockAt, url as cloudflareUrl, instant, key } from '../support/samples.ts';
import { withSite } from '../support/servers/frameworks.ts';
import { myCdn } from '../tools/testing/my-cdn.ts';

const bucket = 'https://photos.s3.eu-central-1.amazonaws.com';
const image = `${bucket}/uploads/a.jpg`;
const region = 'eu-central-1';
const prefixes = 'uploads/';
const credentials: S3Credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'a-secret-for-tests-that-nobody-else-has',
};
const bucketScheme = s3({ url: bucket, region, credentials, prefixes });
const cloudflareScheme = cloudflareImages({
  key,
  accountHash,
  variants: { thumb: { width: 320 }, card: { width: 640 }, preview: { alwaysPublic: true } },
});
const cdn = 'https://cdn.example/private/photos/a.jpg';
const now = (): number => instant;
const start = instant / 1000;

function signerOf(options: object): Signer {
  return createSigner({ ttl: '1d', now, report: false, ...options } as never);
}

function errorOf(run: () => unknown): ImageSignerError {
  try {
    return run() as never; // an assertion on what is no error fails
  } catch (error) {
    return error as ImageSignerError;
  }
}

const inHtml = (signed: string): string => `<img src="${signed.replaceAll('&', '&amp;')}">`;

type Visit = (headers?: Record<string, string>) => Promise<RawResponse>;

/** Visits a page as often as a test wants. */
function visiting(page: string, options: object, use: (visit: Visit) => Promise<void>): Promise<void> {
  const app = express().use(imageSigner(options as never));
  app.get('/', (_request, response) => void response.set('Cache-Control', 'max-age=9999999').send(page));
  return withSite(app, (port) => use((headers = {}) => send(port, '/', { headers })));
}

describe('a list of schemes', () => {
  const scheme = [cloudflareScheme, bucketScheme, myCdn(key)];
  const signer = signerOf({ scheme });
  const urls = [cloudflareUrl(), image, cdn];

  test('signs the images of all stores on one page, and of none that no scheme knows', async () => {
    const others = [cloudflareUrl('original'), `${bucket}/invoices/1.jpg`, 'https://elsewhere.example/a.jpg'];
    const page = [...urls, ...others].map(inHtml).join('');
    await visiting(page, { signer }, async (visit) => {
      for (let time = 0; time < 3; time++) {
        const { text } = await visit();
        const alone = [cloudflareScheme, bucketScheme, myCdn(key)].map((one, index) =>
          signerOf({ scheme: one }).signImage(urls[index]!),
        );
        expect(text).toBe([...alone, ...others].map(inHtml).join(''));
      }
    });
  });

  test('verifies, explains and removes the tokens of each', () => {
    for (const url of urls) {
      const signed = signer.signImage(url);
      expect(signer.verifyImage(signed)).toMatchObject({
        ok: true,
        image: { url },
        expiresAt: start + 100_000,
      });
      expect(explainUrl(signed, { signer })).toMatchObject({ ok: true, image: { url }, findings: [] });
      expect(signer.unsignImage(signed)).toBe(url);
      const changed = signed.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
      expect(signer.verifyImage(changed)).toEqual({ ok: false, reason: 'bad-signature' });
      expect(explainUrl(changed, { signer }).findings).toHaveLength(1);
      expect(explainUrl(changed, { signer }).findings[0]).toMatchObject({ code: 'unknown-signature' });
    }
  });

  test('gives ids and variants to the first one, and `deniedVariant` to Cloudflare Images', async () => {
    expect(signer.signImage('photo-1', 'thumb')).toContain(`${accountHash}/photo-1/thumb?exp=`);
    const reversed = signerOf({ scheme: [bucketScheme, cloudflareScheme] });
    expect(reversed.signImage('uploads/a.jpg')).toBe(signerOf({ scheme: bucketScheme }).signImage(image));
    const refusing = { authorize: () => false, deniedVariant: 'preview' };
    const options = { scheme, ttl: '1d', now, report: false, ...refusing };
    await visiting(urls.map(inHtml).join(''), options, async (visit) => {
      const { text, header } = await visit();
      expect(text).toBe([cloudflareUrl('preview'), image, cdn].map(inHtml).join(''));
      expect(header('cache-control')).toMatch(/^private/);
    });
  });

  test('keeps a page in the page cache, and answers 304 within a step', async () => {
    const clock = clockAt();
    const options = { scheme, ttl: '1d', now: clock, report: false };
    await visiting(urls.map(inHtml).join(''), options, async (visit) => {
      const first = await visit();
      const tag = first.header('etag')!;
      expect(tag).toMatch(/-is\.[0-9a-f]{24}"$/);
      for (let time = 0; time < 3; time++) expect((await visit()).text).toBe(first.text);
      const conditional = { 'if-none-match': tag };
      expect((await visit(conditional)).status).toBe(304);
      clock.advance(6 * 3600);
      const later = await visit(conditional);
      expect([later.status, later.text === first.text]).toEqual([200, false]);
    });
  });
});

describe('credentials that a function gives', () => {
  const hour = 3600;
  const session = (name: string, seconds?: number): S3Credentials => ({
    accessKeyId: name,
    secretAccessKey: `secret-of-${name}`,
    sessionToken: `token-of-${name}`,
    ...(seconds !== undefined && { expiration: new Date((start + seconds) * 1000) }),
  });
  const nameIn = (text: string): string | undefined => /X-Amz-Credential=([^%]*)/.exec(text)?.[1];
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  interface Made {
    readonly options: object;
    readonly events: ImageSignerEvent[];
    readonly clock: ReturnType<typeof clockAt>;
  }

  function made(provider: () => unknown, more: object = {}): Made {
    const events: ImageSignerEvent[] = [];
    const clock = clockAt();
    const scheme = s3({ url: bucket, region, credentials: provider as never, prefixes });
    const report = (event: ImageSignerEvent): void => {
      if (event.type !== 'rewritten') events.push(event);
    };
    return { options: { scheme, ttl: '1h', now: clock, report, ...more }, events, clock };
  }

  test('that end soon cut the life of the URLs and of the page, which is told once', async () => {
    const { options, events, clock } = made(async () => session('short', 20 * 60), { ttl: '1d' });
    await visiting(inHtml(image), options, async (visit) => {
      const texts: string[] = [];
      for (let time = 0; time < 3; time++) {
        const { text, header } = await visit();
        expect(header('cache-control')).toBe('max-age=600');
        texts.push(text);
      }
      expect(new Set(texts).size).toBe(1);
      const { scheme } = options as { readonly scheme: ReturnType<typeof s3> };
      const signed = /src="(.*?)"/.exec(texts[0]!)![1]!.replaceAll('&amp;', '&');
      expect(signerOf({ scheme }).verifyImage(signed)).toMatchObject({
        ok: true,
        expiresAt: start + 20 * 60,
      });
      clock.advance(5 * 60);
      expect((await visit()).header('cache-control')).toBe('max-age=450');
      expect(events).toEqual([{ type: 'key-ends-early', scheme: 's3', endsAt: start + 20 * 60 }]);
    });
  });

  test('that end soon are told again once they are renewed, and not while they last', async () => {
    let given = session('one', 2 * hour);
    const { options, events, clock } = made(() => given);
    await visiting(inHtml(image), options, async (visit) => {
      await visit();
      clock.advance(hour);
      given = session('two', 3 * hour);
      expect(nameIn((await visit()).text)).toBe('two');
      expect(events).toEqual([]);
      given = session('two', 3 * hour);
      clock.advance(hour + 60);
      await visit();
      await visit();
      given = session('three', 3 * hour - 300);
      clock.advance(600);
      expect(nameIn((await visit()).text)).toBe('three');
      expect(events).toEqual([
        { type: 'key-ends-early', scheme: 's3', endsAt: start + 3 * hour },
        { type: 'key-ends-early', scheme: 's3', endsAt: start + 3 * hour - 300 },
      ]);
    });
  });

  test('that were given at once and end soon are told as well; a `report` that throws breaks nothing', async () => {
    const scheme = s3({ url: bucket, region, credentials: session('given', 600), prefixes });
    const throwing = (): never => {
      throw new Error('no');
    };
    for (const report of [vi.fn(throwing), vi.fn(() => Promise.reject(new Error('no')))]) {
      await visiting(inHtml(image), { scheme, ttl: '1h', now, report }, async (visit) => {
        for (let time = 0; time < 2; time++) expect(nameIn((await visit()).text)).toBe('given');
      });
      const told = report.mock.calls.flat() as unknown as ImageSignerEvent[];
      expect(told.filter(({ type }) => type === 'key-ends-early')).toHaveLength(1);
    }
  });

  test('change the URLs and the entity tag once they are renewed', async () => {
    let given = session('one');
    const { options, clock } = made(async () => given);
    await visiting(inHtml(image), options, async (visit) => {
      const before = await visit();
      for (let time = 0; time < 3; time++) expect((await visit()).text).toBe(before.text);
      const conditional = { 'if-none-match': before.header('etag')! };
      expect((await visit(conditional)).status).toBe(304);
      given = session('two');
      clock.advance(300);
      await visit(); // it asks, and does not wait
      await settle();
      const after = await visit(conditional);
      expect([after.status, nameIn(before.text), nameIn(after.text)]).toEqual([200, 'one', 'two']);
      expect(after.header('etag')).not.toBe(before.header('etag'));
      for (let time = 0; time < 3; time++) expect((await visit()).text).toBe(after.text);
    });
  });
});

describe('what does not fit is told at once', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const folder = 'https://d111.cloudfront.net/private';
  const authorize = (): boolean => true;
  const withPolicy = cloudFront({
    url: folder,
    keyId: 'K2JCJMDEHXQW5F',
    key: pem,
    policy: `${folder}/*`,
  });
  const unlimited = s3({ url: bucket, region, credentials });

  test.each<[what: string, options: object, option: string, message: string]>([
    ['a ttl of more than seven days', { scheme: bucketScheme, ttl: '8d' }, 'ttl', '604800'],
    ['one that is too long with its step', { scheme: bucketScheme, ttl: '6d' }, 'ttl', 's3'],
    ['neither prefixes nor authorize', { scheme: unlimited }, 'authorize', 'prefixes'],
    ['the same in a list', { scheme: [bucketScheme, unlimited] }, 'authorize', 'prefixes'],
    ['a policy beside authorize', { scheme: withPolicy, authorize }, 'authorize', 'opens every image'],
    [
      'deniedVariant without variants',
      { scheme: bucketScheme, deniedVariant: 'preview' },
      'deniedVariant',
      '',
    ],
    ['no scheme', { scheme: [] }, 'scheme', ''],
    ['something else for a scheme', { scheme: { name: 's3' } }, 'scheme', 'image-signer/schemes'],
    ['key beside scheme', { scheme: bucketScheme, key }, 'key', ''],
    ['variants beside scheme', { scheme: bucketScheme, variants: ['thumb'] }, 'variants', ''],
  ])('%s', (_what, options, option, message) => {
    const given = { ttl: '1d', now, report: false, ...options } as never;
    for (const factory of [createSigner, imageSigner, imageGuard]) {
      const error = errorOf(() => (factory as (options: unknown) => unknown)(given));
      expect(error).toMatchObject({ code: 'INVALID_OPTION', option });
      expect(error.message).toContain(message);
      expect(error.message).not.toContain(key);
    }
  });

  test('a key in the place of a folder shows in no message', () => {
    const scheme = cloudFront({
      url: folder,
      keyId: 'K2JCJMDEHXQW5F',
      key: pem,
      policy: `${folder}/${key}/*`,
    });
    const { message } = errorOf(() => createSigner({ scheme, authorize, ttl: '1d', now }));
    expect(message).toContain('https://d111.cloudfront.net/…');
    expect(message).not.toContain(key);
  });

  test('without a limit authorize is enough', () => {
    expect(() => signerOf({ scheme: unlimited, authorize })).not.toThrow();
    expect(() => signerOf({ scheme: withPolicy })).not.toThrow();
  });

  test('a call that asks for more than seven days', () => {
    const signer = signerOf({ scheme: bucketScheme });
    for (const options of [{ ttl: '7d' }, { ttl: '8d' }, { expiresAt: start + 8 * 86_400 }] as const) {
      const error = errorOf(() => signer.signImage(image, options));
      expect(error).toMatchObject({ code: 'INVALID_OPTION', option: Object.keys(options)[0] });
      expect(error.message).toContain('s3');
    }
    expect(errorOf(() => signer.rewriteHtml(inHtml(image), { ttl: '7d' }))).toMatchObject({ option: 'ttl' });
  });
});

describe('the helpers of a scheme without variants', () => {
  const signer = signerOf({ scheme: bucketScheme });

  test('take ids and options, and neither a variant nor a srcset', () => {
    const short = signer.signImage(image, { ttl: '5m' });
    expect(signer.verifyImage(short)).toMatchObject({ ok: true, image: { id: 'uploads/a.jpg' } });
    expect(signer.signImage('uploads/a.jpg', { ttl: '5m' })).toBe(short);
    expect(signer.signImage('uploads/a.jpg')).toBe(signer.signImage(image));
    expect(errorOf(() => signer.signSrcset('uploads/a.jpg')).code).toBe('VARIANT_REQUIRED');
    expect(errorOf(() => signer.signImage('uploads/a.jpg', 'thumb')).code).toBe('VARIANT_NOT_ALLOWED');
  });

  test('give one URL on all machines, though their clocks differ by seconds', () => {
    const ends = [start + 5000, start + 6 * 86_400].map((expiresAt) => ({ expiresAt }));
    for (const options of [undefined, { ttl: '5m' }, ...ends]) {
      const urls = [0, 1, 2].map((seconds) =>
        signerOf({
          scheme: s3({ url: bucket, region, credentials, prefixes }),
          now: () => instant + seconds * 1000,
        }).signImage(image, options as never),
      );
      expect(new Set(urls).size).toBe(1);
    }
  });
});

describe('behind the guard', () => {
  const scheme = myCdn(key);
  const signer = signerOf({ scheme });

  test('a scheme without a host lets a good token pass, names the image, and refuses the rest', async () => {
    const short = defineScheme({
      name: 'short',
      url: '/private',
      match: (url) => ({ id: url.split('?')[0]!.slice('/private/'.length) }),
      strip: (url) => url.replace(/\?exp=.*/, ''),
      sign: (url, { exp }) => `${url}?exp=${exp}`,
      verify: (url, at) => {
        const expiresAt = Number(/\?exp=(\d+)$/.exec(url)?.[1]);
        if (Number.isNaN(expiresAt)) return { ok: false, reason: 'missing-signature' };
        return at < expiresAt ? { ok: true, expiresAt } : { ok: false, reason: 'expired' };
      },
      fingerprint: 'short',
    });
    const path = '/private/photos/a.jpg';
    const own = signerOf({ scheme: short });
    const name = (request: Request, response: Response): unknown => response.json(request.signedImage!.image);
    await withSite(express().use('/private', imageGuard({ signer: own }), name), async (port) => {
      const { status, text, header } = await send(port, own.signImage(path));
      const named = { id: 'photos/a.jpg', url: path, base: '/private', scheme: 'short' };
      expect([status, JSON.parse(text)]).toEqual([200, named]);
      expect(header('cache-control')).toBe('private, max-age=100000');
      for (const target of [path, own.signImage(path).replace(/.$/, 'x'), `${path}/../b.jpg`])
        expect([403, 404]).toContain((await send(port, target)).status);
    });
  });

  test('a scheme whose bases are hosts is refused at once: every request would be', () => {
    const own = signerOf({ scheme: bucketScheme });
    expect(() => imageGuard({ signer: own })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option: 'scheme' }),
    );
  });

  test('a token for the host is one for the path', async () => {
    const app = express().use(imageGuard({ signer }), (_request, response) => void response.send('image'));
    await withSite(app, async (port) => {
      const target = signer.signImage(cdn).slice('https://cdn.example'.length);
      expect((await send(port, target)).status).toBe(200);
    });
  });
});

test('the endpoint signs for S3 what authorize allows, and asks it about the image', async () => {
  const asked: unknown[] = [];
  const authorize = async (about: { readonly id: string }): Promise<boolean> =>
    asked.push(about) > 0 && about.id.startsWith('uploads/');
  const options = {
    scheme: s3({ url: bucket, region, credentials }),
    ttl: '1h',
    now,
    report: false,
    authorize,
  };
  await withSite(express().use('/sign', signingEndpoint(options as never)), async (port) => {
    const ask = (url: string) => send(port, `/sign?url=${encodeURIComponent(url)}`);
    const signed = signerOf({ scheme: bucketScheme, ttl: '1h' }).signImage(image);
    expect(await ask(image)).toMatchObject({ status: 200, text: signed });
    expect(asked).toEqual([{ id: 'uploads/a.jpg', url: image, base: bucket, scheme: 's3' }]);
    expect((await ask(`${bucket}/invoices/1.jpg`)).status).toBe(403);
    expect((await ask(cloudflareUrl())).status).toBe(400);
  });
});
