/** Desert in the last light: each dune has a lit face and one in shadow, and two walkers give the scale. */
import type { Random } from '../random.ts';
import { clouds, glow, height, linear, sky, width } from '../svg.ts';

interface Dune {
  /** The crest, from the left edge to the right one, as the rest of a path that begins with `M`. */
  readonly crest: string;
  /** The edge of the shadow, from the right end of the crest back to its left end. */
  readonly foot: string;
  readonly lit: readonly [string, string];
  readonly shade: readonly [string, string];
}

const rows: readonly Dune[] = [
  {
    crest: '-10 470C180 462 300 420 430 392C520 372 560 398 640 420C800 462 1000 440 1290 452',
    foot: 'C1000 500 760 520 640 500C540 480 520 420 430 392',
    lit: ['#f6c98f', '#eeb377'],
    shade: ['#c8855c', '#e2a470'],
  },
  {
    crest:
      '-10 560C120 556 240 540 420 548C640 560 760 470 900 410C940 392 970 392 1000 412C1080 462 1180 520 1290 528',
    foot: 'C1120 600 960 640 780 640C900 560 930 470 900 410',
    lit: ['#f3b877', '#e39a5a'],
    shade: ['#93503f', '#c27a4e'],
  },
  {
    crest: '-10 520C90 500 170 470 250 478C400 494 470 640 640 690C820 740 1040 700 1290 650',
    foot: 'C1290 760 1290 800 1290 810L330 810C420 740 330 560 250 478',
    lit: ['#f0a862', '#d98443'],
    shade: ['#5c2f35', '#a45a3c'],
  },
];

export function dunes(random: Random): string {
  return [
    sky([
      [0, '#5f7ea6'],
      [0.28, '#b6b3b8'],
      [0.5, '#f5cfa0'],
      [0.6, '#fbdcab'],
    ]),
    glow('sun', [1010, 330], 420, '#fff1cf', 1),
    '<circle cx="1010" cy="330" r="44" fill="#fffaf0"/>',
    clouds('veil', {
      color: [255, 240, 220],
      frequency: [0.002, 0.016],
      seed: 11,
      cover: -0.12,
      contrast: 2.4,
    }),
    `<rect width="${width}" height="400" filter="url(#veil)" opacity="0.5"/>`,
    '<path d="M-10 440C160 420 260 436 400 424C620 404 780 430 960 420C1100 412 1200 424 1290 418L1290 520L-10 520Z" fill="#e8b98c"/>',
    ...rows.map(drawDune),
    clouds('sand', { color: [90, 40, 20], frequency: [0.05, 0.5], seed: 4, cover: 0.05, contrast: 1.6 }),
    `<rect y="420" width="${width}" height="${height - 420}" filter="url(#sand)" opacity="0.13"/>`,
    ripples(random),
    walkers(),
  ].join('');
}

function drawDune({ crest, foot, lit, shade }: Dune, index: number): string {
  return (
    linear(`lit-${index}`, [
      [0, lit[0]],
      [1, lit[1]],
    ]) +
    linear(`shade-${index}`, [
      [0, shade[0]],
      [1, shade[1]],
    ]) +
    `<path d="M${crest}L1290 810L-10 810Z" fill="url(#lit-${index})"/>` +
    `<path d="${shadow(crest, foot)}" fill="url(#shade-${index})"/>`
  );
}

/** The part of the crest to the right of its peak, closed by the foot. */
function shadow(crest: string, foot: string): string {
  const end = foot.slice(foot.lastIndexOf(' ', foot.lastIndexOf(' ') - 1) + 1);
  const at = crest.indexOf(end);
  return `M${crest.slice(at)}${foot}Z`;
}

function ripples(random: Random): string {
  let drawn = '';
  for (let i = 0; i < 16; i++) {
    const y = 590 + i * 15;
    const x = -20 + i * 4;
    const end = 250 + i * 7 + random.between(-30, 10);
    drawn += `<path d="M${x} ${y}C${x + 80} ${y - 12} ${x + 140} ${y + 10} ${end} ${y - 4}"/>`;
  }
  return `<g fill="none" stroke="#b9683a" stroke-width="2" opacity="0.22">${drawn}</g>`;
}

function walkers(): string {
  const walker = (x: number, y: number, scale: number): string =>
    `<g transform="translate(${x} ${y}) scale(${scale})"><path d="M-5 0L-3-16C-8-26-5-36 0-38C6-36 8-24 4-16L7 0L3 0L0-12L-1 0Z"/><circle cx="1" cy="-42" r="5"/><path d="M2 1L70 22L64 23Z" fill-opacity="0.35"/></g>`;
  return `<g fill="#3b1d22">${walker(716, 503, 0.72)}${walker(752, 486, 0.68)}${walker(690, 515, 0.74)}</g>`;
}
