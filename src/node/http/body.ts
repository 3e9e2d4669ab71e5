/**
 * The body of one response: everything between the app's `write` and `end` and those below. It is there once the response
 * may be a page, and passes everything on until the head has decided to rewrite it. Bytes go through synchronously, so what
 * `write` returns, `drain` and callbacks stay Node's own, unless they have to be decoded first.
 */
import type { ServerResponse } from 'node:http';
import { isUint8Array } from 'node:util/types';
import type { HeaderFields } from '../../http/header-fields.ts';
import type { PlacedText, Rewrite, RewritePolicy } from '../../http/rewrite-policy.ts';
import { copyOfScratch, readInScratch } from '../../simd/scratch.ts';
import type { BodyTransform } from '../../text/body-transform.ts';
import { asBuffer } from '../../text/bytes.ts';
import {
  BodyMethods,
  callbackOf,
  hasOwnBodyMethods,
  isChunk,
  isNoChunk,
  isText,
  type OutputSink,
  toBytes,
} from './body-methods.ts';
import { flushingAlways, parseContentCoding } from './content-coding.ts';
import { ContentLength } from './content-length.ts';
import { type DeclaredCoding, EncodedBody } from './encoded-body.ts';
import { uncorkBeforeEnd } from './node-behaviour.ts';
import { hasNodesMethods } from './patched-node.ts';

/** What a body needs of the head of the same response. */
export interface HeadOfBody {
  readonly policy: RewritePolicy;
  /** Decides about the response if nothing is decided yet. It calls `begin` if the body is rewritten. */
  decide(): void;
  /** The headers so far, to be changed before they are sent. */
  readFields(): HeaderFields;
  /**
   * Called before a part of a rewritten body goes below, while the headers are not sent.
   * @param isTagRead - a middleware below may use the entity tag at this moment
   */
  beforeOutput(isTagRead: boolean): void;
  /** Node has refused the headers, and with them the first part of the body. */
  reset(): void;
}

