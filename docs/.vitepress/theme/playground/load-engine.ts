import type * as Engine from './engine.ts';
import { BrowserBuffer } from './runtime/browser-buffer.ts';

/** Loads the package, once the browser has the one global of Node.js that it uses. */
export async function loadEngine(): Promise<typeof Engine> {
  (globalThis as { Buffer?: unknown }).Buffer ??= BrowserBuffer;
  return import('./engine.ts');
}
