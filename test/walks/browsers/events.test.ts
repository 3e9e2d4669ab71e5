/**
 * Event streams in Chromium: its `EventSource` hears the same events with the middleware and without it, but for tokens, and
 * the images that a page makes of them are signed.
 */
import { beforeAll, expect, test } from 'vitest';
import { type ImageSignerOptions, imageSigner } from '../../../src/index.ts';
import { cutAt } from '../../support/generators/chunks.ts';
import { randomFrom } from '../../support/generators/random.ts';
import { base, countTokens, signerWith, url, withoutTokens } from '../../support/samples.ts';
import { runs, seed } from '../../support/seed.ts';
import { watchPage } from './watched-page.ts';

let stream: Uint8Array[] = [];

/** A page that swaps in what it hears, as htmx does, and remembers it. */
const listener = `<p id=news></p><script>
const news = document.getElementById('news');
function listen(path) {
  const heard = [];
  const source = new EventSource(path);
  const hear = ({ type, data, lastEventId }) => {
    heard.push([type, data, lastEventId].join('|'));
    if (data.startsWith('<')) news.innerHTML = data;
    else if (data.startsWith('{')) new Image().src = JSON.parse(data).image;
  };
  for (const type of ['message', 'photo', 'x']) source.addEventListener(type, hear);
  return new Promise((resolve) => {
    source.onerror = () => {
      source.close();
      resolve(heard);
    };
  });
}
</script>`;

const sign = imageSigner({
  ...base,
  rewrite: { json: true, events: 'html' },
  skip: (request) => request.url === '/plain',
} as ImageSignerOptions);
const site = watchPage((request, response) =>
  sign(request, response, () => {
    response.setHeader('Content-Type', request.url === '/' ? 'text/html' : 'text/event-stream');
    for (const chunk of request.url === '/' ? [listener] : stream) response.write(chunk);
    response.end();
  }),
);
beforeAll(async () => void (await site.page.goto(site.address)));

function listen(path: '/plain' | '/signed'): Promise<string[]> {
  return site.page.evaluate<string[]>(`listen('${path}')`);
}

test('the images of what it hears are signed', async () => {
  stream = [
    Buffer.from(`event: photo\r\ndata: <img\r\ndata:  src="${url('card')}">\r\n\r\n`),
    Buffer.from(`: JSON\ndata: {"image":\ndata: "${url('thumb')}"}\n\n`),
  ];
  const heard = await listen('/signed');
  expect(heard.map(withoutTokens)).toEqual([
    `photo|<img\n src="${url('card')}">|`,
    `message|{"image":\n"${url('thumb')}"}|`,
  ]);
  await expect.poll(() => site.requested.map(withoutTokens).sort()).toEqual([url('card'), url('thumb')]);
  for (const each of site.requested) expect(signerWith().verifyImage(each)).toMatchObject({ ok: true });
});

const lines = [
  ...[
    ...['', '', '', 'data', 'data:', 'data: ', 'data:  a', 'datas: a', ' data: a', 'data : a'],
    ...['DATA: a', ':', ': a'],
  ],
  ...['event: x', 'event:photo', 'event', 'id: 1', 'id', 'retry', 'x: a', `: ${url()}`, `id: ${url()}`],
  ...[`data: {"image":"${url()}"}`, `data:<img src="${url()}">`, `data: <img`, `data: src="${url()}">`],
  ...['\ufeff', '\ufeffdata: a', 'data: a\0b', 'data: é写'],
];
const ends = ['\n', '\r', '\r\n'];

test(`${runs(0.06)} random streams are heard alike`, { timeout: 120_000 }, async () => {
  const random = randomFrom(seed);
  const one = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  let signed = 0;
  for (let count = 0; count < runs(0.06); count++) {
    const text = Array.from({ length: 40 }, () => `${one(lines)}${one(ends)}`).join('');
    const places = Array.from({ length: 10 }, () => Math.floor(random() * 10_000));
    stream = cutAt(places, Buffer.from(random() < 0.3 ? `\ufeff${text}` : text));
    const [plain, heard] = [await listen('/plain'), await listen('/signed')];
    expect(heard.map(withoutTokens), JSON.stringify(text)).toEqual(plain);
    signed += countTokens(heard.join(''));
  }
  expect(signed).toBeGreaterThan(0);
});
