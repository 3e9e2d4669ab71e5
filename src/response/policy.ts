/**
 * What is done to one response: which of its parts are rewritten, and what its headers then say. It meets the
 * response through `http/` alone, and decides for `app.use(imageSigner(...))`.
 */

import type { BodyTransform } from '../body-transform.ts';
import { settlesCharset } from '../http/content-type.ts';
import { allowsStylesByHash, type BodyKind, decideRewrite, kindOf } from '../http/eligibility.ts';
import { forbidStorage, limitFreshness } from '../http/freshness.ts';
import type { HeaderFields } from '../http/header-fields.ts';
import { removeRepresentationMetadata } from '../http/representation-metadata.ts';
import type { Rewrite, RewritePolicy } from '../http/rewrite-policy.ts';
import {
  acceptsHtml,
  bindTag,
  Conditionals,
  hasConditionals,
  type RequestHeaders,
} from '../http/validators.ts';
import type { PassReason } from '../options/types.ts';
import { mapLinkHeader } from '../rewriting/link-header.ts';
import { htmlBody, jsonBody, type ResponseInProgress } from '../signer/core.ts';
import { swallowRejection } from '../signer/events.ts';
import { CachingRewriter } from '../signer/page-cache.ts';
import type { Instance } from './instance.ts';

/** The response that is planned for. */
export interface PolicyTarget {
  readonly request: { readonly method?: string | undefined; readonly headers: RequestHeaders };
  /** What the framework hands to `skip`. */
  readonly skipArguments: readonly unknown[];
  /** Begins when it is first asked for; throws where it cannot, as without a clock that can be believed. */
  readonly inProgress: ResponseInProgress;
  /** Tells the app of a fault of ours, once in a response. */
  reportInternalError(): undefined;
  /** The response's `ETag` so far; where the response is asked for when it is done, it does not matter. */
  readonly currentTag?: string | undefined;
}

export class ResponsePolicy implements RewritePolicy {
  readonly #planned: PolicyTarget;
  readonly #mount: Instance;
  /** Undefined where the conditions are the app's: nothing is rewritten, the request changes something, or has none. */
  readonly #conditionals: Conditionals | undefined;
  #hasSeenType = false;
  /** A fault of ours has left the body as it is: its images are not signed. */
  #isAsItCame = false;

  constructor(planned: PolicyTarget, mount: Instance) {
    this.#planned = planned;
    this.#mount = mount;
    const { method, headers } = planned.request;
    const isRead = method === 'GET' || method === 'HEAD';
    if (isRead && (mount.configuration.html || mount.configuration.json) && hasConditionals(headers)) {
      const suffix = headers['if-none-match'] === undefined ? undefined : this.#suffixAtEntry();
      this.#conditionals = new Conditionals(headers, suffix, acceptsHtml(headers['accept']));
    }
  }

