/** A sleeping volcano behind cherry blossom, after the woodblock prints. */
import type { Random } from '../random.ts';
import { glow, linear, mix, type Point, round, shape, sky, width } from '../svg.ts';
import { firs, land, ridge } from '../terrain.ts';

export function volcano(random: Random): string {
  return [
    sky([
      [0, '#d9826b'],
      [0.3, '#efb38d'],
      [0.62, '#f8e2bd'],
      [0.8, '#fbf0d6'],
    ]),
    glow('heat', [890, 250], 420, '#fff0d2', 0.5),
    '<circle cx="890" cy="250" r="104" fill="#c93f31"/>',
    cloud(760, 214, 300),
    cloud(1010, 292, 240),
    cloud(120, 330, 320),
    cloud(240, 180, 190),
    cone(random),
    cloud(250, 520, 420),
    cloud(860, 548, 520),
    cloud(560, 590, 300),
    land(ridge(random, { y: 650, rise: 70, span: 320, octaves: 3 }), '#5d7f83'),
    forest(random, 690, '#35595f', [26, 52]),
    forest(random, 760, '#1e3c45', [38, 80]),
    branch(random),
    petals(random),
  ].join('');
}

function cone(random: Random): string {
  const right: Point[] = [
    [600, 196],
    [622, 204],
    [650, 200],
  ];
  for (let share = 0; share <= 1; share += 0.05)
    right.push([664 + share * 520 * (0.55 + share * 0.45), 204 + share ** 0.82 * 470]);
  const left: Point[] = [];
  for (let share = 0; share <= 1; share += 0.05)
    left.unshift([570 - share * 560 * (0.55 + share * 0.45), 200 + share ** 0.82 * 470]);
  const outline: Point[] = [...left, ...right, [1184, 800], [10, 800]];
  let snow = 'M570 200L600 196L622 204L650 200L664 204L';
  const hem: Point[] = [];
  for (let i = 0; i <= 14; i++) {
    const share = i / 14;
    const x = 770 - share * 320;
    const low = i % 2 === 0 ? random.between(330, 396) : random.between(276, 312);
    hem.push([x, Math.min(low, 300 + Math.abs(share - 0.5) * -40 + 90)]);
  }
  snow += `${hem.map(([x, y]) => `${round(x)} ${round(y)}`).join('L')}Z`;
  return (
    linear('slope', [
      [0, '#3c5573'],
      [0.5, '#5b7c94'],
      [1, '#b9c9c0'],
    ]) +
    `<clipPath id="cone">${shape(outline, '')}</clipPath>` +
    shape(outline, 'fill="url(#slope)"') +
    `<g clip-path="url(#cone)"><path d="${snow}" fill="#fbf5ea"/><path d="M622 204L650 200L664 204L770 330L700 300L690 380L652 300Z" fill="#c7cfd6" fill-opacity="0.8"/>` +
    '<path d="M622 204L1200 800H760L690 420Z" fill="#22384f" fill-opacity="0.22"/></g>'
  );
}

/** Clouds as the woodcutters knew them: bars with round ends. */
function cloud(x: number, y: number, long: number): string {
  const bar = (dx: number, dy: number, share: number, tall: number): string =>
    `<rect x="${x + dx - (long * share) / 2}" y="${y + dy}" width="${long * share}" height="${tall}" rx="${tall / 2}"/>`;
  return `<g fill="#fdf3de" opacity="0.94">${bar(0, 0, 1, 22)}${bar(long * 0.16, -18, 0.56, 22)}${bar(-long * 0.1, 18, 0.7, 20)}${bar(long * 0.24, 34, 0.4, 14)}</g>`;
}

function forest(random: Random, y: number, color: string, size: Point): string {
  const skyline = ridge(random, { y, rise: 36, span: 300, octaves: 3 });
  return land(skyline, color) + firs(random, skyline, color, size, 0.85);
}

function branch(random: Random): string {
  const twigs: readonly (readonly [Point, Point, Point, number])[] = [
    [[1300, 20], [1120, 60], [890, 20], 22],
    [[1160, 48], [1080, 130], [960, 150], 11],
    [[1050, 42], [960, 90], [800, 92], 9],
    [[1240, 36], [1200, 150], [1110, 230], 12],
    [[1180, 130], [1110, 180], [1040, 190], 6],
    [[960, 34], [860, -10], [740, 30], 7],
    [[1290, 120], [1260, 230], [1200, 320], 8],
  ];
  let wood = '';
  let flowers = '';
  for (const [from, bend, to, thick] of twigs) {
    wood += `<path d="M${from.join(' ')}Q${bend.join(' ')} ${to.join(' ')}" stroke-width="${thick}"/>`;
    const count = 12;
    for (let i = 2; i <= count; i++) {
      const t = i / count;
      const along = (axis: 0 | 1): number =>
        (1 - t) ** 2 * from[axis] + 2 * t * (1 - t) * bend[axis] + t ** 2 * to[axis];
      for (let each = 0; each < 2; each++) {
        flowers += blossom(
          random,
          [along(0) + random.between(-26, 26), along(1) + random.between(-24, 26)],
          random.between(9, 19),
        );
      }
    }
  }
  return `<g fill="none" stroke="#3b2a2c" stroke-linecap="round">${wood}</g>${flowers}`;
}

function blossom(random: Random, [x, y]: Point, size: number): string {
  const color = mix('#f7b9bd', '#fff3f0', random());
  const turn = random() * 72;
  let leaves = '';
  for (let leaf = 0; leaf < 5; leaf++)
    leaves += `<ellipse cy="${round(-size * 0.55)}" rx="${round(size * 0.4)}" ry="${round(size * 0.52)}" transform="rotate(${leaf * 72})"/>`;
  return `<g transform="translate(${round(x)} ${round(y)}) rotate(${round(turn)})"><g fill="${color}" stroke="#e79aa3" stroke-width="0.8">${leaves}</g><circle r="${round(size * 0.2)}" fill="#c9485b"/></g>`;
}

function petals(random: Random): string {
  let drawn = '';
  for (let i = 0; i < 46; i++) {
    drawn += `<ellipse cx="${round(random.between(300, width))}" cy="${round(random.between(120, 780))}" rx="${round(random.between(3, 7))}" ry="${round(random.between(2, 4))}" transform="rotate(${random.whole(-30, 30)})" fill-opacity="${round(random.between(0.5, 1))}"/>`;
  }
  return `<g fill="#fbd3d2">${drawn}</g>`;
}
