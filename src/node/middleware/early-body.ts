/**
 * The policy of a response whose body the framework holds before any header goes out: `ctx.body` of Koa, a payload of Fastify.
 * It is replaced there, so that outer middleware sees the page as it is sent. What was decided then holds when the headers
 * go out, as long as that body is in place. Any other one is decided about, and rewritten, where it is written.
 */
import type { Readable } from 'node:stream';
import type { HeaderFields } from '../../http/header-fields.ts';
import type { Decision } from '../../http/rewrite-policy.ts';
import type { Instance } from '../../pages/instance.ts';
import { type PolicyTarget, ResponsePolicy } from '../../pages/policy.ts';
import { parseContentCoding } from '../http/content-coding.ts';
import { isWhole, transformBody } from './replaced-body.ts';

/** A body as the framework holds it, with what is known of its response. */
export interface HeldBody {
  readonly body: unknown;
  readonly status: number;
  /** `''` if it is not set. */
  header(name: string): string;
  /** Asked for if the body may be a page. */
  fields(): HeaderFields;
  /** Whether no other middleware looks at the body's type after this one. */
  isOutermost(): boolean;
  /** Called when the source of a stream fails or is cut off. */
  onBroken(): void;
  /** Whether the framework reads the app's stream to its end, though nothing of it is sent to HEAD. */
  readonly keepsStreamForHead: boolean;
  /** @param body - undefined for a stream whose content is never sent, as for HEAD */
  replace(body: string | Buffer | Readable | undefined): void;
}

/** The body that goes out has been replaced already. */
const inPlace: Decision = { body: undefined, keepsLength: true };

export abstract class EarlyBodyPolicy extends ResponsePolicy {
  readonly #isHead: boolean;
  /** What was decided about the body that is in place. */
  #decision: Decision | undefined;

  constructor(target: PolicyTarget, instance: Instance) {
    super(target, instance);
    this.#isHead = target.request.method === 'HEAD';
  }

  /** Whether the body that goes out with these headers is the one that was decided about. */
  protected abstract isInPlace(status: number, fields: HeaderFields): boolean;

  /** The framework holds another body now, which is not replaced. */
  protected forget(): void {
    this.#decision = undefined;
  }

  /** @returns undefined if nothing is decided before the headers go out */
  protected replaceEarly(held: HeldBody): Decision | undefined {
    this.forget();
    const { body, status } = held;
    if (!this.onContentType(held.header('Content-Type'))) return undefined;
    // An encoded body is decoded where it is written. A 304 has none, whatever the app has set.
    if (parseContentCoding(held.header('Content-Encoding')) !== undefined || status === 304) return undefined;
    // For HEAD, frameworks derive Content-Length and ETag from the body: rewrite it when it is fully buffered.
    const decision = super.decide(status, held.fields(), true, !this.#isHead || isWhole(body));
    this.#decision = decision;
    if (typeof decision === 'string' || decision.keepsLength) return decision;
    if (decision.body === undefined) {
      held.replace(undefined);
      // A length that is set from here on is that of another body, which a later hook puts in its place.
      if (held.keepsStreamForHead) this.#decision = inPlace;
      return decision;
    }
    const replaced = transformBody(body, decision.body, held.isOutermost(), () => held.onBroken());
    // The framework is about to fail on a body that has no text. Otherwise it sets the length of the new one.
    this.#decision = replaced === undefined ? undefined : inPlace;
    if (replaced !== undefined) held.replace(replaced);
    return this.#decision;
  }

  override decide(status: number, fields: HeaderFields, isReadable: boolean, hasBody?: boolean): Decision {
    return this.#decision !== undefined && this.isInPlace(status, fields)
      ? this.#decision
      : super.decide(status, fields, isReadable, hasBody);
  }
}
