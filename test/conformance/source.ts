/** Bodies that come about while they are read: parts, barriers that a visitor opens, and a failure. */
import type { Source } from './site.ts';

/** A text, bytes; the URL of a barrier that is waited at; or a failure. */
export type Part = string | Uint8Array | { readonly barrier: string } | 'failure';

export function sourceOf(parts: readonly Part[]): { readonly source: Source } {
  const leaving = new AbortController();
  const rest = [...parts];
  return {
    source: {
      async next() {
        for (;;) {
          const part = rest.shift();
          if (part === undefined) return { done: true, value: undefined };
          if (part === 'failure') throw new Error('the source has failed');
          if (typeof part === 'string') return { done: false, value: new TextEncoder().encode(part) };
          if (part instanceof Uint8Array) return { done: false, value: part };
          await fetch(part.barrier, { signal: leaving.signal });
        }
      },
      async return() {
        leaving.abort();
        return { done: true, value: undefined };
      },
    },
  };
}
