/** Writes a body that is rewritten: from what the app passes to `write` and `end`, to what goes out. */
import type { ServerResponse } from 'node:http';
import type { BodyTransform } from '../body-transform.ts';
import type { OutputSink } from './body-methods.ts';
import { callbackOf, toBytes } from './chunk.ts';
import type { Coding, ContentCoding } from './content-coding.ts';
import { createProbe } from './probe-response.ts';
import { transcodeWhole } from './transcode-whole.ts';
import { Transcoder } from './transcoder.ts';

/** The coding that `Content-Encoding` names. */
export interface DeclaredCoding {
  readonly coding: ContentCoding;
  /** False if a middleware below may do the encoding: the first bytes tell whether the app has. */
  readonly isCertain: boolean;
}

export interface BodyEvents {
  /** The whole body is there before the headers have gone out, so its length is known. */
  onWholeLength(bytes: number): void;
  /** The body cannot be decoded. It passes through unchanged, or is cut off. */
  onCorruptBody(): void;
  /** The body has to be transcoded as it streams, and that was refused. It passes through unchanged. */
  onTranscodingRefused(): void;
  /** Whether it may be. */
  beginTranscoding(): boolean;
  endTranscoding(): void;
}

export class BodyWriter {
  readonly #response: ServerResponse;
  readonly #sink: OutputSink;
  readonly #transform: BodyTransform;
  readonly #events: BodyEvents;
  /** Undefined once the coding is known, or if the body turned out not to be encoded. */
  #declared: DeclaredCoding | undefined;
  #transcoder: Transcoder | undefined;
  /** The body passes through unchanged, since too many others are being transcoded. */
  #isRefused = false;
  /** The body's first bytes, while they are too few to detect the coding. */
  #first: Uint8Array = empty;
  #hasEnded = false;
  #received = 0;

  constructor(
    response: ServerResponse,
    sink: OutputSink,
    transform: BodyTransform,
    declared: DeclaredCoding | undefined,
    events: BodyEvents,
  ) {
    this.#response = response;
    this.#sink = sink;
    this.#transform = transform;
    this.#declared = declared;
    this.#events = events;
  }

  /** How many bytes the app has written. */
  get received(): number {
    return this.#received;
  }

  /** @param args - their first item is a chunk that Node accepts */
  write(args: readonly unknown[]): unknown {
    if (this.#isOver) return this.#sink.write(...args);
    const bytes = this.#receive(args);
    const coding = this.#detectCoding(bytes, false);
    if (coding === 'undecided')
      this.#first = new Uint8Array(bytes); // a copy: the app may reuse its memory
    else this.#startTranscoder(coding);
    if (this.#transcoder !== undefined) return this.#transcoder.write(bytes, callbackOf(args));
    if (this.#isRefused) return this.#sink.write(bytes, ...callbackOf(args));
    // If everything is held back an empty chunk goes out: it sends the headers, and returns Node's backpressure.
    const out = coding === 'undecided' ? empty : this.#transform.write(bytes);
    return this.#sink.write(out, ...callbackOf(args));
  }

  /** @param args - their first item is a chunk that Node accepts, or none */
  end(args: readonly unknown[]): unknown {
    if (this.#isOver) return this.#sink.end(...args);
    uncork(this.#response);
    const bytes = this.#receive(args);
    const out = this.#transcoder === undefined ? this.#endWhole(bytes) : undefined;
    if (out === undefined) {
      this.#transcoder?.end(bytes, callbackOf(args));
      return this.#response;
    }
    this.#events.endTranscoding();
    this.#hasEnded = true;
    this.#events.onWholeLength(out.length);
    return this.#sink.end(...(out.length > 0 ? [out] : []), ...callbackOf(args));
  }

  /** From here on Node refuses what the app writes, or it is HTTP/2's own `end` that calls `write`. */
  get #isOver(): boolean {
    return this.#hasEnded || this.#response.writableEnded || this.#response.destroyed;
  }

  /** The bytes of a chunk, behind those that are held back. */
  #receive(args: readonly unknown[]): Uint8Array {
    const bytes = toBytes(args[0], args[1]);
    this.#received += bytes.length;
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
      this.#events.onCorruptBody();
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
    if (this.#declared === undefined) return undefined;
    if (bytes.length === 0) return 'undecided';
    const { coding, isCertain } = this.#declared;
    const isEncoded = isCertain || coding.isEncoded(bytes, isWhole);
    if (isEncoded === undefined && !isWhole) return 'undecided';
    this.#declared = undefined;
    if (!isEncoded) this.#events.endTranscoding();
    return isEncoded ? coding.detect(bytes) : undefined;
  }

  #startTranscoder(coding: Coding | undefined): void {
    if (coding === undefined) return;
    this.#isRefused = !this.#events.beginTranscoding();
    if (this.#isRefused) return this.#events.onTranscodingRefused();
    const { onCorruptBody, endTranscoding } = this.#events;
    this.#transcoder = new Transcoder(
      this.#response,
      this.#sink,
      coding,
      this.#transform,
      onCorruptBody,
      endTranscoding,
    );
  }
}

const empty: Uint8Array = new Uint8Array();

/** Node's `end` uncorks in any case. Where that would be too late for what is corked, it is done before. */
function uncork(response: ServerResponse): void {
  if (response.writableCorked === 0 || !uncorksTooLate()) return; // in Node 26 uncorking here would emit `drain` in the middle of an `end`
  for (let left = response.writableCorked; left > 0; left--) response.uncork();
  for (let left = response.writableCorked; left < 0; left++) response.cork(); // the app has uncorked once too often
}

/** The answer of the function below, once somebody has asked. */
let isUncorkedTooLate: boolean | undefined;

/** Whether `end` sends corked chunks behind the last one, as in Node 22 and 24. Tested on Node itself. */
function uncorksTooLate(): boolean {
  if (isUncorkedTooLate !== undefined) return isUncorkedTooLate;
  const probe = createProbe();
  probe.write('1');
  probe.cork();
  probe.write('2');
  probe.end();
  const { outputData } = probe as unknown as { readonly outputData?: readonly { readonly data: unknown }[] };
  isUncorkedTooLate = outputData?.at(-1)?.data !== '0\r\n\r\n';
  return isUncorkedTooLate;
}
