/** A URL that an app stored with a token of any version comes out as if it had been stored plain, wherever it stands. */

import { decodeHTML } from 'entities';
import { describe, expect, test } from 'vitest';
import { imageSigner } from '../../src/fetch.ts';
import { createSigner, type Signer } from '../../src/index.ts';
import { markdown } from '../../src/markdown.ts';
import { type OldStore, oldStores } from '../support/old-tokens.ts';
import { randomFrom } from '../support/random.ts';
import { partOf, shareOf } from '../support/run-length.ts';
import { instant } from '../support/samples.ts';
import { atLength, seed } from '../support/seed.ts';
import { textPlaces } from '../support/text-places.ts';

/** What stands around a URL, and how the URL is written there. */
interface Place {
  readonly name: string;
  readonly around: readonly [before: string, after: string];
  readonly write: (url: string) => string;
  readonly read: (written: string) => string;
  readonly isJson?: boolean;
}

const html = (text: string): string => text.replaceAll('&', '&amp;');
const json = (text: string): string => JSON.stringify(text).slice(1, -1);
const fromJson = (text: string): string => JSON.parse(`"${text}"`) as string;
const fromCss = (text: string): string =>
  text.replaceAll(/\\([\da-f]{1,6})\s?/gi, (_, code: string) => String.fromCodePoint(parseInt(code, 16)));
const same = (text: string): string => text;

const places: readonly Place[] = [
  { name: 'an attribute', around: ['<img src="', '" alt=x>'], write: html, read: decodeHTML },
  { name: 'an attribute with bare &', around: ["<a href='", "'>x</a>"], write: same, read: decodeHTML },
  { name: 'a srcset', around: ['<img srcset="/a 1x, ', ' 2x">'], write: html, read: decodeHTML },
  {
    name: 'url() in an attribute',
    around: ['<p style="a:url(', ')">'],
    write: html,
    read: (text) => fromCss(decodeHTML(text)),
  },
  { name: 'a string of CSS', around: ['<style>a{b:url("', '")}</style>'], write: same, read: fromCss },
  {
    name: 'a script of JSON',
    around: ['<script type="application/json">{"a":["', '"]}</script>'],
    write: json,
    read: fromJson,
  },
  {
    name: 'a script of JSON with \\u0026',
    around: ['<script type="application/ld+json">{"image":"', '"}</script>'],
    write: (url) => json(url).replaceAll('&', '\\u0026'),
    read: fromJson,
  },
  {
    name: 'JSON in an attribute',
    around: ['<p data-x="{&quot;a&quot;:&quot;', '&quot;}">'],
    write: (url) => html(json(url)),
    read: (text) => fromJson(decodeHTML(text)),
  },
  {
    name: 'an image optimizer',
    around: ['<img src="/_next/image?url=', '&amp;w=640&amp;q=75">'],
    write: encodeURIComponent,
    read: decodeURIComponent,
  },
  {
    name: 'a template in a script',
    around: ['<script type="text/x-template"><img src="', '"></script>'],
    write: html,
    read: decodeHTML,
  },
  { name: 'a body of JSON', around: ['{"a":[{"b":"', '"}]}'], write: json, read: fromJson, isJson: true },
  {
    name: 'HTML in a field',
    around: ['{"content":"<p><img src=\\"', '\\"></p>"}'],
    write: (url) => json(html(url)),
    read: (text) => decodeHTML(fromJson(text)),
    isJson: true,
  },
  {
    name: 'Markdown in a field',
    around: ['{"body":"# A\\n\\n![a](', ') b"}'],
    write: json,
    read: fromJson,
    isJson: true,
  },
];

interface Site {
  readonly signer: Signer;
  /** What goes out of a site that answers with this. */
  send(body: string, isJson: boolean, link?: string): Promise<Response>;
}

function siteOf({ scheme }: OldStore): Site {
  const signer = createSigner({ scheme, ttl: '1h', now: () => instant, report: false } as never);
  const rewrite = { json: true };
  const fields = { content: 'html', body: markdown };
  const sign = imageSigner({ signer, rewrite, fields } as never);
  return {
    signer,
    send: (body, isJson, link) =>
      sign(new Request('https://shop.example/'), () => {
        const headers = new Headers({ 'content-type': isJson ? 'application/json' : 'text/html' });
        if (link !== undefined) headers.set('link', link);
        return new Response(body, { headers });
      }),
  };
}

const names = ['cat', 'a%20b', 'c%C3%A9', 'my_photo-1x', '20/10/d'];
const perIssuer = atLength(20);
const cases = oldStores.flatMap((store) =>
  Object.entries(store.issuers).map(([issuer, issue]) => ({
    title: `${store.name}: ${issuer}`,
    store,
    issue,
  })),
);

describe.each(shareOf(partOf(cases, 2, seed), 4, seed))('$title', ({ store, issue }) => {
  const site = siteOf(store);
  const { signer } = site;
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

  test.each(places)('in $name', async ({ around, write, read, isJson = false }) => {
    const [before, after] = around;
    const all = urls();
    const separator = isJson ? ',' : '\n';
    const body = all.map(({ old }) => before + write(old) + after).join(separator);
    const answer = await (await site.send(isJson ? `[${body}]` : body, isJson)).text();
    const sent = (isJson ? answer.slice(1, -1) : answer).split(before).slice(1);
    expect(sent).toHaveLength(all.length);
    for (const [at, { fresh }] of all.entries())
      expect(read(sent[at]!.slice(0, sent[at]!.indexOf(after)))).toBe(fresh);
  });

  test('in Link', async () => {
    for (const { fresh, old } of urls()) {
      const response = await site.send('<p>', false, `<${old}>; rel=preload; as=image`);
      expect(response.headers.get('link')).toBe(`<${fresh}>; rel=preload; as=image`);
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
