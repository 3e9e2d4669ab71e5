/**
 * The bytes that are read at the moment, in the memory of the WebAssembly instance. Reading is synchronous, so one memory
 * serves all bodies of the process.
 */
import {
  attributesStart,
  countsLength,
  countsStart,
  inputCapacity,
  inputStart,
  instantiate,
  literalSize,
  literalsStart,
  maxAttributes,
  maxLiterals,
  maxUnits,
  type SimdInstance,
  type SimdLiterals,
  unitsStart,
} from './instance.ts';

/** As `Attribute` of `html/`. */
interface AttributePlace {
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly quote: 0 | 0x22 | 0x27;
}

interface Scratch {
  readonly instance: SimdInstance;
  readonly input: Buffer;
  /** A part of a text that is being encoded. */
  readonly units: Buffer;
  readonly counts: Uint8Array;
  readonly attributes: Int32Array;
  readonly literals: Uint8Array;
}

/** `null` where there can be none. */
let scratch: Scratch | null | undefined;
/** The bytes in the memory; undefined while it is free. */
let current: Buffer | undefined;
/** Their offset in the input. */
let currentFrom = 0;
/** The literals that are in the table. */
let loaded: SimdLiterals | undefined;

/**
 * Copies two pieces into the memory, one after the other, if it is free: an app's function that is called while a page is
 * read may rewrite another one.
 * @param head - bytes, or with one character per byte
 * @returns the copy, which is the caller's until `releaseScratch`; undefined if there is no memory for it
 */
export function takeScratch(head: Buffer | string, headLength: number, tail: Buffer): Buffer | undefined {
  const length = headLength + tail.length;
  if (current !== undefined || length > inputCapacity) return undefined;
  if (scratch === undefined) scratch = createScratch();
  if (scratch === null) return undefined;
  currentFrom = 0;
  if (typeof head === 'string') scratch.input.write(head, 'latin1');
  else if (headLength > 0) head.copy(scratch.input, 0, 0, headLength);
  scratch.input.set(tail, headLength);
  current = scratch.input.subarray(0, length);
  return current;
}

export function releaseScratch(): void {
  current = undefined;
}

/**
 * Writes a text into the memory, behind what lies there, while it is read: it stands in a string of that body, is the
 * body in another form, or is a body of its own. `Buffer.from` computes the length first and takes fresh memory each time,
 * which for a page of 100 KB is most of its cost.
 * @param text - bytes, or a string
 * @param encoding - of a string: UTF-8, or one byte for each character
 * @param read - gets the text in memory of its own if there is no room
 */
export function readInScratch<Result>(
  text: string | Buffer,
  encoding: 'utf8' | 'latin1',
  read: (bytes: Buffer) => Result,
): Result {
  const [outer, outerFrom] = [current, currentFrom];
  const from = outer === undefined ? 0 : outerFrom + outer.length;
  if (scratch === undefined) scratch = createScratch();
  const most = typeof text === 'string' && encoding === 'utf8' ? 3 * text.length : text.length;
  if (scratch === null || from + most > inputCapacity)
    return read(typeof text === 'string' ? Buffer.from(text, encoding) : text);
  const { input } = scratch;
  const isUtf8 = typeof text === 'string' && encoding === 'utf8' && isMostlyAscii(text);
  let { length } = text;
  if (typeof text !== 'string') input.set(text, from);
  else length = isUtf8 ? encode(text, scratch, from) : input.write(text, from, encoding);
  current = input.subarray(from, from + length);
  currentFrom = from;
  try {
    return read(current);
  } finally {
    current = outer;
    currentFrom = outerFrom;
  }
}

/** Where other characters are more than a few, V8 is as fast, or faster. */
function isMostlyAscii(text: string): boolean {
  const step = (text.length >> 6) + 1;
  let others = 0;
  for (let at = 0; at < text.length; at += step) if (text.charCodeAt(at) > 0x7f) others++;
  return others < 8;
}

/**
 * As `input.write`, which takes V8 three to five times as long for a page with a few characters beyond ASCII.
 * @returns how many bytes there are
 */
function encode(text: string, { instance, units }: Scratch, from: number): number {
  let to = inputStart + from;
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + maxUnits, text.length);
    if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end--; // a pair stays together
    units.write(text.slice(at, end), 'utf16le');
    to = instance.encodeUtf8(unitsStart, end - at, to);
    at = end;
  }
  return to - inputStart - from;
}

