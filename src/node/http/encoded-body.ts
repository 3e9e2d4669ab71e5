/**
 * A body whose `Content-Encoding` names a coding: finds out whether it is encoded, and how it is decoded, transformed and
 * encoded again.
 */
import type { ServerResponse } from 'node:http';
import type { RewritePolicy } from '../../http/rewrite-policy.ts';
import type { BodyTransform } from '../../text/body-transform.ts';
import type { OutputSink } from './body-methods.ts';
import type { Coding, ContentCoding } from './content-coding.ts';
import { Transcoder } from './transcoder.ts';

/** The coding that `Content-Encoding` names. */
export interface DeclaredCoding {
  readonly coding: ContentCoding;
  /** False if a middleware below may do the encoding: the first bytes show whether the app has. */
  readonly isCertain: boolean;
}

export class EncodedBody {
  readonly #response: ServerResponse;
  readonly #sink: OutputSink;
  readonly #transform: BodyTransform;
  readonly #holder: { readonly policy: RewritePolicy };
  readonly #declared: DeclaredCoding;
  /** Whether the body is encoded is known, and if it is, how. */
  #isDetected = false;
  #transcoder: Transcoder | undefined;
  /** The body passes through unchanged, since too many others are being transcoded. */
  #isRefused = false;
  /** The body's first bytes, while they are too few to detect the coding. */
  #first: Uint8Array = empty;
  /** Gives back the memory that is counted for the transcoding; undefined if none is. */
  #giveBack: (() => void) | undefined;

  /** Counts the memory before the headers go out: if none is left, no cache may keep the page. */
  constructor(
    response: ServerResponse,
    sink: OutputSink,
    transform: BodyTransform,
    declared: DeclaredCoding,
    holder: { readonly policy: RewritePolicy },
  ) {
    this.#response = response;
    this.#sink = sink;
    this.#transform = transform;
    this.#declared = declared;
    this.#holder = holder;
    if (declared.isCertain) this.#takeMemory();
  }

  /** @returns what goes out now; undefined if the transcoder sends it, and calls back */
  write(chunk: Uint8Array, callback: readonly unknown[]): Uint8Array | undefined {
    const bytes = this.#withFirst(chunk);
    const coding = this.#detectCoding(bytes, false);
    if (coding === 'undecided') {
      this.#first = new Uint8Array(bytes); // a copy: the app may reuse its memory
      return empty;
    }
    if (coding !== undefined) this.#startTranscoder(coding);
    if (this.#transcoder === undefined) return this.#isRefused ? bytes : this.#transform.write(bytes);
    this.#transcoder.write(bytes, callback);
    return undefined;
  }

  /** Parameters and result as for `write`. */
  end(chunk: Uint8Array, callback: readonly unknown[]): Uint8Array | undefined {
    const bytes = this.#withFirst(chunk);
    const out = this.#transcoder === undefined ? this.#endWhole(bytes) : undefined;
    if (out === undefined) this.#transcoder?.end(bytes, callback);
    else this.free();
    return out;
  }

  /** Nothing is left to decode or encode. */
  free(): void {
    this.#giveBack?.();
    this.#giveBack = undefined;
  }

  /** The bytes of a chunk, behind those that are held back. */
  #withFirst(bytes: Uint8Array): Uint8Array {
    const first = this.#first;
    if (first.length === 0) return bytes;
    this.#first = empty;
    return Buffer.concat([first, bytes]);
  }

  /** @returns undefined if the rest of the body has to be transcoded as a stream */
  #endWhole(bytes: Uint8Array): Uint8Array | undefined {
    if (this.#isRefused) return bytes;
    const coding = this.#detectCoding(bytes, true);
    if (coding === undefined || coding === 'undecided') return this.#transform.end(bytes);
    let out: Uint8Array | undefined;
    try {
      out = transcodeWhole(bytes, coding, this.#transform);
    } catch {
      this.#holder.policy.onCorruptBody();
      return bytes;
    }
    if (out === undefined) this.#startTranscoder(coding);
    return this.#isRefused ? bytes : out;
  }

  /**
   * @param isWhole - there are no more bytes
   * @returns undefined for a body that is not encoded, or whose coding is known already
   */
  #detectCoding(bytes: Uint8Array, isWhole: boolean): Coding | 'undecided' | undefined {
    if (this.#isDetected) return undefined;
    if (bytes.length === 0) return 'undecided';
    const { coding, isCertain } = this.#declared;
    const isEncoded = isCertain || coding.isEncoded(bytes, isWhole);
    if (isEncoded === undefined && !isWhole) return 'undecided';
    this.#isDetected = true;
    if (!isEncoded) this.free();
    return isEncoded ? coding.detect(bytes) : undefined;
  }

  #startTranscoder(coding: Coding): void {
    const { policy } = this.#holder;
    this.#isRefused = !this.#takeMemory();
    if (this.#isRefused) return policy.onTranscodingRefused();
    // The transcoder listens for `close` itself. Node warns of a leak from eleven listeners on, and other middleware adds some.
    if (this.#giveBack !== undefined) this.#response.off('close', this.#giveBack);
    const onCorrupt = (): void => policy.onCorruptBody();
    const onFree = (): void => this.free();
    this.#transcoder = new Transcoder(this.#response, this.#sink, coding, this.#transform, onCorrupt, onFree);
  }

  /** @returns whether there is enough of it */
  #takeMemory(): boolean {
    if (this.#giveBack !== undefined) return true;
    const giveBack = this.#holder.policy.beginTranscoding(this.#declared.coding.heldMemory);
    if (giveBack === undefined) return false;
    this.#giveBack = giveBack;
    this.#response.once('close', giveBack);
    return true;
  }
}

const empty: Uint8Array = new Uint8Array();

/**
 * The longest body that is transcoded synchronously, encoded and decoded: every other request waits meanwhile, some
 * 5 ms for a page of this length. Longer bodies are streamed.
 */
const maxWholeBytes = 256 * 1024;

/**
 * Decodes, transforms and encodes a body that is there as a whole, synchronously.
 * @returns undefined if it is too long, or can only be decoded as a stream
 * @throws if it is corrupt
 */
function transcodeWhole(bytes: Uint8Array, coding: Coding, transform: BodyTransform): Uint8Array | undefined {
  if (bytes.length > maxWholeBytes) return undefined;
  let content: Buffer | undefined;
  try {
    content = coding.decode(bytes, maxWholeBytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw error;
  }
  if (content === undefined) return undefined;
  const changed = transform.end(content);
  return content.equals(changed) ? bytes : coding.encode(changed);
}
