/**
 * 100 KB of HTML in a member of a JSON response that `fields` names, beside HTML of the same kind as a page. Each response
 * is another article, so that no cache has it, and no page before it is similar. Then `signData` of 100 KB of data, beside
 * `JSON.parse(JSON.stringify(data))`.
 */
import { randomFrom } from '../support/generators/random.ts';
import { createSigner, load } from './built.ts';
import { giveFigure } from './give-figure.ts';
import { type Contender, measure, print } from './rounds.ts';

const perRound = 20;
const size = 100_000;
const options = {
  key: 'a-signing-key-of-the-usual-length',
  ttl: '1d',
  variants: ['thumb', 'card'],
  now: () => 1_790_000_000_000,
} as const;
const { imageSigner } = await load<typeof import('../../src/fetch.ts')>('fetch');
const sign = imageSigner({ ...options, rewrite: { json: true }, fields: { content: 'html' } });
const signer = createSigner(options);

const words = 'the of a light harbour morning and boats that came in with nets full over water'.split(' ');
const random = randomFrom(1);
const prose = (count: number): string =>
  Array.from({ length: count }, () => words[Math.floor(random() * words.length)]).join(' ');
const photoOf = (index: number): string =>
  `https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/photo-${index}/card`;

/** An image every four paragraphs. */
function article(): string {
  let html = '';
  for (let index = 0; html.length < size; index++) {
    html += `<p class="text">${prose(60)} <a href="https://example.org/${index}">${prose(3)}</a></p>\n`;
    if (index % 4 === 0) html += `<img src="${photoOf(index)}" alt="${prose(4)}">\n`;
  }
  return html;
}

/** What an API gives of a blog: an image and a paragraph for each of 200 posts. */
const data = Array.from({ length: 200 }, (_, id) => ({
  id,
  title: prose(6),
  cover: photoOf(id),
  text: prose(60),
  isPublished: true,
  author: { id: id % 7, name: prose(2) },
  tags: [prose(1), prose(1)],
}));

/** @param createBody - gives the body of another response each time */
function response(name: string, type: string, createBody: () => string): Contender {
  let bodies: string[] = [];
  return {
    name,
    units: perRound * size,
    prepare() {
      bodies = Array.from({ length: perRound }, createBody);
    },
    async run() {
      let length = 0;
      for (const body of bodies) {
        const answer = (): Response => new Response(body, { headers: { 'content-type': type } });
        const signed = await sign(new Request('https://shop.example/'), answer);
        length += (await signed.arrayBuffer()).byteLength;
      }
      return length;
    },
  };
}

function ofData(name: string, run: () => unknown): Contender {
  const repeat = (): unknown => Array.from({ length: perRound }, run).length;
  return { name, units: perRound * size, run: repeat };
}

const json = (): string => JSON.stringify({ content: article() });
const responses = [
  response('as a page', 'text/html; charset=utf-8', article),
  response('in JSON', 'application/json', json),
  response('in JSON, with < as \\u003c', 'application/json', () => json().replaceAll('<', '\\u003c')),
];
const ways = [
  ofData('JSON.parse(JSON.stringify(data))', () => JSON.parse(JSON.stringify(data))),
  ofData('signData(data)', () => signer.signData(data)),
];
const of = await measure([...responses, ...ways]);
for (const [title, all] of [
  [`${size / 1000} KB of HTML`, responses],
  [`${size / 1000} KB of data`, ways],
] as const)
  print(title, [
    ['', 'MB/s', 'of the first'],
    ...all.map(({ name }) => [name, (1_000 / of(name)).toFixed(0), (of(all[0]!.name) / of(name)).toFixed(2)]),
  ]);
type Medians = [number, number, number, number, number];
const [page, inJson, escaped, throughJson, signed] = [...responses, ...ways].map(({ name }) =>
  of(name),
) as Medians;
giveFigure(['json', 'fields'], page / inJson, 2, 'of the speed of a page');
giveFigure(['json', 'fields', 'escaped'], page / escaped, 2, 'of the speed of a page');
giveFigure(['json', 'data'], throughJson / signed, 2, 'of the speed of JSON');
