/**
 * The hooks that see a response's headers as they are set. In Express all responses inherit them from one prototype.
 * Everywhere else, and where a middleware has already put methods of its own on the response, they are put on the
 * response itself, above those. They make no decision, and a response without a head passes straight through
 * (docs/project/decisions/0004-interception.md).
 *
 * Longer than most files: the two places have one set of hooks, and what may stand between them and Node's methods is one question.
 */

import { isProxy } from 'node:util/types';
import { hookSymbol, type OutputSink } from './body-methods.ts';
import { ServerResponse } from './node-http.ts';
import { type AnyMethod, insertPrototype } from './replaced-methods.ts';

/** The methods below the hooks. Only HTTP/2 has `setTrailer`. */
type HeaderMethods = Readonly<Record<Exclude<Name, 'setTrailer'>, AnyMethod>> & {
  readonly setTrailer?: AnyMethod;
};

type Name = (typeof names)[number];
const names = ['setHeader', 'writeHead', 'writeEarlyHints', 'addTrailers', 'setTrailer'] as const;

/** Where the hooks of one response are. */
export interface HookPosition {
  /** The methods below the hooks. */
  readonly below: HeaderMethods;
  /** On the response itself, rather than on a prototype. */
  readonly isOnResponse: boolean;
}

/** What the hooks call for a response. */
export interface HookTarget {
  readonly position: HookPosition;
  /** `write` and `end` as an earlier middleware has left them, below the hooks. */
  readonly earlier: OutputSink;
  /** The body goes to the methods of an earlier middleware, which may store the headers as they are now. */
  finalizeEarly(): void;
  onSetHeader(name: unknown, value: unknown): void;
  /** @param method - the `writeHead` below, not bound */
  onWriteHead(args: readonly unknown[], method: AnyMethod): unknown;
  /** @returns the hints to send */
  onEarlyHints(hints: unknown): unknown;
  /** @param add - the method below, bound */
  onTrailers(trailers: unknown, add: (trailers: unknown) => unknown): unknown;
}

/**
 * A response that the middleware has seen. Directly above Node's own methods it may wait without a target until that is needed:
 * most responses of a site are not pages.
 */
export interface HookedResponse {
  /** Created on first access if the response has waited without one; undefined if the hooks have nothing to do. */
  readonly target: HookTarget | undefined;
  readonly isWaiting: boolean;
  /**
   * A call of an inherited `write` or `end`.
   * @param method - Node's own, not bound
   */
  onBody(name: keyof OutputSink, args: readonly unknown[], method: AnyMethod): unknown;
  /** A type has been set. Unless it is one that is never rewritten, this ends the waiting. */
  onTypeWhileWaiting(type: unknown): void;
  /** Another header has been set. */
  noteHeader(): void;
  /** Whether it goes on waiting when `writeHead` is called with these arguments. */
  waitsBeyondHead(args: readonly unknown[]): boolean;
}

/** Marks a prototype that has the hooks. */
const hooksSymbol: unique symbol = Symbol('image-signer.hooks');

type Hooked = ServerResponse & { readonly [hooksSymbol]?: InheritedHooks };

interface InheritedHooks extends HookPosition {
  readonly methods: HeaderMethods;
}

export class Hooks {
  readonly #find: (response: ServerResponse) => HookedResponse | undefined;
  readonly #onResponse: HeaderMethods;
  /** Of hooks on a response, directly above Node's own methods. */
  #aboveNodes: HookPosition | undefined;
  /** `write` and `end` right above the methods of an earlier middleware: the same two for all responses. */
  readonly bodyHooks: OutputSink;
  /** `write` and `end` that responses of Express inherit, directly above Node's own. */
  readonly #inheritedBody: OutputSink;

