/** A lighthouse in a rising sea: the one warm thing in a cold picture. */
import type { Random } from '../random.ts';
import { clouds, fade, glow, height, linear, mix, type Point, round, sky, stars, width } from '../svg.ts';

const lamp: Point = [884, 176];

export function lighthouse(random: Random): string {
  return [
    sky([
      [0, '#0f1d33'],
      [0.4, '#2c4862'],
      [0.62, '#6d8a97'],
      [0.7, '#c9b9a0'],
    ]),
    stars(random, 120, 240),
    clouds('storm', { color: [13, 25, 44], frequency: [0.003, 0.009], seed: 31, cover: 0.2, contrast: 4 }),
    fade(
      'above',
      [
        [0, '#fff', 0.95],
        [0.7, '#fff', 0.75],
        [1, '#fff', 0],
      ],
      0,
      520,
    ),
    `<g mask="url(#above)"><rect width="${width}" height="520" filter="url(#storm)"/></g>`,
    beams(),
    sea(random, 0, 2),
    cliff(),
    tower(),
    glow('lamp', lamp, 190, '#ffe9b0', 1),
    `<circle cx="${lamp[0]}" cy="${lamp[1]}" r="10" fill="#fffbe8"/>`,
    sea(random, 2, 6),
    spray(random),
  ].join('');
}

function beams(): string {
  const [x, y] = lamp;
  return (
    linear(
      'beam-left',
      [
        [0, '#ffeebf', 0],
        [1, '#ffeebf', 0.85],
      ],
      [1, 0],
    ) +
    linear(
      'beam-right',
      [
        [0, '#ffeebf', 0.75],
        [1, '#ffeebf', 0],
      ],
      [1, 0],
    ) +
    `<path d="M${x} ${y - 4}L-20 ${y - 40}V${y + 150}L${x} ${y + 5}Z" fill="url(#beam-left)"/>` +
    `<path d="M${x} ${y - 4}L1300 ${y - 90}V${y - 18}L${x} ${y + 5}Z" fill="url(#beam-right)"/>`
  );
}

function cliff(): string {
  return (
    linear('rock', [
      [0, '#3b4450'],
      [1, '#10161f'],
    ]) +
    '<path d="M640 640C690 600 700 566 742 548C772 535 776 505 812 494C850 482 930 484 962 494C1004 508 1008 540 1046 556C1100 578 1150 560 1190 600C1230 634 1260 640 1300 646V810H600Z" fill="url(#rock)"/>' +
    '<path d="M812 494C850 482 930 484 962 494C940 500 930 520 900 520C870 522 860 504 812 494ZM742 548C772 535 776 505 812 494C800 520 810 540 780 560C770 580 720 600 700 640C700 600 710 570 742 548Z" fill="#6f7a7c" fill-opacity="0.55"/>' +
    '<path d="M980 500C1010 540 1000 580 1040 620M900 530C920 570 890 600 930 650M1100 572C1090 600 1130 620 1120 650" stroke="#0c1118" stroke-width="5" fill="none" stroke-opacity="0.6"/>'
  );
}

function tower(): string {
  const [x] = lamp;
  return (
    linear(
      'wall',
      [
        [0, '#c9c9c4'],
        [0.35, '#f4efe4'],
        [1, '#7c8591'],
      ],
      [1, 0],
    ) +
    `<g transform="translate(${x} 0)"><path d="M-27 224H27L44 492H-44Z" fill="url(#wall)"/>` +
    '<clipPath id="tower"><path d="M-27 224H27L44 492H-44Z"/></clipPath><g clip-path="url(#tower)" fill="#b5382c" opacity="0.92"><rect x="-60" y="262" width="120" height="50"/><rect x="-60" y="362" width="120" height="50"/><rect x="-60" y="462" width="120" height="50"/></g>' +
    '<path d="M-27 224H27L44 492H14L8 224Z" fill="#0d1a2c" fill-opacity="0.28"/>' +
    '<rect x="-38" y="210" width="76" height="14" rx="2" fill="#20293a"/><rect x="-20" y="156" width="40" height="54" fill="#ffe6a3"/><path d="M-20 156V210M-7 156V210M7 156V210M20 156V210M-38 198H38M-38 210V198M38 210V198M-26 198v12M26 198v12" stroke="#20293a" stroke-width="3" fill="none"/>' +
    '<path d="M-26 158C-22 134-10 128 0 126C10 128 22 134 26 158Z" fill="#9c2f26"/><path d="M0 126V108" stroke="#20293a" stroke-width="3"/><rect x="-7" y="330" width="14" height="20" rx="7" fill="#ffd987"/><path d="M-9 492V460Q0 448 9 460V492Z" fill="#20293a"/></g>' +
    '<path d="M960 496V452L1002 430L1044 452V566L960 500Z" fill="#d8d5cb"/><path d="M950 456L1002 424L1054 456L1048 464L1002 436L956 464Z" fill="#7c3029"/><rect x="978" y="468" width="18" height="20" fill="#ffd27a"/><rect x="1010" y="468" width="18" height="20" fill="#ffd27a"/><path d="M940 494L966 502L1052 556L1060 590H930Z" fill="#2b333e"/>'
  );
}

function sea(random: Random, from: number, to: number): string {
  let drawn = '';
  for (let row = from; row < to; row++) {
    const nearness = row / 5;
    const y = 540 + nearness ** 1.2 * 215;
    const swell = 8 + nearness * 26;
    const long = 120 + nearness * 190;
    const color = mix('#5d7d8c', '#0c1c2d', nearness ** 0.8);
    let crest = `M-20 ${round(y)}`;
    let foam = '';
    for (let x = -20 - random() * long; x < width + 20; x += long) {
      const lift = swell * random.between(0.6, 1.3);
      crest += `C${round(x + long * 0.35)} ${round(y)} ${round(x + long * 0.55)} ${round(y - lift)} ${round(x + long * 0.72)} ${round(y - lift)}S${round(x + long * 0.9)} ${round(y)} ${round(x + long)} ${round(y)}`;
      foam += `<path d="M${round(x + long * 0.5)} ${round(y - lift * 0.72)}Q${round(x + long * 0.68)} ${round(y - lift * 1.2)} ${round(x + long * 0.84)} ${round(y - lift * 0.5)}Q${round(x + long * 0.68)} ${round(y - lift * 0.86)} ${round(x + long * 0.5)} ${round(y - lift * 0.72)}Z"/>`;
    }
    drawn +=
      linear(`sea-${row}`, [
        [0, mix(color, '#a9c0c4', 0.25)],
        [0.3, color],
        [1, mix(color, '#060d18', 0.55)],
      ]) +
      `<path d="${crest}L${width + 400} ${height + 10}H-20Z" fill="url(#sea-${row})"/><g fill="#e9f0ee" opacity="${round(0.35 + nearness * 0.45)}">${foam}</g>`;
  }
  return drawn;
}

function spray(random: Random): string {
  let drawn = '';
  for (let i = 0; i < 240; i++) {
    const angle = random.between(Math.PI * 1.05, Math.PI * 1.75);
    const out = random() ** 0.6 * 130;
    drawn += `<circle cx="${round(668 + Math.cos(angle) * out)}" cy="${round(680 + Math.sin(angle) * out * 0.95)}" r="${round(0.8 + random() ** 2 * 5)}" fill-opacity="${round((1 - out / 150) * 0.9)}"/>`;
  }
  return `<g fill="#f2f6f3">${drawn}</g>`;
}
