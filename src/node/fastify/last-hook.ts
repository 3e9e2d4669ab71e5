/**
 * Whether a payload may turn from text into bytes in `onSend`, which spares Fastify two passes over a page. Nothing public
 * tells what comes after a hook, so it is read where Fastify 5 keeps it. If it is missing or something else, the answer is
 * no: text then stays text, which is always right.
 */
import type { FastifyReply, FastifyRequest } from './reply.ts';

type OnSend = (
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: (error?: Error | null, payload?: unknown) => void,
) => void;

const hookName = 'image-signer onSend';

/** Fastify binds each hook to the scope of its route: what is left of our function is its name, which no other has. */
export function nameHook(hook: OnSend): OnSend {
  return Object.defineProperty(hook, 'name', { value: hookName });
}

/** Whether our hook is the last one of the route, and no function for trailers gets the payload either. */
export function isLastToSee(request: FastifyRequest, reply: FastifyReply): boolean {
  const context = propertyOf(request, 'fastify.context') as { readonly onSend?: unknown } | undefined;
  const hooks = context?.onSend;
  if (!Array.isArray(hooks) || propertyOf(reply, 'fastify.reply.trailers') !== null) return false;
  const last: unknown = hooks.at(-1);
  return typeof last === 'function' && last.name === `bound ${hookName}`;
}

function propertyOf(message: object, description: string): unknown {
  const symbol = Object.getOwnPropertySymbols(message).find((each) => each.description === description);
  return symbol && Reflect.get(message, symbol);
}
