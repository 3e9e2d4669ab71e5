/** An event and its warning hold no token, and no character that could forge a line of a log. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { imageSigner as fetchSigner } from '../../src/fetch.ts';
import {
  createSigner,
  type ImageSignerEvent,
  imageGuard,
  imageSigner,
  signingEndpoint,
} from '../../src/index.ts';
import { warningOf } from '../../src/options/warnings.ts';
import { accountHash, base, id, otherAccount } from '../support/samples.ts';
import { runs } from '../support/seed.ts';
import { exchangeLater } from '../support/servers/in-memory.ts';

/** The signature of every token here: any 24 of its digits in a row are too many. */
const mac = 'f0e1d2c3b4a5968778695a4b3c2d1e0f1f2e3d4c5b6a79880897a6b5c4d3e2f1';
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
const spellings: readonly ((token: string, control: string) => string)[] = [
  (token) => token,
  (token) => encodeURIComponent(token),
  (token) => encodeURIComponent(encodeURIComponent(token)),
  (token) => token.replace('&', '&amp;'),
  (token) => token.replace('exp', '%65xp').replace('sig', 's%69g'),
  (token) => token.toUpperCase(),
  (token) => token.replace(mac, percent(mac)),
  (token, control) => token.replace(mac, `${mac.slice(0, 9)}${control}${mac.slice(9)}`),
  (token) => token.replace('&', ';').replace('=', '%3D'),
  () => `sig/${mac}`,
  () => `;${mac}`,
];
const token = fc
  .tuple(fc.constantFrom(...spellings), fc.constantFrom(...controls))
  .map(([spell, control]) => spell(`exp=1790000000&sig=${mac}`, control));
const odd = fc.oneof(
  { weight: 7, arbitrary: fc.constant('') },
  { weight: 3, arbitrary: fc.constantFrom(...controls, ' ', '%0a', '%1b', '"', '<', '\\', 'a%2Cb') },
);
const cdn = 'https://a.example/cdn-cgi/imagedelivery';

/** A path or URL with a token and what does not belong into a log, in any of its places. */
const hostileUrl = fc
  .tuple(
    fc.constantFrom('', '', 'https://imagedelivery.net', '//imagedelivery.net', cdn),
    fc.constantFrom('/'),
    fc.constantFrom(accountHash, accountHash, otherAccount),
    odd,
    fc.constantFrom(`/${id}`),
    odd,
    fc.constantFrom('/thumb', '/large', '/preview', '/', '/w=4'),
    odd,
    fc.constantFrom('?', '?', '?v=1&', '#', '/', '%3F', ';', '??'),
    token,
    odd,
  )
  .map((pieces) => pieces.join(''));

const events: ImageSignerEvent[] = [];
const report = (event: ImageSignerEvent): void => void events.push(event);

/** @returns how many events there were */
function check(urls: readonly string[]): number {
  const heard = events.splice(0);
  for (const event of heard) {
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
  return heard.length;
}

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
  let checked = 0;
  const property = fc.asyncProperty(
    hostileUrl,
    hostileUrl,
    fc.boolean(),
    async (target, image, mayTransform) => {
      for (const middleware of [respond.page, respond.refusing])
        await exchangeLater((request, response) => {
          middleware(request, response, () => {
            response.setHeader('Content-Type', 'text/html');
            if (!mayTransform) response.setHeader('Cache-Control', 'no-transform');
            response.end(html(image));
          });
        }, target);
      const { guard, endpoint } = respond;
      await exchangeLater((request, response) => guard(request, response, () => response.end()), target);
      await exchangeLater(endpoint, `/sign/${target}`);
      await exchangeLater(endpoint, `/?url=${encodeURIComponent(image.toWellFormed())}`);
      if (URL.canParse(target, 'https://shop.example')) {
        const request = new Request(new URL(target, 'https://shop.example'));
        const headers = { 'Content-Type': 'text/html' };
        await (await overFetch(request, () => new Response(html(image), { headers }))).text();
      }
      signer.rewriteHtml(html(image));
      checked += check([target, image]);
    },
  );
  await fc.assert(property, { numRuns: runs(0.6) });
  expect(checked).toBeGreaterThan(300);
});
