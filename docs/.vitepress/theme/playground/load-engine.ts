import type * as Engine from './engine.ts';
import { BrowserBuffer } from './runtime/browser-buffer.ts';

/** Defines the only Node.js global that the package uses, then loads the package. */
export async function loadEngine(): Promise<typeof Engine> {
  (globalThis as { Buffer?: unknown }).Buffer ??= BrowserBuffer;
  return import('./engine.ts');
}
