/**
 * The place of the interceptor in the chain of `write` and `end` methods of one response, and what it can tell of the
 * middleware below: one that was installed after ours, but put its methods on before a content type was set.
 */
import type { ServerResponse } from 'node:http';
import { isUint8Array } from 'node:util/types';
import { asBuffer } from '../bytes.ts';
import { BodyMethods, hasOwnBodyMethods, type OutputSink } from './body-methods.ts';
import { parseContentCoding } from './content-coding.ts';

export interface BodyTapEvents {
  write(args: readonly unknown[]): unknown;
  end(args: readonly unknown[]): unknown;
  /**
   * Called before anything goes to the methods below, which may read or store the headers.
   * @returns whether the body is rewritten; if not, arguments go on exactly as they came
   */
  beforeOutput(chunk: Uint8Array | undefined): boolean;
}

export class BodyTap {
  /** The methods below ours. */
  readonly sink: OutputSink;
  /** Middleware below has methods of its own, and may change the body once more. */
  readonly isShared: boolean;
  /** The body is not encoded yet, and middleware below may be the one that compresses it. */
  readonly mayBeEncodedBelow: boolean;
  /**
   * A compressor below may cache its output by the entity tag, and send that instead of what it receives. It has to see
   * the final tag. Compressors are recognised by the `flush` method that they add to the response.
   */
  readonly mayBeCachedByTag: boolean;
  readonly #methods: BodyMethods;

  /** @param first - `write` and `end` as they were when the interceptor was installed */
  constructor(response: ServerResponse, first: OutputSink, events: BodyTapEvents) {
    const hasLaterWrite = response.write !== first.write;
    const encoding = String(response.getHeader('content-encoding') ?? '');
    this.mayBeEncodedBelow = hasLaterWrite && parseContentCoding(encoding) === undefined;
    this.mayBeCachedByTag = hasLaterWrite && 'flush' in response && response.flush !== undefined;
    this.isShared = hasOwnBodyMethods(response);
    this.#methods = new BodyMethods(response, events, first);
    const { sink } = this.#methods;
    const toSink = (args: unknown[]): unknown[] => {
      const [chunk, ...rest] = args;
      const isRewritten = events.beforeOutput(isUint8Array(chunk) ? chunk : undefined);
      // Much middleware knows bytes as a `Buffer` only.
      return isRewritten && isUint8Array(chunk) ? [asBuffer(chunk), ...rest] : args;
    };
    this.sink = {
      write: (...args) => sink.write(...toSink(args)),
      end: (...args) => sink.end(...toSink(args)),
    };
  }

  /** Calls `writeHead` of the middleware below, which may take methods off the response, ours among them. */
  duringHead<Answer>(send: () => Answer): Answer {
    this.#methods.restore(); // one above may have taken them off as well, before it called ours
    return this.#methods.keepDuring(send);
  }

  remove(): void {
    this.#methods.undo();
  }
}
