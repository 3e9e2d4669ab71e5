/**
 * The policy of `imageSigner` for one response: which parts are rewritten, and what its headers say afterwards. It knows
 * the response only through the interfaces of `http/`.
 * Longer than most files: every decision depends on earlier ones.
 */
import {
  acceptsHtml,
  bindTag,
  Conditionals,
  hasConditionals,
  isConditionalMethod,
  type RequestHeaders,
  type TagSuffixes,
} from '../http/conditional-requests.ts';
import { decideRewrite, isLive, kindOf } from '../http/eligibility.ts';
import { forbidStorage } from '../http/freshness.ts';
import { type HeaderFields, removeRepresentationMetadata } from '../http/header-fields.ts';
import type { BodyWatch, Decision, RewritePolicy } from '../http/rewrite-policy.ts';
import type { PassReason } from '../options/events.ts';
import { generationOf } from '../schemes/bound.ts';
import type { ResponseInProgress } from '../signer/core.ts';
import type { Reporter } from '../signer/reporter.ts';
import { withCharset } from '../text/mime-type.ts';
import { rewrittenBody, summarized, watchUnreadType } from './body.ts';
import { imageInLocation, mapLink, mapLinks, mapLocation, SentFreshness, signsLocation } from './headers.ts';
import { type Instance, isSkipped } from './instance.ts';

/** The request, and the response that the policy decides about. */
export interface PolicyTarget {
  readonly request: { readonly method?: string | undefined; readonly headers: RequestHeaders };
  /** The arguments of `skip`. */
  readonly skipArguments: readonly unknown[];
  /** Created on first access, which throws if the clock cannot be trusted. */
  readonly inProgress: ResponseInProgress;
  readonly reporter: Reporter;
  /** In seconds: the shortest ttl of the tokens that the app itself requested for this response; `Infinity` without any. */
  readonly shortestOwnTtl: number;
  /** `authorize` has been asked for this response: another viewer may get other URLs. */
  readonly isPersonal: boolean;
  /** The sent headers of the response; undefined before, or if they are unknown. */
  readonly sentFields: HeaderFields | undefined;
  /** Reports that signing has failed, at most once per response. */
  reportFailure(error: unknown): undefined;
  /** The response's `ETag` so far. Not needed by adapters that call `decide` with the finished response. */
  readonly currentTag?: string | undefined;
}

export class ResponsePolicy implements RewritePolicy {
  readonly #target: PolicyTarget;
  readonly #instance: Instance;
  /** For a conditional GET, HEAD or QUERY, if any bodies are rewritten. */
  readonly #conditionals: Conditionals | undefined;
  /** The app has set the type of a page. */
  #hasPageType = false;
  #isLive = false;
  /** An internal error has left the body unchanged: its images are not signed. */
  #hasFailed = false;
  #limitsPassthrough = false;
  /** A 304 to a client that sent no tag issued by us. */
  #isUnissued = false;
  /** A `Location` that leads to an image is signed. */
  #signsLocation = false;
  /** The body might pass unsigned, so no cache may keep it. */
  #isUnstorable = false;
  /** The label of an encoding whose declaration longer URLs have pushed too far down. */
  #lostCharset: string | undefined;
  /** `skip` has answered `true`. */
  #isLeftAlone = false;
  readonly #freshness: SentFreshness = new SentFreshness();

  constructor(target: PolicyTarget, instance: Instance) {
    this.#target = target;
    this.#instance = instance;
    const { method = '', headers } = target.request;
    const { html, json, events } = instance.configuration;
    if (hasConditionals(headers) && isConditionalMethod(method) && (html || json || events)) {
      const suffixes = headers['if-none-match'] === undefined ? undefined : this.#suffixesOrUndefined();
      this.#conditionals = new Conditionals(headers, suffixes, acceptsHtml(headers['accept']));
    }
  }

