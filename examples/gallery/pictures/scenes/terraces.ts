/** Rice terraces after rain: every step holds a piece of the sky. */
import { createNoise, type Random } from '../random.ts';
import { clouds, haze, linear, mix, type Point, round, shape, sky, width } from '../svg.ts';
import { firs, land, ridge } from '../terrain.ts';

const steps = 15;

export function terraces(random: Random): string {
  const back = ridge(random, { y: 300, rise: 170, span: 260, octaves: 4 });
  const wood = ridge(random, { y: 330, rise: 70, span: 240, octaves: 3 });
  return [
    haze('low-cloud', '#fdfbf0', 1),
    sky([
      [0, '#9dbcc4'],
      [0.25, '#d3dfd8'],
      [0.45, '#f3ecd3'],
    ]),
    clouds('after-rain', {
      color: [255, 255, 250],
      frequency: [0.003, 0.009],
      seed: 19,
      cover: 0.02,
      contrast: 3,
    }),
    `<rect width="${width}" height="300" filter="url(#after-rain)" opacity="0.7"/>`,
    linear('hill', [
      [0, '#7fa39a'],
      [1, '#c9d6c2'],
    ]),
    land(back, 'url(#hill)', 430),
    `<ellipse cx="400" cy="292" rx="700" ry="52" fill="url(#low-cloud)" fill-opacity="0.9"/>`,
    firs(random, wood, '#3d6a58', [22, 54], 0.9),
    land(wood, '#4f7d60', 460),
    hillside(random),
    hut(),
    farmer(560, 592),
    farmer(604, 600),
  ].join('');
}

function hillside(random: Random): string {
  const noise = createNoise(random, 3);
  let drawn = '';
  for (let step = 0; step < steps; step++) {
    const nearness = step / (steps - 1);
    const edge: Point[] = [];
    for (let x = -10; x <= width + 10; x += 10) {
      const bend = (noise(x / 300 + step * 0.22) - 0.5) * (80 + nearness * 170);
      const slope = Math.sin((x / width) * 3.1 + 0.4) * (26 - nearness * 90);
      edge.push([x, 350 + nearness ** 1.25 * 500 + bend + slope]);
    }
    const bank = 5 + nearness * 17;
    const green = mix('#a9bd6b', '#2f5d38', random.between(0.1, 0.5) + nearness * 0.45);
    const isFlooded = step % 3 !== 1;
    const pool = isFlooded
      ? [mix('#f7efd6', '#c3d7d2', random()), mix('#9dbfc2', '#5f8f92', nearness)]
      : ['#b9cf70', '#7da24d'];
    drawn +=
      linear(`pool-${step}`, [
        [0, pool[0] as string],
        [0.35, pool[1] as string],
        [1, pool[1] as string],
      ]) +
      land(
        edge.map(([x, y]): Point => [x, y - bank]),
        mix(green, '#dfe9a5', 0.35),
      ) +
      land(
        edge.map(([x, y]): Point => [x, y - bank + 3 + nearness * 3]),
        green,
      ) +
      shape([...edge, [width + 10, 810], [-10, 810]], `fill="url(#pool-${step})"`) +
      (isFlooded
        ? sprouts(random, edge, nearness, '#6f9a4a')
        : sprouts(random, edge, nearness, '#4f7f35', 3));
  }
  return drawn;
}

/** Young rice, in rows that follow the edge of its step. */
function sprouts(random: Random, edge: readonly Point[], nearness: number, color: string, dense = 1): string {
  let drawn = '';
  const tall = 2 + nearness * 9;
  for (let row = 1; row <= 2 + dense; row++) {
    for (let at = row % 2; at < edge.length; at += dense > 1 ? 1 : 2) {
      const [x, y] = edge[at] as Point;
      if (random() < 0.3) continue;
      const foot = y + row * (5 + nearness * 12);
      drawn += `M${round(x + random.between(-4, 4))} ${round(foot)}l${round(random.between(-2, 2))} ${round(-tall)}`;
    }
  }
  return `<path d="${drawn}" stroke="${color}" stroke-width="${round(1 + nearness * 1.8)}" stroke-linecap="round" stroke-opacity="0.85"/>`;
}

function hut(): string {
  return '<g transform="translate(930 418)"><path d="M-40 0V-32H40V0Z" fill="#7b5a40"/><path d="M-60-28L0-74L60-28Q0-40-60-28Z" fill="#b48a55"/><path d="M-60-28L0-74L6-70L-20-34Z" fill="#d6b27a"/><rect x="-8" y="-24" width="16" height="24" fill="#33261f"/></g>';
}

function farmer(x: number, y: number): string {
  return `<g transform="translate(${x} ${y})"><path d="M-7 0L-5-20C-12-30-4-40 6-40C16-38 14-26 10-20L9 0H5L2-16L-2 0Z" fill="#3c4a63"/><path d="M-10-42Q6-60 24-42Q6-36-10-42Z" fill="#e6c98c"/><path d="M-6 3L10 3L8 22L-3 20Z" fill="#3c4a63" fill-opacity="0.3"/></g>`;
}
