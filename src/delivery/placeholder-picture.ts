/** Draws a picture in the place of one that is not there: a landscape whose colour follows from the id, with its name on it. */
import { cutInTheMiddle, drawnText } from './drawn-text.ts';

export interface Placeholder {
  readonly id: string;
  /** Undefined in a store without variants. */
  readonly variant?: string | undefined;
  /** In pixels, as the variant says; a photograph's 3:2 fills in what it leaves open. */
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
  const [hue, sun, hill] = numbersOf(id, [360, 1000, 1000]) as [number, number, number];
  const at = (x: number, y: number): string => `${round(x * w)} ${round(y * h)}`;
  const rise = hill / 1000; // where the nearer hill is highest
  const name = cutInTheMiddle(id, maxIdLength);
  const size = `${w} × ${h}`;
  const facts = variant === undefined ? size : `${cutInTheMiddle(variant, maxIdLength)} · ${size}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" preserveAspectRatio="xMidYMid slice">
<rect width="${w}" height="${h}" fill="${colour(hue, 45, 86)}"/>
<circle cx="${round((0.15 + 0.7 * (sun / 1000)) * w)}" cy="${round(h * 0.3)}" r="${round(Math.min(w, h) * 0.1)}" fill="${colour(hue + 40, 70, 93)}"/>
<path d="M${at(0, 0.62)}Q${at(0.3 + 0.4 * (1 - rise), 0.36)} ${at(1, 0.6)}V${h}H0z" fill="${colour(hue, 35, 74)}"/>
<path d="M${at(0, 0.8)}Q${at(0.25 + 0.5 * rise, 0.5)} ${at(1, 0.78)}V${h}H0z" fill="${colour(hue, 32, 62)}"/>
<g fill="${colour(hue, 45, 16)}" font-family="system-ui,sans-serif" text-anchor="middle">
<text x="${round(w / 2)}" y="${round(h * 0.52)}" font-size="${fitting(name, w, h * 0.1)}" font-weight="600">${drawnText(name)}</text>
<text x="${round(w / 2)}" y="${round(h * 0.52 + h * 0.1)}" font-size="${fitting(facts, w, h * 0.065)}">${drawnText(facts)}</text>
</g>
</svg>
`;
}

/** Numbers from 0 up to each limit, spread evenly over ids (FNV-1a, of 32 bits). */
function numbersOf(id: string, limits: readonly number[]): number[] {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++)
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193) >>> 0;
  return limits.map((limit) => {
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
    return hash % limit;
  });
}

function colour(hue: number, saturation: number, lightness: number): string {
  return `hsl(${hue % 360} ${saturation}% ${lightness}%)`;
}

/** The size of a line that is to fit into nine tenths of the width: letters are about 0.6 of it wide, others up to 1. */
function fitting(text: string, width: number, largest: number): number {
  let ems = 0;
  for (const character of text) ems += character < '\u0250' ? 0.6 : 1;
  return round(Math.min(largest, (0.9 * width) / Math.max(ems, 1)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
