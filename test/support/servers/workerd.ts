/** A Worker in the real runtime of Cloudflare, offline: bundled from the sources as they are, and started here. */
import { builtinModules } from 'node:module';
import { build } from 'esbuild';
import { Miniflare } from '../../../examples/worker/local/workerd/runtime.ts';

/** Bare names of what the runtime has under `nodejs_compat`. */
const builtIns = builtinModules.filter((name) => /^[a-z0-9]+$/.test(name));

async function bundle(path: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path],
    alias: Object.fromEntries(builtIns.map((name) => [name, `node:${name}`])),
    // What is CommonJS loads them as it runs.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire('/');" },
    bundle: true,
    conditions: ['workerd', 'import'],
    external: ['cloudflare:*', 'node:*'],
    format: 'esm',
    write: false,
  });
  return outputFiles[0]!.text;
}

/** @param path - of the module, whose default export handles requests */
export async function startModule(path: string): Promise<{ readonly port: number; close(): Promise<void> }> {
  const runtime = new Miniflare({
    cf: false, // else it asks the network
    compatibilityDate: '2026-04-01',
    compatibilityFlags: ['nodejs_compat'],
    modules: true,
    script: await bundle(path),
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
