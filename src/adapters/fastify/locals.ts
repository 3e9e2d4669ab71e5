/** `reply.locals`, the data that every view of a reply gets. */
import type { FastifyReply } from './reply.ts';

/**
 * Keeps the helpers in it. The documentation of `@fastify/view` has apps assign an object of their own in a hook, which
 * may be one that all replies share: it is copied, since a helper signs for one viewer.
 */
export function keepHelpersInLocals(reply: FastifyReply): void {
  let locals: Record<string, unknown> = { ...reply.locals };
  Object.defineProperty(reply, 'locals', {
    configurable: true,
    enumerable: true,
    get: () => locals,
    set(value: FastifyReply['locals']) {
      const { signImage, signSrcset } = locals;
      locals = { signImage, signSrcset, ...value };
    },
  });
}
