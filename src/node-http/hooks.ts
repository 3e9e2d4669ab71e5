/**
 * Where the methods stand that see a response's headers. On an app of Express all responses inherit them; elsewhere,
 * and where a middleware has already put methods of its own on the response, they stand on the response itself, above
 * those. They decide nothing, and a response that nobody intercepts goes by (docs/decisions/0004-interception.md).
 */
import type { ServerResponse } from 'node:http';
import { insertLayer } from './express-prototypes.ts';
import type { AnyMethod } from './replace-method.ts';

/** The methods as they are below ours. HTTP/2 alone has `setTrailer`. */
export type HeaderMethods = Readonly<Record<Exclude<Name, 'setTrailer'>, AnyMethod>> & {
  readonly setTrailer?: AnyMethod;
};

type Name = (typeof names)[number];
const names = ['setHeader', 'writeHead', 'writeEarlyHints', 'addTrailers', 'setTrailer'] as const;

/** Where the hooks of one response stand. */
export interface Attachment {
  /** The methods below the hooks. */
  readonly below: HeaderMethods;
  /** Whether the hooks stand on the response itself. */
  readonly isOwn: boolean;
}

/** The methods that a body goes through, below the hooks. */
export interface EarlierBody {
  readonly earlierWrite: AnyMethod;
  readonly earlierEnd: AnyMethod;
}

/** What the hooks tell of a response. */
export interface Intercepted extends Attachment, EarlierBody {
  /** The body goes to the methods of somebody who was there before us. */
  leaveEarly(): void;
  headerSet(name: unknown, value: unknown): void;
  /** @param method - the one below, not bound */
  writeHead(args: readonly unknown[], method: AnyMethod): unknown;
  /** @returns the hints that go out */
  hint(hints: unknown): unknown;
  /** @param add - adds them as they are */
  trailersAdded(trailers: unknown, add: (trailers: unknown) => unknown): unknown;
}

/** On an object that responses inherit from: the hooks that stand there. */
const hookedSymbol: unique symbol = Symbol('image-signer.hooked');

type Hooked = ServerResponse & { readonly [hookedSymbol]?: InheritedHooks };

interface InheritedHooks extends Attachment {
  readonly methods: HeaderMethods;
}

export class Hooks {
  readonly #find: (response: ServerResponse) => Intercepted | undefined;
  readonly #own: HeaderMethods;
  /** They stand right above the methods of somebody who was there before us: the same for all responses. */
  readonly body: Readonly<Record<'write' | 'end', AnyMethod>>;

  /** @param find - the interception of a response, if it has one */
  constructor(find: (response: ServerResponse) => Intercepted | undefined) {
    this.#find = find;
    this.#own = this.#methods((interception) => interception!.below, true); // they stand on responses alone that have one
    this.body = {
      write(this: ServerResponse, ...args) {
        const interception = find(this)!;
        interception.leaveEarly();
        return interception.earlierWrite.apply(this, args);
      },
      end(this: ServerResponse, ...args) {
        const interception = find(this)!;
        interception.leaveEarly();
        return interception.earlierEnd.apply(this, args);
      },
    };
  }

  /** Again, too: where somebody has put their own above since, these stay below. */
  ownBody(response: ServerResponse, { earlierWrite, earlierEnd }: EarlierBody): void {
    const methods = bodyOf(response);
    if (methods.write === earlierWrite) methods.write = this.body.write;
    if (methods.end === earlierEnd) methods.end = this.body.end;
  }

  disownBody(response: ServerResponse, { earlierWrite, earlierEnd }: EarlierBody): void {
    const methods = bodyOf(response);
    if (methods.write === this.body.write) methods.write = earlierWrite;
    if (methods.end === this.body.end) methods.end = earlierEnd;
  }

  /** Finds where the hooks of a response stand. On itself they are put by `own`, once the interception can be found. */
  attach(response: Hooked): Attachment {
    if (response[hookedSymbol] === undefined) this.#insert(response);
    const inherited = response[hookedSymbol];
    // Not where somebody has put methods of their own between: who knows what those call.
    const isMet =
      inherited !== undefined &&
      response.setHeader === inherited.methods.setHeader &&
      response.writeHead === inherited.methods.writeHead;
    if (isMet) return inherited;
    const { setHeader, writeHead, writeEarlyHints, addTrailers, setTrailer } = methodsOf(response);
    return {
      below: { setHeader, writeHead, writeEarlyHints, addTrailers, setTrailer } as HeaderMethods,
      isOwn: true,
    };
  }

