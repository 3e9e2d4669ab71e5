/** The pages and data of the suite, as they are before anybody signs them. */
import { constants, deflateRawSync, gzipSync } from 'node:zlib';
import type { UrlOf } from '../stores/store.ts';

type Of<Names extends string, Value> = Readonly<Record<Names, Value>>;
type Bytes = 'latin' | 'shiftJis' | 'shiftedByMeta' | 'shiftedByEscape' | 'declaredLate' | 'odd' | 'utf16';

export interface Contents
  extends Of<'page' | 'rest' | 'long' | 'much' | 'ownAttribute', string>,
    Of<'tokensOfPage' | 'tokensInCss', number>,
    Of<'first' | 'lines', readonly string[]>,
    Of<'events' | 'parts', readonly [string, string]>,
    Of<Bytes, Buffer> {
  readonly json: object;
  readonly codedEvents: readonly [Buffer, Buffer];
}

/** Every server of a store shows the same. */
const made = new WeakMap<UrlOf, Contents>();

export function contentsOf(url: UrlOf): Contents {
  const contents = made.get(url) ?? makeContents(url);
  made.set(url, contents);
  return contents;
}

function makeContents(url: UrlOf): Contents {
  /** Every kind of place that is signed, and some that are not. */
  const page: string = `<!DOCTYPE html>
<html><head><title>${url()}</title><meta property="og:image" content="${url('card')}">
<style>main { background: url("${url('card')}") }</style></head>
<body data-hero='${url()}'><!-- ${url()} --><p>è ${url()} ünïcode 日本</p>
<IMG SRC=${url()} srcset="${url()} 320w, ${url('card')} 640w" alt=a><textarea>${url()}</textarea>
<img src="${url('preview')}"><img src="https://elsewhere.example/x/y/thumb">
<script type="application/ld+json">{"image":"${url()}"}</script><script>image = "${url()}"</script>
`;
  const tokensOfPage = 7;
  /** Of them, in CSS. */
  const tokensInCss = 1;

  /** Broken off within a tag. */
  const first: readonly string[] = [
    `<p>first</p><img src="${url()}"><p>second</p>`,
    `<img src="${url().slice(0, -3)}`,
  ];
  const rest = `${url().slice(-3)}">last`;

  /** Bytes that are no UTF-8, beside a URL. */
  const latin: Buffer = Buffer.from(`<p>\xe9t\xe9 \xff</p><img alt="\xe9" src="${url()}">`, 'latin1');
  /** Trail bytes that are a backslash, a letter and a tilde. */
  const shiftJis: Buffer = Buffer.from(
    `<p>\x83\x5c\x83\x41\x83\x7e</p><img alt="\x95\x5c" src="${url()}">`,
    'latin1',
  );
  const shifted = `<p>\x1b$B<IMG/SRC="${url()}">!!\x1b(B</p><img src="${url()}">`;
  /** ISO-2022-JP: what looks like an image is the text of a visitor. */
  const shiftedByMeta: Buffer = Buffer.from(`<meta charset=iso-2022-jp>${shifted}`);
  /** Where a browser has to guess: what stands before the shifted text is ASCII in any case. */
  const shiftedByEscape: Buffer = Buffer.from(`<img src="${url()}">${shifted}`);
  /** Says what it is within its first 1,024 bytes, behind images that push it beyond them once they are signed. */
  const images = `<!DOCTYPE html><body>${`<img src="${url()}">`.repeat(6)}`;
  const declaredLate: Buffer = Buffer.from(
    `${images.padEnd(980)}<meta charset=windows-1251><p>\xe6${'\xf1'.repeat(1_500)}`,
    'latin1',
  );
  /** In a coding of its own. */
  const odd: Buffer = Buffer.from(`\x00\x01\xfe\xff<img src="${url()}">`, 'latin1');
  const utf16: Buffer = Buffer.from(page, 'utf16le');

  /** A tag that is more than what is held back, and another one behind it. */
  const long: string = `<img alt="${'long '.repeat(14_000)}" src="${url()}"><img src="${url()}">`;

  /** Half a megabyte that does not repeat itself. */
  const much: string = `${page}${Array.from({ length: 60_000 }, (_, i) => i * 7919).join(' ')}`;

  const ownAttribute: string = `<p hero="${url()}">`;

  const json: object = {
    image: url(),
    images: [url('card'), 'text', 1, null],
    [url()]: { deep: `see ${url()}` },
    é: 'é',
  };

  /** What a loader of React Router answers: values by number, then one that was awaited, in a line of its own. */
  const lines: readonly string[] = [
    `[{"_1":2,"_3":4},"hero","${url()}","later",["P",4]]\n`,
    `P4:[{"_1":2,"_5":6},"next","${url('card').replaceAll('/', '\\/')}"]\n`,
  ];

  /** One of HTML over several lines, with a comment before it; then one of JSON. */
  const events: readonly [string, string] = [
    `: hello\n\nevent: more\ndata: <img\ndata: src="${url()}">\n\n`,
    `id: 7\ndata: {"image":"${url('card')}"}\n\n`,
  ];
  /** The first is flushed. */
  const codedEvents: readonly [Buffer, Buffer] = [
    gzipSync(events[0], { finishFlush: constants.Z_SYNC_FLUSH }),
    Buffer.concat([deflateRawSync(events[1]), gzipSync(events.join('')).subarray(-8)]),
  ];

  /** What GraphQL sends at once, with the delimiter of the next part; and what it defers. */
  const parts: readonly [string, string] = [
    `\r\n---\r\nContent-Type: application/json\r\n\r\n{"data":{"image":"${url()}"},"hasNext":true}\r\n---`,
    `\r\nContent-Type: application/json\r\n\r\n{"incremental":[{"data":{"image":"${url('card')}"}}]}\r\n-----\r\n`,
  ];
  return {
    page,
    tokensOfPage,
    tokensInCss,
    first,
    rest,
    latin,
    shiftJis,
    shiftedByMeta,
    shiftedByEscape,
    declaredLate,
    odd,
    utf16,
    long,
    much,
    ownAttribute,
    json,
    lines,
    events,
    codedEvents,
    parts,
  };
}

/** A page of an image that may be stored under another base than it is delivered from. */
export function storedPage(image: string): string {
  return `<!doctype html><img src="${image}" srcset="${image} 1x"><p style="background:url('${image}')">a<a href="${image}">b</a>`;
}
