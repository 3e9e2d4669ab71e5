/** The policy of a Fastify reply, whose payload is replaced in `onSend`, before plugins compress it. */
import type { HeaderFields } from '../../http/header-fields.ts';
import type { Rewrite } from '../../http/rewrite-policy.ts';
import { parseContentCoding } from '../../node-http/content-coding.ts';
import type { Instance } from '../../response/instance.ts';
import { type PolicyTarget, ResponsePolicy } from '../../response/policy.ts';
import { isStream, isWhole, transformBody } from '../node/replaced-body.ts';
import { isLastToSee } from './last-hook.ts';
import type { FastifyReply } from './reply.ts';
import { ReplyFields } from './reply-fields.ts';

export class FastifyPolicy extends ResponsePolicy {
  readonly #reply: FastifyReply;
  readonly #isHead: boolean;
  /** The last decision for a payload; an error page that replaces it gets its own. */
  #decided: { readonly rewrite: Rewrite | undefined; readonly status: number } | undefined;

  constructor(target: PolicyTarget, instance: Instance, reply: FastifyReply) {
    super(target, instance);
    this.#reply = reply;
    this.#isHead = target.request.method === 'HEAD';
  }

  /** @returns the payload to send instead */
  replacePayload(payload: unknown): unknown {
    this.#decided = undefined;
    // A `Response` names its type only after `onSend`. Anything else that is no body is an error of the app's.
    if (!isBody(payload)) return payload;
    if (!this.onContentType(String(this.#reply.getHeader('content-type') ?? ''))) return payload;
    const fields = new ReplyFields(this.#reply);
    // The interceptor decodes an encoded payload where it is written.
    if (parseContentCoding(fields.get('Content-Encoding')) !== undefined) return payload;
    const status = this.#reply.statusCode;
    if (status === 304) return payload;
    const rewrite = super.decide(status, fields, true, !this.#isHead || isWhole(payload));
    this.#decided = { rewrite, status };
    if (rewrite === undefined || rewrite.keepsLength) return payload;
    fields.remove('Content-Length'); // Fastify sets that of a new text or Buffer
    // The stream of a HEAD route is read to its end all the same: if it fails, Fastify answers with its error.
    if (rewrite.body === undefined) return payload;
    const isLast = isLastToSee(this.#reply.request, this.#reply);
    return transformBody(payload, rewrite.body, isLast, () => this.#cutOff());
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

  override decide(
    status: number,
    fields: HeaderFields,
    isReadable: boolean,
    isMade?: boolean,
  ): Rewrite | undefined {
    // Another status, such as the 304 of a plugin that compares tags, is of another payload.
    if (this.#decided?.status !== status) return super.decide(status, fields, isReadable, isMade);
    return this.#decided.rewrite && { body: undefined, keepsLength: true };
  }
}

/** By Fastify's own tests; Koa, in contrast, writes any object as JSON. */
function isBody(payload: unknown): boolean {
  const isText = typeof payload === 'string' || Buffer.isBuffer(payload);
  return isText || payload instanceof ReadableStream || isStream(payload);
}
