/** The compiled `assembly/scan.ts`, and where things are in its memory. */
import { moduleBytes } from './module.ts';

export interface SimdInstance {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** How many tags the last call of `skipPlainMarkup` has skipped. */
  readonly logged: { readonly value: number };
  /** As `LiteralPrefilter.next`. The first `count` literals of the table are searched for. */
  nextLiteral(from: number, to: number, count: number): number;
  /** As the function of the same name, as is the next one. */
  endOfPlainTag(nameEnd: number, to: number): number;
  skipPlainMarkup(from: number, to: number, literal: number): number;
}

/** For each tag that was skipped, 16 bits. */
export const logStart = 0;
export const maxLogged = 4_096;
export const literalsStart = 8_192;
export const literalSize = 512;
export const maxLiterals = 8;
export const inputStart = 16_384;
/** Loads of 16 bytes, and of the letters of a literal, reach beyond the input, but not beyond the memory. */
export const inputCapacity: number = 512 * 1024;

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
