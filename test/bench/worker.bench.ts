/**
 * CPU time that a page of 100 KB with 60 images takes in workerd beside the same page unsigned: what Cloudflare counts.
 * It is that of the whole process, read from Linux, before and after a round of requests.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import { median } from '../support/statistics.ts';
import { giveFigure } from './give-figure.ts';

const rounds = Number(process.env['ROUNDS'] ?? 11);
const requestsInRound = 200;
const kinds = {
  same: 'the same page again',
  mixed: 'another page, of images that were seen before',
  fresh: 'images that were never seen',
} as const;

/** The page is made in the Worker, signed or not: what that takes is in both. */
const script = `
import { imageSigner } from 'image-signer/fetch';
const sign = imageSigner({ key: 'a-key-for-the-benchmark', ttl: '1d', variants: ['card', 'thumb'] });
const filler = '<p>the light of a harbour morning and boats that came in with nets full over water</p>\\n';
function page(kind, n) {
  let html = '<!doctype html><title>' + (kind === 'same' ? 0 : n) + '</title>';
  for (let i = 0; i < 60; i++) {
    const image = kind === 'fresh' ? n * 60 + i : kind === 'mixed' ? (n * 7 + i) % 200 : i;
    html += filler.repeat(17) + '<img src="https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/' +
      String(image).padStart(8, '0') + '-7b3d-4f58-9c21-5d8e03b7f6a1/card" alt="">\\n';
  }
  return new Response(html, { headers: { 'content-type': 'text/html' } });
}
export default {
  fetch(request) {
    const [, way, kind, n] = new URL(request.url).pathname.split('/');
    return way === 'signed' ? sign(request, () => page(kind, Number(n))) : page(kind, Number(n));
  },
};`;

const { outputFiles } = await build({
  stdin: { contents: script, resolveDir: import.meta.dirname },
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'neutral',
  conditions: ['import'],
  mainFields: ['module', 'main'],
  external: ['node:*'],
  tsconfigRaw: {}, // the built package, not its source
  alias: Object.fromEntries(
    ['buffer', 'crypto', 'http', 'stream', 'util/types', 'zlib'].map((name) => [name, `node:${name}`]),
  ),
});
const miniflare = new Miniflare({
  modules: true,
  script: outputFiles[0]!.text, // one entry
  compatibilityDate: '2026-04-01',
  compatibilityFlags: ['nodejs_compat'],
  cf: false,
});
const { port } = await miniflare.ready;
const workerd = Number(
  execFileSync('pgrep', ['-P', String(process.pid), 'workerd'], { encoding: 'utf8' }).split('\n')[0],
);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let page = 0;

/** In milliseconds for each request. */
async function cpuOf(way: string, kind: string): Promise<number> {
  const before = cpuTime();
  for (let i = 0; i < requestsInRound; i++) {
    const sent = request({ port, agent, path: `/${way}/${kind}/${page++}` }).end();
    const [response] = await once(sent, 'response');
    await once(response.resume(), 'end');
  }
  return (cpuTime() - before) / requestsInRound;
}

/** User and system time, in milliseconds: `utime` and `stime` of proc(5), whose tick is 10 ms. */
function cpuTime(): number {
  const fields = readFileSync(`/proc/${workerd}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

for (const [kind, title] of Object.entries(kinds)) {
  const added: number[] = [];
  const plain: number[] = [];
  for (let round = -2; round < rounds; round++) {
    const [without, signed] = [await cpuOf('plain', kind), await cpuOf('signed', kind)];
    if (round < 0) continue; // warm
    plain.push(without);
    added.push(signed - without);
  }
  giveFigure(['worker', kind], median(added), 1, 'ms');
  console.log(`${title}: ${median(added).toFixed(2)} ms added to ${median(plain).toFixed(2)} ms`);
}
agent.destroy();
await miniflare.dispose();
