/**
 * `npm run bench`: what a signature costs beside the bare HMAC of the same bytes, and beside the WebCrypto sample of the
 * documentation; and what a URL that no page had before costs within a page. Processor time, so that a busy machine changes it little; nothing is asserted. `ROUNDS` sets how many.
 */
import { createHmac, createSecretKey, randomUUID } from 'node:crypto';
import { cpus } from 'node:os';
import { readCorpus } from '../support/corpus.ts';
import { createSigner } from './built.ts';
import { giveFigure } from './give-figure.ts';
import { type Contender, measure, processorTime, table } from './rounds.ts';

const key = 'a-signing-key-of-the-usual-length-0123456789';
const now = 1_790_000_000_000;
const options = { key, ttl: '1d', variants: ['thumb', 'card', 'hero'], now: () => now } as const;
const calls = 20_000;
const rounds = Number(process.env['ROUNDS'] ?? 15);

/** URLs as they come out of JSON or a database: each a string of its own, and not one that the engine still has to join. */
function urls(count: number): string[] {
  const texts = Array.from(
    { length: count },
    () => `https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/${randomUUID()}/thumb`,
  );
  return JSON.parse(JSON.stringify(texts)) as string[];
}

const keyObject = createSecretKey(key, 'utf8');
const signedStrings = JSON.parse(
  JSON.stringify(urls(calls).map((url) => `${new URL(url).pathname}?exp=1790100000`)),
) as string[];

/** As the documented Worker does it. */
async function webCryptoSample(text: string): Promise<string> {
  const encoder = new TextEncoder();
  const imported = await crypto.subtle.importKey(
    'raw',
    encoder.encode(key),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  );
  const url = new URL(text);
  url.searchParams.set('exp', String(Math.floor(now / 1000) + 86_400));
  const mac = await crypto.subtle.sign(
    'HMAC',
    imported,
    encoder.encode(`${url.pathname}?${url.searchParams}`),
  );
  const sig = [...new Uint8Array(mac)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  url.searchParams.set('sig', sig);
  return url.toString();
}

const fresh = urls(calls);
/** So many images for each signer whose memo is empty: a full one would be another thing to measure. */
const perSigner = 1_000;
let emptySigners: ReturnType<typeof createSigner>[] = [];
const known = urls(1_000);
const warm = createSigner(options);
for (const url of known) warm.signImage(url);

const imagesInPage = 300;
const pageSigner = createSigner(options);
let newPages: Buffer[] = [];

const bare = 'bare HMAC of the same bytes';
const empty = 'signImage, empty memo';
const remembered = 'signImage, warm memo';
const inPage = `a new URL of a page of ${imagesInPage} images`;
const sample = 'WebCrypto sample';

const contenders: Contender[] = [
  {
    name: bare,
    units: calls,
    run() {
      let length = 0;
      for (const text of signedStrings)
        length += createHmac('sha256', keyObject).update(text).digest('hex').length;
      return length;
    },
  },
  {
    name: empty,
    units: calls,
    prepare() {
      emptySigners = Array.from({ length: calls / perSigner }, () => createSigner(options));
    },
    run() {
      let length = 0;
      for (const [index, signer] of emptySigners.entries()) {
        const end = (index + 1) * perSigner;
        for (let i = index * perSigner; i < end; i++) length += signer.signImage(fresh[i]!).length;
      }
      return length;
    },
  },
  {
    name: remembered,
    units: calls,
    run() {
      let length = 0;
      for (let i = 0; i < calls; i++) length += warm.signImage(known[i % 1_000]!).length;
      return length;
    },
  },
  {
    name: inPage,
    units: calls - (calls % imagesInPage),
    prepare() {
      const images = urls(calls).map((url) => `<li><img src="${url}" alt="an image"></li>\n`);
      newPages = Array.from({ length: Math.floor(calls / imagesInPage) }, (_, index) =>
        Buffer.from(images.slice(index * imagesInPage, (index + 1) * imagesInPage).join('')),
      );
    },
    run() {
      return newPages.map((page) => pageSigner.rewriteHtml(page).length);
    },
  },
  {
    name: sample,
    units: 1_000,
    async run() {
      let length = 0;
      for (const url of known) length += (await webCryptoSample(url)).length;
      return length;
    },
  },
];

/** V8 compiles the way of a page for that long. */
const warmUps = 20;
const result = await measure(contenders, rounds, processorTime, warmUps);
const of = (name: string): number => result.get(name)!;
const goals: Readonly<Record<string, string>> = {
  [empty]: 'at most 1.75',
  [remembered]: 'at most 0.3',
  [inPage]: 'at most 6000 ns',
};

console.log(
  `Node.js ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}, ${calls} calls a round, medians of processor time\n`,
);
console.log(
  table([
    ['', 'ns a call', 'of the bare HMAC', 'goal'],
    ...contenders.map(({ name }) => [
      name,
      of(name).toFixed(0),
      (of(name) / of(bare)).toFixed(2),
      goals[name] ?? '',
    ]),
  ]),
);
console.log(
  `\nwarm memo: ${(of(sample) / of(remembered)).toFixed(0)} times as fast as the WebCrypto sample (goal: at least 20)`,
);

giveFigure(['sign', 'digest'], of(bare) / 1_000, 1, 'µs');
giveFigure(['sign', 'first'], of(empty) / 1_000, 1, 'µs');
giveFigure(['sign', 'first', 'of the digest'], of(empty) / of(bare), 1, 'times');
giveFigure(['sign', 'in a page'], of(inPage) / 1_000, 1, 'µs');
giveFigure(['sign', 'again'], of(remembered) / 1_000, 2, 'µs');
giveFigure(['sign', 'again', 'as fast as the sample'], of(sample) / of(remembered), 0, 'times');

const corpus = await readCorpus();
if (corpus.length > 0) {
  const bytes = corpus.reduce((sum, { html }) => sum + html.length, 0);
  const name = 'rewriteHtml';
  const pages: Contender = {
    name,
    units: bytes,
    run() {
      const signer = createSigner({ ...options, variants: ['thumb', 'card', 'hero', 'public'] });
      return corpus.map(({ html }) => signer.rewriteHtml(html).length);
    },
  };
  const speed = (await measure([pages], rounds, processorTime)).get(name)!;
  console.log(
    `\n${name} of ${corpus.length} real pages, ${(bytes / 1e6).toFixed(1)} MB, memo empty: ${(1000 / speed).toFixed(0)} MB/s`,
  );
}
