/** The content coding of a fetch body, by its header and its first bytes, because the header may be wrong. */
import { isBrotli, isGzip, isNoCoding, isZlib, isZstd, looksBinary } from '../../http/encoded-bytes.ts';
import { hasZstd, type WebCoding } from './body.ts';
import { type Bytes, type Reading, resume } from './read-body.ts';

export interface EncodedBody {
  readonly body: ReadableStream<Bytes> | null;
  /** Undefined for a body that is not encoded, whatever its header says. */
  readonly coding: WebCoding | 'unknown' | undefined;
  /**
   * Set if the source is silent, and `coding` comes only from the header. Waits for the first bytes, however long that takes, and
   * detects the coding from them.
   */
  readonly settle?: () => Promise<EncodedBody>;
}

/** How long headers wait for the first bytes of an encoded body, in milliseconds. */
const patience = 100;

/**
 * `fetch` decodes bodies but keeps `Content-Encoding`, so a proxied response may name a coding that its body no longer has. The first
 * bytes show whether it does.
 * @param headers - loses `Content-Encoding` if the body is not encoded
 * @param isLive - the client acts on every part of the body at once, so the first part must serve as the sample
 */
export async function detectCoding(
  response: Response,
  headers: Headers,
  isLive: boolean,
): Promise<EncodedBody> {
  const body = response.body as ReadableStream<Bytes> | null;
  const name = headers.get('content-encoding')?.trim().toLowerCase() ?? '';
  if (isNoCoding(name) || body === null) return { body, coding: undefined };
  const found = await readCoding(body.getReader(), { name, isLive }, canEncode(name));
  if (found.settle === undefined && found.coding === undefined && found.body !== null)
    headers.delete('content-encoding');
  return found;
}

/** What the headers say about the body. */
interface Declared {
  readonly name: string;
  readonly isLive: boolean;
}

async function readCoding(
  reader: ReadableStreamDefaultReader<Bytes>,
  declared: Declared,
  mayGiveUp: boolean,
  read: Reading[] = [],
): Promise<EncodedBody> {
  const { name } = declared;
  const pending = read.splice(0);
  let first: Uint8Array = new Uint8Array();
  let coding: WebCoding | 'unknown' | 'none' | undefined;
  while (coding === undefined) {
    const reading = pending.shift() ?? reader.read();
    if (mayGiveUp && !(await arrivesSoon(reading))) {
      const sofar = [...read, reading];
      const settle = (): Promise<EncodedBody> => readCoding(reader, declared, false, sofar);
      return { body: resume(sofar, reader), coding: name === 'deflate' ? name : 'gzip', settle };
    }
    // `resume` passes a failed read on to the body's reader.
    const { done, value } = await reading.catch(() => ({ done: false, value: undefined }) as const);
    if (done && first.length === 0) return { body: null, coding: undefined };
    if (value?.length !== 0) read.push(reading);
    if (value !== undefined) first = first.length === 0 ? value : Buffer.concat([first, value]);
    coding = done || value !== undefined ? codingOf(declared, first, done) : 'unknown';
  }
  return { body: resume(read, reader), coding: coding === 'none' ? undefined : coding };
}

/** The codings in which a page can be sent, whatever coding its body turns out to have. */
function canEncode(name: string): boolean {
  return name === 'gzip' || name === 'x-gzip' || name === 'deflate';
}

function arrivesSoon(reading: Reading): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, patience, false);
    const settle = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    reading.then(settle, settle);
  });
}

/** The most bytes that it takes to recognise a coding. */
const longestMagic = 4;

/**
 * @param isWhole - whether these are all bytes
 * @returns `'none'` for a body that is not encoded; undefined if more bytes are needed
 */
function codingOf(
  { name, isLive }: Declared,
  first: Uint8Array,
  isWhole: boolean,
): WebCoding | 'unknown' | 'none' | undefined {
  const isEnough = isWhole || (isLive && first.length >= longestMagic);
  const isEncoded = matchesCoding(name, first, isEnough) ?? (isWhole ? false : undefined);
  if (isEncoded !== true) return isEncoded === false ? 'none' : undefined;
  if (name === 'gzip' || name === 'x-gzip') return 'gzip';
  if (name === 'zstd') return hasZstd() ? 'zstd' : 'unknown';
  if (name !== 'deflate') return 'unknown';
  return isZlib(first) ? 'deflate' : 'deflate-raw';
}

/**
 * @param isEnough - whether to decide without waiting for more bytes
 * @returns undefined if more are needed
 */
function matchesCoding(name: string, first: Uint8Array, isEnough: boolean): boolean | undefined {
  if (name === 'gzip' || name === 'x-gzip') return isGzip(first);
  if (name === 'br') return isBrotli(first, isEnough);
  if (name === 'zstd') return isZstd(first);
  // Some servers send raw deflate, which has no header, as `deflate`. We know no header for other or combined codings either: any
  // body that does not look like text counts as encoded.
  const hasHeader = isZlib(first);
  if (hasHeader === undefined && !isEnough) return undefined;
  return hasHeader === true || looksBinary(first, isEnough);
}
