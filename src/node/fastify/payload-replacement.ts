/** The policy of a Fastify reply, whose payload is replaced in `onSend`, before plugins compress it. */
import type { Instance } from '../../pages/instance.ts';
import type { PolicyTarget } from '../../pages/policy.ts';
import { EarlyBodyPolicy, isStream } from '../middleware/early-body.ts';
import { type FastifyReply, type FastifyRequest, ReplyFields } from './reply.ts';

export class FastifyPolicy extends EarlyBodyPolicy {
  readonly #reply: FastifyReply;
  /** The status that the last payload was decided with; an error page that replaces it gets its own. */
  #status = 0;

  constructor(target: PolicyTarget, instance: Instance, reply: FastifyReply) {
    super(target, instance);
    this.#reply = reply;
  }

  /** @returns the payload to send instead */
  replacePayload(payload: unknown): unknown {
    // A `Response` names its type only after `onSend`. Anything else that is no body is an error of the app's.
    if (!isBody(payload)) {
      this.forget();
      return payload;
    }
    const reply = this.#reply;
    this.#status = reply.statusCode;
    let sent: unknown = payload;
    this.replaceEarly({
      body: payload,
      status: this.#status,
      header: (name) => String(reply.getHeader(name) ?? ''),
      fields: () => new ReplyFields(reply),
      isOutermost: () => isLastToSee(reply.request, reply),
      keepsStreamForHead: true,
      onBroken: () => this.#cutOff(),
      replace(replaced) {
        reply.removeHeader('Content-Length'); // Fastify sets that of a new text or Buffer
        // The stream of a HEAD route is read to its end all the same: if it fails, Fastify answers with its error.
        sent = replaced === undefined ? payload : 'text' in replaced ? replaced.text : replaced;
      },
    });
    return sent;
  }

  /**
   * The source has failed, and with it the stream that was put in its place. Until the first byte goes out, the answer to
   * that is Fastify's, or that of a plugin that compresses. Afterwards a hook that passes no errors on would leave the
   * client waiting for the rest.
   */
  #cutOff(): void {
    const { raw } = this.#reply;
    if (raw.headersSent && !raw.writableEnded) raw.destroy();
  }

  /** Another status, such as the 304 of a plugin that compares tags, is of another payload. */
  protected override isInPlace(status: number): boolean {
    return this.#status === status;
  }
}

/** By Fastify's own tests; Koa, in contrast, writes any object as JSON. */
function isBody(payload: unknown): boolean {
  const isText = typeof payload === 'string' || Buffer.isBuffer(payload);
  return isText || payload instanceof ReadableStream || isStream(payload);
}

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

/**
 * Whether our hook is the last one of the route, and no function for trailers gets the payload either. A payload may then turn
 * from text into bytes, which spares Fastify two passes over a page. Nothing public says what comes after a hook, so it is read
 * where Fastify 5 keeps it. If it is missing or something else, the answer is no: text then stays text, which is always right.
 */
function isLastToSee(request: FastifyRequest, reply: FastifyReply): boolean {
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
