/** `reply.locals`, the data that every view of a reply gets. */
import type { FastifyReply } from './reply.ts';

/**
 * Keeps the helpers in `reply.locals`. The documentation of `@fastify/view` has apps assign an object of their own in a hook.
 * All replies may share that object: it is copied, since a helper signs for one viewer.
 */
export function keepHelpersInLocals(reply: FastifyReply): void {
  const kept = { ...reply.locals };
  (reply as Keeping)[localsSymbol] = kept;
  // Inherited where this plugin has declared it; a property of its own costs a reply more than the rest of the plugin.
  // A getter of another plugin, or of a second copy of this one, is inherited as well, and knows nothing of ours.
  if (reply.locals !== kept) Object.defineProperty(reply, 'locals', accessor);
}

/** The property of a reply that holds what `locals` gives. */
const localsSymbol: unique symbol = Symbol('image-signer.locals');

type Keeping = FastifyReply & { [localsSymbol]?: Record<string, unknown> | null };

/** As `decorateReply` takes it: for apps in which no other plugin has declared `locals`. */
export const localsDecorator: ThisType<Keeping> & { getter(): unknown; setter(value: unknown): void } = {
  getter() {
    return this[localsSymbol] ?? null;
  },
  setter(value) {
    const kept = this[localsSymbol];
    const given = value as FastifyReply['locals'];
    this[localsSymbol] = kept
      ? { signImage: kept['signImage'], signSrcset: kept['signSrcset'], ...given }
      : (given ?? null);
  },
};

/** The same functions for all replies: with functions of its own, each reply would be an object of another shape to V8. */
const accessor: PropertyDescriptor = {
  configurable: true,
  enumerable: true,
  get: localsDecorator.getter,
  set: localsDecorator.setter,
};
