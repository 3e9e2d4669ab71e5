/**
 * `npm run fuzz -- memory`: the memory that hostile pages and encoded bodies can take, for longer than the tests have time.
 * `SEED` runs the same again, `ROUNDS` sets how often. It ends with 1 at the first that is held beyond its budget.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { imageSigner } from '../../src/fetch.ts';
import {
  chunksOf,
  endlessBodies,
  flushedBodies,
  heldBy,
  heldByJson,
  pieceSizes,
  unsigned,
} from '../support/endless-bodies.ts';
import { hostilePages } from '../support/hostile-pages.ts';
import { randomFrom } from '../support/random.ts';
import { seed } from '../support/seed.ts';

const rounds = Number(process.env['ROUNDS'] ?? 40);
const KiB = 1024;
const MiB = KiB * KiB;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const random = randomFrom(seed);
const between = (from: number, to: number): number => from + Math.floor(random() * (to - from));

function fail(what: string): never {
  console.error(what);
  process.exit(1);
}

/** @returns how much memory more was in use, at the most, while a body of 64 MiB was read */
async function memoryOf(coding: string, chunks: Iterator<Uint8Array>): Promise<number> {
  const inUse = (): number => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = inUse();
  let most = 0;
  let count = 0;
  const source = new ReadableStream(
    {
      pull(controller) {
        if (++count % 256 === 0) most = Math.max(most, inUse() - before);
        const { done, value } = chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
    },
    { highWaterMark: 0 },
  );
  const headers = { 'content-type': 'text/html', 'content-encoding': coding };
  const sign = imageSigner(unsigned as never);
  const response = await sign(new Request('https://shop.example/'), () => new Response(source, { headers }));
  for await (const _chunk of response.body!);
  return most;
}

let pages = 0;
for (let round = 0; round < rounds; round++) {
  for (const [name, pageOf] of Object.entries(hostilePages)) {
    const page = pageOf(between(64 * KiB, 2 * MiB));
    const pieces = random() < 0.1 ? between(1, 64) : pieceSizes[between(0, pieceSizes.length)]!;
    const held = heldBy(page, pieces);
    if (held > 64 * KiB)
      fail(`round ${round}: of "${name}", ${page.length} bytes in ${pieces}, ${held} are held`);
    pages++;
  }
  const json = Buffer.from(
    `["imagedelivery${['"', '\\', '"\\u0061', 'a'][between(0, 4)]!.repeat(between(1, MiB))}`,
  );
  const pieces = between(512, 65_536);
  const held = await heldByJson(json, pieces);
  if (held > 64 * KiB) fail(`round ${round}: of ${json.length} bytes of JSON in ${pieces}, ${held} are held`);
}
console.log(`${pages} pages: at most 64 KiB of each were held`);

for (const [name, body] of Object.entries({ ...endlessBodies, ...flushedBodies })) {
  if (body.coding === 'br') continue; // passes as it came over fetch
  const most = await memoryOf(body.coding, chunksOf(body, 16 * KiB, 64 * MiB));
  console.log(`64 MiB of ${name}: ${(most / MiB).toFixed(1)} MiB more memory at the most`);
  if (most > 8 * MiB) fail('that is too much');
}
