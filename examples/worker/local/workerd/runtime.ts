/**
 * Runs the Worker in workerd, Cloudflare's runtime, on this machine and without the network. It reads the same
 * `wrangler.jsonc`; given bindings override those in the file.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import type { Env } from '../../settings.ts';

export interface RunningWorker {
  /** `http://localhost:<port>` */
  readonly address: string;
  stop(): Promise<void>;
}

interface WranglerFile {
  readonly main: string;
  readonly compatibility_date: string;
  readonly compatibility_flags: string[];
  readonly vars: Partial<Env>;
}

const folder = new URL('../../', import.meta.url);

export async function readWranglerFile(): Promise<WranglerFile> {
  const text = await readFile(new URL('wrangler.jsonc', folder), 'utf8');
  return JSON.parse(text.replace(/^\s*\/\/.*$/gm, '')); // its comments are on their own lines
}

/** @param port - 0 means any free port */
export async function startWorker(bindings: Partial<Env>, port: number = 0): Promise<RunningWorker> {
  const file = await readWranglerFile();
  const script = await bundle(file.main);
  const options = {
    modules: true,
    script,
    compatibilityDate: file.compatibility_date,
    compatibilityFlags: file.compatibility_flags,
    bindings: { ...file.vars, ...bindings } as Record<string, never>, // bindings can be JSON
    host: 'localhost',
    port,
    cf: false, // otherwise it looks up its location on the network
  } as const;
  const miniflare = leavingSignalsAlone(() => new Miniflare(options));
  try {
    const { port: taken } = await miniflare.ready;
    return { address: `http://localhost:${taken}`, stop: () => miniflare.dispose() };
  } catch (error) {
    await miniflare.dispose().catch(() => {}); // otherwise the process would never end
    throw error;
  }
}

/** Like `wrangler deploy`: one module, which imports Node's modules with their prefix. */
async function bundle(main: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(main, folder))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    conditions: ['workerd', 'worker', 'import'],
    mainFields: ['module', 'main'],
    external: ['node:*'],
    alias: Object.fromEntries(
      ['buffer', 'crypto', 'http', 'stream', 'util/types', 'zlib'].map((name) => [name, `node:${name}`]),
    ),
  });
  return outputFiles[0]!.text; // there is one entry
}

/** Miniflare would end the process on a signal, with its own exit code. The process must decide that itself. */
function leavingSignalsAlone<T>(make: () => T): T {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const before = signals.map((signal) => process.listeners(signal));
  const made = make();
  for (const [index, signal] of signals.entries()) {
    for (const listener of process.listeners(signal))
      if (!before[index]!.includes(listener)) process.off(signal, listener);
  }
  return made;
}

export { Miniflare };
