/** The paint box: gradients, glows, mist and stars as SVG text. It does not know the scenes. */
import type { Random } from './random.ts';

/** Every picture is drawn at the size of its largest variant. */
export const width = 1280;
export const height = 800;

/** Position in a gradient, colour, opacity. */
export type Stop = readonly [offset: number, color: string, opacity?: number];
export type Point = readonly [x: number, y: number];

/** A linear gradient over the shape that it fills; from top to bottom by default. */
export function linear(id: string, stops: readonly Stop[], [x, y]: Point = [0, 1]): string {
  return `<linearGradient id="${id}" x1="0" y1="0" x2="${x}" y2="${y}">${stopList(stops)}</linearGradient>`;
}

/** A radial gradient in the picture's own coordinates. */
export function radial(id: string, [x, y]: Point, radius: number, stops: readonly Stop[]): string {
  return `<radialGradient id="${id}" gradientUnits="userSpaceOnUse" cx="${x}" cy="${y}" r="${radius}">${stopList(stops)}</radialGradient>`;
}

export function sky(stops: readonly Stop[]): string {
  return `${linear('sky', stops)}<rect width="${width}" height="${height}" fill="url(#sky)"/>`;
}

/** Light around a lamp, the sun or the moon. */
export function glow(id: string, [x, y]: Point, radius: number, color: string, opacity: number = 1): string {
  const stops: Stop[] = [
    [0, color, opacity],
    [0.25, color, opacity * 0.55],
    [0.6, color, opacity * 0.15],
    [1, color, 0],
  ];
  return `${radial(id, [x, y], radius, stops)}<circle cx="${x}" cy="${y}" r="${radius}" fill="url(#${id})"/>`;
}

/** Softens what is large: the area reaches little further than the shape, since it is paid for by the pixel. */
export function blur(id: string, deviation: Point): string {
  return `<filter id="${id}" x="-4%" y="-10%" width="108%" height="120%" color-interpolation-filters="sRGB"><feGaussianBlur stdDeviation="${deviation.join(' ')}"/></filter>`;
}

/** Fades out towards the edge of whatever it fills: mist, or a nebula, for much less than a blur. */
export function haze(id: string, color: string, opacity: number): string {
  const stops: Stop[] = [
    [0, color, opacity],
    [0.35, color, opacity * 0.62],
    [0.7, color, opacity * 0.16],
    [1, color, 0],
  ];
  return `<radialGradient id="${id}">${stopList(stops)}</radialGradient>`;
}

export interface Clouds {
  readonly color: readonly [red: number, green: number, blue: number];
  /** Bumps per pixel, across and down. */
  readonly frequency: Point;
  readonly seed: number;
  /** How much of the area they cover; about -0.2 to 0.3. */
  readonly cover?: number;
  /** How hard their edges are. */
  readonly contrast?: number;
}

/** Clouds, mist, or the grain of sand: fractal noise as a filter for a rectangle. */
export function clouds(id: string, { color, frequency, seed, cover = 0, contrast = 3 }: Clouds): string {
  const [red, green, blue] = color.map((part) => part / 255);
  const alpha = `${contrast} 0 0 0 ${cover - contrast * 0.5}`;
  return (
    `<filter id="${id}" x="0" y="0" width="100%" height="100%" color-interpolation-filters="sRGB">` +
    `<feTurbulence type="fractalNoise" baseFrequency="${frequency.join(' ')}" numOctaves="3" seed="${seed}"/>` +
    `<feColorMatrix values="0 0 0 0 ${red} 0 0 0 0 ${green} 0 0 0 0 ${blue} ${alpha}"/></filter>`
  );
}

/** Fades what it masks in and out between two heights. */
export function fade(id: string, stops: readonly Stop[], top: number = 0, bottom: number = height): string {
  return (
    linear(`${id}-stops`, stops) +
    `<mask id="${id}"><rect y="${top}" width="${width}" height="${bottom - top}" fill="url(#${id}-stops)"/></mask>`
  );
}

export function stars(random: Random, count: number, bottom: number, color = '#fff'): string {
  let drawn = '';
  for (let i = 0; i < count; i++) {
    const brightness = random() ** 3;
    const y = random() * bottom;
    const opacity = (0.25 + 0.75 * brightness) * (1 - (y / bottom) ** 2 * 0.7);
    drawn += `<circle cx="${round(random() * width)}" cy="${round(y)}" r="${round(0.5 + brightness * 1.3)}" fill-opacity="${round(opacity)}"/>`;
  }
  return `<g fill="${color}">${drawn}</g>`;
}

/** A closed shape through the points. */
export function shape(points: readonly Point[], attributes: string): string {
  return `<path d="M${points.map(([x, y]) => `${round(x)} ${round(y)}`).join('L')}Z" ${attributes}/>`;
}

/** A colour between two; `share` of the second. */
export function mix(one: string, other: string, share: number): string {
  const parts = [1, 3, 5].map((at) => {
    const [from, to] = [one, other].map((color) => Number.parseInt(color.slice(at, at + 2), 16)) as [
      number,
      number,
    ];
    return Math.round(from + (to - from) * share);
  });
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

/** A tenth of a pixel is as fine as it gets. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function stopList(stops: readonly Stop[]): string {
  return stops
    .map(
      ([offset, color, opacity = 1]) =>
        `<stop offset="${offset}" stop-color="${color}" stop-opacity="${opacity}"/>`,
    )
    .join('');
}
