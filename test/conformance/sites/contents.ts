/** The pages and data of the suite, as they are before anybody signs them. */
import { url } from '../../support/samples.ts';

/** Every kind of place that is signed, and some that are not. */
export const page: string = `<!DOCTYPE html>
<html><head><title>${url()}</title><meta property="og:image" content="${url('card')}">
<style>main { background: url("${url('card')}") }</style></head>
<body data-hero='${url()}'><!-- ${url()} --><p>è ${url()} ünïcode 日本</p>
<IMG SRC=${url()} srcset="${url()} 320w, ${url('card')} 640w" alt=a><textarea>${url()}</textarea>
<img src="${url('preview')}"><img src="https://elsewhere.example/x/y/thumb">
<script type="application/ld+json">{"image":"${url()}"}</script><script>image = "${url()}"</script>
`;
export const tokensOfPage = 7;
/** Of them, in CSS. */
export const tokensInCss = 1;

/** Broken off within a tag. */
export const first: readonly string[] = [
  `<p>first</p><img src="${url()}"><p>second</p>`,
  `<img src="${url().slice(0, -3)}`,
];
export const rest = 'umb">last';

/** Bytes that are no UTF-8, beside a URL. */
export const latin: Buffer = Buffer.from(`<p>\xe9t\xe9 \xff</p><img alt="\xe9" src="${url()}">`, 'latin1');
/** Trail bytes that are a backslash, a letter and a tilde. */
export const shiftJis: Buffer = Buffer.from(
  `<p>\x83\x5c\x83\x41\x83\x7e</p><img alt="\x95\x5c" src="${url()}">`,
  'latin1',
);
const shifted = `<p>\x1b$B<IMG/SRC="${url()}">!!\x1b(B</p><img src="${url()}">`;
/** ISO-2022-JP: what looks like an image is the text of a visitor. */
export const shiftedByMeta: Buffer = Buffer.from(`<meta charset=iso-2022-jp>${shifted}`);
/** Where a browser has to guess: what stands before the shifted text is ASCII in any case. */
export const shiftedByEscape: Buffer = Buffer.from(`<img src="${url()}">${shifted}`);
/** In a coding of its own. */
export const odd: Buffer = Buffer.from(`\x00\x01\xfe\xff<img src="${url()}">`, 'latin1');
export const utf16: Buffer = Buffer.from(page, 'utf16le');

/** A tag that is more than what is held back, and another one behind it. */
export const long: string = `<img alt="${'long '.repeat(14_000)}" src="${url()}"><img src="${url()}">`;

/** Half a megabyte that does not repeat itself. */
export const much: string = `${page}${Array.from({ length: 60_000 }, (_, i) => i * 7919).join(' ')}`;

export const ownAttribute: string = `<p hero="${url()}">`;

export const json: object = {
  image: url(),
  images: [url('card'), 'text', 1, null],
  [url()]: { deep: `see ${url()}` },
  é: 'é',
};

/** What a loader of React Router answers: values by number, then one that was awaited, in a line of its own. */
export const lines: readonly string[] = [
  `[{"_1":2,"_3":4},"hero","${url()}","later",["P",4]]\n`,
  `P4:[{"_1":2,"_5":6},"next","${url('card').replaceAll('/', '\\/')}"]\n`,
];
