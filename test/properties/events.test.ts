/** An event and its warning hold no token, and no character that could forge a line of a log. */
import { afterAll, expect, test } from 'vitest';
import { imageSigner as fetchSigner } from '../../src/fetch.ts';
import {
  createSigner,
  type ImageSignerEvent,
  imageGuard,
  imageSigner,
  signingEndpoint,
} from '../../src/index.ts';
import { warningOf } from '../../src/options/warnings.ts';
import { pickFrom, randomFrom } from '../support/generators/random.ts';
import { accountHash, base, id, otherAccount } from '../support/samples.ts';
import { runs, seed } from '../support/seed.ts';
import { exchangeLater } from '../support/servers/in-memory.ts';

const random = randomFrom(seed);
const pick = pickFrom(random);

/** The signature of every token here: any 24 of its digits in a row are too many. */
const mac = Array.from({ length: 64 }, () => pick([...'0123456789abcdef'])).join('');
const parts = Array.from({ length: 41 }, (_, at) => mac.slice(at, at + 24));

const controls = [
  '\n',
  '\r',
  '\u001b[2J',
  '\u0000',
  '\u007f',
  '\u0085',
  '\u2028',
  '\u202e',
  '\u200b',
  '\ud800',
];
const forging = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

const percent = (text: string): string =>
  [...text].map((each) => `%${each.charCodeAt(0).toString(16)}`).join('');
const spellings: readonly ((token: string) => string)[] = [
  (token) => token,
  (token) => encodeURIComponent(token),
  (token) => encodeURIComponent(encodeURIComponent(token)),
  (token) => token.replace('&', '&amp;'),
  (token) => token.replace('exp', '%65xp').replace('sig', 's%69g'),
  (token) => token.toUpperCase(),
  (token) => token.replace(mac, percent(mac)),
  (token) => token.replace(mac, `${mac.slice(0, 9)}${pick(controls)}${mac.slice(9)}`),
  (token) => token.replace('&', ';').replace('=', '%3D'),
  () => `sig/${mac}`,
  () => `;${mac}`,
];

/** A path or URL with a token and what does not belong into a log, in any of its places. */
function hostileUrl(): string {
  const token = pick(spellings)(`exp=1790000000&sig=${mac}`);
  const odd = (): string =>
    random() < 0.3 ? pick([...controls, ' ', '%0a', '%1b', '"', '<', '\\', 'a%2Cb']) : '';
  const head = pick([
    '',
    '',
    'https://imagedelivery.net',
    '//imagedelivery.net',
    'https://a.example/cdn-cgi/imagedelivery',
  ]);
  const account = pick([accountHash, accountHash, otherAccount]);
  const variant = pick(['thumb', 'large', 'preview', '', 'w=4']);
  const before = pick(['?', '?', '?v=1&', '#', '/', '%3F', ';', '??']);
  return `${head}/${account}${odd()}/${id}${odd()}/${variant}${odd()}${before}${token}${odd()}`;
}

const events: ImageSignerEvent[] = [];
const report = (event: ImageSignerEvent): void => void events.push(event);
let checked = 0;

function check(urls: readonly string[]): void {
  for (const event of events.splice(0)) {
    checked++;
    const { type: _, ...told } = event;
    const texts = [
      ...Object.values(told),
      warningOf(event, { hasCloudflareImages: true, hasOthers: true })?.message ?? '',
    ].map(String);
    for (const text of texts) {
      const where = `${JSON.stringify(text)} of ${JSON.stringify({ urls, event })}`;
      if (forging.test(text)) expect.fail(where);
      const plain = text.replaceAll(/%(?:25)*([0-9a-f]{2})/gi, (_match, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      );
      for (const shown of [text, plain]) {
        const digits = shown.toLowerCase().replaceAll(/\\u\{[0-9a-f]+\}/g, '');
        if (parts.some((part) => digits.includes(part))) expect.fail(where);
      }
    }
  }
}

afterAll(() => console.log(`${checked} events`));

const signer = createSigner({ ...base, accountHash, report });
const respond = {
  page: imageSigner({ signer }),
  refusing: imageSigner({ signer, authorize: () => false }),
  guard: imageGuard({ signer }),
  endpoint: signingEndpoint({ signer, authorize: () => false }),
};
const overFetch = fetchSigner({ ...base, accountHash, report } as never);

const html = (image: string): string =>
  `<img src="${image.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"><script>a='${image}'</script>`;

test('no event and no warning holds a token, or a character that could forge a line', async () => {
  for (let run = 0; run < runs(0.6); run++) {
    const [target, image] = [hostileUrl(), hostileUrl()];
    for (const middleware of [respond.page, respond.refusing]) {
      await exchangeLater((request, response) => {
        middleware(request, response, () => {
          response.setHeader('Content-Type', 'text/html');
          if (random() < 0.3) response.setHeader('Cache-Control', 'no-transform');
          response.end(html(image));
        });
      }, target);
    }
    await exchangeLater(
      (request, response) => respond.guard(request, response, () => response.end()),
      target,
    );
    await exchangeLater((request, response) => respond.endpoint(request, response), `/sign/${target}`);
    await exchangeLater(
      (request, response) => respond.endpoint(request, response),
      `/?url=${encodeURIComponent(image.toWellFormed())}`,
    );
    if (URL.canParse(target, 'https://shop.example'))
      await (
        await overFetch(
          new Request(new URL(target, 'https://shop.example')),
          () => new Response(html(image), { headers: { 'Content-Type': 'text/html' } }),
        )
      ).text();
    signer.rewriteHtml(html(image));
    check([target, image]);
  }
  expect(checked).toBeGreaterThan(300);
});