  /** @param find - what is known of a response, if the middleware has seen it */
  constructor(find: (response: ServerResponse) => HookedResponse | undefined) {
    this.#find = find;
    // A response without a target waits for one, above Node's own methods.
    this.#onResponse = this.#createMethods(
      (target) => (target?.position ?? this.#positionAboveNodes()).below,
      true,
    );
    this.bodyHooks = {
      write(this: ServerResponse, ...args) {
        const target = find(this)!.target!; // only on responses that have one
        target.finalizeEarly();
        return target.earlier.write.apply(this, args);
      },
      end(this: ServerResponse, ...args) {
        const target = find(this)!.target!;
        target.finalizeEarly();
        return target.earlier.end.apply(this, args);
      },
    };
    const inheritedHook = (name: keyof OutputSink): AnyMethod => {
      const nodes = (): AnyMethod => ServerResponse.prototype[name] as AnyMethod; // a package may patch it at any time
      return {
        [name](this: ServerResponse, ...args: unknown[]) {
          const hooked = find(this);
          return hooked === undefined ? nodes().apply(this, args) : hooked.onBody(name, args, nodes());
        },
      }[name]!;
    };
    this.#inheritedBody = { write: inheritedHook('write'), end: inheritedHook('end') };
    for (const hook of Object.values(this.#inheritedBody)) Object.defineProperty(hook, hookSymbol, {});
  }

  /** May be called twice: where another middleware has put its methods above in the meantime, nothing changes. */
  installBodyHooks(response: ServerResponse, earlier: OutputSink): void {
    replaceBodyMethods(response, earlier, this.bodyHooks);
  }

  removeBodyHooks(response: ServerResponse, earlier: OutputSink): void {
    replaceBodyMethods(response, this.bodyHooks, earlier);
  }

  /** Finds the position of a response's hooks. Those of the response itself are put there by `installOnResponse`. */
  attach(response: Hooked): HookPosition {
    if (response[hooksSymbol] === undefined) this.#insert(response);
    const inherited = response[hooksSymbol];
    // A middleware may have put methods between the response and its prototype, and they may not call the inherited ones.
    const isReached =
      inherited !== undefined &&
      response.setHeader === inherited.methods.setHeader &&
      response.writeHead === inherited.methods.writeHead;
    if (isReached) return inherited;
    const { setHeader, writeHead, writeEarlyHints, addTrailers, setTrailer } = methodsOf(response);
    return {
      below: { setHeader, writeHead, writeEarlyHints, addTrailers, setTrailer } as HeaderMethods,
      isOnResponse: true,
    };
  }

  /**
   * The position of hooks that need nothing to be done for this response yet: inherited ones, or, on a response of `node:http`
   * itself, its own, which this puts there. Undefined if a method stands between the response and Node's own.
   */
  waitingPosition(response: Hooked): HookPosition | undefined {
    if (isProxy(response)) return undefined; // it may give methods that it does not own
    // What the prototype inherits is the same for all responses, and costs nothing to look up; what each one has does.
    const prototype = Object.getPrototypeOf(response) as Hooked;
    if (prototype === ServerResponse.prototype) return this.#waitOnResponse(response);
    if (prototype[hooksSymbol] === undefined) this.#insert(response);
    const inherited = prototype[hooksSymbol];
    const isReached =
      inherited !== undefined &&
      prototype.setHeader === inherited.methods.setHeader &&
      prototype.writeHead === inherited.methods.writeHead &&
      this.#hasInheritedBody(prototype);
    return isReached && !replaceable.some((name) => hasOwn.call(response, name)) ? inherited : undefined;
  }

  #waitOnResponse(response: ServerResponse): HookPosition | undefined {
    const { write, end } = ServerResponse.prototype;
    if (response.write !== write || response.end !== end) return undefined;
    const position = this.#positionAboveNodes();
    const methods = methodsOf(response);
    const has = (those: HeaderMethods): boolean =>
      methods.setHeader === those.setHeader &&
      methods.writeHead === those.writeHead &&
      methods.writeEarlyHints === those.writeEarlyHints &&
      methods.addTrailers === those.addTrailers;
    if (has(this.#onResponse)) return position;
    if (!has(position.below)) return undefined;
    // By name: V8 assigns by a computed one several times as slowly.
    methods.setHeader = this.#onResponse.setHeader;
    methods.writeHead = this.#onResponse.writeHead;
    methods.writeEarlyHints = this.#onResponse.writeEarlyHints;
    methods.addTrailers = this.#onResponse.addTrailers;
    return position;
  }

  /** One object for all responses, unless a package patches Node's methods in the meantime. */
  #positionAboveNodes(): HookPosition {
    const nodes = methodsOf(ServerResponse.prototype);
    const below = this.#aboveNodes?.below;
    if (
      this.#aboveNodes !== undefined &&
      below?.setHeader === nodes.setHeader &&
      below.writeHead === nodes.writeHead
    )
      return this.#aboveNodes;
    const { setHeader, writeHead, writeEarlyHints, addTrailers } = nodes;
    this.#aboveNodes = { below: { setHeader, writeHead, writeEarlyHints, addTrailers }, isOnResponse: true };
    return this.#aboveNodes;
  }

  /** Whether calls of `write` and `end` reach the inherited hooks, with no method above them. */
  inheritsBody(response: Hooked): boolean {
    const isOwn = hasOwn.call(response, 'write') || hasOwn.call(response, 'end');
    return !isOwn && this.#hasInheritedBody(Object.getPrototypeOf(response) as Hooked);
  }

  /** Whether a call of `writeHead` reaches the inherited hook, with no method above it. */
  inheritsHead(response: Hooked): boolean {
    const { writeHead, [hooksSymbol]: inherited } = Object.getPrototypeOf(response) as Hooked;
    return inherited?.methods.writeHead === writeHead && !hasOwn.call(response, 'writeHead');
  }

  #hasInheritedBody(prototype: ServerResponse): boolean {
    return prototype.write === this.#inheritedBody.write && prototype.end === this.#inheritedBody.end;
  }

  installOnResponse(response: ServerResponse): void {
    const methods = methodsOf(response);
    for (const name of names) if (methods[name] !== undefined) methods[name] = this.#onResponse[name]!;
  }

  /** Removes the hooks from the response itself, except where another method has been put above. */
  removeFromResponse(response: ServerResponse, below: HeaderMethods): void {
    const methods = methodsOf(response);
    for (const name of names) if (methods[name] === this.#onResponse[name]) methods[name] = below[name]!;
  }

  #insert(response: Hooked): void {
    insertPrototype(response, 'response', (object) => {
      const below = object as HeaderMethods;
      const all = Object.entries(this.#createMethods(() => below, false));
      // Apps ask whether a response has them: in Workers some are missing, and Express knows no HTTP/2.
      const methods = Object.fromEntries(all.filter(([name]) => name in below)) as unknown as HeaderMethods;
      return Object.create(below, {
        [hooksSymbol]: { value: { below, isOnResponse: false, methods } satisfies InheritedHooks },
        ...Object.getOwnPropertyDescriptors({ ...methods, ...this.#inheritedBody }),
      });
    });
  }

  /** @param isOnResponse - for responses themselves; of the two sets of hooks, one is active for each response */
  #createMethods(
    below: (target: HookTarget | undefined) => HeaderMethods,
    isOnResponse: boolean,
  ): Required<HeaderMethods> {
    const known = this.#find;
    const active = (hooked: HookedResponse | undefined): HookTarget | undefined => {
      const target = hooked?.target;
      return target?.position.isOnResponse === isOnResponse ? target : undefined;
    };
    const find = (response: ServerResponse): HookTarget | undefined => active(known(response));
    return {
      setHeader(this: ServerResponse, name, value) {
        // On a prototype this runs for every header of every response, so whatever we ignore has to pass quickly.
        if (!isOnResponse && !isContentType(name)) return below(undefined).setHeader.call(this, name, value);
        const hooked = known(this);
        if (hooked?.isWaiting) {
          const result = below(undefined).setHeader.call(this, name, value);
          if (isContentType(name)) hooked.onTypeWhileWaiting(value);
          else hooked.noteHeader();
          return result;
        }
        const target = active(hooked);
        const result = below(target).setHeader.call(this, name, value);
        target?.onSetHeader(name, value);
        return result;
      },
      writeHead(this: ServerResponse, ...args) {
        const hooked = known(this);
        const target = hooked?.waitsBeyondHead(args) ? undefined : active(hooked);
        const { writeHead } = below(target);
        return target === undefined ? writeHead.apply(this, args) : target.onWriteHead(args, writeHead);
      },
      writeEarlyHints(this: ServerResponse, hints, ...rest) {
        const target = find(this);
        const changed = target === undefined ? hints : target.onEarlyHints(hints);
        return below(target).writeEarlyHints.call(this, changed, ...rest);
      },
      addTrailers(this: ServerResponse, trailers) {
        const target = find(this);
        const add = (each: unknown): unknown => below(target).addTrailers.call(this, each);
        return target === undefined ? add(trailers) : target.onTrailers(trailers, add);
      },
      setTrailer(this: ServerResponse, name, value) {
        const target = find(this);
        const set = ([pair]: readonly (readonly unknown[])[]): unknown =>
          pair && below(target).setTrailer?.call(this, ...pair);
        return target?.onTrailers([[name, value]], set as (trailers: unknown) => unknown);
      },
    };
  }
}

/** The methods that something between a response and the hooks may have put there. */
const replaceable = ['setHeader', 'writeHead', 'write', 'end'] as const;
const hasOwn = Object.prototype.hasOwnProperty;

/** Without Node's overloads: each hook passes on what it received, and Node checks it. */
function methodsOf(response: ServerResponse): Record<Name, AnyMethod> {
  return response as unknown as Record<Name, AnyMethod>;
}

/** Replaces `write` and `end`, each unless another method has been put above. */
function replaceBodyMethods(response: ServerResponse, from: OutputSink, to: OutputSink): void {
  const methods = response as unknown as Record<keyof OutputSink, AnyMethod>;
  if (methods.write === from.write) methods.write = to.write;
  if (methods.end === from.end) methods.end = to.end;
}

/** Whether a response still inherits the hooks, whatever has been put above them. */
export function inherits(response: Hooked, position: HookPosition): boolean {
  return response[hooksSymbol] === position;
}

/** Whether another middleware has restored the `writeHead` from before the hooks, which then never see the headers. */
export function isUnhooked(response: ServerResponse, { below, isOnResponse }: HookPosition): boolean {
  const { writeHead } = methodsOf(response);
  if (writeHead === below.writeHead) return true;
  return isOnResponse && writeHead === methodsOf(Object.getPrototypeOf(response) as ServerResponse).writeHead;
}

export function isContentType(name: unknown): boolean {
  return typeof name === 'string' && name.length === 12 && name.toLowerCase() === 'content-type';
}
