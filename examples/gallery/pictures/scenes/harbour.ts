/** A harbour on a windless afternoon: gables, masts, and all of it once more upside down. */
import type { Random } from '../random.ts';
import { blur, clouds, fade, height, linear, mix, round, sky, width } from '../svg.ts';

const water = 520;
const fronts = [
  '#b4452f',
  '#dc9c3f',
  '#e9dcc3',
  '#3f6d7d',
  '#7d3b3a',
  '#c7703f',
  '#8fa6a0',
  '#efe4cf',
  '#34505f',
  '#d8b26a',
] as const;

export function harbour(random: Random): string {
  const view = [
    sky([
      [0, '#7fb0cc'],
      [0.4, '#bcd6da'],
      [0.65, '#f3e9d2'],
    ]),
    clouds('cumulus', {
      color: [255, 250, 240],
      frequency: [0.0045, 0.01],
      seed: 42,
      cover: -0.02,
      contrast: 5,
    }),
    fade(
      'high',
      [
        [0, '#fff', 0.9],
        [0.75, '#fff', 0.5],
        [1, '#fff', 0],
      ],
      0,
      430,
    ),
    `<g mask="url(#high)"><rect width="${width}" height="430" filter="url(#cumulus)" opacity="0.9"/></g>`,
    church(),
    houses(random),
    `<rect y="${water - 26}" width="${width}" height="26" fill="#6e6a66"/><rect y="${water - 28}" width="${width}" height="6" fill="#b9b0a2"/>`,
  ].join('');
  const fleet = [
    boat(250, 1.15, '#f3efe4', '#a8382c'),
    boat(610, 0.85, '#2f5c73', '#e9dcc3'),
    boat(960, 1.35, '#8d2f2a', '#f3efe4'),
    boat(1170, 0.7, '#e2b04f', '#34505f'),
  ].join('');
  return [
    blur('calm', [2, 4]),
    fade(
      'mirror',
      [
        [0, '#fff', 0.85],
        [1, '#fff', 0.35],
      ],
      water,
    ),
    linear('deep', [
      [0, '#7ea3a8'],
      [1, '#16394a'],
    ]),
    `<g id="view">${view}</g>`,
    `<rect y="${water}" width="${width}" height="${height - water}" fill="url(#deep)"/>`,
    `<g mask="url(#mirror)"><use href="#view" transform="matrix(1 0 0 -1 0 ${water * 2})" filter="url(#calm)"/></g>`,
    ripples(random),
    `<g opacity="0.45" filter="url(#calm)" transform="matrix(1 0 0 -0.8 0 ${628 * 1.8})">${fleet}</g>`,
    fleet,
  ].join('');
}

function houses(random: Random): string {
  let drawn = '';
  let x = -20;
  for (let i = 0; x < width; i++) {
    const across = random.between(74, 112);
    const tall = random.between(150, 235);
    const color = fronts[i % fronts.length] as string;
    const top = water - 26 - tall;
    const gable = across * random.between(0.5, 0.72);
    const trim = mix(color, '#fffaf0', color > '#d' ? 0.75 : 0.6);
    drawn += linear(`front-${i}`, [
      [0, mix(color, '#ffffff', 0.1)],
      [1, mix(color, '#2b1c1c', 0.18)],
    ]);
    drawn += `<path d="${front(random.whole(0, 2), x, top, across, gable)}V${water - 26}H${round(x)}Z" fill="url(#front-${i})"/>`;
    drawn += panes(x, top, across, tall, color, trim);
    drawn += `<rect x="${round(x + across - 9)}" y="${round(top)}" width="9" height="${round(tall)}" fill="#2b1c2c" fill-opacity="0.16"/>`;
    x += across;
  }
  return drawn;
}

