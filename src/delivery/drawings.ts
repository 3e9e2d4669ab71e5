/**
 * Draws what a browser shows instead of an image: why it is refused, or a placeholder for a missing file. Its texts may come
 * from a URL that anybody can write, so they become XML text, never markup.
 */
import { hashHex } from '../signing/digests.ts';
import { escapeInvisible } from '../url/redaction.ts';

export type RefusalKind = keyof typeof looks;

export interface RefusalWords {
  readonly kind: RefusalKind;
  /** Two or three short words, all that a thumbnail has room for. */
  readonly title: string;
  readonly sentence: string;
  /** The image and the variant, if the URL names them: any text. */
  readonly image?: string | undefined;
}

const maxSentenceLength = 160;
const maxImageLength = 60;

/** A hue in degrees, and the sign in a square of 24, drawn as lines. */
const looks = {
  expired: [36, '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2.5"/>'],
  key: [
    4,
    '<circle cx="7.5" cy="15.5" r="4.5"/><path d="M10.7 12.3L19 4M15 8l3 3M18.5 15.5l4 4M22.5 15.5l-4 4"/>',
  ],
  unsigned: [
    262,
    '<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3M12 15v1.5"/>',
  ],
  forbidden: [330, '<circle cx="12" cy="12" r="9"/><path d="M5.6 5.6l12.8 12.8"/>'],
  missing: [
    205,
    '<rect x="3" y="5" width="18" height="14" rx="2" stroke-dasharray="3 2.4"/><path d="M9.8 10.2a2.2 2.2 0 1 1 3.3 1.9c-.8.4-1.1.8-1.1 1.6M12 16.2v.1"/>',
  ],
} as const;

/**
 * It has no size or aspect ratio of its own: it fills the image's box, and its media queries, which see the size of that box,
 * decide what fits. Thumbnails get a sign and two words.
 * @returns an SVG without scripts, links, fonts and images
 */
