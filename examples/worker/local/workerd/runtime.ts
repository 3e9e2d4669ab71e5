/**
 * The Worker in workerd, which is what runs it at Cloudflare, on this machine and without the network. It takes the
 * same `wrangler.jsonc`; bindings that are given win over those in it.
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
  return JSON.parse(text.replace(/^\s*\/\/.*$/gm, '')); // its comments have lines of their own
}

/** @param port - 0 asks for any that is free */
export async function startWorker(bindings: Partial<Env>, port: number = 0): Promise<RunningWorker> {
  const file = await readWranglerFile();
  const script = await bundle(file.main);
  const options = {
    modules: true,
    script,
    compatibilityDate: file.compatibility_date,
    compatibilityFlags: file.compatibility_flags,
    bindings: { ...file.vars, ...bindings } as Record<string, never>, // JSON, which is what they may be
    host: 'localhost',
    port,
    cf: false, // else it asks the network where it is
  } as const;
  const miniflare = leavingSignalsAlone(() => new Miniflare(options));
  try {
    const { port: taken } = await miniflare.ready;
    return { address: `http://localhost:${taken}`, stop: () => miniflare.dispose() };
  } catch (error) {
    await miniflare.dispose().catch(() => {}); // or the process would never end
    throw error;
  }
}

/** As `wrangler deploy` does it: one module, in which Node's own are imported with their prefix. */
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
  return outputFiles[0]!.text; // it was one entry
}

/** Miniflare would end the process at a signal, with an exit code of its own: that is for the process to say. */
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
