/**
 * The WebAssembly instance: its memory, and the two loops that read it. This is the only door to it. Reading is synchronous,
 * so one memory serves all bodies of the process.
 */
import { moduleBytes } from './module.ts';

/** The layout of the memory; `assembly/scan.ts` has the same numbers. */
export const countsStart = 0;
export const countsLength = 2_048;
export const literalsStart = 4_096;
export const literalSize = 512;
export const inputStart = 8_192;
/** Loads of 16 bytes, and of the letters of a literal, reach beyond the input, but not beyond the memory. */
export const inputCapacity: number = 1024 * 1024;

interface SimdInstance {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** The index of the first of the `count` literals in the table that is completely in [from, to); `to` if there is none. */
  nextLiteral(from: number, to: number, count: number): number;
  /**
   * Skips text, comments, and elements whose tags and raw text hold no literal and do not change how the rest is tokenized.
   * @param literal - the index of the next literal
   * @returns the index of the `<` that must be read, or `to`
   */
  skipPlainMarkup(from: number, to: number, literal: number): number;
}

interface Scratch {
  readonly instance: SimdInstance;
  readonly input: Buffer;
  readonly counts: Uint8Array;
  readonly literals: Uint8Array;
}

/** Literals in the form that they have in the memory. */
export type SimdLiterals = Uint8Array;

/** `null` if there cannot be any. */
let scratch: Scratch | null | undefined;
/** The bytes in the memory; undefined while it is free. */
let current: Buffer | undefined;
/** The literals that are in the memory. */
let loaded: SimdLiterals | undefined;

/**
 * Copies two pieces into the memory, one after the other, if it is free. It may be in use: an app's function that is called while a
 * page is read may rewrite another page.
 * @param head - bytes, or with one character per byte
 * @returns the copy, which is the caller's until `releaseScratch`; undefined if there is no memory for it
 */
export function takeScratch(head: Buffer | string, headLength: number, tail: Buffer): Buffer | undefined {
  const length = headLength + tail.length;
  if (current !== undefined || length > inputCapacity) return undefined;
  if (scratch === undefined) scratch = createScratch();
  if (scratch === null) return undefined;
  if (typeof head === 'string') scratch.input.write(head, 'latin1');
  else if (headLength > 0) head.copy(scratch.input, 0, 0, headLength);
  scratch.input.set(tail, headLength);
  current = scratch.input.subarray(0, length);
  return current;
}

export function releaseScratch(): void {
  current = undefined;
}

/** @returns the bytes themselves, or a copy if they are in the memory, where the next body overwrites them */
export function copyOfScratch(bytes: Buffer): Buffer {
  return bytes.buffer === scratch?.input.buffer ? Buffer.from(bytes) : bytes;
}

/** @param literals - at most eight of at most 255 bytes, each with the indices of its two rarest letters */
export function layOutLiterals(
  literals: readonly { readonly text: Uint8Array; readonly probes: readonly [number, number] }[],
): SimdLiterals {
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

/** @returns as `LiteralPrefilter.next`; undefined if these bytes are not in the memory */
export function nextLiteralInScratch(
  bytes: Uint8Array,
  literals: SimdLiterals,
  from: number,
  to: number,
): number | undefined {
  if (bytes !== current) return undefined;
  const { instance, literals: own } = scratch!; // there are bytes in it
  if (literals !== loaded) {
    own.set(literals);
    loaded = literals;
  }
  return instance.nextLiteral(from + inputStart, to + inputStart, literals.length / literalSize) - inputStart;
}

/**
 * @param openTags - counts of open tags, to which the skipped ones are added
 * @returns as `LiteralPrefilter.skip`; undefined if these bytes are not in the memory
 */
export function skipInScratch(
  bytes: Uint8Array,
  from: number,
  to: number,
  literal: number,
  openTags: Uint8Array,
): number | undefined {
  if (bytes !== current) return undefined;
  const { instance, counts } = scratch!; // there are bytes in it
  counts.set(openTags);
  const at = instance.skipPlainMarkup(from + inputStart, to + inputStart, literal + inputStart) - inputStart;
  openTags.set(counts);
  return at;
}

function createScratch(): Scratch | null {
  const instance = instantiate();
  if (instance === undefined) return null;
  const { buffer } = instance.memory;
  return {
    instance,
    input: Buffer.from(buffer, inputStart, inputCapacity),
    counts: new Uint8Array(buffer, countsStart, countsLength),
    literals: new Uint8Array(buffer, literalsStart, inputStart - literalsStart),
  };
}

interface WebAssemblyNamespace {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

/**
 * @returns undefined without WebAssembly (`--jitless`), if it must not be compiled at run time (Workers), without SIMD, or if the
 *   machine has no memory for it
 */
export function instantiate(): SimdInstance | undefined {
  try {
    const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyNamespace };
    const module = new WebAssembly.Module(Buffer.from(moduleBytes, 'hex'));
    const { exports } = new WebAssembly.Instance(module, {});
    return exports as SimdInstance; // what `assembly/scan.ts` exports
  } catch {
    return undefined;
  }
}
