/**
 * `write` and `end` of a response: how they are replaced, and the forms of their arguments. What becomes of the bytes is
 * decided elsewhere.
 */

import { isUint8Array } from 'node:util/types';
import type { BodyWatch } from '../../http/rewrite-policy.ts';
import { propertyOf } from './message-property.ts';
import { ServerResponse } from './node-http.ts';
import { type AnyMethod, replaceMethod } from './replaced-methods.ts';
import { isHttp2 } from './write-head.ts';

/** Where a body goes: the `write` and `end` below ours. */
export interface OutputSink {
  readonly write: AnyMethod;
  readonly end: AnyMethod;
}

type Name = keyof OutputSink;

type Replacements = Readonly<Record<Name, (args: readonly unknown[]) => unknown>>;

/**
 * Our methods, which know those below. Some middleware restores the methods that it has replaced, and thereby removes any
 * that were put on top of its own. If that happens while it receives a part of the body, ours are put back on top, because
 * the rest of the page is still to come.
 */
export class BodyMethods {
  readonly sink: OutputSink = {
    write: (...args) => this.#callBelow('write', args),
    end: (...args) => this.#callBelow('end', args),
  };
  readonly #response: ServerResponse;
  readonly #replacements: Replacements;
  readonly #below: Record<Name, AnyMethod> = { write: nothing, end: nothing };
  readonly #undo: Record<Name, () => void> = { write: nothing, end: nothing };
  readonly #first: OutputSink;
  readonly #ours: Record<Name, unknown> = { write: undefined, end: undefined };
  /** While a method below runs, its own calls of `write` and `end` go below as well: we have seen these bytes. */
  #isCallingBelow = false;
  #isUndone = false;
  /** The response inherits the methods: nothing is below them but Node's own, and no one can remove them. */
  #isInherited: boolean;

  /**
   * @param first - the methods as they were before any middleware below replaced them
   * @param isInherited - the response inherits methods that call `receive`
   */
  constructor(response: ServerResponse, replacements: Replacements, first: OutputSink, isInherited: boolean) {
    this.#response = response;
    this.#first = first;
    this.#replacements = replacements;
    this.#isInherited = isInherited;
    if (!isInherited) this.#putBoth();
    else for (const name of ['write', 'end'] as const) this.#below[name] = nodesMethod(response, name);
  }

  /** @returns whether an inherited method has to leave the call to Node's own */
  get passes(): boolean {
    return !this.#isInherited || this.#isCallingBelow || this.#isUndone;
  }

  /** A call of an inherited method. */
  receive(name: Name, args: readonly unknown[]): unknown {
    return this.#replacements[name](args);
  }

  /** The response does not inherit the methods any more. */
  own(): void {
    if (!this.#isInherited) return;
    this.#isInherited = false;
    this.#putBoth();
  }

  #putBoth(): void {
    this.#put('write');
    this.#put('end');
  }

  /** Restores the methods below, unless another middleware has put its own on top. */
  undo(): void {
    this.#isUndone = true;
    this.#undo.write();
    this.#undo.end();
  }

  /**
   * Puts ours back on top if another middleware has removed them. If one of the two methods is what it was before ours,
   * the other one may have been restored as well, and may be that of a middleware below. Being on top twice is harmless.
   */
  restore(): void {
    if (this.#isInherited || (!this.#isRemoved('write') && !this.#isRemoved('end'))) return;
    for (const name of ['write', 'end'] as const) if (!this.#isOurs(name)) this.#put(name);
  }

  #isRemoved(name: Name): boolean {
    const method: unknown = this.#response[name];
    const inherited = (Object.getPrototypeOf(this.#response) as ServerResponse)[name];
    return method === this.#first[name] || method === inherited;
  }

  /**
   * Puts ours back on top after a call that may remove them.
   * @param call - calls a method of the middleware below
   */
  keepDuring<Result>(call: () => Result): Result {
    if (this.#isInherited) return call();
    const before = this.#current();
    try {
      return call();
    } finally {
      this.#putBack(before);
    }
  }

  #current(): OutputSink {
    const { write, end } = this.#response;
    return { write: write as AnyMethod, end: end as AnyMethod };
  }

  #putBack(before: OutputSink): void {
    if (this.#isUndone || this.#isInherited) return;
    for (const name of ['write', 'end'] as const)
      if (this.#response[name] !== before[name] && !this.#isOurs(name)) this.#put(name);
  }

  #isOurs(name: Name): boolean {
    return this.#response[name] === this.#ours[name];
  }

  #put(name: Name): void {
    this.#undo[name] = replaceMethod(this.#response, name, (previous) => {
      this.#below[name] = previous;
      return (...args) => (this.#isCallingBelow ? previous(...args) : this.#replacements[name](args));
    });
    this.#ours[name] = this.#response[name];
  }

  #callBelow(name: Name, args: readonly unknown[]): unknown {
    const before = this.#current();
    const given = args.map((each) =>
      typeof each === 'function' ? this.#fromOutside(each as AnyMethod, before) : each,
    );
    const call = (): unknown => this.#below[name](...given);
    return this.#whileCallingBelow(true, () => (name === 'end' ? call() : this.keepDuring(call)));
  }

