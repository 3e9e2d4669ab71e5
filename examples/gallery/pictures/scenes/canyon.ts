/** Red rock in the last sun: strata, and the long shadows of what the wind has left standing. */
import { createNoise, type Random } from '../random.ts';
import { clouds, glow, linear, mix, type Point, round, shape, sky, width } from '../svg.ts';

interface Mesa {
  readonly x: number;
  readonly base: number;
  readonly across: number;
  readonly tall: number;
  /** How far the air has taken its colours. */
  readonly haze: number;
}

const mesas: readonly Mesa[] = [
  { x: 160, base: 470, across: 330, tall: 105, haze: 0.62 },
  { x: 640, base: 474, across: 240, tall: 120, haze: 0.6 },
  { x: 1120, base: 472, across: 380, tall: 92, haze: 0.62 },
  { x: 880, base: 512, across: 150, tall: 235, haze: 0.34 },
  { x: 1085, base: 520, across: 66, tall: 216, haze: 0.3 },
  { x: 330, base: 566, across: 330, tall: 322, haze: 0.04 },
];

export function canyon(random: Random): string {
  return [
    sky([
      [0, '#3d8a9b'],
      [0.3, '#8fc0b8'],
      [0.5, '#f3dfb5'],
      [0.6, '#fbcf98'],
    ]),
    clouds('wisps', {
      color: [255, 246, 226],
      frequency: [0.0022, 0.014],
      seed: 5,
      cover: -0.04,
      contrast: 4,
    }),
    `<rect width="${width}" height="360" filter="url(#wisps)" opacity="0.75"/>`,
    glow('low', [1180, 430], 520, '#fff2cc', 0.85),
    linear('plain', [
      [0, '#e8ad7c'],
      [0.25, '#cf7f50'],
      [1, '#5b2a2a'],
    ]),
    `<rect y="466" width="${width}" height="340" fill="url(#plain)"/>`,
    ...mesas.map((mesa, index) => shadow(mesa) + drawMesa(random, mesa, index)),
    scrub(random),
    road(),
  ].join('');
}

function drawMesa(random: Random, { x, base, across, tall, haze }: Mesa, index: number): string {
  const noise = createNoise(random, 4);
  const top = base - tall;
  const wall = tall * 0.62;
  const left: Point[] = [];
  const right: Point[] = [];
  for (let down = 0; down <= 1; down += 0.05) {
    const y = top + down * tall;
    const talus = Math.max(0, y - top - wall) * 0.95;
    left.push([x - across / 2 - talus + (noise(down * 9) - 0.5) * across * 0.1, y]);
    right.unshift([x + across / 2 + talus + (noise(down * 9 + 50) - 0.5) * across * 0.1, y]);
  }
  const air = (color: string): string => mix(color, '#f2c9a0', haze);
  let strata = '';
  for (let layer = 0; layer < 22; layer++) {
    const y = top + (layer / 22) * tall + random.between(-3, 3);
    strata += `<rect x="${round(x - across * 1.6)}" y="${round(y)}" width="${round(across * 3.2)}" height="${round(random.between(0.012, 0.04) * tall)}" fill="${air(random.pick(['#7d2f25', '#e59b62', '#94402e', '#f0b57c', '#6b2822']))}" fill-opacity="${round(random.between(0.25, 0.6))}"/>`;
  }
  let cracks = '';
  for (let crack = 0; crack < 16; crack++) {
    const at = x + random.between(-0.5, 0.5) * across;
    cracks += `<path d="M${round(at)} ${round(top)}l${round(random.between(-4, 4))} ${round(wall * random.between(0.4, 1))}l${round(random.between(3, 10))} ${round(-wall * 0.5)}Z" fill="${air('#4d1c1f')}" fill-opacity="${round(random.between(0.2, 0.5))}"/>`;
  }
  const outline: Point[] = [...left, ...right];
  return (
    linear(
      `rock-${index}`,
      [
        [0, air('#b24d2f')],
        [0.55, air('#d67540')],
        [1, air('#f0a765')],
      ],
      [1, 0],
    ) +
    linear(
      `dark-${index}`,
      [
        [0, air('#4a1d26'), 0.78],
        [0.42, air('#4a1d26'), 0.34],
        [0.6, air('#4a1d26'), 0],
      ],
      [1, 0],
    ) +
    `<clipPath id="mesa-${index}">${shape(outline, '')}</clipPath>` +
    shape(outline, `fill="url(#rock-${index})"`) +
    `<g clip-path="url(#mesa-${index})">${strata}${cracks}</g>${shape(outline, `fill="url(#dark-${index})"`)}`
  );
}

/** The sun is low on the right. */
function shadow({ x, base, across, tall, haze }: Mesa): string {
  const foot = across / 2 + tall * 0.36;
  return `<path d="M${round(x + foot * 0.7)} ${base}L${round(x - foot)} ${base - 2}L${round(x - foot - tall * 2.6)} ${round(base + tall * 0.2)}L${round(x - foot * 0.4)} ${round(base + tall * 0.16)}Z" fill="#3c1a2a" fill-opacity="${round(0.5 * (1 - haze))}"/>`;
}

function scrub(random: Random): string {
  let drawn = '';
  for (let i = 0; i < 230; i++) {
    const depth = random() ** 1.5;
    const [x, y] = [random() * width, 500 + depth * 310];
    if (Math.abs(x - roadX(y)) < 26 + depth * 150) continue;
    const size = 2 + depth * 15 * random.between(0.5, 1.2);
    drawn += `<ellipse cx="${round(x - size * 1.4)}" cy="${round(y)}" rx="${round(size * 1.9)}" ry="${round(size * 0.2)}" fill="#3c1a2a" fill-opacity="0.4"/><ellipse cx="${round(x)}" cy="${round(y - size * 0.4)}" rx="${round(size)}" ry="${round(size * 0.55)}" fill="${random.pick(['#6d6a3a', '#7f7a45', '#59542f'])}"/><ellipse cx="${round(x + size * 0.3)}" cy="${round(y - size * 0.55)}" rx="${round(size * 0.55)}" ry="${round(size * 0.3)}" fill="#c2a862" fill-opacity="0.8"/>`;
  }
  return drawn;
}

/** A stretch of the line in the middle, as wide and as long as its distance lets it look. */
function dash(y: number): string {
  const [end, half] = [y + (y - 478) * 0.22, (y - 478) * 0.014 + 0.3];
  return `<path d="M${round(roadX(y) - half)} ${y}H${round(roadX(y) + half)}L${round(roadX(end) + half * 1.2)} ${round(end)}H${round(roadX(end) - half * 1.2)}Z" fill="#f5d08a"/>`;
}

function roadX(y: number): number {
  return 700 + (y - 478) * 0.16;
}

function road(): string {
  return (
    linear('tar', [
      [0, '#a8756a'],
      [0.3, '#6c4650'],
      [1, '#2f2231'],
    ]) +
    `<path d="M697 476H703L${roadX(805) + 150} 805H${roadX(805) - 150}Z" fill="url(#tar)"/>` +
    [500, 514, 532, 556, 590, 640, 712].map(dash).join('')
  );
}
