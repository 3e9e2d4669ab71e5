/**
 * Installs the methods that see what a response sends. In Express they are on `express.response`, which all responses inherit from and
 * which Express documents for extension. Elsewhere, and above methods that earlier middleware has put on the response, they are on the
 * response itself. Up to Node.js 22, every own property costs an Express response several microseconds.
 * @see https://expressjs.com/en/guide/overriding-express-api.html
 */
import type { AnyMethod } from './body-arguments.ts';
import { ServerResponse } from './node-http.ts';

/** The value of a response's `responseSymbol` property. */
export interface Attached {
  /** Tells versions of the package in one process apart: one leaves the responses of another alone. */
  readonly protocol: number;
  readonly outgoing: HookTarget | undefined;
}

export const protocol = 1;
/** From the global registry, so that ESM and CommonJS copies of the package share it. */
export const responseSymbol: unique symbol = Symbol.for('image-signer.response') as never;
/** The property of `express.response` that holds our hooks. */
const hooksSymbol: unique symbol = Symbol.for(`image-signer.hooks.${protocol}`) as never;

type Marked = ServerResponse & { readonly [responseSymbol]?: Attached; readonly [hooksSymbol]?: Extension };
export type HookName = 'writeHead' | 'write' | 'end' | 'writeEarlyHints' | 'addTrailers';
type Methods = Record<HookName, AnyMethod>;

const { writeHead, end } = ServerResponse.prototype as unknown as Methods;
/** Node's own methods, or those of a package that patched them before this file was loaded. */
export const nodes: Pick<Methods, 'writeHead' | 'end'> = { writeHead, end };

/** Receives the calls of the hooks on a response. */
export interface HookTarget {
  /** The hooks are those of `express.response`. */
  readonly isInherited: boolean;
  onWriteHead(args: readonly unknown[]): unknown;
  onBody(name: 'write' | 'end', args: readonly unknown[]): unknown;
  onEarlyHints(args: readonly unknown[]): unknown;
  onTrailers(args: readonly unknown[]): unknown;
}

/** Only one of the two sets is active for a response: earlier middleware's methods on it may call the inherited set as well. */
function createHooks(isInherited: boolean, below: Below): Methods {
  const find = (response: Marked): HookTarget | undefined => {
    const attached = response[responseSymbol];
    const outgoing = attached?.protocol === protocol ? attached.outgoing : undefined;
    return outgoing?.isInherited === isInherited ? outgoing : undefined;
  };
  return {
    writeHead(this: ServerResponse, ...args) {
      const outgoing = find(this);
      return outgoing === undefined ? below('writeHead').apply(this, args) : outgoing.onWriteHead(args);
    },
    write(this: ServerResponse, ...args) {
      const outgoing = find(this);
      return outgoing === undefined ? below('write').apply(this, args) : outgoing.onBody('write', args);
    },
    end(this: ServerResponse, ...args) {
      const outgoing = find(this);
      return outgoing === undefined ? below('end').apply(this, args) : outgoing.onBody('end', args);
    },
    writeEarlyHints(this: ServerResponse, ...args) {
      const outgoing = find(this);
      const isOurs = outgoing !== undefined;
      return isOurs ? outgoing.onEarlyHints(args) : below('writeEarlyHints').apply(this, args);
    },
    addTrailers(this: ServerResponse, ...args) {
      const outgoing = find(this);
      return outgoing === undefined ? below('addTrailers').apply(this, args) : outgoing.onTrailers(args);
    },
  };
}

/** The hooks on a response itself. */
const ownHooks = createHooks(false, (name) => Reflect.get(ServerResponse.prototype, name));

export interface HookPosition {
  readonly isInherited: boolean;
  readonly hooks: Readonly<Record<string, AnyMethod>>;
  readonly below: Below;
}

/** Puts the hooks on `express.response` if calls reach them there, and otherwise on the response itself, above its own methods. */
export function hook(response: Marked): HookPosition {
  const inherited = response[hooksSymbol] ?? extendExpress(response);
  const methods = response as unknown as Methods;
  const { writeHead, write, end } = methods;
  const isReached =
    inherited?.methods['writeHead'] === writeHead &&
    inherited.methods['write'] === write &&
    inherited.methods['end'] === end;
  if (inherited !== undefined && isReached) return inherited.position;
  const { writeEarlyHints, addTrailers } = methods;
  const earlier: Extension['methods'] = { writeHead, write, end, writeEarlyHints, addTrailers };
  methods.writeHead = ownHooks.writeHead;
  methods.write = ownHooks.write;
  methods.end = ownHooks.end;
  if (writeEarlyHints !== undefined) methods.writeEarlyHints = ownHooks.writeEarlyHints; // mocks lack these
  if (addTrailers !== undefined) methods.addTrailers = ownHooks.addTrailers;
  return { isInherited: false, hooks: ownHooks, below: (name) => earlier[name]! };
}

function extendExpress(response: ServerResponse): Extension | undefined {
  const shared = expressPrototypeOf(response, ServerResponse.prototype);
  return shared && extendPrototype(shared, (below) => createHooks(true, below));
}

/** @returns `express.request` or `express.response`; undefined for a message that no Express app has handled */
export function expressPrototypeOf(message: object, nodesPrototype: object): object | undefined {
  if (typeof (message as { readonly app?: unknown }).app !== 'function') return undefined;
  let shared: object | undefined;
  let each = Object.getPrototypeOf(message) as object | null;
  for (; each !== null && each !== nodesPrototype; each = Object.getPrototypeOf(each) as object | null)
    shared = each;
  return each !== null && shared !== undefined && Object.isExtensible(shared) ? shared : undefined;
}

/** Returns the method below a hook. */
export type Below = (name: string) => AnyMethod;

/** The hooks that a prototype has received. */
interface Extension {
  readonly methods: Readonly<Record<string, AnyMethod>>;
  readonly position: HookPosition;
}

/** Puts the hooks on a prototype, where another copy of this package finds them too. */
function extendPrototype(shared: object, create: (below: Below) => Extension['methods']): Extension {
  const earlier = { ...shared } as Record<string, AnyMethod>;
  // The previous method, or Node's own, which is looked up at every call because a package may replace it at any time.
  const below: Below = (name) =>
    earlier[name] ?? (Object.getPrototypeOf(shared) as Extension['methods'])[name]!;
  // Add only methods that exist: apps test for them, and in Workers some are missing.
  const methods = Object.fromEntries(Object.entries(create(below)).filter(([name]) => name in shared));
  const extension = { methods, position: { isInherited: true, hooks: methods, below } };
  Object.assign(shared, methods);
  Object.defineProperty(shared, hooksSymbol, { value: extension });
  return extension;
}