  /** Whether `authorize` decides what this viewer sees: then no cache may share the page, and no tag vouches for it. */
  get #isPersonal(): boolean {
    return this.#mount.access.authorize !== undefined;
  }

  /** Undefined where no tag can vouch for the response. */
  #suffixAtEntry(): string | undefined {
    try {
      return this.#isPersonal ? undefined : this.#suffix();
    } catch {
      return this.#planned.reportInternalError();
    }
  }

  #suffix(): string {
    return this.#mount.tagSuffixAt(this.#planned.inProgress.now);
  }

  get readsResponse(): boolean {
    return this.#mount.configuration.skip !== undefined;
  }

  onContentType(type: string): boolean {
    const isRewritten = kindOf(type, this.#mount.configuration) !== undefined;
    if (isRewritten && !this.#hasSeenType) this.#conditionals?.keepOurs(this.#planned.currentTag);
    else if (!isRewritten && this.#hasSeenType) this.#conditionals?.restoreEntry();
    this.#hasSeenType = isRewritten;
    return isRewritten;
  }

  /**
   * A fault of ours leaves the body as it is, and `leaving` forbids to keep it.
   * @param isMade - whether there is to be a body, though it may not be sent
   */
  decide(
    status: number,
    fields: HeaderFields,
    isReadable: boolean,
    isMade: boolean = this.#planned.request.method !== 'HEAD',
  ): Rewrite | undefined {
    this.#isAsItCame = false;
    try {
      return this.#decide(status, fields, isReadable, isMade);
    } catch {
      this.#isAsItCame = true;
      this.#planned.reportInternalError();
      return { body: undefined, keepsLength: true };
    }
  }

  #decide(status: number, fields: HeaderFields, isReadable: boolean, isMade: boolean): Rewrite | undefined {
    if (status === 304)
      return this.#isNotModifiedPage && !this.#isSkipped() ? { body: undefined } : undefined;
    const header = (name: string): string => fields.get(name) ?? '';
    const decision = decideRewrite({ status, header, isReadable }, this.#mount.configuration);
    if ('pass' in decision) return this.#pass(decision.pass);
    if (this.#isSkipped()) return undefined;
    return { body: isMade ? this.#body(decision.rewrite, header) : undefined };
  }

  /** After a fault of ours nobody may keep the page: who knows for how long its images live. */
  onHeaders(fields: HeaderFields): void {
    try {
      if (!this.#isAsItCame) return this.#changeHeaders(fields);
    } catch {
      this.#planned.reportInternalError();
    }
    fields.remove('ETag');
    forbidStorage(fields);
  }

  #changeHeaders(fields: HeaderFields): void {
    const { signer, now: signedAt, core } = this.#planned.inProgress;
    const now = core.now();
    const isPersonal = this.#isPersonal;
    removeRepresentationMetadata(fields);
    const tag = fields.get('ETag');
    if (tag !== undefined && (isPersonal || signer.hasCustomTtl)) fields.remove('ETag');
    else if (tag !== undefined) fields.set('ETag', bindTag(tag, this.#suffix()));
    this.#mapLinks(fields);
    // The URLs have lived since they were signed for: an app may take its time.
    const lifetime = Math.max(0, signer.pageLifetime - Math.max(0, now - signedAt));
    limitFreshness(fields, {
      lifetime,
      otherwise: 'no-cache',
      scope: isPersonal ? 'private' : undefined,
      now,
    });
    signer.headersSent(lifetime);
  }

  onHeadersSent(): void {
    this.#conditionals?.restore();
  }

  onCorruptBody(): void {
    this.#pass('corrupt-body');
  }

  mapEarlyHints(links: string | string[]): string | string[] {
    if (!this.#mount.configuration.headers) return links;
    try {
      return typeof links === 'string' ? this.#mapLink(links) : links.map((link) => this.#mapLink(link));
    } catch {
      this.#planned.reportInternalError();
      return links;
    }
  }

  /** A 304 has no type left: it is a page's if a tag of ours was handed on, or a page's type was set before. */
  get #isNotModifiedPage(): boolean {
    return this.#hasSeenType || this.#conditionals?.hasOwnTag === true;
  }

  #body(kind: BodyKind, header: (name: string) => string): Rewrite['body'] {
    const { inProgress } = this.#planned;
    if (kind === 'json') return jsonBody(inProgress);
    const rewritesCss = !allowsStylesByHash(header('content-security-policy'));
    if (!rewritesCss) this.#pass('style-hash');
    const { extraTargets } = this.#mount.configuration;
    const isCharsetKnown = settlesCharset(header('content-type'));
    const createRewriter = (): BodyTransform =>
      htmlBody(inProgress, { extraTargets, rewritesCss, isCharsetKnown });
    // What is known of pages holds for those whose style sheets are signed.
    return rewritesCss
      ? new CachingRewriter(this.#mount.pagesAt(inProgress.now), inProgress, createRewriter, isCharsetKnown)
      : createRewriter();
  }

  #pass(reason: PassReason | undefined): undefined {
    if (reason !== undefined) this.#mount.reporter.report({ type: 'passed', reason });
  }

  #isSkipped(): boolean {
    const skip = this.#mount.configuration.skip as ((...args: readonly unknown[]) => unknown) | undefined;
    try {
      const answer = skip?.(...this.#planned.skipArguments);
      if (swallowRejection(answer)) this.#pass('skip-not-synchronous');
      return answer === true;
    } catch {
      this.#pass('skip-threw');
      return false;
    }
  }

  #mapLinks(fields: HeaderFields): void {
    const links = this.#mount.configuration.headers ? fields.list('Link') : [];
    if (links.length === 0) return;
    const mapped = links.map((link) => this.#mapLink(link));
    if (mapped.every((link, index) => link === links[index])) return;
    try {
      fields.set('Link', mapped.length === 1 ? mapped[0]! : mapped);
    } catch {
      this.#pass('header');
    }
  }

  #mapLink(link: string): string {
    return typeof link === 'string' ? mapLinkHeader(link, this.#planned.inProgress.signer.mapUrl) : link;
  }
}