/** @returns the bytes themselves, or a copy if they lie in the memory, where the next body overwrites them */
export function copyOfScratch(bytes: Buffer): Buffer {
  return bytes.buffer === scratch?.input.buffer ? Buffer.from(bytes) : bytes;
}

/** Whether these are the bytes in the memory: only then may the functions below be called. */
export function isInScratch(bytes: Uint8Array): boolean {
  return bytes === current;
}

export function nextLiteralInScratch(literals: SimdLiterals, from: number, to: number): number {
  const { instance } = scratch!; // `isInScratch` was true
  if (literals !== loaded) {
    scratch!.literals.set(literals);
    loaded = literals;
  }
  const start = inputStart + currentFrom;
  return instance.nextLiteral(from + start, to + start, literals.length / literalSize) - start;
}

/** @returns as `indexOfByte` */
export function indexOfByteInScratch(byte: number, from: number, to: number): number {
  const { instance } = scratch!; // `isInScratch` was true
  const start = inputStart + currentFrom;
  return instance.indexOfByte(byte, from + start, to + start) - start;
}

/** @param kind - 0 outside of blocks, 1 within, 2 where a hyphen may begin a custom property */
export function endOfCssRunInScratch(from: number, to: number, kind: 0 | 1 | 2): number {
  const { instance } = scratch!; // `isInScratch` was true
  const start = inputStart + currentFrom;
  return instance.endOfCssRun(from + start, to + start, kind) - start;
}

/** @returns as `hashOf` */
export function hashInScratch(from: number, to: number): number {
  const { instance } = scratch!; // `isInScratch` was true
  const start = inputStart + currentFrom;
  return instance.hash(from + start, to + start);
}

/** @returns as `endOfPlainTag` */
export function endOfPlainTagInScratch(nameEnd: number, to: number): number {
  const { instance } = scratch!; // `isInScratch` was true
  const start = inputStart + currentFrom;
  const at = instance.endOfPlainTag(nameEnd + start, to + start);
  return at < 0 ? -1 : at - start;
}

/** @returns as `readAttributes`; undefined if they are too many */
export function attributesInScratch(from: number, to: number): AttributePlace[] | undefined {
  const { instance, attributes } = scratch!; // `isInScratch` was true
  const start = inputStart + currentFrom;
  const count = instance.readAttributes(from + start, to + start);
  if (count < 0) return undefined;
  const found: AttributePlace[] = [];
  for (let row = 0; row < 5 * count; row += 5) {
    found.push({
      nameStart: attributes[row]! - start,
      nameEnd: attributes[row + 1]! - start,
      valueStart: attributes[row + 2]! - start,
      valueEnd: attributes[row + 3]! - start,
      quote: attributes[row + 4] as 0 | 0x22 | 0x27,
    });
  }
  return found;
}

/** @returns as `skipPlainSvg` */
export function skipSvgInScratch(from: number, to: number, literal: number): number {
  const { instance } = scratch!; // `isInScratch` was true
  const start = inputStart + currentFrom;
  return instance.skipPlainSvg(from + start, to + start, literal + start) - start;
}

/**
 * @param counts - of open tags, by slot (`OpenTagCounts`); the skipped ones are added
 * @returns as `skipPlainMarkup`
 */
export function skipInScratch(from: number, to: number, literal: number, counts: Uint8Array): number {
  const { instance, counts: own } = scratch!; // `isInScratch` was true
  const start = inputStart + currentFrom;
  own.set(counts);
  const at = instance.skipPlainMarkup(from + start, to + start, literal + start) - start;
  counts.set(own);
  return at;
}

function createScratch(): Scratch | null {
  const instance = instantiate();
  if (instance === undefined) return null;
  const { buffer } = instance.memory;
  return {
    instance,
    input: Buffer.from(buffer, inputStart, inputCapacity),
    units: Buffer.from(buffer, unitsStart, 2 * maxUnits),
    counts: new Uint8Array(buffer, countsStart, countsLength),
    attributes: new Int32Array(buffer, attributesStart, 5 * maxAttributes),
    literals: new Uint8Array(buffer, literalsStart, maxLiterals * literalSize),
  };
}
