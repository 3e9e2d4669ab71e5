/** A northern lake before sunrise: the range stands on its own reflection. */
import type { Random } from '../random.ts';
import { blur, fade, glow, height, linear, mix, round, sky, width } from '../svg.ts';
import { faces, firs, land, ridge } from '../terrain.ts';

const shore = 500;

export function lake(random: Random): string {
  const middle = (x: number): number => 0.35 + 0.75 * Math.exp(-(((x - 0.62) / 0.24) ** 2));
  const far = ridge(random, { y: shore - 60, rise: 190, span: 120, sharp: true });
  const high = ridge(random, { y: shore - 20, rise: 330, span: 210, sharp: true, profile: middle });
  const near = ridge(random, { y: shore, rise: 90, span: 260, octaves: 4 });
  const view = [
    sky([
      [0, '#7f9cc0'],
      [0.3, '#c3c4cf'],
      [0.48, '#f2cdb5'],
      [0.6, '#f9b48f'],
    ]),
    glow('dawn', [380, shore - 60], 460, '#ffe2bd', 0.95),
    land(far, 'url(#far)', shore),
    land(high, 'url(#high)', shore),
    faces(random, high, { id: 'alpenglow', from: 'left', color: '#f8c4a6', opacity: 0.8 }),
    land(near, '#33475f', shore),
    firs(random, near, '#26384e', [22, 52], 0.75),
  ].join('');
  return [
    linear('far', [
      [0, '#9aa3bd'],
      [1, '#dcb7ad'],
    ]),
    linear('high', [
      [0, '#566a8c'],
      [1, '#8f8ea6'],
    ]),
    blur('still', [1.2, 2.2]),
    fade(
      'deep',
      [
        [0, '#fff', 0.85],
        [1, '#fff', 0.15],
      ],
      shore,
    ),
    linear('water', [
      [0, '#f0b99c'],
      [0.35, '#a9aabd'],
      [1, '#2c4560'],
    ]),
    `<g id="view">${view}</g>`,
    `<rect y="${shore}" width="${width}" height="${height - shore}" fill="url(#water)"/>`,
    `<g mask="url(#deep)"><use href="#view" transform="matrix(1 0 0 -0.86 0 ${shore * 1.86})" filter="url(#still)"/></g>`,
    ripples(random),
    canoe(),
    reeds(random),
  ].join('');
}

function ripples(random: Random): string {
  let drawn = '';
  for (let i = 0; i < 130; i++) {
    const depth = random() ** 1.6;
    const y = shore + 3 + depth * 290;
    const long = 20 + depth * 150 * random();
    drawn += `<rect x="${round(random() * width - long / 2)}" y="${round(y)}" width="${round(long)}" height="${round(0.7 + depth * 1.2)}" rx="1" fill-opacity="${round(0.12 + random() * 0.3)}"/>`;
  }
  return `<g fill="#ffe4cc">${drawn}</g>`;
}

function canoe(): string {
  return (
    '<g transform="translate(392 640)"><path d="M-92 0Q0 26 92 0Q84 24 54 27H-54Q-84 24-92 0Z" fill="#7c2f25"/>' +
    '<path d="M-92 0Q0 26 92 0Q0 18-92 0Z" fill="#c9694d"/>' +
    '<path d="M-8 14C-10-10-10-20-4-26C4-30 12-24 13-12L15 14Z" fill="#22303f"/><circle cx="4" cy="-34" r="9" fill="#22303f"/>' +
    '<path d="M-6-14L46 30" stroke="#e8c9a5" stroke-width="3"/><path d="M40 24L54 38L58 34L46 22Z" fill="#e8c9a5"/>' +
    '<path d="M-80 34Q0 44 80 34Q40 46 0 46T-80 34Z" fill="#1d2f42" fill-opacity="0.5"/></g>'
  );
}

function reeds(random: Random): string {
  let drawn = '';
  for (let i = 0; i < 90; i++) {
    const isLeft = i % 3 !== 0;
    const x = isLeft ? random() ** 1.7 * 300 : width - random() ** 2 * 220;
    const tall = random.between(50, 190) * (isLeft ? 1 - x / 420 : 0.7);
    const lean = random.between(-22, 26);
    drawn += `<path d="M${round(x)} 805Q${round(x)} ${round(805 - tall * 0.6)} ${round(x + lean)} ${round(805 - tall)}" stroke-width="${round(random.between(1.5, 3.4))}"/>`;
  }
  return `<g fill="none" stroke="${mix('#14202d', '#2c4560', 0.2)}" stroke-linecap="round">${drawn}</g>`;
}
