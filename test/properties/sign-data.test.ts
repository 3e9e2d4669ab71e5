/** `signData` says of data what `rewrite.json` says of its JSON, and `unsignData` gives back what was plain. */

import type { RequestListener } from 'node:http';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ImageSignerOptions, imageSigner } from '../../src/index.ts';
import { siteTargets } from '../support/generators/hostile-places.ts';
import { type Site, sites } from '../support/generators/hostile-sites.ts';
import { hostileBody, textOf } from '../support/generators/hostile-urls.ts';
import { randomText } from '../support/generators/objects.ts';
import { pick, randoms } from '../support/generators/random.ts';
import { plainTexts } from '../support/generators/text-places.ts';
import { textSchemes } from '../support/generators/text-schemes.ts';
import { accountHash, instant, otherId, url } from '../support/samples.ts';
import { runs } from '../support/seed.ts';
import { exchange } from '../support/servers/in-memory.ts';

const { fields } = siteTargets;

/** What the middleware makes of a JSON body. */
function throughJson({ signer }: Site, json: string): string {
  const options = { signer, rewrite: { json: true }, fields, report: false };
  const sign = imageSigner(options as unknown as ImageSignerOptions);
  const listener: RequestListener = (request, response) =>
    sign(request, response, () => {
      response.setHeader('Content-Type', 'application/json');
      response.end(json);
    });
  return exchange(listener, {}, () => instant).body;
}

/** Strings that a stranger has written, as JSON holds them. */
function stringsOf(at: number, { heads }: Site): string[] {
  const strings: string[] = [];
  const { parts } = hostileBody(at, heads);
  for (const [source] of textOf(parts).matchAll(/"(?:[^"\\\0-\x1f]|\\.)*"/g)) {
    try {
      strings.push(JSON.parse(source) as string);
    } catch {
      // an escape that is none
    }
  }
  return strings;
}

/** What apps store. */
const stored = [
  url(),
  url('card', otherId),
  url('preview'),
  url('large'),
  `${url()}?v=1#f`,
  `${url()}?exp=1&sig=${'0'.repeat(64)}`,
  `${url('card')}?w=1&exp=1&sig=${'0'.repeat(64)} is mine`,
  `${url()} 1x, ${url('card')} 2x`,
  `/_next/image?url=${encodeURIComponent(url())}&w=640&q=75`,
  `/_next/image?url=${encodeURIComponent(url('card', 'été'))}&w=640`,
  url('thumb', 'été'),
  url('thumb', 'my cat'),
  url('thumb', 'a%2Cb'),
  `HTTPS://IMAGEDELIVERY.NET/${accountHash}/a/thumb`,
  ...sites.map(({ signer }) => signer.signImage(url(), undefined, { ttl: '5m' })),
  ...sites.map(({ signer }) => signer.signImage(url('card'))),
];

const names = [...'content body nested image srcset dataSrcset __proto__ constructor 0 ünï'.split(' '), ''];
const halves = ['\ud83d', '\udca9', '\u2028', '\0', '\u00e9', '💩'];

/** A string as it is, within another, or cut where a character has two halves. */
function randomString(strings: readonly string[], random: () => number): string {
  const text = pick(random, strings) ?? '';
  const place = random();
  if (place < 0.3) return `${pick(random, halves)}${text}`;
  if (place < 0.6) return text + pick(random, halves);
  if (place < 0.8) return JSON.stringify(randomValue(() => pick(random, strings) ?? '', random, 2));
  return `<p>${pick(random, halves)}<img src="${text}" srcset="${pick(random, strings)} 2x">![](${text})`;
}

function anyString(strings: readonly string[], random: () => number): () => string {
  return () => (random() < 0.5 ? (pick(random, strings) ?? '') : randomString(strings, random));
}

function randomValue(string: () => string, random: () => number, depth = 0): unknown {
  const kind = depth > 4 ? 0 : depth === 0 ? 1 : random();
  if (kind < 0.5) return string();
  if (kind < 0.6) return pick(random, [null, 1.5, true, -0, 1e300]);
  const length = Math.floor(random() * 7);
  if (kind < 0.75) return Array.from({ length }, () => randomValue(string, random, depth + 1));
  const value = {};
  for (let count = length; count > 0; count--)
    Object.defineProperty(value, pick(random, names), {
      value: randomValue(string, random, depth + 1),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return value;
}

/** Nothing that was is written to, and what is the same is the very same. */
function sharesWhatStays(before: unknown, after: unknown): boolean {
  if (typeof before !== 'object' || before === null || before === after) return true;
  if (JSON.stringify(before) === JSON.stringify(after)) return false;
  return Object.entries(before).every(([name, value]) =>
    sharesWhatStays(value, Object.getOwnPropertyDescriptor(after, name)?.value),
  );
}

const values = runs(4);

test(`${values} values come out of signData as their JSON does of the middleware`, {
  timeout: 240_000,
}, () => {
  let changed = 0;
  fc.assert(
    fc.property(fc.nat(), randoms, (at, random) => {
      const site = sites[at % sites.length]!;
      const value = randomValue(anyString([...stringsOf(at, site), ...stored], random), random);
      const json = JSON.stringify(value);
      const signed = site.signer.signData(value, { fields });
      expect(JSON.stringify(value)).toBe(json);
      const wanted = JSON.stringify(JSON.parse(throughJson(site, json)));
      if (JSON.stringify(signed) !== wanted)
        expect({ at, value, signed }).toEqual({ at, value, signed: JSON.parse(wanted) });
      expect(sharesWhatStays(value, signed)).toBe(true);
      if (signed !== value) changed++;
    }),
    { numRuns: values },
  );
  expect(changed).toBeGreaterThan(values / 4);
});

const perScheme = runs(0.2);

describe.each(textSchemes)('$name', ({ name: scheme, base, path, signer }) => {
  // A `~` separates the parts of a token of EdgeAuth.
  const names = ['cat', scheme.startsWith('edgeAuth') ? 'a-b.c' : 'a-b~c', 'x_1'];

  test(`${perScheme} plain values come back from unsignData`, { timeout: 120_000 }, () => {
    const plain = (random: () => number): string => {
      const url = `${base}${path[0]}${pick(random, names)}${path[1]}`;
      return signer.unsignImage(signer.signImage(url)) === url ? url : '';
    };
    fc.assert(
      fc.property(randoms, (random) => {
        const strings = [
          plain(random),
          plain(random),
          pick(random, plainTexts),
          randomText(random, 20),
          `<img src="${plain(random)}">`,
        ];
        const value = randomValue(() => pick(random, strings), random);
        const signed = signer.signData(value, { fields });
        expect(JSON.stringify(signer.unsignData(signed))).toBe(JSON.stringify(value));
        expect(signer.unsignData(value)).toBe(value);
      }),
      { numRuns: perScheme },
    );
  });
});