  own(response: ServerResponse): void {
    const methods = methodsOf(response);
    for (const name of names) if (methods[name] !== undefined) methods[name] = this.#own[name]!;
  }

  /** Takes the hooks off a response that has them itself, but for those that somebody has put a method above. */
  disown(response: ServerResponse, below: HeaderMethods): void {
    const methods = methodsOf(response);
    for (const name of names) if (methods[name] === this.#own[name]) methods[name] = below[name]!;
  }

  #insert(response: Hooked): void {
    insertLayer(response, 'response', (object) => {
      const below = object as HeaderMethods; // what responses inherit from has them
      const { setTrailer: _, ...methods } = this.#methods(() => below, false); // Express knows no HTTP/2
      return Object.create(below, {
        [hookedSymbol]: { value: { below, isOwn: false, methods } satisfies InheritedHooks },
        ...Object.getOwnPropertyDescriptors(methods),
      });
    });
  }

  /** @param isOwn - the methods stand on responses themselves; each response has one set that counts */
  #methods(
    below: (interception: Intercepted | undefined) => HeaderMethods,
    isOwn: boolean,
  ): Required<HeaderMethods> {
    const find = (response: ServerResponse): Intercepted | undefined => {
      const interception = this.#find(response);
      return interception?.isOwn === isOwn ? interception : undefined;
    };
    return {
      setHeader(this: ServerResponse, name, value) {
        // Where all responses have the method, what concerns nobody goes by at once.
        if (!isOwn && !isContentType(name)) return below(undefined).setHeader.call(this, name, value);
        const interception = find(this);
        const answer = below(interception).setHeader.call(this, name, value);
        interception?.headerSet(name, value);
        return answer;
      },
      writeHead(this: ServerResponse, ...args) {
        const interception = find(this);
        const { writeHead } = below(interception);
        return interception === undefined
          ? writeHead.apply(this, args)
          : interception.writeHead(args, writeHead);
      },
      writeEarlyHints(this: ServerResponse, hints, ...rest) {
        const interception = find(this);
        const given = interception === undefined ? hints : interception.hint(hints);
        return below(interception).writeEarlyHints.call(this, given, ...rest);
      },
      addTrailers(this: ServerResponse, trailers) {
        const interception = find(this);
        const add = (each: unknown): unknown => below(interception).addTrailers.call(this, each);
        return interception === undefined ? add(trailers) : interception.trailersAdded(trailers, add);
      },
      setTrailer(this: ServerResponse, name, value) {
        const interception = find(this);
        const set = ([pair]: readonly (readonly unknown[])[]): unknown =>
          pair && below(interception).setTrailer?.call(this, ...pair);
        return interception?.trailersAdded([[name, value]], set as (trailers: unknown) => unknown);
      },
    };
  }
}

function bodyOf(response: ServerResponse): Record<'write' | 'end', AnyMethod> {
  return response as unknown as Record<'write' | 'end', AnyMethod>; // as below
}

/** Under other types: each hook hands on what it was given, of which Node judges. */
function methodsOf(response: ServerResponse): Record<Name, AnyMethod> {
  return response as unknown as Record<Name, AnyMethod>;
}

/** Whether a response inherits the hooks, whatever has been put above them since. */
export function inherits(response: Hooked, attachment: Attachment): boolean {
  return response[hookedSymbol] === attachment;
}

/** Whether somebody has put `writeHead` back as it was before the hooks, which then never hear of the headers. */
export function isUnhooked(response: ServerResponse, { below, isOwn }: Attachment): boolean {
  const { writeHead } = methodsOf(response);
  if (writeHead === below.writeHead) return true;
  return isOwn && writeHead === methodsOf(Object.getPrototypeOf(response) as ServerResponse).writeHead;
}

export function isContentType(name: unknown): boolean {
  return typeof name === 'string' && name.length === 12 && name.toLowerCase() === 'content-type';
}
