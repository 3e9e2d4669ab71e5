/**
 * `npm run bench:json`: 100 KB of HTML in a member of a JSON response that `fields` names, beside HTML of the same kind as a
 * page. Each response is another article, so that no cache has it, and no page before it is similar. Then 100 KB of data in
 * lines of JSON, beside one value, and `signData` of it, beside `JSON.parse(JSON.stringify(data))`.
 * `ROUNDS` sets how many rounds are run.
 */
import { randomFrom } from '../support/random.ts';
import { createSigner, fetchImageSigner } from './built.ts';
import { giveFigure } from './give-figure.ts';
import { type Contender, measure, table } from './rounds.ts';

const rounds = Number(process.env['ROUNDS'] ?? 25);
const perRound = 8;
const size = 100_000;

const options = {
  key: 'a-signing-key-of-the-usual-length',
  ttl: '1d',
  variants: ['thumb', 'card'],
  now: () => 1_790_000_000_000,
} as const;
const sign = fetchImageSigner({ ...options, rewrite: { json: true }, fields: { content: 'html' } });
const signer = createSigner(options);

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

/** What an API gives of a blog: an image and a paragraph for each post. */
function posts(): object[] {
  const list: object[] = [];
  for (let index = 0; JSON.stringify(list).length < size; index++)
    list.push({
      id: index,
      slug: `a-light-harbour-${index}`,
      title: prose(6),
      cover: `https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/photo-${index}/card`,
      text: prose(60),
      isPublished: true,
      author: { id: index % 7, name: prose(2) },
      tags: [prose(1), prose(1)],
    });
  return list;
}

const data = posts();

/** @param createBody - gives the body of another response each time */
function contender(name: string, type: string, createBody: () => string): Contender {
  let bodies: Uint8Array<ArrayBuffer>[] = [];
  return {
    name,
    units: perRound * size,
    prepare() {
      bodies = Array.from({ length: perRound }, () => new TextEncoder().encode(createBody()));
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
const jsonOf = (content: string): string => JSON.stringify({ content });
const measured = await measure(
  [
    contender(names[0], 'text/html; charset=utf-8', article),
    contender(names[1], 'application/json', () => jsonOf(article())),
    contender(names[2], 'application/json', () => jsonOf(article()).replaceAll('<', '\\u003c')),
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

const bodyNames = ['one value', 'lines'] as const;
const ofBodies = await measure(
  [
    contender(bodyNames[0], 'application/json', () => JSON.stringify(posts())),
    contender(bodyNames[1], 'application/x-ndjson', () =>
      posts()
        .map((each) => JSON.stringify(each))
        .join('\n'),
    ),
  ],
  rounds,
);
console.log(`\n${size / 1000} KB of data as JSON, medians of ${rounds} rounds\n`);
console.log(
  table([['', 'MB/s'], ...bodyNames.map((name) => [name, (1_000 / ofBodies.get(name)!).toFixed(0)])]),
);

const dataNames = ['JSON.parse(JSON.stringify(data))', 'signData(data)'] as const;
const repeat = <Result>(run: () => Result): Result => {
  for (let count = 1; count < perRound; count++) run();
  return run();
};
const ofData = await measure(
  [
    {
      name: dataNames[0],
      units: perRound,
      run: () => repeat(() => JSON.parse(JSON.stringify(data)) as unknown),
    },
    { name: dataNames[1], units: perRound, run: () => repeat(() => signer.signData(data)) },
  ],
  8 * rounds,
);
const throughJson = ofData.get(dataNames[0])!;
console.log(`\n${size / 1000} KB of data, medians of ${8 * rounds} rounds\n`);
console.log(
  table([
    ['', 'ms', 'of the speed of JSON (goal: 1)'],
    ...dataNames.map((name) => [
      name,
      (ofData.get(name)! / 1e6).toFixed(3),
      (throughJson / ofData.get(name)!).toFixed(2),
    ]),
  ]),
);

giveFigure(['json', 'data'], throughJson / ofData.get(dataNames[1])!, 2, 'of the speed of JSON');
