/** A city in the blue hour: three depths of towers, their windows, and the river that doubles them. */
import type { Random } from '../random.ts';
import { blur, fade, glow, height, linear, mix, round, sky, width } from '../svg.ts';

const quay = 590;

export function city(random: Random): string {
  const view = [
    sky([
      [0, '#141c47'],
      [0.3, '#33427e'],
      [0.52, '#8d6f9f'],
      [0.66, '#f0a07e'],
      [0.74, '#ffd09a'],
    ]),
    glow('dusk', [930, quay - 40], 560, '#ffcf9c', 0.6),
    towers(random, { color: '#6b639a', low: 90, high: 250, narrow: 36, wide: 78, lit: 0.12 }),
    towers(random, { color: '#3d3f78', low: 90, high: 350, narrow: 48, wide: 92, lit: 0.3 }),
    spire(560),
    towers(random, { color: '#1b1f4b', low: 40, high: 215, narrow: 60, wide: 124, lit: 0.42 }),
  ].join('');
  return [
    blur('wet', [1.5, 7]),
    fade(
      'river',
      [
        [0, '#fff', 0.9],
        [1, '#fff', 0.3],
      ],
      quay,
    ),
    linear('depth', [
      [0, '#5a4d84'],
      [1, '#0d1233'],
    ]),
    `<g id="view">${view}</g>`,
    `<rect y="${quay}" width="${width}" height="${height - quay}" fill="url(#depth)"/>`,
    `<g mask="url(#river)"><use href="#view" transform="matrix(1 0 0 -1 0 ${quay * 2})" filter="url(#wet)"/></g>`,
    wavelets(random),
    `<rect y="${quay - 3}" width="${width}" height="7" fill="#0e1238"/>`,
    lamps(),
  ].join('');
}

interface Row {
  readonly color: string;
  readonly low: number;
  readonly high: number;
  readonly narrow: number;
  readonly wide: number;
  /** The share of windows with light in them. */
  readonly lit: number;
}

function towers(random: Random, { color, low, high, narrow, wide, lit }: Row): string {
  let drawn = linear(`tower-${color.slice(1)}`, [
    [0, color],
    [1, mix(color, '#e08f86', 0.28)],
  ]);
  let x = -random.between(0, 40);
  while (x < width) {
    const across = random.between(narrow, wide);
    const middle = 1 - Math.abs((x + across / 2) / width - 0.5) * 1.1;
    const tall = low + (high - low) * random() ** 1.3 * (0.45 + 0.65 * middle);
    const top = quay - tall;
    drawn += `<rect x="${round(x)}" y="${round(top)}" width="${round(across)}" height="${round(tall)}" fill="url(#tower-${color.slice(1)})"/>`;
    drawn += roof(random, x, top, across, color) + windows(random, x, top, across, tall, lit);
    x += across + random.between(-2, 12);
  }
  return drawn;
}

function roof(random: Random, x: number, top: number, across: number, color: string): string {
  const kind = random.whole(0, 5);
  const middle = x + across / 2;
  if (kind === 0)
    return `<path d="M${round(middle)} ${round(top - 46)}V${round(top)}" stroke="${color}" stroke-width="3"/><circle cx="${round(middle)}" cy="${round(top - 46)}" r="2.5" fill="#ff8d76"/>`;
  if (kind === 1)
    return `<path d="M${round(x)} ${round(top + 1)}L${round(x + across)} ${round(top - across * 0.3)}V${round(top + 1)}Z" fill="${color}"/>`;
  if (kind === 2)
    return `<rect x="${round(x + across * 0.2)}" y="${round(top - 18)}" width="${round(across * 0.6)}" height="19" fill="${color}"/>`;
  if (kind === 3)
    return `<path d="M${round(middle - 11)} ${round(top - 14)}h22v-16l-11-8l-11 8ZM${round(middle - 9)} ${round(top)}v-14m18 14v-14" fill="${color}" stroke="${color}" stroke-width="2"/>`;
  return '';
}

function windows(random: Random, x: number, top: number, across: number, tall: number, lit: number): string {
  const columns = Math.floor((across - 10) / 10);
  const rows = Math.floor((tall - 14) / 13);
  const inset = (across - columns * 10 + 4) / 2;
  let drawn = '';
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (random() > lit) continue;
      const color = random.pick(['#ffd98c', '#ffe9bd', '#ffc66d', '#f7b267']);
      drawn += `<rect x="${round(x + inset + column * 10)}" y="${round(top + 10 + row * 13)}" width="6" height="8" fill="${color}" fill-opacity="${round(random.between(0.5, 1))}"/>`;
    }
  }
  return drawn;
}

function spire(x: number): string {
  const top = quay - 440;
  return `<path d="M${x} ${top}L${x + 8} ${top + 90}L${x + 24} ${top + 100}L${x + 24} ${top + 150}L${x + 40} ${top + 162}V${quay}H${x - 40}V${top + 162}L${x - 24} ${top + 150}V${top + 100}L${x - 8} ${top + 90}Z" fill="#2c2f69"/><path d="M${x - 20} ${top + 112}h40M${x - 34} ${top + 174}h68" stroke="#ffd98c" stroke-width="3" stroke-opacity="0.8"/><path d="M${x - 24} ${top + 200}V${quay}M${x} ${top + 200}V${quay}M${x + 24} ${top + 200}V${quay}" stroke="#ffd98c" stroke-width="4" stroke-dasharray="5 9" stroke-opacity="0.55"/><circle cx="${x}" cy="${top}" r="3" fill="#ff8d76"/>`;
}

function wavelets(random: Random): string {
  let drawn = '';
  for (let i = 0; i < 150; i++) {
    const depth = random();
    const long = random.between(10, 70) * (0.5 + depth);
    drawn += `<rect x="${round(random() * width)}" y="${round(quay + 8 + depth * 200)}" width="${round(long)}" height="${round(0.8 + depth)}" fill="${random.pick(['#ffcf9c', '#0d1233', '#b79ac0'])}" fill-opacity="${round(random.between(0.1, 0.35))}"/>`;
  }
  return drawn;
}

function lamps(): string {
  let drawn = '';
  for (let x = 30; x < width; x += 76) {
    drawn += `<path d="M${x} ${quay}v-22" stroke="#0e1238" stroke-width="2.5"/><circle cx="${x}" cy="${quay - 24}" r="3.4" fill="#fff0c9"/><circle cx="${x}" cy="${quay - 24}" r="11" fill="#ffd98c" fill-opacity="0.25"/><rect x="${x - 1.5}" y="${quay + 8}" width="3" height="64" fill="#ffd98c" fill-opacity="0.35"/>`;
  }
  return drawn;
}
