/** Lavender towards evening: the rows run to one point, and the point is a farm. */
import type { Random } from '../random.ts';
import { clouds, glow, linear, mix, round, sky, width } from '../svg.ts';
import { land, ridge } from '../terrain.ts';

const horizon = 400;
const vanishing = 800;

export function lavender(random: Random): string {
  return [
    sky([
      [0, '#6d86bd'],
      [0.26, '#b9a6c6'],
      [0.42, '#f3bfa6'],
      [0.5, '#ffdcae'],
    ]),
    glow('sun', [330, horizon - 30], 480, '#fff0c4', 1),
    `<circle cx="330" cy="${horizon - 42}" r="34" fill="#fffbe9"/>`,
    clouds('streaks', {
      color: [255, 226, 205],
      frequency: [0.002, 0.02],
      seed: 17,
      cover: -0.05,
      contrast: 3.4,
    }),
    `<rect width="${width}" height="330" filter="url(#streaks)" opacity="0.6"/>`,
    land(ridge(random, { y: horizon - 6, rise: 120, span: 260, octaves: 4 }), '#9c93b8', horizon + 10),
    land(ridge(random, { y: horizon, rise: 62, span: 300, octaves: 3 }), '#75789c', horizon + 10),
    trees(random),
    farm(),
    linear('earth', [
      [0, '#9a83a8'],
      [0.2, '#94786f'],
      [1, '#4b3a4c'],
    ]),
    `<rect y="${horizon}" width="${width}" height="400" fill="url(#earth)"/>`,
    rows(random),
    `<rect y="${horizon}" width="${width}" height="400" fill="url(#evening)"/>`,
    linear('evening', [
      [0, '#ffdcae', 0.5],
      [0.3, '#ffdcae', 0.08],
      [1, '#2a1a4a', 0.25],
    ]),
  ].join('');
}

/** Where a row is, `near` of the way from the vanishing point to the viewer. */
function rowX(row: number, near: number): number {
  return vanishing + row * (9 + near * 236);
}

function rows(random: Random): string {
  let drawn = '';
  for (let row = -14; row <= 9; row++) {
    const foot = [rowX(row - 0.4, 1), rowX(row + 0.4, 1)] as const;
    const top = [rowX(row - 0.36, 0), rowX(row + 0.36, 0)] as const;
    drawn += `<path d="M${round(top[0])} ${horizon + 2}L${round(foot[0])} 800H${round(foot[1])}L${round(top[1])} ${horizon + 2}Z" fill="#4d3a86"/>`;
  }
  for (let near = 0.02; near < 1; near += 0.006 + near * 0.016) {
    const y = horizon + near ** 1.35 * 420;
    const size = 1.4 + near * 17;
    for (let row = -14; row <= 9; row++) {
      const middle = rowX(row, near ** 1.35);
      if (middle < -80 || middle > width + 80) continue;
      const spread = (9 + near ** 1.35 * 236) * 0.36;
      const count = 3 + Math.round(near * 5);
      for (let tuft = 0; tuft < count; tuft++) {
        const off = ((tuft + random()) / count) * 2 - 1;
        const lit = 0.5 - off * 0.5;
        const color = mix(mix('#5a3f9e', '#a487dc', lit), '#e9c3e6', random() * 0.35 * lit);
        drawn += `<ellipse cx="${round(middle + off * spread)}" cy="${round(y - size * (1.1 - Math.abs(off) * 0.8))}" rx="${round(size * 0.34)}" ry="${round(size * random.between(0.6, 1.05))}" fill="${color}"/>`;
      }
    }
  }
  return drawn;
}

function trees(random: Random): string {
  let drawn = '';
  for (let x = -10; x < width; x += random.between(14, 60)) {
    const tall = random.between(10, 26);
    drawn += `<ellipse cx="${round(x)}" cy="${horizon - tall * 0.4}" rx="${round(tall * random.between(0.6, 1.1))}" ry="${round(tall * 0.55)}"/>`;
  }
  for (const [x, tall] of [
    [690, 92],
    [712, 116],
    [936, 104],
    [958, 84],
    [980, 70],
  ] as const) {
    drawn += `<path d="M${x} ${horizon + 4}C${x - 13} ${horizon - 20} ${x - 9} ${horizon - tall * 0.7} ${x} ${horizon - tall}C${x + 9} ${horizon - tall * 0.7} ${x + 13} ${horizon - 20} ${x} ${horizon + 4}Z"/>`;
  }
  return `<g fill="#3f4a5c">${drawn}</g>`;
}

function farm(): string {
  return (
    `<g transform="translate(${vanishing + 24} ${horizon + 4})"><path d="M-72 0V-44H62V0Z" fill="#e0bfa4"/><path d="M-80-42L-62-66H54L72-42Z" fill="#a4553f"/><path d="M28-44V-78H70V0H28Z" fill="#cfa88d"/><path d="M22-76L49-98L76-76Z" fill="#8d4536"/>` +
    '<path d="M-72 0V-44H-52V0Z" fill="#ffe3ba"/><g fill="#5f4a5c"><rect x="-46" y="-30" width="10" height="14"/><rect x="-22" y="-30" width="10" height="14"/><rect x="2" y="-22" width="12" height="22"/><rect x="42" y="-62" width="10" height="13"/></g></g>'
  );
}
