/** The body of a response that is rewritten, from what the app hands to `write` and `end` to what goes out. */
import { ServerResponse } from 'node:http';
import type { BodyTransform } from '../body-transform.ts';
import type { OutputSink } from './body-methods.ts';
import { callbackOf, toBytes } from './chunk.ts';
import type { Coding, ContentCoding } from './content-coding.ts';
import { Transcoder, transcodeWhole } from './transcoder.ts';

/** How the body is encoded as the app hands it over. */
export interface DeclaredCoding {
  readonly coding: ContentCoding;
  /** Whether it is, rather than to be encoded by somebody below: the first bytes tell then. */
  readonly isCertain: boolean;
}

export interface BodyEvents {
  /** The whole body is there, and its length known, before the headers have gone out. */
  onWholeLength(bytes: number): void;
  /** The body cannot be decoded, and passes as it came, or breaks off. */
  onCorruptBody(): void;
}

export class BodyWriter {
  readonly #response: ServerResponse;
  readonly #sink: OutputSink;
  readonly #transform: BodyTransform;
  readonly #events: BodyEvents;
  /** Undefined for a body that turned out to be plain, too. */
  #given: DeclaredCoding | undefined;
  #coded: Transcoder | undefined;
  /** The body's first bytes, while there are too few of them to tell how it is encoded. */
  #first: Uint8Array = nothing;
  #hasEnded = false;
  #received = 0;

  constructor(
    response: ServerResponse,
    sink: OutputSink,
    transform: BodyTransform,
    given: DeclaredCoding | undefined,
    events: BodyEvents,
  ) {
    this.#response = response;
    this.#sink = sink;
    this.#transform = transform;
    this.#given = given;
    this.#events = events;
  }

  /** How many bytes the app has handed over. */
  get received(): number {
    return this.#received;
  }

  /** @param args - of which Node takes the first as a chunk */
  write(args: readonly unknown[]): unknown {
    if (this.#isOver) return this.#sink.write(...args);
    const given = toBytes(args[0], args[1]);
    this.#received += given.length;
    const bytes = this.#fromFirst(given);
    const coding = this.#codingOf(bytes, false);
    if (coding === 'undecided')
      this.#first = new Uint8Array(bytes); // a copy: the app may use its own again
    else this.#startCoded(coding);
    if (this.#coded !== undefined) return this.#coded.write(bytes, callbackOf(args));
    // Where all is held back an empty chunk goes out: it commits the headers, and answers for a full socket.
    const out = coding === 'undecided' ? nothing : this.#transform.write(bytes);
    return this.#sink.write(out, ...callbackOf(args));
  }

  /** @param args - of which Node takes the first as a chunk, or as none */
  end(args: readonly unknown[]): unknown {
    if (this.#isOver) return this.#sink.end(...args);
    uncork(this.#response);
    const given = toBytes(args[0], args[1]);
    this.#received += given.length;
    const bytes = this.#fromFirst(given);
    const out = this.#coded === undefined ? this.#whole(bytes) : undefined;
    if (out === undefined) {
      this.#coded?.end(bytes, callbackOf(args));
      return this.#response;
    }
    this.#hasEnded = true;
    this.#events.onWholeLength(out.length);
    return this.#sink.end(...(out.length > 0 ? [out] : []), ...callbackOf(args));
  }

  /** What is written from here on is none of our business: Node refuses it, or it is `end` of HTTP/2 that writes. */
  get #isOver(): boolean {
    return this.#hasEnded || this.#response.writableEnded || this.#response.destroyed;
  }

  /** @returns undefined where it cannot be had at once */
  #whole(bytes: Uint8Array): Uint8Array | undefined {
    const coding = this.#codingOf(bytes, true);
    if (coding === undefined || coding === 'undecided') return this.#transform.end(bytes);
    let out: Uint8Array | undefined;
    try {
      out = transcodeWhole(bytes, coding, this.#transform);
    } catch {
      this.#events.onCorruptBody();
      return bytes;
    }
    if (out === undefined) this.#startCoded(coding);
    return out;
  }

  /** What is held back, and this behind it. */
  #fromFirst(bytes: Uint8Array): Uint8Array {
    const first = this.#first;
    if (first.length === 0) return bytes;
    this.#first = nothing;
    return Buffer.concat([first, bytes]);
  }

  /**
   * @param isWhole - there are no more bytes
   * @returns undefined for a body that is plain, or whose coding has been told before
   */
  #codingOf(bytes: Uint8Array, isWhole: boolean): Coding | 'undecided' | undefined {
    if (this.#given === undefined) return undefined;
    if (bytes.length === 0) return 'undecided';
    const { coding, isCertain } = this.#given;
    const isEncoded = isCertain || coding.isEncoded(bytes, isWhole);
    if (isEncoded === undefined && !isWhole) return 'undecided';
    this.#given = undefined;
    return isEncoded ? coding.detect(bytes) : undefined;
  }

  #startCoded(coding: Coding | undefined): void {
    if (coding === undefined) return;
    this.#coded = new Transcoder(
      this.#response,
      this.#sink,
      coding,
      this.#transform,
      this.#events.onCorruptBody,
    );
  }
}

const nothing: Uint8Array = new Uint8Array();

/** Node's `end` does so in any case. Where it comes too late for what is corked, it is done before. */
function uncork(response: ServerResponse): void {
  if (!uncorksTooLate) return; // in version 26 it would have `drain` heard in the middle of an `end`
  for (let left = response.writableCorked; left > 0; left--) response.uncork();
  for (let left = response.writableCorked; left < 0; left++) response.cork(); // uncorked once too often
}

/** In versions 22 and 24 `end` sends what was corked behind the last chunk; asked of Node itself. */
const uncorksTooLate: boolean = (() => {
  const probe = new ServerResponse({ method: 'GET', httpVersionMajor: 1, httpVersionMinor: 1 } as never); // all that it reads
  probe.write('1');
  probe.cork();
  probe.write('2');
  probe.end();
  const { outputData } = probe as unknown as { readonly outputData?: readonly { readonly data: unknown }[] };
  return outputData?.at(-1)?.data !== '0\r\n\r\n';
})();
