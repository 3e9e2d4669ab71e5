/** The open sea under a full moon: ten thousand small mirrors, and one sail. */
import type { Random } from '../random.ts';
import { clouds, fade, glow, height, linear, type Point, round, sky, stars, width } from '../svg.ts';

const horizon = 470;
const moonAt: Point = [820, 205];

export function moon(random: Random): string {
  return [
    sky([
      [0, '#0a1430'],
      [0.35, '#1b2f56'],
      [0.6, '#4a6283'],
    ]),
    stars(random, 260, 330),
    glow('halo', moonAt, 520, '#cfdcf0', 0.75),
    moonDisc(random),
    clouds('cloud', {
      color: [24, 38, 70],
      frequency: [0.0028, 0.013],
      seed: 23,
      cover: 0.05,
      contrast: 4.5,
    }),
    fade(
      'band',
      [
        [0.15, '#fff', 0],
        [0.55, '#fff', 0.85],
        [0.85, '#fff', 0.9],
        [1, '#fff', 0.5],
      ],
      0,
      horizon,
    ),
    `<g mask="url(#band)"><rect width="${width}" height="${horizon}" filter="url(#cloud)"/></g>`,
    linear('sea', [
      [0, '#7d90a8'],
      [0.1, '#40597c'],
      [0.5, '#182b4c'],
      [1, '#0a1328'],
    ]),
    `<rect y="${horizon}" width="${width}" height="${height - horizon}" fill="url(#sea)"/>`,
    waves(random),
    glitter(random),
    sail(),
  ].join('');
}

function moonDisc(random: Random): string {
  const [x, y] = moonAt;
  let seas = '';
  for (let i = 0; i < 9; i++) {
    const angle = random() * 6.3;
    const out = random() * 46;
    seas += `<ellipse cx="${round(x + Math.cos(angle) * out)}" cy="${round(y + Math.sin(angle) * out)}" rx="${round(random.between(8, 24))}" ry="${round(random.between(6, 17))}"/>`;
  }
  return (
    `<clipPath id="disc"><circle cx="${x}" cy="${y}" r="74"/></clipPath><circle cx="${x}" cy="${y}" r="74" fill="#f5f1e2"/>` +
    `<g clip-path="url(#disc)" fill="#c9c8c4" opacity="0.55">${seas}</g>`
  );
}

function waves(random: Random): string {
  let drawn = '';
  for (let i = 0; i < 260; i++) {
    const depth = random() ** 1.4;
    const y = horizon + 4 + depth * 330;
    const long = 24 + depth * 190 * random();
    const x = random() * width;
    const lift = 1 + depth * 7;
    drawn += `<path d="M${round(x - long)} ${round(y)}Q${round(x)} ${round(y - lift)} ${round(x + long)} ${round(y)}Q${round(x)} ${round(y - lift * 0.35)} ${round(x - long)} ${round(y)}Z" fill-opacity="${round(0.15 + random() * 0.4)}"/>`;
  }
  return `<g fill="#0a1733">${drawn}</g>`;
}

/** Denser towards the middle of the moon's path, and wider towards the viewer. */
function glitter(random: Random): string {
  let drawn = '';
  for (let i = 0; i < 620; i++) {
    const depth = random() ** 1.25;
    const spread = 26 + depth * 190;
    const off = (random() + random() + random() - 1.5) * spread;
    const y = horizon + 2 + depth * 320;
    const long = (3 + depth * 26) * (0.4 + random());
    const opacity = (0.3 + 0.7 * random()) * Math.max(0.12, 1 - Math.abs(off) / (spread * 1.3));
    drawn += `<ellipse cx="${round(moonAt[0] + off)}" cy="${round(y)}" rx="${round(long)}" ry="${round(0.6 + depth * 1.9)}" fill-opacity="${Math.round(opacity * 100) / 100}"/>`;
  }
  return `<g fill="#fdf3d7">${drawn}</g>`;
}

function sail(): string {
  return (
    '<g transform="translate(420 478)"><path d="M-4-8L-4-112C-44-80-58-40-62-8Z" fill="#e7e3d8"/><path d="M2-8L2-120C30-78 38-40 38-8Z" fill="#b9bccb"/>' +
    '<path d="M-66-3H46Q38 14 26 14H-46Q-60 12-66-3Z" fill="#0c1430"/><path d="M-1-126V0" stroke="#0c1430" stroke-width="3"/>' +
    '<circle cx="-50" cy="-2" r="3" fill="#ffcf7a"/><path d="M-50 18H30L20 70L-6 90L-30 66Z" fill="#0a1430" fill-opacity="0.35"/></g>'
  );
}
