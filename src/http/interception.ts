/**
 * Alone stands between an app and its `ServerResponse`. Bytes go through synchronously: what `write` returns, `drain`,
 * callbacks, `headersSent` and `writableEnded` stay Node's own. It decides nothing itself.
 *
 * `setHeader`, `writeHead` and `writeEarlyHints` are replaced at once, below whatever is mounted later, so that the
 * last word on headers is ours. `write` and `end` are replaced when a type is set that may be rewritten, above
 * whatever was mounted until then: a `compression` mounted later then compresses what was rewritten.
 */
import type { ServerResponse } from 'node:http';
import { isUint8Array } from 'node:util/types';
import { fieldsOf, fieldsWith, type HeaderFields } from './header-fields.ts';
import { type AnyMethod, type Replaceable, replaceMethod } from './replace-method.ts';
import { mergeHeaders, readWriteHead, saveHeaders, statusOf, type WriteHeadCall } from './write-head.ts';

/** Bytes in, bytes out; synchronous. What is held back comes with a later chunk, or at the end. */
export interface BodyTransform {
  write(chunk: Uint8Array): Uint8Array;
  /** @param last - the last chunk, if there is one */
  end(last?: Uint8Array): Uint8Array;
}

/** What goes out instead of what the app has written. */
export interface Rewrite {
  /** Undefined for a response without a body of its own, such as that to HEAD. */
  readonly body: BodyTransform | undefined;
}

/** Who decides. */
export interface Interceptor {
  /** A `Content-Type` is set while the headers may still change: may this response be rewritten? */
  typeSet(type: string): boolean;
  /**
   * Asked once, before the first byte goes out.
   * @param isEncoded - whether the bytes that the app hands over are encoded
   * @returns undefined to let the response be
   */
  decide(status: number, fields: HeaderFields, isEncoded: boolean): Rewrite | undefined;
  /** The headers of a response that is rewritten leave: the last chance to change them. */
  leaving(fields: HeaderFields): void;
  /** The headers are out, or the response is let be. */
  settled(): void;
  /** Early hints leave. */
  hint(links: string | string[]): string | string[];
}

/** @returns what to call when the interceptor has changed its mind about types */
export function interceptResponse(response: ServerResponse, interceptor: Interceptor): () => void {
  const interception = new Interception(response, interceptor);
  interception.install();
  return () => interception.reconsider();
}

class Interception {
  readonly #response: ServerResponse;
  readonly #interceptor: Interceptor;
  readonly #fields: HeaderFields;
  readonly #setHeader: ServerResponse['setHeader'];
  /** `write` as it was when we came, to see whether somebody has put on another one since. */
  readonly #firstWrite: ServerResponse['write'];
  readonly #undo: Map<Replaceable, () => void> = new Map();
  #state: 'undecided' | 'let-be' | 'rewriting' = 'undecided';
  #body: BodyTransform | undefined;
  /** Set while whoever put on a `write` between us and our first one may be the one who encodes. */
  #isEncodedBelow = false;
  #hadLength = false;

  constructor(response: ServerResponse, interceptor: Interceptor) {
    this.#response = response;
    this.#interceptor = interceptor;
    this.#setHeader = response.setHeader;
    this.#firstWrite = response.write;
    this.#fields = fieldsOf(response, this.#setHeader);
  }

