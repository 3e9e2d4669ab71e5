/** A page that is similar to one before comes out as if it were the first, whatever lies between what they share. */
import { expect, test } from 'vitest';
import { imageSigner } from '../../src/fetch.ts';
import type { ImageSignerEvent } from '../../src/index.ts';
import { nastyDocument } from '../support/nasty-documents.ts';
import { randomFrom } from '../support/random.ts';
import { base, id, url } from '../support/samples.ts';
import { atLength, seed } from '../support/seed.ts';

const random = randomFrom(seed);
const upTo = (count: number): number => Math.floor(random() * count);
const oneOf = <Item>(items: readonly Item[]): Item => items[upTo(items.length)]!;

interface Site {
  answer(page: Buffer): Promise<Buffer>;
  readonly events: ImageSignerEvent[];
}

function newSite(): Site {
  const events: ImageSignerEvent[] = [];
  const { key, ttl, variants, accountHash, now } = base;
  const site = imageSigner({
    ...{ key, ttl, variants, accountHash, now },
    // A script that may hold URLs is told once for each middleware.
    report: (event) => (event.type === 'passed' && event.reason === 'script-state' ? 0 : events.push(event)),
  });
  return {
    events,
    async answer(page) {
      const headers = { 'Content-Type': 'text/html; charset=utf-8' };
      const response = await site(
        new Request('http://shop.example/'),
        () => new Response(new Uint8Array(page), { headers }),
      );
      return Buffer.from(await response.arrayBuffer());
    },
  };
}

/** A row of a shop; some of its elements change what may follow an `svg`. */
function row(): string {
  const image = `${id.slice(0, -4)}${1_000 + upTo(9_000)}`;
  const filler = 'A text that nobody looks for. '.repeat(1 + upTo(20));
  return oneOf([
    `<li><img src="${url('thumb', image)}" alt="">${filler}</li>\n`,
    `<p>${filler}<img srcset="${url('thumb', image)} 1x, ${url('card', image)} 2x"></p>\n`,
    `<table><tr><td><img src='${url('card', image)}'></table>${filler}\n`,
    // Whether the end tag closes the svg, so that the style is HTML's, depends on what is open around it.
    `<svg><g>${oneOf(['</td>', '</div>', '</b>'])}<style><img src="${url('thumb', image)}"></style></svg>${filler}\n`,
    `<svg><title>${filler}</title><image href="${url('thumb', image)}"/></svg>\n`,
    `<div style="background: url(${url('thumb', image)})">${filler}</div>\n`,
    `<script type="application/json">{"a":"${url('thumb', image)}"}</script>${filler}\n`,
  ]);
}

const breaks: readonly string[] = [
  '',
  'Ada',
  'token-0123456789',
  '<svg>',
  '</svg>',
  '<math><mtext>',
  '<svg><desc>',
  '<svg><style>',
  '<table>',
  '<table><tr><td>',
  '</td></tr></table>',
  '<div>',
  '<b>',
  '</p>',
  '<p>',
  '<b>',
  '</td>',
  '<!--',
  '-->',
  '<script>',
  '<script>/*<!--',
  '</script>',
  '<style>',
  '</style>',
  '<textarea>',
  '<title>',
  '<noscript>',
  '</noscript>',
  '<plaintext>',
  '<![CDATA[',
  ']]>',
  '<p title="',
  '">',
  "'",
  '<',
  'é\u2028💡',
  `<img src="${url('card')}">`,
  `<img src="${url('original')}">`,
  `<img src="${url('thumb')}?exp=1&sig=${'0'.repeat(64)}">`,
  `<a href="${url('preview')}">`,
];

function pageOf(): Buffer {
  const rows = Array.from({ length: 20 + upTo(40) }, row);
  if (upTo(3) === 0) rows.splice(upTo(rows.length), 0, nastyDocument(upTo(2 ** 31)).toString('latin1'));
  return Buffer.from(
    `<!doctype html><html><body>${'<!-- the same on all pages -->'.repeat(20)}<ul>\n${rows.join('')}</ul>`,
  );
}

/** The page with another text in one or two places. */
function changed(page: Buffer): Buffer {
  let text = page.toString('latin1');
  for (let places = 1 + upTo(2); places > 0; places--) {
    const at = upTo(text.length);
    const put =
      upTo(4) === 0 ? nastyDocument(upTo(2 ** 31)).toString('latin1') : oneOf(breaks) + oneOf(breaks);
    const bytes = Buffer.from(put).toString('latin1');
    text = text.slice(0, at) + bytes + text.slice(at + oneOf([bytes.length, upTo(20), upTo(600)]));
  }
  return Buffer.from(text, 'latin1');
}

const runs = Math.max(150, atLength(150)); // in short it would miss what it is for

test('property: whatever has changed, the page and what is told of it are those of a site that begins with it', {
  timeout: 240_000,
}, async () => {
  for (let run = 0; run < runs; run++) {
    const first = pageOf();
    const site = newSite();
    await site.answer(first);
    for (let visit = 0; visit < 4; visit++) {
      const page = changed(first);
      site.events.length = 0;
      const fresh = newSite();
      const [found, expected] = [await site.answer(page), await fresh.answer(page)];
      if (!found.equals(expected)) expect.fail(JSON.stringify([first, page].map(String)));
      expect(site.events).toEqual(fresh.events);
    }
  }
});
