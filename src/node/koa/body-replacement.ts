/** The policy of a response of Koa, whose body is replaced when the app has set it. */
import { Readable } from 'node:stream';
import type { HeaderFields } from '../../http/header-fields.ts';
import type { Instance } from '../../pages/instance.ts';
import type { PolicyTarget } from '../../pages/policy.ts';
import { ResponseFields } from '../http/response-fields.ts';
import { EarlyBodyPolicy } from '../middleware/early-body.ts';
import { emptyBodyLike } from '../middleware/replaced-body.ts';
import type { KoaContext } from './context.ts';

export class KoaPolicy extends EarlyBodyPolicy {
  readonly #context: KoaContext;
  /** The body that was decided about; by the time the headers go out `ctx.body` may be another one. */
  #placed: unknown;

  constructor(target: PolicyTarget, instance: Instance, context: KoaContext) {
    super(target, instance);
    this.#context = context;
  }

  /** @param isOutermost - no other middleware looks at the body's type or the headers after this one */
  replaceBody(isOutermost: boolean): void {
    const { body, respond, headerSent, res, status } = this.#context;
    if (respond === false || headerSent || body === null || body === undefined) return;
    const fields = (): HeaderFields => new ResponseFields(res, res.setHeader);
    const decision = this.replaceEarly({
      body,
      status,
      header: (name) => String(res.getHeader(name) ?? ''), // the app may have taken it back
      fields,
      isOutermost: () => isOutermost,
      keepsStreamForHead: false,
      onBroken: () => this.#destroy(),
      replace: (replaced) => this.#setBody(replaced ?? emptyBodyLike(body)),
    });
    this.#placed = this.#context.body;
    // A cache around us keeps the headers together with the new body.
    if (typeof decision === 'object' && !isOutermost) this.onHeadersEarly(fields());
  }

  /** An outer middleware may have compressed it. */
  protected override isInPlace(_status: number, fields: HeaderFields): boolean {
    return this.#placed === this.#context.body || fields.get('Content-Encoding') !== undefined;
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

  /** Koa 2 leaves the connection open if a source fails, and the client waits for the rest of the page. */
  #destroy(): void {
    const { res } = this.#context;
    if (!res.writableEnded) res.destroy(); // ended: Koa has sent an error page
  }
}