export function refusalPicture({ kind, title, sentence, image }: RefusalWords): string {
  const [hue, sign] = looks[kind];
  const lines = [
    `<p class="title">${drawnText(title)}</p>`,
    `<p class="sentence">${drawnText(cutInTheMiddle(sentence, maxSentenceLength))}</p>`,
    ...(image === undefined
      ? []
      : [`<p class="image">${drawnText(cutInTheMiddle(image, maxImageLength))}</p>`]),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="100%">
<style>:root{--hue:${hue}}${style}</style>
<defs><pattern id="stripes" width="14" height="14" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="7" height="14" class="stripe"/></pattern></defs>
<rect width="100%" height="100%" class="ground"/><rect width="100%" height="100%" fill="url(#stripes)"/>
<foreignObject width="100%" height="100%"><main xmlns="http://www.w3.org/1999/xhtml">
<svg xmlns="http://www.w3.org/2000/svg" class="sign" viewBox="0 0 24 24" aria-hidden="true">${sign}</svg>
<div>
${lines.join('\n')}
</div>
</main></foreignObject>
</svg>
`;
}

/** Sizes refer to the image's box, in CSS pixels; `vmin` is a hundredth of its shorter side. */
const style = `
:root{--ground:hsl(var(--hue) 70% 96%);--stripe:hsl(var(--hue) 60% 93%);--ink:hsl(var(--hue) 45% 18%);--sign:hsl(var(--hue) 75% 30%)}
@media (prefers-color-scheme:dark){:root{--ground:hsl(var(--hue) 28% 12%);--stripe:hsl(var(--hue) 26% 15%);--ink:hsl(var(--hue) 40% 90%);--sign:hsl(var(--hue) 85% 74%)}}
.ground{fill:var(--ground)}
.stripe{fill:var(--stripe)}
main{box-sizing:border-box;width:100%;height:100%;overflow:hidden;padding:max(2px,3vmin);display:flex;flex-direction:column;align-items:center;justify-content:center;gap:max(2px,2vmin);text-align:center;color:var(--ink);font:400 12px/1.3 system-ui,sans-serif}
.sign{flex:none;width:clamp(18px,22vmin,88px);height:clamp(18px,22vmin,88px);fill:none;stroke:var(--sign);stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
div{min-width:0;max-width:100%}
p{margin:0;overflow-wrap:anywhere;unicode-bidi:isolate}
.title{font:700 clamp(12px,6px + 2vmin + 1.2vmax,34px)/1.15 system-ui,sans-serif;color:var(--sign)}
.sentence,.image{display:none;margin-top:.4em}
.sentence{font-size:clamp(12px,4px + 1.5vmin + .8vmax,22px)}
.image{font:max(10px,1vmin + 1.3vmax)/1.3 ui-monospace,monospace;opacity:.85}
@media (max-width:55px),(max-height:37px){.title{display:none}.sign{width:70vmin;height:70vmin}}
@media (min-width:110px) and (max-height:37px){main{flex-direction:row}.title{display:block}}
@media (min-width:90px) and (min-height:150px),(min-width:150px) and (min-height:90px){.sentence{display:block}}
@media (min-width:260px) and (min-height:170px){.image{display:block}}
@media (min-width:300px) and (max-height:109px){main{flex-direction:row;text-align:start;gap:12px}.sentence{display:block}}
`;

export interface Placeholder {
  readonly id: string;
  /** Undefined in a store without variants. */
  readonly variant?: string | undefined;
  /** The variant's, in pixels; a missing one follows from 3:2, as in photographs. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

const defaultWidth = 1200;
const ratio = 3 / 2;
const maxIdLength = 36;

/** @returns an SVG of that size, without scripts, links, fonts and images; the same for the same image */
export function placeholderPicture({ id, variant, width, height }: Placeholder): string {
  const w = Math.round(width ?? (height === undefined ? defaultWidth : height * ratio));
  const h = Math.round(height ?? w / ratio);
  const [turn, sun, rise] = numbersOf(id); // the colour, and where the sun is, and the top of the nearer hill
  const hue = Math.floor(turn * 360);
  const at = (x: number, y: number): string => `${round(x * w)} ${round(y * h)}`;
  const name = cutInTheMiddle(id, maxIdLength);
  const size = `${w} × ${h}`;
  const facts = variant === undefined ? size : `${cutInTheMiddle(variant, maxIdLength)} · ${size}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" preserveAspectRatio="xMidYMid slice">
<rect width="${w}" height="${h}" fill="${colour(hue, 45, 86)}"/>
<circle cx="${round((0.15 + 0.7 * sun) * w)}" cy="${round(h * 0.3)}" r="${round(Math.min(w, h) * 0.1)}" fill="${colour(hue + 40, 70, 93)}"/>
<path d="M${at(0, 0.62)}Q${at(0.3 + 0.4 * (1 - rise), 0.36)} ${at(1, 0.6)}V${h}H0z" fill="${colour(hue, 35, 74)}"/>
<path d="M${at(0, 0.8)}Q${at(0.25 + 0.5 * rise, 0.5)} ${at(1, 0.78)}V${h}H0z" fill="${colour(hue, 32, 62)}"/>
<g fill="${colour(hue, 45, 16)}" font-family="system-ui,sans-serif" text-anchor="middle">
<text x="${round(w / 2)}" y="${round(h * 0.52)}" font-size="${fitting(name, w, h * 0.1)}" font-weight="600">${drawnText(name)}</text>
<text x="${round(w / 2)}" y="${round(h * 0.52 + h * 0.1)}" font-size="${fitting(facts, w, h * 0.065)}">${drawnText(facts)}</text>
</g>
</svg>
`;
}

/** Three numbers from 0 up to 1, spread evenly over ids. */
function numbersOf(id: string): readonly [number, number, number] {
  const digest = hashHex('sha256', id);
  const at = (index: number): number => Number.parseInt(digest.slice(index, index + 4), 16) / 0x10000;
  return [at(0), at(4), at(8)];
}

function colour(hue: number, saturation: number, lightness: number): string {
  return `hsl(${hue % 360} ${saturation}% ${lightness}%)`;
}

/** The font size at which a line fits into nine tenths of the width. Letters are about 0.6 of it wide, others up to 1. */
function fitting(text: string, width: number, largest: number): number {
  let ems = 0;
  for (const character of text) ems += character < '\u0250' ? 0.6 : 1;
  return round(Math.min(largest, (0.9 * width) / Math.max(ems, 1)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * For element content and quoted attributes. Characters that are invisible, change the text direction (UAX 9), or are not
 * allowed in XML (XML 1.0, "Char") are shown as escapes such as `\u{202e}`.
 */
export function drawnText(text: string): string {
  return escapeInvisible(text)
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => references[character]!);
}

/**
 * Keeps the beginning and the end of a long text, where ids differ.
 * @param maxLength - in code points
 */
export function cutInTheMiddle(text: string, maxLength: number): string {
  const characters = Array.from(text);
  if (characters.length <= maxLength) return text;
  const tail = Math.floor(maxLength / 2);
  return [...characters.slice(0, maxLength - tail - 1), '…', ...characters.slice(-tail)].join('');
}
