/** Seven ridges and the mist between them: distance is nothing but paleness. */
import type { Random } from '../random.ts';
import { glow, haze, linear, mix, type Point, round, sky, width } from '../svg.ts';
import { firs, land, ridge } from '../terrain.ts';

const count = 7;

export function ridges(random: Random): string {
  const layers: string[] = [];
  for (let layer = 0; layer < count; layer++) {
    const nearness = layer / (count - 1);
    const skyline = ridge(random, {
      y: 380 + nearness ** 1.3 * 350,
      rise: 150 - nearness * 40,
      span: 190 + nearness * 170,
      sharp: layer < 4,
      octaves: 5,
    });
    const color = mix('#b9c9c4', '#12302f', nearness ** 0.9);
    layers.push(
      linear(`ridge-${layer}`, [
        [0, color],
        [0.55, mix(color, '#dfe5d8', 0.42 - nearness * 0.2)],
        [1, mix(color, '#e9ebdf', 0.7 - nearness * 0.5)],
      ]),
      land(skyline, `url(#ridge-${layer})`, 400 + nearness ** 1.3 * 350 + 190),
      layer >= 4
        ? firs(random, skyline, mix(color, '#0b2224', 0.25), [12 + layer * 4, 20 + layer * 8], 0.55)
        : '',
      mist(random, 430 + nearness ** 1.3 * 330, 0.5 * (1 - nearness * 0.7)),
    );
  }
  return [
    haze('mist', '#f6f4e8', 1),
    sky([
      [0, '#a9c3c8'],
      [0.3, '#dbe3d8'],
      [0.55, '#f4ecd6'],
    ]),
    glow('sun', [905, 190], 360, '#fff8e0', 0.95),
    '<circle cx="905" cy="190" r="52" fill="#fffdf2"/>',
    ...layers,
    birds(random),
  ].join('');
}

function mist(random: Random, y: number, opacity: number): string {
  let drawn = '';
  for (let i = 0; i < 3; i++) {
    const [x, across]: Point = [random() * width, random.between(320, 620)];
    drawn += `<ellipse cx="${round(x)}" cy="${round(y + random.between(-10, 24))}" rx="${round(across)}" ry="38"/>`;
  }
  return `<g fill="url(#mist)" opacity="${round(opacity)}">${drawn}</g>`;
}

function birds(random: Random): string {
  let drawn = '';
  for (let i = 0; i < 9; i++) {
    const [x, y] = [470 + i * 24 + random.between(-12, 12), 205 - i * 9 + random.between(-16, 16)];
    const wing = random.between(7, 11);
    drawn += `<path d="M${round(x - wing)} ${round(y - wing * 0.35)}Q${round(x - wing * 0.3)} ${round(y - wing * 0.5)} ${round(x)} ${round(y)}Q${round(x + wing * 0.3)} ${round(y - wing * 0.5)} ${round(x + wing)} ${round(y - wing * 0.3)}"/>`;
  }
  return `<g fill="none" stroke="#2e4a4a" stroke-width="2" stroke-linecap="round">${drawn}</g>`;
}
