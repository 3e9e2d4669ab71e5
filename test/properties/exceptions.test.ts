/**
 * Nothing that a stranger writes into a page makes anything throw, whatever store the site has: an exception costs a stack
 * trace, which takes many times as long as a value where stacks are deep and tools ask for all of them.
 */

import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createSigner, type SignerOptions } from '../../src/index.ts';
import { markdown } from '../../src/markdown.ts';
import * as schemes from '../../src/schemes.ts';
import { inChunksOf } from '../support/chunks.ts';
import { hostileLongUrls, hostilePages } from '../support/hostile-pages.ts';
import { shareOf } from '../support/run-length.ts';
import { base, instant, key } from '../support/samples.ts';
import { seed } from '../support/seed.ts';
import { thrownIn } from '../support/thrown.ts';

test('the meter counts what is caught', () => {
  const caught = (run: () => void): void => {
    try {
      run();
    } catch {}
  };
  const thrown = thrownIn(() => {
    caught(() => void JSON.parse('['));
    caught(() => void decodeURIComponent('%'));
    caught(() => {
      throw new Error();
    });
    new Error().message.trim(); // is not thrown
  });
  expect(thrown).toBe(3);
});

/** The pages name this host: each scheme takes it for its own. */
const url = 'https://imagedelivery.net';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const sites: Readonly<Record<string, schemes.Scheme>> = {
  gcs: schemes.gcs({
    url,
    credentials: { client_email: 'images@shop.iam.gserviceaccount.com', private_key: pem },
  }),
  bunny: schemes.bunny({ url, key }),
  cloudFront: schemes.cloudFront({
    url,
    keyId: 'K2JCJMDEHXQW5F',
    key: pem,
  }),
  cloudflareWaf: schemes.cloudflareWaf({ url, key }),
  googleCdn: schemes.googleCdn({ url, keyId: 'key', key: Buffer.alloc(16, 7).toString('base64url') }),
  imgix: schemes.imgix({ url, key }),
  imageKit: schemes.imageKit({ url, key }),
  jwt: schemes.jwt({ url, key, claims: ({ origin, path }) => ({ sub: origin + path }) }),
  sanity: schemes.sanity({ url, keyId: 'k-1', key: 'ab'.repeat(32) }),
  imgproxy: schemes.imgproxy({ url, key: '943b421c9eb07c83', salt: '520f986b998545b4' }),
  s3: schemes.s3({
    url,
    region: 'auto',
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: key },
  }),
};
const now = (): number => instant;
const options: Readonly<Record<string, SignerOptions>> = {
  'Cloudflare Images': base,
  'Cloudflare Images, and nothing is allowed': { ...base, authorize: () => false, deniedVariant: 'preview' },
  'Cloudflare Images, and every event is heard': { ...base, report: () => {}, accountHash: 'another' },
  ...Object.fromEntries(
    Object.entries(sites).map(([name, scheme]) => [
      name,
      { scheme, ttl: '1h', now, authorize: () => true, report: () => {} } as const,
    ]),
  ),
};
const fields = { content: 'html', body: markdown, nested: 'json' } as const;

const pages = Object.entries({ ...hostilePages, ...hostileLongUrls });

describe.each(Object.entries(options).map(([name, of], index) => [name, of, index] as const))(
  '%s',
  (_name, of, index) => {
    test.each(shareOf(pages, 16, seed + index))('%s', (_title, pageOf) => {
      const rewriter = createSigner(of).htmlRewriter({ customProperties: ['--hero'], fields });
      const thrown = thrownIn(() => {
        for (const chunk of inChunksOf(4_096, pageOf(20_000))) rewriter.write(chunk);
        rewriter.end();
      });
      expect(thrown).toBe(0);
    });
  },
);
