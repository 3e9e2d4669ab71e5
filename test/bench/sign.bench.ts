/**
 * What a signature costs beside the bare HMAC of the same bytes. Processor time, so that a busy machine changes it little.
 */
import { createHmac, createSecretKey, randomUUID } from 'node:crypto';
import { createSigner } from './built.ts';
import { giveFigure } from './give-figure.ts';
import { type Contender, measure, print, processorTime, rounds } from './rounds.ts';

const key = 'a-signing-key-of-the-usual-length-0123456789';
const now = 1_790_000_000_000;
const options = { key, ttl: '1d', variants: ['thumb', 'card', 'hero'], now: () => now } as const;
const calls = 20_000;
/** So many images for each signer whose cache is empty: a full one would be another thing to measure. */
const perSigner = 1_000;

/** URLs as they come out of JSON or a database: each a string of its own, and not one that the engine still has to join. */
function urls(count: number): string[] {
  const urlOf = (): string => `https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/${randomUUID()}/thumb`;
  return JSON.parse(JSON.stringify(Array.from({ length: count }, urlOf))) as string[];
}

const keyObject = createSecretKey(key, 'utf8');
const fresh = urls(calls);
const texts = JSON.parse(JSON.stringify(fresh.map((url) => `${url.slice(25)}?exp=1790100000`))) as string[];
let emptySigners: ReturnType<typeof createSigner>[] = [];
const known = urls(perSigner);
const warm = createSigner(options);

const contenders: readonly Contender[] = [
  {
    name: 'bare HMAC of the same bytes',
    units: calls,
    run: () =>
      texts.reduce((sum, text) => sum + createHmac('sha256', keyObject).update(text).digest('hex').length, 0),
  },
  {
    name: 'signImage, cache empty',
    units: calls,
    prepare() {
      emptySigners = Array.from({ length: calls / perSigner }, () => createSigner(options));
    },
    run: () =>
      fresh.reduce(
        (sum, url, index) => sum + emptySigners[Math.floor(index / perSigner)]!.signImage(url).length,
        0,
      ),
  },
  {
    name: 'signImage, warm cache',
    units: calls,
    run() {
      let length = 0;
      for (let i = 0; i < calls; i++) length += warm.signImage(known[i % perSigner]!).length;
      return length;
    },
  },
];

/** V8 compiles the way of a page for that long. */
const warmUps = rounds > 1 ? 20 : 1;
const of = await measure(contenders, processorTime, warmUps);
const [bare, first, again] = contenders.map(({ name }) => of(name)) as [number, number, number];
print(`${calls} calls a round, processor time`, [
  ['', 'ns a call', 'of the bare HMAC'],
  ...contenders.map(({ name }) => [name, of(name).toFixed(0), (of(name) / bare).toFixed(2)]),
]);
giveFigure(['sign', 'digest'], bare / 1_000, 1, 'µs');
giveFigure(['sign', 'first'], first / 1_000, 1, 'µs');
giveFigure(['sign', 'first', 'of the digest'], first / bare, 1, 'times');
giveFigure(['sign', 'again'], again / 1_000, 2, 'µs');