  /** A method below may call a callback before it returns: what the app writes there is new to us. */
  #fromOutside(callback: AnyMethod, before: OutputSink): AnyMethod {
    const run = (call: () => unknown): unknown => {
      if (this.#isCallingBelow) this.#putBack(before);
      return this.#whileCallingBelow(false, call);
    };
    return function callBack(this: unknown, ...args) {
      return run(() => callback.apply(this, args));
    };
  }

  #whileCallingBelow(isCallingBelow: boolean, call: () => unknown): unknown {
    const before = this.#isCallingBelow;
    this.#isCallingBelow = isCallingBelow;
    try {
      return call();
    } finally {
      this.#isCallingBelow = before;
    }
  }
}

/**
 * Whether the methods are not Node's: a middleware has put its own on the response, or its class has them, as that of a
 * mock, which may send or store the headers without a call of `writeHead`.
 */
export function hasOwnBodyMethods(response: ServerResponse, isOfHttp2: boolean = isHttp2(response)): boolean {
  const inherited = isOfHttp2
    ? (Object.getPrototypeOf(response) as ServerResponse)
    : ServerResponse.prototype;
  const isNodes = (name: Name): boolean =>
    propertyOf(response, name) === inherited[name] || hookSymbol in (propertyOf(response, name) as object);
  return !isNodes('write') || !isNodes('end');
}

/** Marks inherited methods of ours, behind which there are Node's own. From the registry: ESM and CommonJS copies share it. */
export const hookSymbol: unique symbol = Symbol.for('image-signer.body-hook') as never;

function nodesMethod(response: ServerResponse, name: Name): AnyMethod {
  return (...args) => (ServerResponse.prototype[name] as AnyMethod).apply(response, args);
}

const nothing: AnyMethod = () => undefined;

/** Whether Node accepts it as a chunk. A call that Node refuses decides nothing, since the app may try another one. */
export function isChunk(chunk: unknown, encoding: unknown): boolean {
  if (typeof chunk !== 'string') return isUint8Array(chunk);
  return typeof encoding !== 'string' || encoding === '' || Buffer.isEncoding(encoding);
}

/** Whether `end` is called without a chunk: Node treats every falsy value so. */
export function isNoChunk(first: unknown): boolean {
  return !first || typeof first === 'function';
}

/** Whether it is a text in UTF-8. */
export function isText(chunk: unknown, encoding: unknown): chunk is string {
  if (typeof chunk !== 'string') return false;
  return encoding === undefined || encoding === null || encoding === 'utf8' || typeof encoding === 'function';
}

/** A chunk as bytes, of whatever realm; empty without a chunk. */
export function toBytes(chunk: unknown, encoding: unknown): Uint8Array {
  if (isUint8Array(chunk)) return chunk;
  if (typeof chunk !== 'string') return empty;
  const isNamed = typeof encoding === 'string' && encoding !== '';
  return Buffer.from(chunk, isNamed ? (encoding as BufferEncoding) : 'utf8'); // `isChunk` has checked the name
}

/** The callback among the arguments, as a list of one or none. */
export function callbackOf(args: readonly unknown[]): readonly unknown[] {
  return args.filter((each) => typeof each === 'function').slice(0, 1);
}

const empty: Buffer = /* @__PURE__ */ Buffer.alloc(0);

/**
 * Shows a watch what an app writes. Arguments, results and errors of `write` and `end` stay as they are.
 * @returns a function that takes the watch off again, unless another method has been put above it
 */
export function watchBody(response: ServerResponse, watch: BodyWatch): () => void {
  const see = ([chunk, encoding]: readonly unknown[]): void => {
    if (isChunk(chunk, encoding)) watch.write(toBytes(chunk, encoding));
  };
  const undoWrite = replaceMethod(response, 'write', (previous) => (...args) => {
    see(args);
    return previous(...args);
  });
  const undoEnd = replaceMethod(response, 'end', (previous) => (...args) => {
    see(args);
    watch.end();
    return previous(...args);
  });
  return () => {
    undoWrite();
    undoEnd();
  };
}
