/** An observatory at work: the dome is open, and somebody stands outside to look without it. */
import type { Random } from '../random.ts';
import { clouds, glow, haze, linear, mix, type Point, round, sky, stars, width } from '../svg.ts';
import { firs, land, ridge } from '../terrain.ts';

export function observatory(random: Random): string {
  const hill = ridge(random, {
    y: 690,
    rise: 90,
    span: 700,
    octaves: 3,
    profile: (x) => 0.2 + 1.3 * Math.exp(-(((x - 0.32) / 0.3) ** 2)),
  });
  return [
    sky([
      [0, '#070a1f'],
      [0.4, '#121a3d'],
      [0.68, '#37305f'],
      [0.84, '#a1556d'],
      [0.92, '#e79b7a'],
    ]),
    milkyWay(random),
    stars(random, 700, 640),
    bright(random),
    '<path d="M1010 96L1190 172" stroke="#fff" stroke-width="2.4" stroke-linecap="round" stroke-opacity="0.85"/>',
    land(ridge(random, { y: 672, rise: 120, span: 230, sharp: true }), '#4b2f57'),
    land(ridge(random, { y: 716, rise: 90, span: 300, octaves: 4 }), '#2c1f45'),
    dome(),
    land(hill, '#0d0d22'),
    firs(
      random,
      hill.filter(([x]) => x < 190 || x > 760),
      '#0d0d22',
      [24, 74],
      0.5,
    ),
    watcher(hill),
  ].join('');
}

function milkyWay(random: Random): string {
  let dust = '';
  for (let i = 0; i < 1300; i++) {
    const along = random();
    const off = (random() + random() + random() + random() - 2) * 110;
    dust += `<circle cx="${round(140 + along * 1100 + off * 0.5)}" cy="${round(690 - along * 760 + off)}" r="${round(0.4 + random() ** 4 * 1.5)}" fill-opacity="${round(random.between(0.2, 0.9))}"/>`;
  }
  return [
    haze('outer', '#8f8ad0', 0.62),
    haze('inner', '#ecd0dc', 0.6),
    haze('core', '#fff0dc', 0.6),
    haze('veil', '#fff', 1),
    clouds('rift', { color: [10, 12, 34], frequency: [0.009, 0.009], seed: 12, cover: 0.1, contrast: 4 }),
    `<mask id="band">${along('veil', 640, 130)}</mask>`,
    along('outer', 860, 270) + along('inner', 720, 110) + along('core', 330, 66),
    `<g mask="url(#band)" opacity="0.7"><rect x="230" y="60" width="860" height="580" filter="url(#rift)"/></g>`,
    `<g fill="#fff">${dust}</g>`,
  ].join('');
}

/** An ellipse that lies as the Milky Way does. */
function along(fill: string, long: number, wide: number): string {
  return `<ellipse rx="${long}" ry="${wide}" transform="translate(680 350) rotate(-35)" fill="url(#${fill})"/>`;
}

function bright(random: Random): string {
  let drawn = '';
  for (let i = 0; i < 14; i++) {
    const [x, y] = [random() * width, random() * 480];
    const size = random.between(2, 4);
    const color = mix('#ffffff', random.pick(['#a9c8ff', '#ffd3a1', '#ffffff']), 0.7);
    drawn +=
      glow(`star-${i}`, [round(x), round(y)], size * 6, color, 0.6) +
      `<circle cx="${round(x)}" cy="${round(y)}" r="${round(size * 0.6)}" fill="#fff"/>`;
  }
  return drawn;
}

function dome(): string {
  return (
    linear(
      'shell',
      [
        [0, '#e7dfe6'],
        [0.5, '#a79bb4'],
        [1, '#4a3d62'],
      ],
      [1, 0],
    ) +
    linear(
      'drum',
      [
        [0, '#b9adbd'],
        [1, '#3a2f50'],
      ],
      [1, 0],
    ) +
    linear('slit', [
      [0, '#ffce7d'],
      [1, '#ff9f55'],
    ]) +
    '<g transform="translate(412 0)"><rect x="-112" y="520" width="224" height="130" fill="url(#drum)"/><path d="M-124 524C-124 430-66 376 0 376C66 376 124 430 124 524Z" fill="url(#shell)"/>' +
    '<path d="M14 377C66 384 118 430 122 512L84 512C80 440 50 398 8 378Z" fill="url(#slit)"/><path d="M40 470L128 396L138 408L56 486Z" fill="#241a3a"/><path d="M124 390L146 412" stroke="#241a3a" stroke-width="7"/>' +
    '<rect x="-130" y="516" width="260" height="14" rx="3" fill="#2a2040"/><rect x="-28" y="582" width="34" height="70" rx="3" fill="#ffc777"/><rect x="-88" y="572" width="24" height="24" fill="#ffc777" fill-opacity="0.85"/><rect x="56" y="572" width="24" height="24" fill="#ffc777" fill-opacity="0.5"/></g>' +
    glow('inside', [494, 440], 190, '#ffb566', 0.5) +
    glow('door', [401, 622], 120, '#ffb566', 0.55)
  );
}

function watcher(hill: readonly Point[]): string {
  const [x, y] = hill.find(([at]) => at >= 610) as Point;
  return (
    `<g transform="translate(${round(x - 757)} ${round(y - 688)})" fill="#0d0d22" stroke="#0d0d22">` +
    '<path d="M744 690L748 660C740 640 746 624 756 622C768 622 772 640 766 658L770 690H764L758 666L751 690Z"/><circle cx="759" cy="613" r="8.500"/><path d="M764 634L786 616" stroke-width="5" stroke-linecap="round"/>' +
    '<path d="M806 690L816 634L826 690M816 650V630" stroke-width="3" fill="none"/><path d="M800 642L842 606" stroke-width="9" stroke-linecap="round"/></g>'
  );
}
