/** The policy of a response of Koa, whose body is decided when the app has set it, before any header goes out. */
import { Readable } from 'node:stream';
import type { HeaderFields } from '../../http/header-fields.ts';
import type { Rewrite } from '../../http/rewrite-policy.ts';
import { parseContentCoding } from '../../node-http/content-coding.ts';
import { ResponseFields } from '../../node-http/response-fields.ts';
import type { Instance } from '../../response/instance.ts';
import { type PolicyTarget, ResponsePolicy } from '../../response/policy.ts';
import { emptyBodyLike, isWhole, transformBody } from '../node/replaced-body.ts';
import type { KoaContext } from './context.ts';

interface Decided {
  readonly rewrite: Rewrite | undefined;
  /** The body that was put in place; by the time the headers go out `ctx.body` may be another one. */
  readonly body: unknown;
}

export class KoaPolicy extends ResponsePolicy {
  readonly #context: KoaContext;
  #decided: Decided | undefined;

  constructor(target: PolicyTarget, instance: Instance, context: KoaContext) {
    super(target, instance);
    this.#context = context;
  }

  /** @param isOutermost - no other middleware looks at the body's type or the headers after this one */
  replaceBody(isOutermost: boolean): void {
    const { body, respond, headerSent, req, res } = this.#context;
    const hasBody = respond !== false && !headerSent && body !== null && body !== undefined;
    // An encoded body is decoded by the interceptor, where it is written.
    if (!hasBody || parseContentCoding(this.#field('content-encoding')) !== undefined) return;
    if (!this.onContentType(this.#field('content-type'))) return;
    const fields = new ResponseFields(res, res.setHeader);
    // For HEAD, Koa derives Content-Length and ETag from the body: rewrite it when it is fully buffered.
    const isMade = req.method !== 'HEAD' || isWhole(body);
    const rewrite = super.decide(this.#context.status, fields, true, isMade);
    const onBroken = (): void => this.#destroy();
    if (rewrite?.body !== undefined) {
      const signed = transformBody(body, rewrite.body, isOutermost, onBroken);
      if (signed === undefined) return; // Koa is about to fail on it
      this.#setBody(signed);
    } else if (rewrite !== undefined && !rewrite.keepsLength) this.#setBody(emptyBodyLike(body));
    this.#decided = { rewrite, body: this.#context.body };
    // A cache above keeps the headers together with the new body.
    if (rewrite !== undefined && !isOutermost) this.onHeadersEarly(fields);
  }

  override decide(
    status: number,
    fields: HeaderFields,
    isReadable: boolean,
    isMade?: boolean,
  ): Rewrite | undefined {
    const { rewrite } = this.#decided ?? {};
    if (!this.#isInPlace(fields)) return super.decide(status, fields, isReadable, isMade);
    const keepsLength = rewrite?.body !== undefined || rewrite?.keepsLength === true;
    return rewrite && { body: undefined, keepsLength };
  }

  /** `''` if it is not set: the app may have taken it back. */
  #field(name: string): string {
    return String(this.#context.res.getHeader(name) ?? '');
  }

  #setBody(body: string | Buffer | Readable): void {
    const before = body instanceof Readable ? body.listeners('error') : [];
    this.#context.body = body;
    if (!(body instanceof Readable)) return;
    // Koa 2 listens for errors on each stream that is set as a body. The source has that listener already: a second
    // one would report one failure to the app twice.
    for (const each of body.listeners('error'))
      if (!before.includes(each)) body.removeListener('error', each as () => void).on('error', () => {});
  }

  /** Whether `ctx.body` still is what was put there, though a middleware above may have compressed it. */
  #isInPlace(fields: HeaderFields): boolean {
    if (this.#decided === undefined) return false;
    return this.#decided.body === this.#context.body || fields.get('Content-Encoding') !== undefined;
  }

  /** Koa 2 leaves the connection open if a source fails, and the client waits for the rest of the page. */
  #destroy(): void {
    const { res } = this.#context;
    if (!res.writableEnded) res.destroy(); // ended: Koa has sent an error page
  }
}