export class ResponseBody {
  /** The body is not encoded yet, and middleware below may be the one that compresses it. */
  readonly mayBeEncodedBelow: boolean;
  /**
   * A compressor below may cache its output by the entity tag, and send that instead of what it receives. It has to see
   * the final tag. Compressors are recognised by the `flush` method that they add to the response.
   */
  readonly mayBeCachedByTag: boolean;
  /** Middleware below has methods of its own, and may change the body once more. */
  readonly #isShared: boolean;
  readonly #response: ServerResponse;
  readonly #head: HeadOfBody;
  readonly methods: BodyMethods;
  readonly #sink: OutputSink = {
    write: (...args) => this.#send('write', args),
    end: (...args) => this.#send('end', args),
  };
  /** Undefined unless the response is rewritten. */
  #length: ContentLength | undefined;
  /** What makes the new body; undefined unless the response is rewritten and has a body. A response to HEAD has none. */
  #content: BodyTransform | EncodedBody | undefined;
  #placed: PlacedText | undefined;
  #hasEnded = false;

  /**
   * @param first - `write` and `end` as they were before any later middleware
   * @param isInherited - the response inherits methods that call `methods.receive`, and has none above Node's own
   */
  constructor(response: ServerResponse, first: OutputSink, head: HeadOfBody, isInherited: boolean) {
    const hasLaterWrite = !isInherited && response.write !== first.write;
    const encoding = String(response.getHeader('content-encoding') ?? '');
    this.mayBeEncodedBelow = hasLaterWrite && parseContentCoding(encoding) === undefined;
    this.mayBeCachedByTag = hasLaterWrite && 'flush' in response && response.flush !== undefined;
    // What has its own where it inherits ours is above.
    this.#isShared = !hasNodesMethods() || (!isInherited && hasOwnBodyMethods(response));
    this.#response = response;
    this.#head = head;
    const replacements = {
      write: (args: readonly unknown[]) => this.#receive('write', args),
      end: (args: readonly unknown[]) => this.#receive('end', args),
    };
    this.methods = new BodyMethods(response, replacements, first, isInherited);
  }

  get isChanged(): boolean {
    return this.#content !== undefined;
  }

  /** The response is rewritten. */
  begin({ body, keepsLength = false, placed, flushes }: Rewrite, declared: DeclaredCoding | undefined): void {
    this.#length = new ContentLength(keepsLength);
    this.#placed = placed;
    this.#content = body;
    this.#hasEnded = false;
    if (body === undefined || declared === undefined) return;
    const coding = flushes ? flushingAlways(declared.coding) : declared.coding;
    this.#content = new EncodedBody(
      this.#response,
      this.#sink,
      body,
      { coding, isCertain: declared.isCertain },
      this.#head,
    );
  }

  /** Node has refused the headers: nothing of the body has gone out, and the app may send another one instead. */
  cancel(): void {
    if (this.#content instanceof EncodedBody) this.#content.free();
    this.#content = undefined;
    this.#placed = undefined;
    this.#length = undefined;
  }

  /** Sets `Content-Length` right, or removes it. */
  correctLength(fields: HeaderFields): void {
    this.#length?.onHeaders(fields, this.#response);
  }

  /** Calls `writeHead` of the middleware below, which may take methods off the response, ours among them. */
  duringHead<Answer>(send: () => Answer): Answer {
    this.methods.restore(); // middleware above may have removed ours as well, before it called our `writeHead`
    return this.methods.keepDuring(send);
  }

  /** The response is not rewritten. */
  remove(): void {
    this.methods.undo();
  }

  /** A call of the app's. One that Node refuses decides nothing, since the app may try another one. */
  #receive(name: keyof OutputSink, args: readonly unknown[]): unknown {
    const isAccepted = isChunk(args[0], args[1]) || (name === 'end' && isNoChunk(args[0]));
    if (isAccepted) this.#head.decide();
    const content = isAccepted ? this.#content : undefined;
    const length = this.#length;
    if (length === undefined) return this.#sink[name](...args);
    if (content === undefined) return this.#sink[name](...this.#inBytes(args));
    const isFirst = length.received === 0;
    try {
      if (this.#isOver) return this.#sink[name](...args);
      if (name === 'end') uncorkBeforeEnd(this.#response);
      const callback = callbackOf(args);
      // The whole body, if `end` comes first: then its new length is known before the headers are final.
      const out = this.#rewrite(content, name, args, callback, length);
      return this.#sendContent(name, out, this.#isShared ? argumentsBehind(args) : callback, length);
    } catch (error) {
      if (isFirst) this.#head.reset();
      throw error;
    }
  }

  /**
   * Node computes the length of a text, copies it behind the headers and encodes the copy. For a page of 100 KB that takes
   * longer than to rewrite it, and its bytes are there.
   */
  #inBytes(args: readonly unknown[]): readonly unknown[] {
    const [chunk, encoding, ...more] = args;
    const { text, bytes } = this.#placed ?? {};
    // Other middleware below may know texts only.
    if (bytes === undefined || this.#isShared || chunk !== text || !isText(chunk, encoding)) return args;
    return [bytes, ...(typeof encoding === 'function' ? [encoding] : more)];
  }

  /** @returns undefined for output that goes out later */
  #rewrite(
    content: BodyTransform | EncodedBody,
    name: keyof OutputSink,
    [chunk, encoding]: readonly unknown[],
    callback: readonly unknown[],
    length: ContentLength,
  ): Uint8Array | undefined {
    if (name === 'end' && !(content instanceof EncodedBody) && isText(chunk, encoding)) {
      return readInScratch(chunk, 'utf8', (bytes) => {
        length.received += bytes.length;
        return copyOfScratch(asBuffer(content.end(bytes)));
      });
    }
    const bytes = toBytes(chunk, encoding);
    length.received += bytes.length;
    return content[name](bytes, callback);
  }

  /** From here on Node refuses what the app writes, or it is HTTP/2's own `end` that calls `write`. */
  get #isOver(): boolean {
    return this.#hasEnded || this.#response.writableEnded || this.#response.destroyed;
  }

  /**
   * @param out - undefined if it goes out later, when it is decoded and encoded again
   * @param rest - what goes out behind it
   */
  #sendContent(
    name: keyof OutputSink,
    out: Uint8Array | undefined,
    rest: readonly unknown[],
    length: ContentLength,
  ): unknown {
    // If everything is held back an empty chunk goes out: it sends the headers, and returns Node's backpressure.
    if (name === 'write') return out !== undefined && this.#sink.write(out, ...rest);
    if (out === undefined) return this.#response;
    this.#hasEnded = true;
    length.wholeLength = out.length;
    return out.length > 0 ? this.#sink.end(out, ...rest) : this.#sink.end(...callbackOf(rest));
  }

  /** To the methods below. If the response is not rewritten, arguments go on exactly as they came. */
  #send(name: keyof OutputSink, args: readonly unknown[]): unknown {
    const length = this.#length;
    if (length === undefined) return this.methods.sink[name](...args);
    const [chunk, ...rest] = args;
    if (isUint8Array(chunk)) length.sent += chunk.length;
    if (!this.#response.headersSent) this.#prepareHead(length);
    if (!isUint8Array(chunk)) return this.methods.sink[name](...args);
    // A whole page may be one that is kept, and other middleware may write into it. Much of it knows bytes as a `Buffer` only.
    const bytes = this.#isShared && name === 'end' ? Buffer.from(chunk) : asBuffer(chunk);
    if (!this.#isShared || typeof rest[0] !== 'function') return this.methods.sink[name](bytes, ...rest);
    // connect-livereload takes a callback for the encoding of a `Buffer`, and fails. A text has none.
    const text = bytes.toString();
    return this.methods.sink[name](bytes.equals(Buffer.from(text)) ? text : bytes, ...rest);
  }

  /** Middleware below may read, change or store the headers when it receives the body: they have to be right by then. */
  #prepareHead(length: ContentLength): void {
    if (this.#isShared && length.isOurs) length.handOver(this.#head.readFields(), this.#response);
    this.#head.beforeOutput(this.mayBeCachedByTag);
  }
}

/** The arguments behind a text, which middleware below may use to make a text of our bytes. */
function argumentsBehind([chunk, encoding, ...more]: readonly unknown[]): readonly unknown[] {
  const rest = [encoding, ...more];
  return typeof chunk === 'string' && typeof encoding === 'string' ? rest : callbackOf(rest);
}
