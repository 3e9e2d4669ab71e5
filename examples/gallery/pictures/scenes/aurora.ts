/** Northern lights over a fjord: curtains of colour, hung on a line that wanders across the sky. */
import { createNoise, type Random } from '../random.ts';
import { blur, fade, glow, height, linear, round, sky, stars, width } from '../svg.ts';
import { faces, land, ridge } from '../terrain.ts';

const shore = 590;

export function aurora(random: Random): string {
  const range = ridge(random, {
    y: shore - 10,
    rise: 250,
    span: 170,
    sharp: true,
    profile: (x) => 0.3 + 0.9 * Math.abs(x - 0.52) ** 0.75 * 1.5,
  });
  const view = [
    sky([
      [0, '#060b22'],
      [0.45, '#0c2440'],
      [0.74, '#1c4a5c'],
    ]),
    stars(random, 420, 520),
    curtain(random, {
      y: 330,
      sway: 150,
      tall: 270,
      colors: ['#37f0a4', '#5ad7d0', '#8d6bf0'],
      id: 'green',
      strength: 0.5,
    }),
    curtain(random, {
      y: 270,
      sway: 120,
      tall: 230,
      colors: ['#8dffb4', '#46d6b8', '#b45fe0'],
      id: 'violet',
      strength: 0.42,
    }),
    land(range, 'url(#slope)', shore),
    faces(random, range, { id: 'snow', from: 'left', color: '#9fe6d4', opacity: 0.5 }),
  ].join('');
  return [
    linear('slope', [
      [0, '#16324a'],
      [1, '#0a1a2c'],
    ]),
    blur('mirror', [3, 9]),
    fade(
      'fjord',
      [
        [0, '#fff', 0.9],
        [1, '#fff', 0.5],
      ],
      shore,
    ),
    linear('deep', [
      [0, '#12384a'],
      [1, '#040a1a'],
    ]),
    `<g id="view">${view}</g>`,
    `<rect y="${shore}" width="${width}" height="${height - shore}" fill="url(#deep)"/>`,
    `<g mask="url(#fjord)"><use href="#view" transform="matrix(1 0 0 -0.6 0 ${shore * 1.6})" filter="url(#mirror)"/></g>`,
    wavelets(random),
    cabins(),
  ].join('');
}

interface Curtain {
  readonly id: string;
  /** Where its hem hangs, and how far that wanders. */
  readonly y: number;
  readonly sway: number;
  readonly tall: number;
  /** At the hem, in the middle, at the top. */
  readonly colors: readonly [string, string, string];
  readonly strength: number;
}

function curtain(random: Random, { id, y, sway, tall, colors, strength }: Curtain): string {
  const path = createNoise(random, 2);
  const folds = createNoise(random, 3);
  const step = 7;
  let drawn = '';
  for (let x = -20; x < width + 20; x += step) {
    const hem = y + (path(x / 330) - 0.5) * 2 * sway;
    const fold = folds(x / 38);
    const ray = tall * (0.45 + fold * 0.9);
    drawn += `<rect x="${x}" y="${round(hem - ray)}" width="${step + 3}" height="${round(ray)}" fill="url(#${id})" fill-opacity="${round(Math.max(0.05, fold ** 1.6 * 1.5) * strength * 10) / 10}"/>`;
  }
  const stops = [
    [0, colors[2], 0],
    [0.35, colors[2], 0.35],
    [0.7, colors[1], 0.75],
    [0.93, colors[0], 1],
    [1, colors[0], 0],
  ] as const;
  return `${linear(id, stops)}${blur(`${id}-soft`, [5, 9])}<g filter="url(#${id}-soft)">${drawn}</g>`;
}

function wavelets(random: Random): string {
  let drawn = '';
  for (let i = 0; i < 120; i++) {
    const depth = random();
    drawn += `<rect x="${round(random() * width)}" y="${round(shore + 6 + depth * 200)}" width="${round(random.between(12, 80) * (0.4 + depth))}" height="${round(0.8 + depth)}" fill-opacity="${round(random.between(0.1, 0.3))}"/>`;
  }
  return `<g fill="#8ff0cf">${drawn}</g>`;
}

function cabins(): string {
  const cabin = (x: number, scale: number, id: string): string =>
    `<g transform="translate(${x} 660) scale(${scale})"><path d="M-70 24V-2M-30 28V0M20 28V0M62 24V-2" stroke="#1a0f14" stroke-width="6"/><path d="M-78 0V-52L-4-86L70-52V0Z" fill="#7e1f23"/><path d="M-4-86L70-52V0H18V-52Z" fill="#5e151b"/><path d="M-90-48L-4-92L82-48L78-42L-4-80L-86-42Z" fill="#dfeaf0"/><g fill="#ffd37d"><rect x="-58" y="-40" width="20" height="22"/><rect x="-22" y="-40" width="20" height="22"/><rect x="34" y="-38" width="18" height="20"/></g><g stroke="#f6efe4" stroke-width="2.5" fill="none"><path d="M-58-40h20v22h-20ZM-48-40v22M-22-40h20v22h-20ZM-12-40v22M34-38h18v20h-18ZM43-38v20"/></g></g>` +
    glow(id, [x - 14 * scale, 660 - 28 * scale], 110 * scale, '#ffc46b', 0.55) +
    `<g fill="#ffd37d" opacity="0.35"><rect x="${x - 58 * scale}" y="692" width="${18 * scale}" height="66" rx="6"/><rect x="${x - 22 * scale}" y="690" width="${18 * scale}" height="56" rx="6"/></g>`;
  return (
    `<path d="M700 800C760 724 820 690 930 672C1040 660 1180 664 1300 650V810H690Z" fill="#0a1626"/><path d="M930 672C1040 660 1180 664 1300 650V668C1180 680 1040 676 900 690Z" fill="#bfd8df" fill-opacity="0.55"/>` +
    cabin(830, 0.8, 'lamp-one') +
    cabin(1040, 1.1, 'lamp-two')
  );
}