  /** With `authorize` the page depends on the viewer: no cache may share it, and no entity tag can validate it. */
  get #isPersonalPage(): boolean {
    return this.#instance.access.authorize !== undefined || this.#target.isPersonal;
  }

  /** Undefined if no entity tag can validate the response. */
  #suffixesOrUndefined(): TagSuffixes | undefined {
    try {
      return this.#isPersonalPage ? undefined : this.#suffixes();
    } catch (error) {
      return this.#target.reportFailure(error);
    }
  }

  #suffixes(): TagSuffixes {
    return this.#instance.tagSuffixesAt(this.#target.inProgress.now);
  }

  /**
   * With `headers: false`, only the app sets the headers of responses other than pages, unless they depend on the viewer: a shared
   * cache would give one viewer's tokens to others.
   */
  get #limitsOtherTypes(): boolean {
    const { isPersonal, shortestOwnTtl } = this.#target;
    return isPersonal || (shortestOwnTtl !== Infinity && this.#instance.configuration.headers);
  }

  get readsResponse(): boolean {
    return this.#instance.configuration.skip !== undefined;
  }

  mayChangeHeaders(status: number): boolean {
    return status === 304 || this.#limitsOtherTypes || signsLocation(this.#instance, status);
  }

  /** The client of this type acts on every part of the body at once. */
  get isLive(): boolean {
    return this.#isLive;
  }

  onContentType(type: string): boolean {
    const kind = kindOf(type, this.#instance.configuration);
    const isRewritten = kind !== undefined;
    this.#isLive = isRewritten && isLive(kind);
    if (isRewritten && !this.#hasPageType) this.#conditionals?.keepIssued(this.#target.currentTag);
    else if (!isRewritten && this.#hasPageType) this.#conditionals?.restoreAtEntry();
    this.#hasPageType = isRewritten;
    return isRewritten;
  }

  watchOf(type: string): BodyWatch | undefined {
    return watchUnreadType(type, this.#target, this.#instance);
  }

  /**
   * After an internal error the body stays unchanged, and `onHeaders` forbids storing it.
   * @param hasBody - whether there is a body to rewrite; Koa has one for HEAD as well
   */
  decide(
    status: number,
    fields: HeaderFields,
    isReadable: boolean,
    hasBody: boolean = this.#target.request.method !== 'HEAD',
  ): Decision {
    this.#hasFailed = false;
    this.#isUnstorable = false;
    this.#lostCharset = undefined;
    this.#limitsPassthrough = false;
    this.#signsLocation = signsLocation(this.#instance, status);
    this.#freshness.reset();
    try {
      return this.#decide(status, fields, isReadable, hasBody);
    } catch (error) {
      this.#hasFailed = true;
      this.#target.reportFailure(error);
      return { body: undefined, keepsLength: true };
    }
  }

  decideLimits(status: number, fields: HeaderFields): Decision {
    this.#signsLocation = signsLocation(this.#instance, status);
    return this.#passThrough(status, fields, undefined);
  }

  #decide(status: number, fields: HeaderFields, isReadable: boolean, hasBody: boolean): Decision {
    this.#isUnissued = status === 304 && this.#conditionals?.hasIssuedTag === false;
    if (status === 304 && this.#isNotModifiedPage) return this.#isSkipped() ? 'pass' : { body: undefined };
    if (status === 304) return this.#passThrough(status, fields, undefined);
    const decision = decideRewrite({ status, fields, isReadable }, this.#instance.configuration);
    if ('pass' in decision) return this.#passThrough(status, fields, decision.pass);
    if (this.#isSkipped()) return 'pass';
    const flushes = this.#isLive;
    if (!hasBody) return { body: undefined, flushes };
    const body = rewrittenBody(decision.rewrite, fields, this.#target, this.#instance, (label) => {
      this.#lostCharset = label;
    });
    // Koa's body for HEAD is never sent.
    const isSent = this.#target.request.method !== 'HEAD';
    return { body: isSent ? summarized(body, this.#target.inProgress) : body, flushes };
  }

  #leadsToImage(fields: HeaderFields): boolean {
    return this.#signsLocation && imageInLocation(fields, this.#instance) !== undefined;
  }

  #passThrough(status: number, fields: HeaderFields, reason: PassReason | undefined): Decision {
    const isLimited = status >= 200 && (this.#limitsOtherTypes || this.#leadsToImage(fields));
    this.#limitsPassthrough = isLimited && !this.#isSkipped();
    this.#pass(reason);
    return this.#limitsPassthrough ? 'limit' : 'pass';
  }

  /**
   * Forbids storing a page after an internal error, because the lifetime of its URLs is unknown, and a page whose images lack tokens
   * that the next response may have.
   */
  onHeaders(fields: HeaderFields): void {
    try {
      const { inProgress } = this.#target;
      if (this.#limitsPassthrough) this.#limitHeaders(fields);
      else if (!this.#hasFailed) this.#changeHeaders(fields);
      if (!this.#hasFailed && !this.#isUnstorable && !inProgress.signer.isOutOfSignatures) return;
    } catch (error) {
      this.#target.reportFailure(error);
    }
    fields.remove('ETag');
    forbidStorage(fields);
  }

  /** Limits a response whose body stays unchanged. */
  #limitHeaders(fields: HeaderFields): void {
    const { inProgress, shortestOwnTtl } = this.#target;
    const isImage = this.#mapLocation(fields);
    if (!isImage && !this.#limitsOtherTypes) return;
    const ttl = isImage ? inProgress.signer.lifetimes.shortestTtl : shortestOwnTtl;
    const isPersonal = isImage || this.#target.isPersonal;
    if (isPersonal) fields.remove('ETag');
    // Neither ETag nor Last-Modified may validate a redirect whose token has expired since.
    if (isImage) fields.remove('Last-Modified');
    this.#freshness.limit(fields, inProgress, ttl, isPersonal ? 'private' : undefined);
  }

  /** For a cache that stores body and headers before they are sent. Headers that are set later are changed when they are sent. */
  onHeadersEarly(fields: HeaderFields): void {
    const hasTag = fields.get('ETag') !== undefined;
    if (hasTag) this.#conditionals?.keepBound();
    // Without anything to limit, leave the headers alone: another middleware may still add a lifetime only if there is none.
    const isLimited = fields.get('Cache-Control') !== undefined || fields.get('Expires') !== undefined;
    if (hasTag || isLimited || this.#isIncomplete()) this.onHeaders(fields);
  }

  #isIncomplete(): boolean {
    try {
      return !this.#hasFailed && this.#target.inProgress.signer.isOutOfSignatures;
    } catch {
      return true; // the clock cannot be trusted; `onHeaders` reports it
    }
  }

  #changeHeaders(fields: HeaderFields): void {
    const { inProgress } = this.#target;
    const { core, keyGeneration, signer } = inProgress;
    const { lifetimes } = signer;
    const isPersonal = this.#mapLocation(fields) || this.#isPersonalPage;
    removeRepresentationMetadata(fields);
    if (this.#lostCharset !== undefined)
      fields.set('Content-Type', withCharset(fields.get('Content-Type') ?? '', this.#lostCharset));
    this.#mapLinks(fields); // before the tag and the lifetime: a link may have an expiry of its own
    // If the page was signed before new keys arrived, the tag of the new keys would belong to another page.
    const hasOneTag = !lifetimes.hasCustomTtl && generationOf(core.configuration.schemes) === keyGeneration;
    const tag = fields.get('ETag');
    // A 304 for a tag that we did not issue, such as one from before the installation, must not validate the client's page.
    if (tag !== undefined && (isPersonal || !hasOneTag || this.#isUnissued)) fields.remove('ETag');
    else if (tag !== undefined)
      fields.set('ETag', this.#conditionals?.issuedFor(tag) ?? bindTag(tag, this.#suffixes()));
    this.#freshness.limit(fields, inProgress, lifetimes.shortestTtl, isPersonal ? 'private' : undefined);
  }

  /** Whether the sent headers let a cache keep the response for longer than `seconds`. */
  isKeptLonger(seconds: number): boolean {
    const isLimited = this.#instance.configuration.headers && !this.#isLeftAlone;
    const sent = isLimited ? this.#target.sentFields : undefined;
    return this.#freshness.isKeptLonger(seconds, sent, this.#target.inProgress);
  }

  /** Whether the sent headers let a cache give the response to other viewers. */
  isShared(): boolean {
    const { sentFields, inProgress } = this.#target;
    return !this.#isLeftAlone && this.#freshness.isShared(sentFields, inProgress);
  }

  onHeadersSent(): void {
    this.#conditionals?.restore();
  }

  onHeadersRefused(): void {
    this.#freshness.reset();
  }

  beginTranscoding(heldMemory: number): (() => void) | undefined {
    const giveBack = this.#instance.beginTranscoding(heldMemory);
    this.#isUnstorable = giveBack === undefined;
    return giveBack;
  }

  onTranscodingRefused(): void {
    this.#pass('too-many-encoded');
  }

  onCorruptBody(): void {
    this.#pass('corrupt-body');
  }

  mapEarlyHints(links: string | string[]): string | string[] {
    if (!this.#instance.configuration.headers) return links;
    try {
      const { inProgress } = this.#target;
      return typeof links === 'string'
        ? mapLink(links, inProgress)
        : links.map((link) => mapLink(link, inProgress));
    } catch (error) {
      this.#target.reportFailure(error);
      return links;
    }
  }

  /** A 304 has no `Content-Type`: it is about a page if the app saw a tag that we issued, or had set the type of a page. */
  get #isNotModifiedPage(): boolean {
    return this.#hasPageType || this.#conditionals?.hasIssuedTag === true;
  }

  #pass(reason: PassReason | undefined, error?: unknown): void {
    if (reason === undefined) return;
    this.#target.reporter.report({ type: 'passed', reason, ...(error !== undefined && { error }) });
  }

  #isSkipped(): boolean {
    if (this.#instance.configuration.skip === undefined) return false;
    const { skipArguments } = this.#target;
    this.#isLeftAlone = isSkipped(this.#instance, skipArguments, (...mistake) => this.#pass(...mistake));
    return this.#isLeftAlone;
  }

  #mapLinks(fields: HeaderFields): void {
    if (this.#instance.configuration.headers)
      mapLinks(fields, this.#target.inProgress, () => this.#pass('header'));
  }

  #mapLocation(fields: HeaderFields): boolean {
    return this.#signsLocation && mapLocation(fields, this.#target.inProgress, this.#instance);
  }
}
