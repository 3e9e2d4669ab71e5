/**
 * The policy of `imageSigner` for one response: which parts are rewritten, and what its headers say afterwards. It knows
 * the response only by the interfaces of `http/`.
 */

import type { BodyTransform } from '../body-transform.ts';
import { settledCharset } from '../http/content-type.ts';
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

/** The request, and the response that the policy decides about. */
export interface PolicyTarget {
  readonly request: { readonly method?: string | undefined; readonly headers: RequestHeaders };
  /** The arguments of `skip`. */
  readonly skipArguments: readonly unknown[];
  /** Created on first access, which throws if the clock cannot be trusted. */
  readonly inProgress: ResponseInProgress;
  /** Reports an internal error, at most once per response. */
  reportInternalError(): undefined;
  /** The response's `ETag` so far. Not needed by adapters that call `decide` with the finished response. */
  readonly currentTag?: string | undefined;
}

export class ResponsePolicy implements RewritePolicy {
  readonly #target: PolicyTarget;
  readonly #instance: Instance;
  /** Undefined if the request is not conditional, is neither GET nor HEAD, or no body is ever rewritten. */
  readonly #conditionals: Conditionals | undefined;
  /** The app has set the type of a page. */
  #hasPageType = false;
  /** An internal error has left the body unchanged: its images are not signed. */
  #hasFailed = false;

  constructor(target: PolicyTarget, instance: Instance) {
    this.#target = target;
    this.#instance = instance;
    const { method, headers } = target.request;
    const isRead = method === 'GET' || method === 'HEAD';
    if (isRead && (instance.configuration.html || instance.configuration.json) && hasConditionals(headers)) {
      const suffix = headers['if-none-match'] === undefined ? undefined : this.#suffixOrUndefined();
      this.#conditionals = new Conditionals(headers, suffix, acceptsHtml(headers['accept']));
    }
  }

  /** With `authorize` the page depends on the viewer: no cache may share it, and no entity tag can validate it. */
  get #isPersonal(): boolean {
    return this.#instance.access.authorize !== undefined;
  }

  /** Undefined if no entity tag can validate the response. */
  #suffixOrUndefined(): string | undefined {
    try {
      return this.#isPersonal ? undefined : this.#suffix();
    } catch {
      return this.#target.reportInternalError();
    }
  }

  #suffix(): string {
    return this.#instance.tagSuffixAt(this.#target.inProgress.now);
  }

  get readsResponse(): boolean {
    return this.#instance.configuration.skip !== undefined;
  }

  onContentType(type: string): boolean {
    const isRewritten = kindOf(type, this.#instance.configuration) !== undefined;
    if (isRewritten && !this.#hasPageType) this.#conditionals?.keepIssued(this.#target.currentTag);
    else if (!isRewritten && this.#hasPageType) this.#conditionals?.restoreAtEntry();
    this.#hasPageType = isRewritten;
    return isRewritten;
  }

  /**
   * An internal error leaves the body unchanged, and `onHeaders` forbids to store it.
   * @param hasBody - whether there is a body to rewrite; Koa has one for HEAD as well
   */
  decide(
    status: number,
    fields: HeaderFields,
    isReadable: boolean,
    hasBody: boolean = this.#target.request.method !== 'HEAD',
  ): Rewrite | undefined {
    this.#hasFailed = false;
    try {
      return this.#decide(status, fields, isReadable, hasBody);
    } catch {
      this.#hasFailed = true;
      this.#target.reportInternalError();
      return { body: undefined, keepsLength: true };
    }
  }

  #decide(status: number, fields: HeaderFields, isReadable: boolean, hasBody: boolean): Rewrite | undefined {
    if (status === 304)
      return this.#isNotModifiedPage && !this.#isSkipped() ? { body: undefined } : undefined;
    const header = (name: string): string => fields.get(name) ?? '';
    const decision = decideRewrite({ status, header, isReadable }, this.#instance.configuration);
    if ('pass' in decision) return this.#pass(decision.pass);
    if (this.#isSkipped()) return undefined;
    return { body: hasBody ? this.#body(decision.rewrite, header) : undefined };
  }

  /** After an internal error no cache may store the page: the lifetime of its URLs is unknown. */
  onHeaders(fields: HeaderFields): void {
    try {
      if (!this.#hasFailed) return this.#changeHeaders(fields);
    } catch {
      this.#target.reportInternalError();
    }
    fields.remove('ETag');
    forbidStorage(fields);
  }

  #changeHeaders(fields: HeaderFields): void {
    const { signer, now: signedAt, core } = this.#target.inProgress;
    const now = core.now();
    const isPersonal = this.#isPersonal;
    removeRepresentationMetadata(fields);
    const tag = fields.get('ETag');
    if (tag !== undefined && (isPersonal || signer.hasCustomTtl)) fields.remove('ETag');
    else if (tag !== undefined) fields.set('ETag', bindTag(tag, this.#suffix()));
    this.#mapLinks(fields);
    // The ttl counts from `signedAt`; a slow app uses up a part of it before the headers are sent.
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
    if (!this.#instance.configuration.headers) return links;
    try {
      return typeof links === 'string' ? this.#mapLink(links) : links.map((link) => this.#mapLink(link));
    } catch {
      this.#target.reportInternalError();
      return links;
    }
  }

  /** A 304 has no `Content-Type`: it is about a page if the app saw a tag that we issued, or had set the type of a page. */
  get #isNotModifiedPage(): boolean {
    return this.#hasPageType || this.#conditionals?.hasIssuedTag === true;
  }

  #body(kind: BodyKind, header: (name: string) => string): Rewrite['body'] {
    const { inProgress } = this.#target;
    const { extraTargets } = this.#instance.configuration;
    if (kind !== 'html') return jsonBody(inProgress, extraTargets, kind);
    const rewritesCss = !allowsStylesByHash(header('content-security-policy'));
    if (!rewritesCss) this.#pass('style-hash');
    const charset = settledCharset(header('content-type'));
    const createRewriter = (): BodyTransform =>
      htmlBody(inProgress, {
        extraTargets,
        rewritesCss,
        charset,
        onScriptState: this.#instance.onScriptState,
      });
    // The page cache contains only pages whose style sheets are signed.
    return rewritesCss
      ? new CachingRewriter(this.#instance.pagesAt(inProgress.now), inProgress, createRewriter, charset)
      : createRewriter();
  }

  #pass(reason: PassReason | undefined): undefined {
    if (reason !== undefined) this.#instance.reporter.report({ type: 'passed', reason });
  }

  #isSkipped(): boolean {
    const skip = this.#instance.configuration.skip as ((...args: readonly unknown[]) => unknown) | undefined;
    try {
      const answer = skip?.(...this.#target.skipArguments);
      if (swallowRejection(answer)) this.#pass('skip-not-synchronous');
      return answer === true;
    } catch {
      this.#pass('skip-threw');
      return false;
    }
  }

  #mapLinks(fields: HeaderFields): void {
    const links = this.#instance.configuration.headers ? fields.list('Link') : [];
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
    return typeof link === 'string' ? mapLinkHeader(link, this.#target.inProgress.signer.mapUrl) : link;
  }
}
