/** The WebAssembly instance: what `assembly/` exports, and where in its memory everything lies. */
import { moduleBytes } from './module.ts';

/** A literal: its text in lower case, and the places of its two rarest letters. */
export interface SimdLiteral {
  readonly text: Uint8Array;
  readonly probes: readonly [number, number];
}

/** Literals as they lie in the memory while they are searched for. */
export type SimdLiterals = Uint8Array;

export interface SimdInstance {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** As `LiteralPrefilter.next`. The first `count` literals of the table are searched for. */
  nextLiteral(from: number, to: number, count: number): number;
  /** As the functions of these names, in `text/bytes.ts` and `values/css-scanner.ts`. */
  indexOfByte(byte: number, from: number, to: number): number;
  endOfCssRun(from: number, to: number, kind: number): number;
  /** As `hashOf` of the value cache. */
  hash(from: number, to: number): number;
  /** Writes five numbers for each; -1 if they are more than `maxAttributes`. */
  readAttributes(from: number, to: number): number;
  /** As those of `html/`. */
  endOfPlainTag(nameEnd: number, to: number): number;
  skipPlainMarkup(from: number, to: number, literal: number): number;
  skipPlainSvg(from: number, to: number, literal: number): number;
  /** Encodes so many units of UTF-16. @returns where the bytes end */
  encodeUtf8(units: number, count: number, to: number): number;
}

/** The layout of the memory; `assembly/scan.ts` has the same numbers. */
export const countsStart = 0;
export const countsLength = 2_048;
export const attributesStart = 2_304;
export const maxAttributes = 80;
export const literalsStart = 4_096;
export const literalSize = 512;
export const maxLiterals = 8;
export const inputStart = 8_192;
/** Loads of 16 bytes, and of the letters of a literal, reach beyond the input, but not beyond the memory. */
export const inputCapacity: number = 1024 * 1024;
export const unitsStart: number = 17 * 65_536;
export const maxUnits = 32_768;

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

/** @param literals - at most `maxLiterals`, of at most 255 bytes each */
export function layOut(literals: readonly SimdLiteral[]): SimdLiterals {
  const all = new Uint8Array(literals.length * literalSize);
  const table = new DataView(all.buffer);
  for (const [index, { text, probes }] of literals.entries()) {
    const at = index * literalSize;
    for (const [field, value] of [text.length, ...probes].entries())
      table.setInt32(at + field * 4, value, true);
    all.set(text, at + 12);
  }
  return all;
}
