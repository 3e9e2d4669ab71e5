/** Workers in the real runtime of Cloudflare, offline: bundled from the sources as they are, and started here. */
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import type { Driver, Marks, Served } from './driver.ts';
import {
  compressedOutside,
  encodedTwice,
  endsCleanly,
  marks,
  noTags,
  noViews,
  ofHono,
  overFetch,
} from './expected-failures.ts';

/** Bare names of what the runtime has under `nodejs_compat`. */
const builtIns = ['buffer', 'crypto', 'http', 'stream'];

async function bundle(module: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL(module, import.meta.url).pathname],
    alias: Object.fromEntries(builtIns.map((name) => [name, `node:${name}`])),
    bundle: true,
    conditions: ['workerd', 'import'],
    external: ['node:*'],
    format: 'esm',
    write: false,
  });
  return outputFiles[0]!.text;
}

async function start(module: string): Promise<Served> {
  const runtime = new Miniflare({
    cf: false, // else it asks the network
    compatibilityDate: '2026-04-01',
    compatibilityFlags: ['nodejs_compat'],
    modules: true,
    script: await bundle(module),
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }], // no proxy before it, which would encode and end by its own rules
  });
  try {
    const { port } = await runtime.unsafeGetDirectURL();
    return { port: Number(port), close: () => runtime.dispose() };
  } catch (error) {
    await runtime.dispose().catch(() => {}); // else the process never ends
    throw error;
  }
}

function workerDriver(name: string, module: string, ...cannot: readonly Marks[]): Driver {
  return { name, cannot: marks(endsCleanly, ...cannot), start: () => start(module) };
}

const noneBetween = [overFetch, noTags, noViews, compressedOutside];
export const worker: Driver = workerDriver('the Worker', 'worker-module.ts', ...noneBetween);
export const honoWorker: Driver = workerDriver('Hono in a Worker', 'hono-module.ts', ofHono, encodedTwice);
