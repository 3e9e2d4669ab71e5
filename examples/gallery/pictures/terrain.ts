/** Ridges, their lit faces, and what grows on them. */
import { createNoise, type Random } from './random.ts';
import { height, linear, type Point, round, type Stop, shape, width } from './svg.ts';

export interface RidgeShape {
  /** The height of the lowest saddle. */
  readonly y: number;
  /** How far the highest peak rises above it. */
  readonly rise: number;
  /** The distance between peaks. */
  readonly span: number;
  /** Peaks as sharp as a ridge's, or hills as round as dunes. */
  readonly sharp?: boolean;
  /** More octaves make the line more jagged. */
  readonly octaves?: number;
  /** Raises some places above others: 0 to 1, for x from 0 to 1. */
  readonly profile?: (x: number) => number;
}

/** The skyline of a range, from edge to edge. */
export function ridge(random: Random, given: RidgeShape): Point[] {
  const { y, rise, span, sharp = false, octaves = 5, profile = () => 1 } = given;
  const noise = createNoise(random, octaves);
  const step = sharp ? 5 : 8;
  const points: Point[] = [];
  for (let x = -step; x <= width + step; x += step) {
    const value = noise(x / span + 20);
    const lifted = sharp ? 1 - Math.abs(2 * value - 1) : value;
    points.push([x, y - rise * lifted * profile(x / width)]);
  }
  return points;
}

/** The land below a skyline. */
export function land(skyline: readonly Point[], fill: string, bottom: number = height): string {
  return shape([...skyline, [width + 8, bottom], [-8, bottom]], `fill="${fill}"`);
}

/** The light on a range. */
export interface Light {
  readonly id: string;
  readonly from: 'left' | 'right';
  readonly color: string;
  readonly opacity: number;
}

/**
 * The faces that the light falls on: from each peak along its skyline down to the next saddle, on to the foot of the
 * peak, and up again over a ragged spur.
 */
export function faces(
  random: Random,
  skyline: readonly Point[],
  { id, from, color, opacity }: Light,
): string {
  const line = from === 'right' ? skyline : skyline.toReversed();
  let drawn = '';
  for (let at = 1; at < line.length - 1; at++) {
    if (!isPeak(line, at)) continue;
    const slope = slopeFrom(line, at);
    const [x, y] = slope[0] as Point;
    const [endX, endY] = slope.at(-1) as Point;
    if (endY - y < 24) continue;
    const spur: Point[] = [];
    const turns = 8;
    for (let turn = 0; turn < turns; turn++) {
      const share = 1 - turn / turns;
      const sway = (turn % 2 === 0 ? 0.16 : -0.1) * random.between(0.5, 1.2);
      spur.push([x + (endX - x) * sway * Math.sqrt(share), y + (endY - y) * 1.35 * share]);
    }
    drawn += shape([...slope, ...spur], `fill="url(#${id})"`);
  }
  const stops: Stop[] = [
    [0, color, opacity],
    [0.5, color, opacity * 0.7],
    [1, color, 0],
  ];
  return linear(id, stops) + drawn;
}

/** Firs along a skyline; each a stack of ragged boughs. */
export function firs(
  random: Random,
  skyline: readonly Point[],
  fill: string,
  size: Point,
  share = 1,
): string {
  let drawn = '';
  for (const [x, y] of skyline) {
    if (random() <= share) drawn += fir(random, [x + random.between(-3, 3), y + 4], random.between(...size));
  }
  return `<g fill="${fill}">${drawn}</g>`;
}

export function fir(random: Random, [x, y]: Point, tall: number): string {
  const left: string[] = [];
  const right: string[] = [];
  const boughs = Math.max(3, Math.round(tall / 9));
  for (let bough = 1; bough <= boughs; bough++) {
    const share = bough / boughs;
    const reach = tall * 0.2 * share * random.between(0.75, 1.15);
    const tip = y - tall + tall * share * 0.94;
    left.push(`L${round(x - reach)} ${round(tip)}L${round(x - reach * 0.4)} ${round(tip - tall * 0.025)}`);
    right.unshift(
      `L${round(x + reach * 0.4)} ${round(tip - tall * 0.025)}L${round(x + reach)} ${round(tip)}`,
    );
  }
  return `<path d="M${round(x)} ${round(y - tall)}${left.join('')}L${round(x - 1)} ${round(y)}L${round(x + 1)} ${round(y)}${right.join('')}Z"/>`;
}

/** Down to the next saddle; a step up of a few pixels is but a rock on the way. */
function slopeFrom(line: readonly Point[], peak: number): Point[] {
  let lowest = peak;
  for (let next = peak + 1; next < line.length; next++) {
    const y = (line[next] as Point)[1];
    const bottom = (line[lowest] as Point)[1];
    if (y < (line[peak] as Point)[1] || y < bottom - 14) break;
    if (y >= bottom) lowest = next;
  }
  return line.slice(peak, lowest + 1);
}

function isPeak(line: readonly Point[], at: number): boolean {
  const [, y] = line[at] as Point;
  for (let reach = 1; reach <= 4; reach++) {
    if ((line[at - reach]?.[1] ?? height) <= y || (line[at + reach]?.[1] ?? height) < y) return false;
  }
  return true;
}