  install(): void {
    this.#replace('setHeader', (setHeader) => (name, value) => {
      const answer = setHeader(name, value);
      if (this.#state === 'undecided' && String(name).toLowerCase() === 'content-type')
        this.#typeSet(String(value));
      return answer;
    });
    this.#replace(
      'writeHead',
      (writeHead) =>
        (...args) =>
          this.#writeHead(args, writeHead),
    );
    this.#replace('writeEarlyHints', (writeEarlyHints) => (hints, ...rest) => {
      return writeEarlyHints(this.#hint(hints), ...rest);
    });
    this.reconsider(); // the type may be there: set by a middleware before us
  }

  reconsider(): void {
    const type = this.#state === 'undecided' ? this.#fields.get('content-type') : undefined;
    if (type !== undefined) this.#typeSet(type);
  }

  /** Hints with their links changed; anything else is Node's to refuse. */
  #hint(hints: unknown): unknown {
    if (typeof hints !== 'object' || hints === null || !('link' in hints)) return hints;
    const { link } = hints;
    const isList = Array.isArray(link) && link.every((each) => typeof each === 'string');
    return typeof link === 'string' || isList ? { ...hints, link: this.#interceptor.hint(link) } : hints;
  }

  #typeSet(type: string): void {
    if (this.#interceptor.typeSet(type)) this.#watchBody();
  }

  #watchBody(): void {
    if (this.#undo.has('write')) return;
    this.#isEncodedBelow = this.#response.write !== this.#firstWrite && !isEncoded(this.#fields);
    this.#replace(
      'write',
      (write) =>
        (...args) =>
          this.#write(args, write),
    );
    this.#replace(
      'end',
      (end) =>
        (...args) =>
          this.#end(args, end),
    );
  }

  #write(args: readonly unknown[], write: AnyMethod): unknown {
    this.#decideHere();
    const bytes = this.#body === undefined || this.#isOver ? undefined : toBytes(args[0], args[1]);
    // What is no chunk is Node's to refuse.
    if (this.#body === undefined || bytes === undefined) return write(...args);
    // Where all is held back an empty chunk goes out: it commits the headers, and answers for a full socket.
    return write(this.#body.write(bytes), ...callbackOf(args));
  }

  #end(args: readonly unknown[], end: AnyMethod): unknown {
    this.#decideHere();
    const [chunk, encoding] = args;
    const hasChunk = chunk !== undefined && chunk !== null && typeof chunk !== 'function';
    const bytes = hasChunk ? toBytes(chunk, encoding) : nothing;
    if (this.#body === undefined || this.#isOver || bytes === undefined) return end(...args);
    const out = this.#body.end(bytes);
    this.#setLength(out.length);
    return out.length === 0 ? end(...callbackOf(args)) : end(out, ...callbackOf(args));
  }

  /** Whether Node will refuse what is written: then it is none of our business. */
  get #isOver(): boolean {
    return this.#response.writableEnded || this.#response.destroyed;
  }

  /** The whole body is there before the headers are: its length is known, unless the framing says otherwise. */
  #setLength(length: number): void {
    const isFramed = this.#response.hasHeader('transfer-encoding') || this.#response.hasHeader('trailer');
    if (this.#hadLength && !this.#response.headersSent && !isFramed)
      this.#fields.set('Content-Length', String(length));
  }

  #decideHere(): void {
    if (this.#state !== 'undecided') return;
    const status = statusOf(this.#response.statusCode);
    if (this.#response.headersSent) this.#finish('let-be');
    else if (status !== undefined) this.#decide(status, this.#fields, isEncoded(this.#fields));
  }

  #decide(status: number, fields: HeaderFields, isBodyEncoded: boolean): void {
    const rewrite = this.#interceptor.decide(status, fields, isBodyEncoded);
    this.#state = rewrite === undefined ? 'let-be' : 'rewriting';
    this.#body = rewrite?.body;
    if (rewrite === undefined) return;
    this.#watchBody();
    this.#hadLength = this.#fields.get('content-length') !== undefined;
    this.#fields.remove('Content-Length');
  }

  #writeHead(args: readonly unknown[], writeHead: AnyMethod): unknown {
    const call = readWriteHead(this.#response, args);
    if (call === undefined) return writeHead(...args); // Node refuses it
    const restore = this.#state === 'let-be' ? () => {} : saveHeaders(this.#response, this.#setHeader);
    try {
      const isMerged = this.#state !== 'let-be' && this.#prepareHead(call);
      const answer = isMerged ? writeHead(call.status, ...call.reason) : writeHead(...args);
      this.#finish(this.#state === 'rewriting' ? 'rewriting' : 'let-be');
      return answer;
    } catch (error) {
      if (!this.#response.headersSent) {
        // A header that Node refuses: what the app sends instead is decided anew.
        restore();
        this.#state = 'undecided';
        this.#body = undefined;
      }
      throw error;
    }
  }

  /** @returns whether what `writeHead` was given is in the response's own headers now */
  #prepareHead({ status, given }: WriteHeadCall): boolean {
    const fields = fieldsWith(this.#fields, given);
    const type = fields.get('content-type');
    const isBodyEncoded = isEncoded(fields) && !this.#isEncodedBelow;
    const isUndecided = this.#state === 'undecided';
    const mayRewrite =
      !isUndecided || status === 304 || (type !== undefined && this.#interceptor.typeSet(type));
    if (mayRewrite) {
      // Before `skip` is asked: it sees the response as it leaves.
      mergeHeaders(this.#response, this.#setHeader, given);
      this.#response.statusCode = status;
    }
    if (isUndecided) this.#decide(status, fields, isBodyEncoded);
    if (this.#state === 'rewriting') this.#interceptor.leaving(this.#fields);
    return mayRewrite;
  }

  /** The headers are out: they are no more our business, and nor is a body that is let be. */
  #finish(state: 'let-be' | 'rewriting'): void {
    this.#state = state;
    this.#interceptor.settled();
    for (const [name, undo] of this.#undo) {
      if (state === 'let-be' || (name !== 'write' && name !== 'end')) undo();
    }
  }

  #replace(name: Replaceable, replacement: (previous: AnyMethod) => AnyMethod): void {
    this.#undo.set(name, replaceMethod(this.#response, name, replacement));
  }
}

const nothing: Buffer = Buffer.alloc(0);

/** A chunk as bytes, of whatever realm; undefined for what is none. */
function toBytes(chunk: unknown, encoding: unknown): Uint8Array | undefined {
  if (isUint8Array(chunk)) return chunk;
  if (typeof chunk !== 'string') return undefined;
  if (typeof encoding !== 'string' || encoding === '') return Buffer.from(chunk, 'utf8');
  return Buffer.isEncoding(encoding) ? Buffer.from(chunk, encoding) : undefined;
}

function callbackOf(args: readonly unknown[]): unknown[] {
  return args.filter((each) => typeof each === 'function').slice(0, 1);
}

function isEncoded(fields: HeaderFields): boolean {
  const encoding = fields.get('content-encoding')?.trim().toLowerCase();
  return encoding !== undefined && encoding !== '' && encoding !== 'identity';
}
