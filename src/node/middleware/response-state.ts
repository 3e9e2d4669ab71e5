/**
 * What the middleware knows of one response: its helpers, its policy and its head. If the middleware is
 * installed twice, the last instance's options hold. Most responses of a site are not pages, so whatever is not needed
 * is not created.
 * Longer than most files: each part is created when another one first needs it.
 */

import type { SentTexts } from '../../caches/sent-texts.ts';
import { hasConditionals } from '../../http/conditional-requests.ts';
import { kindOf } from '../../http/eligibility.ts';
import type { HeaderFields } from '../../http/header-fields.ts';
import { signsLocation } from '../../pages/headers.ts';
import { type Instance, isSameInstance } from '../../pages/instance.ts';
import { settlePlainPage } from '../../pages/plain-pages.ts';
import type { ResponsePolicy } from '../../pages/policy.ts';
import type { ExtraTargets } from '../../rewriting/rewriter-options.ts';
import { signValues } from '../../signer/bodies.ts';
import type { ResponseInProgress } from '../../signer/core.ts';
import { Reporter } from '../../signer/reporter.ts';
import { bindSignData, bindSignImage, bindSignSrcset } from '../../signer/request-helpers.ts';
import { createViewHelpers } from '../../signer/view-helpers.ts';
import { copyOfScratch } from '../../simd/scratch.ts';
import type { OutputSink } from '../http/body-methods.ts';
import { ResponseHead } from '../http/head.ts';
import { type HookedResponse, type HookPosition, Hooks, isContentType } from '../http/hooks.ts';
import { propertyOf } from '../http/message-property.ts';
import { type IncomingMessage, ServerResponse } from '../http/node-http.ts';
import { hasNodesMethods } from '../http/patched-node.ts';
import { mayBeConditional } from '../http/raw-conditions.ts';
import type { AnyMethod } from '../http/replaced-methods.ts';
import { HeaderList, ResponseFields } from '../http/response-fields.ts';
import { keepOnRequest, keepOnResponse, type ResponseRecord, recordOf } from '../http/response-record.ts';
import { rewriteWhole } from '../http/whole-page.ts';
import { parseStatus } from '../http/write-head.ts';
import type { Adapter, AttachedResponse, RequestHelpers } from './adapter.ts';
import { rewriteViewData } from './view-data.ts';

/** An app may pass an object from which its whole data is reachable. */
const maxViewValues = 10_000;

export class ResponseState implements AttachedResponse, HookedResponse, ResponseRecord {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly #adapter: Adapter;
  #instance: Instance;
  #reporter: Reporter | undefined;
  #inProgress: ResponseInProgress | undefined;
  /** The signer of an earlier instance, which may have issued URLs already. */
  #previousSigner: ResponseInProgress['signer'] | undefined;
  #hasReportedError = false;
  /** Created when it is needed, unless the request is conditional: then the app must not see its conditions. */
  #policy: ResponsePolicy | undefined;
  #head: ResponseHead | undefined;
  /** Where the hooks are inherited from, while the response waits for its head. */
  #waitingPosition: HookPosition | undefined;
  /** While the response waits, the app has set a type or another header, perhaps to remove it again. */
  #hasSetHeader = false;
  /** The type that the app has set last is never rewritten. */
  #hasOtherType = false;
  /** The headers that `writeHead` got while the response waited, and that Node has not stored. */
  #unstored: object | undefined;
  /** The type that was set last, once one of a page came: from then on, calls of the inherited `write` and `end` are ours. */
  #bodyType: string | undefined;
  /** The page has gone the short way. */
  #isSentWhole = false;
  /** The page had no policy. */
  #isPlain = false;
  #signImage: RequestHelpers['signImage'];
  #signSrcset: RequestHelpers['signSrcset'];
  #signData: RequestHelpers['signData'];
  #rewritesViews = false;

