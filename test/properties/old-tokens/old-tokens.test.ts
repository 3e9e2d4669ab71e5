/** A URL that an app stored with a token of any version comes out as if it had been stored plain, wherever it stands. */

import { describe, expect, test } from 'vitest';
import { imageSigner } from '../../../src/fetch.ts';
import { createSigner } from '../../../src/index.ts';
import { inQuotes, jsonInScript } from '../../support/generators/escape-layers.ts';
import { type Place, places, siteTargets } from '../../support/generators/hostile-places.ts';
import { randomFrom } from '../../support/generators/random.ts';
import { textPlaces } from '../../support/generators/text-places.ts';
import { readPage } from '../../support/oracles/browser-reading.ts';
import { instant } from '../../support/samples.ts';
import { runs, seed, shareOf } from '../../support/seed.ts';
import { oldStores } from './stores.ts';

/** Those of a page, and HTML and Markdown in JSON. */
const inPages: readonly Place[] = [
  ...places,
  { layers: [], before: "<a href='", after: "'>x</a>" }, // with bare ampersands
  { layers: [inQuotes], before: '<img srcset="/a 1x, ', after: ' 2x">' },
  {
    layers: [inQuotes, jsonInScript],
    before: '<script type="application/json">{"content":"<p><img src=\\"',
    after: '\\"></p>"}</script>',
  },
  {
    layers: [jsonInScript],
    before: '<script type="application/json">{"body":"# A\\n\\n![a](',
    after: ') b"}</script>',
  },
];

/** With no more escapes than the place needs. */
function written(url: string, { layers, after }: Place): string {
  return layers.reduce((text, layer) => {
    const spell = layer(() => 1);
    return Array.from(text, (each, at) => spell(each, text[at + 1] ?? after[0]!, 'few')).join('');
  }, url);
}

const html = (text: string): string => text.replaceAll('&', '&amp;');

const names = ['cat', 'a%20b', 'c%C3%A9', 'my_photo-1x', '20/10/d'];
const perIssuer = runs(0.02);
const cases = oldStores.flatMap((store) =>
  Object.entries(store.issuers).map(([issuer, issue]) => ({
    title: `${store.name}: ${issuer}`,
    store,
    issue,
  })),
);

describe.each(shareOf(cases, 8))('$title', ({ store, issue }) => {
  const signer = createSigner({
    scheme: store.scheme,
    ttl: '1h',
    now: () => instant,
    report: false,
  } as never);
  const random = randomFrom(seed);
  /** At moments of twenty years. */
  const urls = (): { plain: string; fresh: string; old: string }[] =>
    Array.from({ length: perIssuer }, (_, at) => {
      const plain = store.around.join(names[(seed + at) % names.length]!);
      const seconds = 1_150_000_000 + Math.floor(random() * 630_000_000);
      return { plain, fresh: signer.signImage(plain), old: issue(plain, seconds, random) };
    });

  test('signImage, unsignImage and unsignText', () => {
    for (const { plain, fresh, old } of urls()) {
      expect(old).not.toBe(plain);
      expect(signer.signImage(old)).toBe(fresh);
      expect(signer.unsignImage(old)).toBe(plain);
      for (const place of textPlaces)
        expect(signer.unsignText(place.write(old)), place.name).toBe(place.write(plain));
    }
  });

  test('in every place of a page', () => {
    const all = urls();
    for (const place of inPages) {
      const pageOf = (name: 'old' | 'fresh'): string =>
        all.map((each) => place.before + written(each[name], place) + place.after).join('\n');
      const out = signer.rewriteHtml(pageOf('old'), siteTargets);
      expect(readPage(out, siteTargets), place.before).toEqual(readPage(pageOf('fresh'), siteTargets));
    }
  });

  test('in a body of JSON, and in Link', async () => {
    const sign = imageSigner({ signer, rewrite: { json: true } } as never);
    for (const { fresh, old } of urls()) {
      const link = (url: string): string => `<${url}>; rel=preload; as=image`;
      const response = await sign(new Request('https://shop.example/'), () =>
        Response.json([{ b: old }], { headers: { link: link(old) } }),
      );
      expect(response.headers.get('link')).toBe(link(fresh));
      expect(await response.json()).toEqual([{ b: fresh }]);
    }
  });

  // A scheme whose tokens open a folder takes no `authorize`.
  if (store.opensFolder === true) return;

  test('a refused one goes out plain', () => {
    const report = false;
    const authorize = (): boolean => false;
    const strict = createSigner({ scheme: store.scheme, ttl: '1h', now: () => instant, report, authorize });
    for (const { plain, old } of urls())
      expect(strict.rewriteHtml(`<img src="${html(old)}">`)).toBe(`<img src="${html(plain)}">`);
  });
});
