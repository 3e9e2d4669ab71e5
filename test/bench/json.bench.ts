/**
 * `npm run bench:json`: 100 KB of HTML in a member of a JSON response that `fields` names, beside the same HTML as a page.
 * Each response differs, so that no cache has it. `ROUNDS` sets how many rounds are run.
 */
import { randomFrom } from '../support/random.ts';
import { fetchImageSigner } from './built.ts';
import { giveFigure } from './give-figure.ts';
import { type Contender, measure, table } from './rounds.ts';

const rounds = Number(process.env['ROUNDS'] ?? 25);
const perRound = 8;
const size = 100_000;

const sign = fetchImageSigner({
  key: 'a-signing-key-of-the-usual-length',
  ttl: '1d',
  variants: ['thumb', 'card'],
  rewrite: { json: true },
  fields: { content: 'html' },
  now: () => 1_790_000_000_000,
});

const words = 'the of a light harbour morning and boats that came in with nets full over water'.split(' ');
const random = randomFrom(1);
const prose = (count: number): string =>
  Array.from({ length: count }, () => words[Math.floor(random() * words.length)]).join(' ');

function article(): string {
  let html = '';
  for (let index = 0; html.length < size; index++) {
    html += `<p class="text">${prose(60)} <a href="https://example.org/${index}">${prose(3)}</a></p>\n`;
    if (index % 4 > 0) continue;
    html += `<img src="https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/photo-${index}/card" alt="${prose(4)}">\n`;
  }
  return html;
}

const html = article();
let count = 0;

/** @param bodyOf - the body of a response with this number */
function contender(name: string, type: string, bodyOf: (index: number) => string): Contender {
  let bodies: Uint8Array<ArrayBuffer>[] = [];
  return {
    name,
    units: perRound * html.length,
    prepare() {
      bodies = Array.from({ length: perRound }, () => new TextEncoder().encode(bodyOf(count++)));
    },
    async run() {
      let length = 0;
      for (const body of bodies) {
        const answer = (): Response => new Response(body, { headers: { 'content-type': type } });
        const response = await sign(new Request('https://shop.example/'), answer);
        length += (await response.arrayBuffer()).byteLength;
      }
      return length;
    },
  };
}

const names = ['as a page', 'in JSON', 'in JSON, with < as \\u003c'] as const;
const jsonOf = (index: number): string => JSON.stringify({ id: index, content: html });
const measured = await measure(
  [
    contender(names[0], 'text/html; charset=utf-8', (index) => `${html}<!--${index}-->`),
    contender(names[1], 'application/json', jsonOf),
    contender(names[2], 'application/json', (index) => jsonOf(index).replaceAll('<', '\\u003c')),
  ],
  rounds,
);

const page = measured.get(names[0])!;
console.log(`Node.js ${process.version}, ${size / 1000} KB of HTML, medians of ${rounds} rounds\n`);
console.log(
  table([
    ['', 'MB/s of HTML', 'of the page (goal: 0.5)'],
    ...names.map((name) => [
      name,
      (1_000 / measured.get(name)!).toFixed(0),
      (page / measured.get(name)!).toFixed(2),
    ]),
  ]),
);

giveFigure(['json', 'fields'], page / measured.get(names[1])!, 2, 'of the speed of a page');
giveFigure(['json', 'fields', 'escaped'], page / measured.get(names[2])!, 2, 'of the speed of a page');
