/** Balloons at breakfast time, over a valley that is still asleep. */
import type { Random } from '../random.ts';
import { glow, haze, linear, mix, round, sky } from '../svg.ts';
import { land, ridge } from '../terrain.ts';

interface Balloon {
  readonly at: readonly [x: number, y: number];
  readonly size: number;
  readonly colors: readonly [string, string];
  /** How far the air has taken its colours. */
  readonly haze: number;
}

const fleet: readonly Balloon[] = [
  { at: [1010, 330], size: 34, colors: ['#d97a6a', '#f3e3d0'], haze: 0.55 },
  { at: [610, 265], size: 46, colors: ['#5c8ea8', '#f2d7b5'], haze: 0.45 },
  { at: [1150, 180], size: 58, colors: ['#e3a857', '#fbf0dc'], haze: 0.3 },
  { at: [190, 210], size: 66, colors: ['#4f6f8f', '#e9c89f'], haze: 0.22 },
  { at: [820, 420], size: 30, colors: ['#8a6fa0', '#f4e5d4'], haze: 0.55 },
  { at: [430, 345], size: 150, colors: ['#c8452f', '#f6d9a8'], haze: 0 },
  { at: [905, 215], size: 92, colors: ['#1f6f78', '#f7e7c8'], haze: 0.08 },
];

export function balloons(random: Random): string {
  const hills: string[] = [haze('mist', '#fff1e4', 1)];
  for (let layer = 0; layer < 5; layer++) {
    const nearness = layer / 4;
    const skyline = ridge(random, {
      y: 560 + nearness * 180,
      rise: 120 - nearness * 30,
      span: 300 + nearness * 160,
      octaves: 3,
    });
    const color = mix('#cdb6c8', '#3f5a5b', nearness);
    hills.push(
      linear(`hill-${layer}`, [
        [0, color],
        [1, mix(color, '#fbe3cf', 0.65 - nearness * 0.4)],
      ]),
      land(skyline, `url(#hill-${layer})`),
      `<ellipse cx="${340 + layer * 170}" cy="${round(622 + nearness * 170)}" rx="900" ry="44" fill="url(#mist)" fill-opacity="${round(0.85 - nearness * 0.5)}"/>`,
    );
  }
  return [
    sky([
      [0, '#8fb7cf'],
      [0.4, '#d7d6d4'],
      [0.66, '#fbd9c0'],
      [0.8, '#ffe6cf'],
    ]),
    glow('sun', [700, 560], 560, '#fff0d6', 0.9),
    ...hills.slice(0, 10),
    ...fleet.map(balloon),
    ...hills.slice(10),
    poplars(random),
  ].join('');
}

function balloon({ at: [x, y], size, colors, haze }: Balloon, index: number): string {
  const [strong, light] = colors.map((color) => mix(color, '#e6d3cb', haze)) as [string, string];
  const dark = mix('#3a2a26', '#d2bfb9', haze);
  const envelope = 'M0-62C36-62 58-34 58-4C58 30 26 48 12 72H-12C-26 48-58 30-58-4C-58-34-36-62 0-62Z';
  const gore = (reach: number, color: string): string =>
    `<path d="M0-62C${reach * 0.62}-62 ${reach}-34 ${reach}-4C${reach} 30 ${reach * 0.45} 48 ${reach * 0.2} 72H${-reach * 0.2}C${-reach * 0.45} 48 ${-reach} 30 ${-reach}-4C${-reach}-34 ${-reach * 0.62}-62 0-62Z" fill="${color}"/>`;
  return (
    linear(
      `air-${index}`,
      [
        [0, '#fff', 0.35],
        [0.5, '#fff', 0],
        [1, '#1b1020', 0.32],
      ],
      [1, 0],
    ) +
    `<g transform="translate(${x} ${y}) scale(${size / 62})"><path d="${envelope}" fill="${strong}"/>` +
    gore(46, light) +
    gore(32, strong) +
    gore(17, light) +
    gore(5, strong) +
    `<path d="M-57-12C-30 2 30 2 57-12C59 2 56 12 52 20C26 32-26 32-52 20C-56 12-59 2-57-12Z" fill="${mix(strong, '#20131a', 0.22)}" fill-opacity="0.55"/>` +
    `<path d="${envelope}" fill="url(#air-${index})"/>` +
    `<path d="M-11 73L-8 92M11 73L8 92M0 73V92" stroke="${dark}" stroke-width="1.3"/><path d="M-9 92H9L7.500 106H-7.500Z" fill="${dark}"/></g>`
  );
}

function poplars(random: Random): string {
  let drawn = '';
  for (let i = 0; i < 26; i++) {
    const x = 20 + i * 50 + random.between(-14, 14);
    const tall = random.between(26, 70);
    const y = 790 - Math.sin(i * 0.4) * 14;
    drawn += `<ellipse cx="${round(x)}" cy="${round(y - tall / 2)}" rx="${round(tall * 0.15)}" ry="${round(tall / 2)}"/>`;
  }
  return `<g fill="#2c4546">${drawn}</g>`;
}