  constructor(request: IncomingMessage, response: ServerResponse, adapter: Adapter, instance: Instance) {
    this.request = request;
    this.response = response;
    this.#adapter = adapter;
    this.#instance = instance;
    const position = hooks.waitingPosition(response);
    if (position === undefined || mayBeConditional(request))
      this.#policy = adapter.createPolicy(this, instance);
    if (position === undefined) keepOnResponse(this);
    else keepOnRequest(this);
    adapter.attach(this);
    this.#attach(position);
  }

  get skipArguments(): readonly unknown[] {
    return this.#adapter.skipArguments;
  }

  get currentTag(): string | undefined {
    const tag = this.response.getHeader('etag');
    return tag === undefined ? undefined : String(tag);
  }

  /** From here on another instance's options hold; URLs that were issued so far stay as they are. */
  replaceInstance(instance: Instance): void {
    this.#previousSigner = this.#inProgress?.signer ?? this.#previousSigner;
    this.#policy?.onHeadersSent();
    this.#instance = instance;
    this.#reporter = undefined;
    this.#inProgress = undefined;
    this.#policy = this.#adapter.createPolicy(this, instance);
    this.#head?.decideLimitsAgain();
    this.#attach();
  }

  hasSameOptions(instance: Instance): boolean {
    return isSameInstance(this.#instance, instance);
  }

  /**
   * Called when a middleware with the same options handles the response again. An app of Express may have taken the response
   * over since, and given it views.
   */
  reinstall(): void {
    if (this.isWaiting && hooks.waitingPosition(this.response) !== this.#waitingPosition) this.#createHead();
    this.#head?.reinstall();
    const { shared } = this.#adapter.views();
    if (shared !== undefined && shared['signImage'] === undefined) this.#attach();
  }

  /** Undefined if no page is rewritten. */
  get sentTexts(): SentTexts | undefined {
    return this.#instance.sentTexts;
  }

  get reporter(): Reporter {
    this.#reporter ??= new Reporter(this.#instance.access.report, this.#adapter.source);
    return this.#reporter;
  }

  get extraTargets(): ExtraTargets {
    return this.#instance.configuration.extraTargets;
  }

  get policy(): ResponsePolicy {
    this.#policy ??= this.#adapter.createPolicy(this, this.#instance);
    return this.#policy;
  }

  get target(): ResponseHead | undefined {
    if (this.isWaiting) this.#createHead();
    return this.#head;
  }

  onBody(name: keyof OutputSink, args: readonly unknown[], method: AnyMethod): unknown {
    if (this.#bodyType !== undefined && this.isWaiting && !this.#isSentWhole) {
      // Where a package has patched Node's own, that may set headers, which we have to see after it.
      const isPlain = name === 'end' && hasNodesMethods();
      const page = isPlain ? rewriteWhole(this.response, args, this, nodesSetHeader) : undefined;
      if (page !== undefined) return this.#sendWhole(page, method);
      this.#createHead();
    }
    const given = ofOwnMemory(args);
    const body = this.#head?.body;
    return body === undefined || body.passes ? method.apply(this.response, given) : body.receive(name, given);
  }

  /** Whether a text that Express sends comes to the inherited `end` at once, and nothing else sees its bytes. */
  get takesWhole(): boolean {
    return (
      this.isWaiting &&
      !this.#isSentWhole &&
      this.#policy === undefined &&
      hooks.waitingPosition(this.response) === this.#waitingPosition
    );
  }

  get inheritsHead(): boolean {
    return hooks.inheritsHead(this.response);
  }

  settlePlainPage(
    status: number,
    readFields: () => HeaderFields,
    body: Uint8Array | string,
  ): HeaderFields | undefined {
    if (this.#inProgress !== undefined) return undefined;
    const fields = settlePlainPage(this.#instance, status, readFields, body, this);
    this.#isPlain = fields !== undefined;
    return fields;
  }

  #sendWhole(page: readonly unknown[], method: AnyMethod): unknown {
    this.#isSentWhole = true;
    try {
      return method.apply(this.response, ofOwnMemory(page));
    } catch (error) {
      // If a patched `writeHead` has refused it, the app sends an error page instead.
      this.#isSentWhole = this.response.headersSent;
      throw error;
    }
  }

  get isWaiting(): boolean {
    return this.#waitingPosition !== undefined;
  }

  onTypeWhileWaiting(type: unknown): void {
    this.#hasSetHeader = true;
    // In development a text that is not read may be watched.
    const isPage = this.#mayBePage(String(type));
    this.#hasOtherType = !isPage && this.#instance.unreadTypes === undefined;
    if (this.#bodyType !== undefined || (isPage && this.#awaitsBody)) this.#bodyType = String(type);
    const isAwaited = isPage && this.#bodyType !== undefined;
    if (!this.#hasOtherType && !isAwaited) this.#createHead();
  }

  /** Whether the body comes to the inherited methods, without a policy that has to know its type now. */
  get #awaitsBody(): boolean {
    const isPlain = this.#policy === undefined && !hasConditionals(propertyOf(this.request, 'headers'));
    return isPlain && hooks.inheritsBody(this.response);
  }

  noteHeader(): void {
    this.#hasSetHeader = true;
  }

  waitsBeyondHead([code, headers, ...more]: readonly unknown[]): boolean {
    if (this.#isSentWhole) return true;
    if (!this.isWaiting || this.#policy !== undefined || this.#inProgress !== undefined) return false;
    const status = parseStatus(code);
    if (status === 304 || (status !== undefined && signsLocation(this.#instance, status))) return false;
    // The type may have been set by a method that has no hook.
    if (headers === undefined && more[0] === undefined) return this.#hasOtherType || !hasType(this.response);
    return more.length === 0 && this.#waitsBeyondHeaders(headers);
  }

  /** Headers that `writeHead` alone gets, as from Fastify. */
  #waitsBeyondHeaders(headers: unknown): boolean {
    if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return false;
    if (this.#hasSetHeader || this.response.getHeaderNames().length > 0) return false;
    const { unreadTypes } = this.#instance;
    for (const [name, type] of Object.entries(headers))
      if (isContentType(name) && (unreadTypes !== undefined || this.#mayBePage(String(type)))) return false;
    this.#unstored = headers;
    return true;
  }

  #mayBePage(type: string): boolean {
    return kindOf(type, this.#instance.configuration) !== undefined;
  }

  expectBody(type: string): void {
    if (this.#policy === undefined && this.#mayBePage(type)) this.#policy = this.policy;
  }

  /**
   * Begins on first use, and fixes the instant that the whole response is signed at.
   * @throws ImageSignerError INVALID_OPTION for a clock that cannot be trusted
   */
  get inProgress(): ResponseInProgress {
    if (this.#inProgress === undefined) {
      const { core, access } = this.#instance;
      this.#inProgress = core.beginResponse(access, this.#adapter.viewer, this.reporter, {
        isKeptLonger: (seconds) => this.policy.isKeptLonger(seconds),
        isShared: () => this.policy.isShared(),
      });
      if (this.#previousSigner !== undefined) this.#inProgress.signer.inherit(this.#previousSigner);
      // What the headers of a plain page let caches do counts from now on.
      if (this.#isPlain && this.#isSentWhole) this.policy.onHeaders(new HeaderList([]));
    }
    return this.#inProgress;
  }

  /** Read for each response, so that it begins nothing. */
  get shortestOwnTtl(): number {
    return (this.#inProgress?.signer ?? this.#previousSigner)?.lifetimes.shortestOwnTtl ?? Infinity;
  }

  get isPersonal(): boolean {
    return (this.#inProgress?.signer ?? this.#previousSigner)?.isPersonal === true;
  }

  get sentFields(): HeaderFields | undefined {
    if (!this.response.headersSent) return undefined;
    if (this.#unstored !== undefined) return new HeaderList(Object.entries(this.#unstored));
    return this.isWaiting
      ? new ResponseFields(this.response, this.response.setHeader)
      : this.#head?.sentFields;
  }

  /** Like `inProgress`, for code that must not throw: undefined if it cannot begin, which is reported. */
  begin(): ResponseInProgress | undefined {
    try {
      return this.inProgress;
    } catch {
      return this.reportInternalError();
    }
  }

  /** Reported once a response, however many of its parts fail. */
  reportInternalError(): undefined {
    if (!this.#hasReportedError) this.reporter.report({ type: 'passed', reason: 'internal-error' });
    this.#hasReportedError = true;
  }

  get signImage(): RequestHelpers['signImage'] {
    this.#signImage ??= bindSignImage(this);
    return this.#signImage;
  }

  get signSrcset(): RequestHelpers['signSrcset'] {
    this.#signSrcset ??= bindSignSrcset(this);
    return this.#signSrcset;
  }

  get signData(): RequestHelpers['signData'] {
    this.#signData ??= bindSignData(this);
    return this.#signData;
  }

  /** @param position - where the hooks are inherited from, if the response may wait for its head */
  #attach(position?: HookPosition): void {
    const { configuration, access } = this.#instance;
    const { html, json, events, headers, locals, location } = configuration;
    const views = this.#adapter.views();
    if (views.shared !== undefined)
      Object.assign(views.shared, createViewHelpers(this, this.#instance.core.configuration));
    // With `authorize` whatever a helper was asked for is private, also where nothing is rewritten.
    if (html || json || events || headers || location || access.authorize !== undefined)
      this.#intercept(position);
    if (!locals || this.#rewritesViews) return;
    this.#rewritesViews = true;
    for (const method of views.methods) {
      rewriteViewData(
        views.renderer,
        method,
        () => this.#adapter.views().shared,
        (data) => this.#signViewData(data),
        () => this.reportInternalError(),
      );
    }
  }

  /** The data of views, of which nothing is changed if that is off, or cannot be done. */
  #signViewData(data: readonly object[]): readonly object[] {
    const response = this.#instance.configuration.locals ? this.begin() : undefined;
    return response === undefined ? data : signValues(data, response, this.extraTargets, maxViewValues);
  }

  #intercept(position: HookPosition | undefined): void {
    if (this.#head !== undefined) {
      this.#head.reinstall();
      return this.#head.recheckContentType();
    }
    this.#waitingPosition ??= position;
    // An earlier middleware may have set the type.
    if (position === undefined || hasType(this.response)) this.#createHead();
  }

  #createHead(): void {
    const position = this.#waitingPosition;
    const waited = position && { position, hasSetHeader: this.#hasSetHeader, bodyType: this.#bodyType };
    this.#waitingPosition = undefined;
    this.#head = new ResponseHead(this.response, this, hooks, waited);
    this.#head.install();
    if (this.response.headersSent) this.#head.decide(); // trailers follow what has passed
  }
}

const { setHeader: nodesSetHeader } = ServerResponse.prototype;

/** Node may send the bytes later than it returns: by then another text is in the memory in which ours are encoded. */
function ofOwnMemory(args: readonly unknown[]): unknown[] {
  const [chunk, ...more] = args;
  return Buffer.isBuffer(chunk) ? [copyOfScratch(chunk), ...more] : [...args];
}

/** By Node's own method: to look it up on a message of Express takes longer than the call. */
function hasType(response: ServerResponse): boolean {
  return ServerResponse.prototype.getHeader.call(response, 'content-type') !== undefined;
}

/** @returns undefined for a response that the middleware has not seen */
export function responseStateOf(response: ServerResponse): ResponseState | undefined {
  return recordOf<ResponseState>(response);
}

const hooks: Hooks = /* @__PURE__ */ new Hooks((response) => {
  const state = responseStateOf(response);
  // If it belongs to the package's other copy (ESM beside CommonJS), that copy has hooks of its own.
  return state instanceof ResponseState ? state : undefined;
});
