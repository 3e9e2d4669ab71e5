/** `reply.locals`, the data that every view of a reply gets. */
import type { FastifyReply } from './reply.ts';

/**
 * Keeps the helpers in it. The documentation of `@fastify/view` has apps assign an object of their own in a hook, which
 * may be one that all replies share: it is copied, since a helper signs for one viewer.
 */
export function keepHelpersInLocals(reply: FastifyReply): void {
  (reply as Keeping)[localsSymbol] = { ...reply.locals };
  Object.defineProperty(reply, 'locals', accessor);
}

/** The property of a reply that holds what `locals` gives. */
const localsSymbol: unique symbol = Symbol('image-signer.locals');

type Keeping = FastifyReply & { [localsSymbol]: Record<string, unknown> };

/** The same functions for all replies: with functions of its own, each reply would be an object of another shape to V8. */
const accessor: PropertyDescriptor & ThisType<Keeping> = {
  configurable: true,
  enumerable: true,
  get() {
    return this[localsSymbol];
  },
  set(value: FastifyReply['locals']) {
    const { signImage, signSrcset } = this[localsSymbol];
    this[localsSymbol] = { signImage, signSrcset, ...value };
  },
};
