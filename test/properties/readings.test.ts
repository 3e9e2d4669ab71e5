/**
 * Law: a signature of a built-in scheme can be read in one way. Hostile URLs are signed, and each is attacked: boundaries
 * moved, escapes decoded, digits read as an expiry. `test/schemes/bunny.test.ts` attacks Bunny by a model of its server.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { definitionOf } from '../../src/schemes/definition.ts';
import { cloudflareImages, type Scheme } from '../../src/schemes.ts';
import { checkOneReading } from '../../src/tools/testing/reading-law.ts';
import { Subject } from '../../src/tools/testing/subject.ts';
import { pick, randoms } from '../support/generators/random.ts';
import { key } from '../support/samples.ts';
import { storeNames, usualScheme } from '../support/schemes/table.ts';
import { runs, seed } from '../support/seed.ts';

const [cdn, prefixes] = ['https://cdn.example/files', 'uploads/'];
/** Which take longer. */
const byKeyPair: readonly string[] = ['cloudFront', 'gcs', 'sanity'];
/** `test/schemes` reads what the others sign. */
const stores = storeNames.filter((name) => name !== 'nginxSecureLink' && name !== 'edgeAuth');

/** How many URLs are made, and what stands before and behind the hostile part of each. */
const cases: readonly (readonly [count: number, scheme: Scheme, before: string, after: string])[] = [
  ...stores.map((name) => {
    const count = byKeyPair.includes(name) ? 15 : ['bunny', 'imageKit'].includes(name) ? 300 : 150;
    return [count, usualScheme(name, cdn, { prefixes }), `${cdn}/uploads/`, ''] as const;
  }),
  [150, usualScheme('jwt', cdn, { claims: { $claims: 'whole' }, prefixes }), `${cdn}/uploads/`, ''],
  [
    150,
    usualScheme('imgproxy', cdn, { prefixes: 'https://photos.example/' }),
    `${cdn}/insecure/w:9999999999/plain/https://photos.example/`,
    '',
  ],
  [
    150,
    cloudflareImages({ key, variants: ['thumb'] }),
    'https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/',
    '/thumb',
  ],
];

const pieces = [
  ...[
    '9999999999',
    '1900000000',
    '17',
    '4',
    '0',
    '1700000000000',
    '/',
    '//',
    'a',
    'cat.jpg',
    '.mp4',
    '-',
    '.',
  ],
  ...'%26 %3D %23 %3F %2525 %2526 %5E %20 %7C %C3%A9 + = & ; : ~'.split(' '),
  ...'expires= Expires= exp= exp: token= s= verify= X-Amz-Date= KeyName= width= v='.split(' '),
];

test.each(cases)('%i URLs of a scheme', { timeout: 120_000 }, (count, scheme, before, after) => {
  const some = (random: () => number, most: number): string =>
    Array.from({ length: 1 + Math.floor(random() * most) }, () => pick(random, pieces)).join('');
  const subject = new Subject(definitionOf(scheme)!, { seed });
  const sum = { urls: 0, signed: 0, others: 0 };
  fc.assert(
    fc.property(randoms, (random) => {
      const query = Array.from({ length: Math.floor(random() * 4) }, () => some(random, 2)).join('&');
      const given = `${before}${some(random, 4)}${after}${query && `?${query}`}`;
      sum.urls++;
      const url = subject.find(given) === undefined ? given : subject.strip(given);
      const tried = checkOneReading(subject, url);
      if (tried > 0) sum.signed++;
      sum.others += tried;
    }),
    { numRuns: runs(count / 1000) },
  );
  console.log(`${scheme.name}: ${JSON.stringify(sum)}`);
  // Else the law would hold of nothing.
  expect(sum.signed).toBeGreaterThanOrEqual(Math.floor(sum.urls / 10));
});
