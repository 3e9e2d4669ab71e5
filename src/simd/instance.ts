/** The WebAssembly instance: what `assembly/` exports, and where in its memory everything lies. */
import { moduleBytes } from './module.ts';

export interface SimdInstance {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** The index of the first of the `count` literals in the table that is completely in [from, to); `to` if there is none. */
  nextLiteral(from: number, to: number, count: number): number;
  /**
   * Skips text, comments, and elements whose tags and raw text hold no literal and do not change how the rest is tokenized.
   * @param literal - the index of the next literal
   * @returns the index of the `<` that has to be read, or `to`
   */
  skipPlainMarkup(from: number, to: number, literal: number): number;
}

/** The layout of the memory; `assembly/scan.ts` has the same numbers. */
export const countsStart = 0;
export const countsLength = 2_048;
export const literalsStart = 4_096;
export const literalSize = 512;
export const inputStart = 8_192;
/** Loads of 16 bytes, and of the letters of a literal, reach beyond the input, but not beyond the memory. */
export const inputCapacity: number = 1024 * 1024;

interface WebAssemblyNamespace {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

/**
 * @returns undefined where there is no WebAssembly (`--jitless`), where it may not be compiled at run time (Workers), where
 *   it has no SIMD, or where the machine grants no memory for it
 */
export function instantiate(): SimdInstance | undefined {
  try {
    const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyNamespace };
    const bytes = Uint8Array.from(atob(moduleBytes), (character) => character.charCodeAt(0));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
    return exports as SimdInstance; // what `assembly/scan.ts` exports
  } catch {
    return undefined;
  }
}