/** From the foot of the gable's left side to the top of the right wall: pointed, stepped or bell-shaped. */
function front(kind: number, x: number, top: number, across: number, gable: number): string {
  const [left, middle, right] = [round(x), round(x + across / 2), round(x + across)];
  const peak = round(top - gable);
  if (kind === 0) return `M${left} ${round(top)}L${middle} ${peak}L${right} ${round(top)}`;
  const tread = round(across / 8);
  const riser = round(gable / 4);
  if (kind === 1)
    return `M${left} ${round(top)}${`v${-riser}h${tread}`.repeat(4)}${`h${tread}v${riser}`.repeat(4)}`;
  return `M${left} ${round(top)}C${round(x + across * 0.05)} ${round(top - gable * 0.5)} ${round(x + across * 0.3)} ${round(top - gable * 0.3)} ${round(x + across * 0.34)} ${peak}H${round(x + across * 0.66)}C${round(x + across * 0.7)} ${round(top - gable * 0.3)} ${round(x + across * 0.95)} ${round(top - gable * 0.5)} ${right} ${round(top)}`;
}

function panes(x: number, top: number, across: number, tall: number, color: string, trim: string): string {
  const columns = across > 92 ? 3 : 2;
  const dark = mix('#22313d', color, 0.12);
  let drawn = '';
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < columns; column++) {
      const left = x + (across / columns) * (column + 0.5) - 10;
      const y = top + 14 + (row * (tall - 30)) / 3;
      drawn += `<rect x="${round(left - 2)}" y="${round(y - 2)}" width="24" height="34" fill="${trim}"/><rect x="${round(left)}" y="${round(y)}" width="20" height="30" fill="${dark}"/><path d="M${round(left + 10)} ${round(y)}v30M${round(left)} ${round(y + 12)}h20" stroke="${trim}" stroke-width="2"/>`;
      drawn += `<path d="M${round(left)} ${round(y)}h9L${round(left)} ${round(y + 11)}Z" fill="#cfe3e8" fill-opacity="0.5"/>`;
    }
  }
  return `${drawn}<circle cx="${round(x + across / 2)}" cy="${round(top - across * 0.2)}" r="7" fill="${dark}" stroke="${trim}" stroke-width="2"/>`;
}

function church(): string {
  return '<g fill="#9db3b5"><path d="M784 320V150H836V320Z"/><path d="M776 152L810 30L844 152Z" fill="#7d9c9c"/><path d="M810 30V6M800 15H820" stroke="#7d9c9c" stroke-width="4"/><circle cx="810" cy="186" r="14" fill="#eee6d4"/></g>';
}

function boat(x: number, scale: number, hull: string, stripe: string): string {
  return (
    `<g transform="translate(${x} 628) scale(${scale})"><path d="M0-10V-236M0-218L-86-12M0-218L74-12" stroke="#4a3a30" stroke-width="4" fill="none"/><path d="M0-200V-236L26-228Z" fill="${stripe}"/>` +
    `<path d="M-6-40L-70-34Q-40-52-6-52Z" fill="#e6d9bf"/><path d="M-104-16C-40-4 50-4 112-26C104 4 88 18 70 20H-72C-90 16-100 2-104-16Z" fill="${hull}"/><path d="M-104-16C-40-4 50-4 112-26L109-15C50 6-40 6-101-6Z" fill="${stripe}"/>` +
    `<path d="M-34-12V-38H30L42-14Z" fill="#efe7d6"/><rect x="-24" y="-33" width="13" height="12" fill="#34505f"/><rect x="-3" y="-33" width="13" height="12" fill="#34505f"/></g>`
  );
}

function ripples(random: Random): string {
  let drawn = '';
  for (let i = 0; i < 170; i++) {
    const depth = random() ** 1.2;
    const long = random.between(16, 60) * (0.6 + depth * 1.8);
    drawn += `<rect x="${round(random() * width - 40)}" y="${round(water + 6 + depth * 270)}" width="${round(long)}" height="${round(1 + depth * 1.6)}" rx="1" fill="${random.pick(['#f5efe0', '#1d4455', '#f5efe0'])}" fill-opacity="${round(random.between(0.1, 0.4))}"/>`;
  }
  return drawn;
}
