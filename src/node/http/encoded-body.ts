/** A body in a content coding: decodes, transforms and encodes it, synchronously if it is small and whole, otherwise as a stream. */
import type { ServerResponse } from 'node:http';
import type { RewritePolicy } from '../../http/rewrite-policy.ts';
import type { BodyTransform } from '../../text/body-transform.ts';
import type { OutputSink } from './body-arguments.ts';
import type { Coding, ContentCoding } from './content-coding.ts';
import { whenClosed } from './response-events.ts';
import { Transcoder } from './transcoder.ts';

export class EncodedBody {
  readonly #response: ServerResponse;
  readonly #sink: OutputSink;
  readonly #transform: BodyTransform;
  readonly #holder: { readonly policy: RewritePolicy };
  readonly #coding: ContentCoding;
  #transcoder: Transcoder | undefined;
  /** The body passes through unchanged, since too many others are being transcoded. */
  #isRefused = false;
  /** Gives back the memory reserved for transcoding; undefined if none is. */
  #giveBack: (() => void) | undefined;

  /** Reserves memory before the headers are sent: if none is left, no cache may keep the page. */
  constructor(
    response: ServerResponse,
    sink: OutputSink,
    transform: BodyTransform,
    coding: ContentCoding,
    holder: { readonly policy: RewritePolicy },
  ) {
    this.#response = response;
    this.#sink = sink;
    this.#transform = transform;
    this.#coding = coding;
    this.#holder = holder;
    this.#takeMemory();
  }

  /** @returns the bytes to send now; undefined if the transcoder sends them later, and calls back */
  write(bytes: Uint8Array, callback: readonly unknown[]): Uint8Array | undefined {
    if (this.#transcoder === undefined && bytes.length > 0) this.#startTranscoder(bytes);
    if (this.#transcoder === undefined) return bytes;
    this.#transcoder.write(bytes, callback);
    return undefined;
  }

  /** Parameters and result as for `write`. */
  end(bytes: Uint8Array, callback: readonly unknown[]): Uint8Array | undefined {
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

  /** @returns undefined if the body must be transcoded as a stream */
  #endWhole(bytes: Uint8Array): Uint8Array | undefined {
    if (this.#isRefused || bytes.length === 0) return bytes;
    let out: Uint8Array | undefined;
    try {
      out = transcodeWhole(bytes, this.#coding.detect(bytes), this.#transform);
    } catch {
      this.#holder.policy.onCorruptBody();
      return bytes;
    }
    if (out === undefined) this.#startTranscoder(bytes);
    return this.#isRefused ? bytes : out;
  }

  #startTranscoder(first: Uint8Array): void {
    if (this.#isRefused) return;
    const { policy } = this.#holder;
    this.#isRefused = !this.#takeMemory();
    if (this.#isRefused) return policy.onTranscodingRefused();
    this.#transcoder = new Transcoder(
      this.#response,
      this.#sink,
      this.#coding.detect(first),
      this.#transform,
      () => policy.onCorruptBody(),
      () => this.free(),
    );
  }

  /** @returns whether enough memory was left */
  #takeMemory(): boolean {
    if (this.#giveBack !== undefined) return true;
    if (this.#response.destroyed) return false; // no event would give it back
    const giveBack = this.#holder.policy.beginTranscoding(this.#coding.heldMemory);
    if (giveBack === undefined) return false;
    this.#giveBack = giveBack;
    whenClosed(this.#response, () => {
      this.#transcoder?.close();
      this.free();
    });
    return true;
  }
}

/**
 * The longest body, encoded or decoded, that is transcoded synchronously. Every other request waits meanwhile: about 5 ms for a
 * page of this length. Longer bodies are streamed.
 */
const maxWholeBytes = 256 * 1024;

/**
 * Decodes, transforms and encodes a whole body synchronously.
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
