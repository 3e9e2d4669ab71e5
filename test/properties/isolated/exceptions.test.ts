/** Nothing that a stranger writes into a page makes anything throw: an exception costs many times an ordinary value. */

import { describe, expect, test } from 'vitest';
import { createSigner, type SignerOptions } from '../../../src/index.ts';
import { markdown } from '../../../src/markdown.ts';
import { inChunksOf } from '../../support/generators/chunks.ts';
import { hostileLongUrls, hostilePages } from '../../support/generators/hostile-pages.ts';
import { base, instant } from '../../support/samples.ts';
import { storeNames, usualScheme } from '../../support/schemes/table.ts';
import { shareOf } from '../../support/seed.ts';
import { thrownIn } from './thrown.ts';

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
const stores = [...storeNames.filter((name) => name !== 'azureBlob'), 'imgproxy'] as const; // whose URLs end in a container
const terms = { ttl: '1h', now: () => instant, authorize: () => true, report: () => {} } as const;
const options: Readonly<Record<string, SignerOptions>> = {
  'Cloudflare Images': base,
  'Cloudflare Images, and nothing is allowed': { ...base, authorize: () => false, deniedVariant: 'preview' },
  'Cloudflare Images, and every event is heard': { ...base, report: () => {}, accountHash: 'another' },
  ...Object.fromEntries(stores.map((name) => [name, { ...terms, scheme: usualScheme(name, url) }])),
};
const fields = { content: 'html', body: markdown, nested: 'json' } as const;

const pages = Object.entries({ ...hostilePages, ...hostileLongUrls });

describe.each(Object.entries(options))('%s', (_name, of) => {
  test.each(shareOf(pages, 16))('%s', (_title, pageOf) => {
    const rewriter = createSigner(of).htmlRewriter({ customProperties: ['--hero'], fields });
    const thrown = thrownIn(() => {
      for (const chunk of inChunksOf(4_096, pageOf(20_000))) rewriter.write(chunk);
      rewriter.end();
    });
    expect(thrown).toBe(0);
  });
});
