/** The Worker in the real runtime of Cloudflare, offline: bundled from the sources as they are, and started here. */
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import type { Driver, Served } from './driver.ts';
import { compressedOutside, endsCleanly, marks, noTags, noViews, overFetch } from './expected-failures.ts';

/** Bare names of what the runtime has under `nodejs_compat`. */
const builtIns = ['buffer', 'crypto', 'http', 'stream'];

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL('worker-module.ts', import.meta.url).pathname],
    alias: Object.fromEntries(builtIns.map((name) => [name, `node:${name}`])),
    bundle: true,
    conditions: ['workerd', 'import'],
    external: ['node:*'],
    format: 'esm',
    write: false,
  });
  return outputFiles[0]!.text;
}

async function start(): Promise<Served> {
  const runtime = new Miniflare({
    cf: false, // else it asks the network
    compatibilityDate: '2026-04-01',
    compatibilityFlags: ['nodejs_compat'],
    modules: true,
    script: await bundle(),
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

export const worker: Driver = {
  name: 'the Worker',
  cannot: marks(noTags, noViews, overFetch, endsCleanly, compressedOutside),
  start,
};
