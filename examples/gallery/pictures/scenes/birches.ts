/** Birches in snow: trunks that pale into the fog, and a hut where somebody has made a fire. */
import type { Random } from '../random.ts';
import { clouds, glow, linear, mix, round, sky, stars, width } from '../svg.ts';
import { firs, land, ridge } from '../terrain.ts';

export function birches(random: Random): string {
  const back = ridge(random, { y: 520, rise: 60, span: 300, octaves: 3 });
  const middle = ridge(random, { y: 590, rise: 50, span: 420, octaves: 2 });
  const front = ridge(random, { y: 720, rise: 60, span: 520, octaves: 2 });
  return [
    sky([
      [0, '#7f93b5'],
      [0.35, '#c4c6d3'],
      [0.62, '#f0d9cb'],
      [0.7, '#f6e4d3'],
    ]),
    stars(random, 24, 160),
    glow('low-sun', [980, 470], 430, '#ffdcb4', 0.95),
    firs(random, back, '#a9b1c2', [70, 150], 0.8),
    land(back, '#dcdde4'),
    trunks(random, { count: 20, foot: 560, thick: [6, 11], paleness: 0.62 }),
    hut(),
    linear('drift', [
      [0, '#eef0f4'],
      [1, '#c6cfdf'],
    ]),
    land(middle, 'url(#drift)'),
    trunks(random, { count: 11, foot: 640, thick: [13, 22], paleness: 0.3 }),
    linear('near-drift', [
      [0, '#fbf7f4'],
      [1, '#b3c0d6'],
    ]),
    land(front, 'url(#near-drift)'),
    shadows(random),
    trunks(random, { count: 4, foot: 770, thick: [36, 54], paleness: 0 }),
    clouds('fog', { color: [246, 238, 232], frequency: [0.002, 0.008], seed: 8, cover: 0, contrast: 2 }),
    `<rect y="300" width="${width}" height="360" filter="url(#fog)" opacity="0.28"/>`,
    flakes(random),
  ].join('');
}

interface Stand {
  readonly count: number;
  readonly foot: number;
  readonly thick: readonly [number, number];
  /** How far the fog has taken them. */
  readonly paleness: number;
}

function trunks(random: Random, { count, foot, thick, paleness }: Stand): string {
  const bark = mix('#f5f1ea', '#e3dfe2', paleness);
  const shade = mix('#a6a3ae', '#cfcdd4', paleness);
  const scar = mix('#2b2730', '#c0bec8', paleness);
  let drawn = linear(
    `bark-${foot}`,
    [
      [0, shade],
      [0.45, bark],
      [1, mix(bark, '#ffd9b0', 0.35)],
    ],
    [1, 0],
  );
  for (let i = 0; i < count; i++) {
    const x = ((i + random.between(0.15, 0.85)) / count) * width;
    if (foot === 770 && x > 560 && x < 1000) continue; // the view to the hut stays open
    const across = random.between(...thick);
    const lean = random.between(-30, 30);
    const base = foot + random.between(-14, 30);
    drawn += `<ellipse cx="${round(x - across * 1.1)}" cy="${round(base + across * 0.08)}" rx="${round(across * 1.9)}" ry="${round(across * 0.2)}" fill="#7f8fb2" fill-opacity="${round((1 - paleness) * 0.4)}"/>`;
    drawn += `<path d="M${round(x - across / 2)} ${round(base)}L${round(x + lean - across * 0.36)} -10H${round(x + lean + across * 0.36)}L${round(x + across / 2)} ${round(base)}Q${round(x)} ${round(base + 8)} ${round(x - across / 2)} ${round(base)}Z" fill="url(#bark-${foot})"/>`;
    drawn += `<ellipse cx="${round(x)}" cy="${round(base + across * 0.16)}" rx="${round(across * 0.75)}" ry="${round(across * 0.16)}" fill="#f3f2f5"/>`;
    drawn += branches(random, [x, base], lean, across, scar);
    for (let mark = 0; mark < 26; mark++) {
      const share = random();
      const long = across * random.between(0.15, 0.6);
      const left =
        random() < 0.5
          ? x + lean * share - across * 0.48 * (1 - share * 0.25)
          : x + lean * share + across * (0.46 - 0.1 * share) - long;
      drawn += `<rect x="${round(left)}" y="${round(base - share * base)}" width="${round(long)}" height="${round(across * random.between(0.05, 0.2))}" rx="1" fill="${scar}"/>`;
    }
  }
  return drawn;
}

function branches(
  random: Random,
  [x, base]: readonly [number, number],
  lean: number,
  across: number,
  color: string,
): string {
  let drawn = '';
  for (let i = 0; i < 4; i++) {
    const share = random.between(0.45, 0.95);
    const side = i % 2 === 0 ? 1 : -1;
    const reach = across * random.between(2.5, 5) * side;
    const [fromX, fromY] = [x + lean * share, base - share * base];
    drawn += `<path d="M${round(fromX)} ${round(fromY)}q${round(reach * 0.5)} ${round(-across)} ${round(reach)} ${round(-across * 3.4)}" stroke="${color}" stroke-width="${round(0.6 + across * 0.045)}" fill="none"/>`;
  }
  return drawn;
}

function hut(): string {
  return (
    '<g transform="translate(760 566)"><path d="M-74 0V-58L0-108L74-58V0Z" fill="#5a3d3a"/><path d="M-88-52L0-116L88-52L80-44L0-100L-80-44Z" fill="#fdfbf8"/>' +
    '<rect x="-16" y="-46" width="34" height="30" fill="#ffc46b"/><path d="M1-46v30M-16-31h34" stroke="#5a3d3a" stroke-width="3"/><rect x="38" y="-110" width="15" height="40" fill="#4a3231"/></g>' +
    glow('fire', [761, 535], 120, '#ffb85c', 0.7) +
    '<path d="M806 452C800 420 830 410 822 376C816 350 846 338 842 306" stroke="#fff" stroke-width="12" stroke-linecap="round" fill="none" stroke-opacity="0.4"/>'
  );
}

/** The low sun lays them towards the viewer. */
function shadows(random: Random): string {
  let drawn = '';
  for (const x of [130, 320, 1120, 1230])
    drawn += `<path d="M${x} 752L${x - random.between(120, 240)} 810H${x - 40}Z"/>`;
  return `<g fill="#8193b5" opacity="0.35">${drawn}</g>`;
}

function flakes(random: Random): string {
  let drawn = '';
  for (let i = 0; i < 170; i++) {
    drawn += `<circle cx="${round(random() * width)}" cy="${round(random() * 800)}" r="${round(0.8 + random() ** 3 * 4)}" fill-opacity="${round(random.between(0.3, 0.95))}"/>`;
  }
  return `<g fill="#fff">${drawn}</g>`;
}
