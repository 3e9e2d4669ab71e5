/**
 * The middleware's state for one response: helpers, policy and hooks. If the middleware is installed twice, the last instance's
 * options apply. Most responses of a site are not pages, so every part is created only when it is needed.
 * Longer than most files: the parts create one another.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { hasConditionals } from '../../http/conditional-requests.ts';
import { kindOf } from '../../http/eligibility.ts';
import type { HeaderFields } from '../../http/header-fields.ts';
import type { BodyWatch, Decision } from '../../http/rewrite-policy.ts';
import { signsLocation } from '../../pages/headers.ts';
import { type Instance, isSameInstance } from '../../pages/instance.ts';
import { ResponsePolicy } from '../../pages/policy.ts';
import type { ExtraTargets } from '../../rewriting/options.ts';
import { signValues } from '../../signer/bodies.ts';
import type { ResponseInProgress } from '../../signer/core.ts';
import type { SentHeaders } from '../../signer/page-signing.ts';
import { Reporter } from '../../signer/reporter.ts';
import { bindHelpers, type RequestHelpers } from '../../signer/request-helpers.ts';
import { createViewHelpers } from '../../signer/view-helpers.ts';
import { type Attached, protocol, responseSymbol } from '../http/hooks.ts';
import { Outgoing, type Sender } from '../http/outgoing.ts';
import { hasSentHead } from '../http/response-fields.ts';
import type { Adapter } from './adapter.ts';
import { rewriteViewData } from './view-data.ts';

/** An app may pass an object that reaches all of its data. */
const maxViewValues = 10_000;

/** The decision about a body that a framework holds before the head is sent. */
export interface PlacedDecision {
  readonly decision: Decision;
  /** Whether the decision was about the body that is sent with these headers. */
  holds(status: number, fields: HeaderFields): boolean;
  /** A signed text with its bytes, because encoding a long text takes as long as signing it. */
  readonly text?: readonly [text: string, bytes: Buffer] | undefined;
}

type Marked = ServerResponse & { [responseSymbol]?: Attached };

export class ResponseState implements Sender, SentHeaders, Attached {
  readonly protocol: number = protocol;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly #adapter: Adapter;
  #instance: Instance;
  #reporter: Reporter | undefined;
  #inProgress: ResponseInProgress | undefined;
  /** The signer of an earlier instance, which may have issued URLs already. */
  #previousSigner: ResponseInProgress['signer'] | undefined;
  #hasReportedFailure = false;
  /** Created on first use; at once for a conditional request, whose conditions the app must not see. */
  #policy: ResponsePolicy | undefined;
  #outgoing: Outgoing | undefined;
  /** Undefined if nothing is decided before the head is sent. */
  placed: PlacedDecision | undefined;
  #helpers: RequestHelpers | undefined;
  #rewritesViews = false;

  constructor(request: IncomingMessage, response: ServerResponse, adapter: Adapter, instance: Instance) {
    this.request = request;
    this.response = response;
    this.#adapter = adapter;
    this.#instance = instance;
    if (hasConditionals(request.headers)) this.#policy = new ResponsePolicy(this, instance);
    (response as Marked)[responseSymbol] = this;
    adapter.attach(this);
    this.#attach();
  }

  get skipArguments(): readonly unknown[] {
    return this.#adapter.skipArguments;
  }

  get currentTag(): string | undefined {
    const tag = this.response.getHeader('etag');
    return tag === undefined ? undefined : String(tag);
  }

  /** From here on another instance's options apply; URLs issued so far keep their tokens. */
  replaceInstance(instance: Instance): void {
    this.#previousSigner = this.#inProgress?.signer ?? this.#previousSigner;
    this.#policy?.onHeadersSent();
    this.#instance = instance;
    this.#reporter = undefined;
    this.#inProgress = undefined;
    this.#policy = new ResponsePolicy(this, instance);
    this.#outgoing?.decideLimitsAgain();
    this.#attach();
  }

  hasSameOptions(instance: Instance): boolean {
    return isSameInstance(this.#instance, instance);
  }

  /** A middleware with the same options handles the response again. A mounted Express app may have given it views since. */
  reinstall(): void {
    const { shared } = this.#adapter.views();
    if (shared !== undefined && shared['signImage'] === undefined) this.#attach();
  }

  get reporter(): Reporter {
    this.#reporter ??= new Reporter(this.#instance.access.report, this.#adapter);
    return this.#reporter;
  }

  get extraTargets(): ExtraTargets {
    return this.#instance.configuration.extraTargets;
  }

  get policy(): ResponsePolicy {
    this.#policy ??= new ResponsePolicy(this, this.#instance);
    return this.#policy;
  }

  get isConditional(): boolean {
    return this.#policy !== undefined;
  }

  watchOf(type: string): BodyWatch | undefined {
    return this.#instance.unreadTypes === undefined ? undefined : this.policy.watchOf(type);
  }

  get outgoing(): Outgoing | undefined {
    return this.#outgoing;
  }

  decide(status: number, fields: HeaderFields, isReadable: boolean): Decision {
    return this.placed?.holds(status, fields)
      ? this.placed.decision
      : this.policy.decide(status, fields, isReadable);
  }

  bytesOf(text: string): Buffer | undefined {
    const [placed, bytes] = this.placed?.text ?? [];
    return placed === text ? bytes : undefined;
  }

  onEncodedAbove(): void {
    this.#instance.onEncodedAbove?.(this.reporter);
  }

  onInterrupted(bytes: number): void {
    this.reporter.report({ type: 'passed', reason: 'interrupted', bytes });
  }

  concerns(status: number, type: string): boolean {
    return (
      this.isPersonal ||
      this.shortestOwnTtl !== Infinity ||
      status === 304 ||
      this.#mayBePage(type) ||
      signsLocation(this.#instance, status)
    );
  }

  #mayBePage(type: string): boolean {
    return kindOf(type, this.#instance.configuration) !== undefined;
  }

  /**
   * Begins on first use, and fixes the instant at which the whole response is signed.
   * @throws ImageSignerError INVALID_OPTION for a clock that cannot be trusted
   */
  get inProgress(): ResponseInProgress {
    if (this.#inProgress === undefined) {
      const { core, access } = this.#instance;
      this.#inProgress = core.beginResponse(access, this.#adapter.viewer, this.reporter, { sent: this });
      if (this.#previousSigner !== undefined) this.#inProgress.signer.inherit(this.#previousSigner);
    }
    return this.#inProgress;
  }

  isKeptLonger(seconds: number): boolean {
    const mayBeSent = this.#policy !== undefined || hasSentHead(this.response);
    return mayBeSent && this.policy.isKeptLonger(seconds);
  }

  isShared(): boolean {
    return this.policy.isShared();
  }

  /** Read for every response, so it must not begin signing. */
  get shortestOwnTtl(): number {
    return (this.#inProgress?.signer ?? this.#previousSigner)?.lifetimes.shortestOwnTtl ?? Infinity;
  }

  get isPersonal(): boolean {
    return (this.#inProgress?.signer ?? this.#previousSigner)?.isPersonal === true;
  }

  get sentFields(): HeaderFields | undefined {
    return hasSentHead(this.response) ? this.#outgoing?.fields : undefined;
  }

  /** Like `inProgress`, for code that must not throw: reports an error and returns undefined. */
  begin(): ResponseInProgress | undefined {
    try {
      return this.inProgress;
    } catch (error) {
      return this.reportFailure(error);
    }
  }

  /** Reports at most once per response, however many of its parts fail. */
  reportFailure(error: unknown): undefined {
    if (!this.#hasReportedFailure) this.reporter.failed(error);
    this.#hasReportedFailure = true;
  }

  get helpers(): RequestHelpers {
    this.#helpers ??= bindHelpers(this);
    return this.#helpers;
  }

  #attach(): void {
    const { configuration, access } = this.#instance;
    const { html, json, events, headers, locals, location } = configuration;
    const views = this.#adapter.views();
    if (views.shared !== undefined)
      Object.assign(views.shared, createViewHelpers(this, this.#instance.core.configuration));
    // With `authorize`, a response that uses a helper is private, even if nothing is rewritten.
    if (html || json || events || headers || location || access.authorize !== undefined) this.#intercept();
    if (!locals || this.#rewritesViews) return;
    this.#rewritesViews = true;
    for (const method of views.methods) {
      rewriteViewData(
        views.renderer,
        method,
        () => this.#adapter.views().shared,
        (data) => this.#signViewData(data),
        (error) => this.reportFailure(error),
      );
    }
  }

  /** Returns view data unchanged if `locals` is off, or signing cannot begin. */
  #signViewData(data: readonly object[]): readonly object[] {
    const response = this.#instance.configuration.locals ? this.begin() : undefined;
    return response === undefined ? data : signValues(data, response, this.extraTargets, maxViewValues);
  }

  #intercept(): void {
    if (this.#outgoing === undefined) this.#outgoing = new Outgoing(this.response, this);
    else if (this.isConditional) this.#outgoing.watchType();
  }
}

/** @returns undefined for a response that this version of the package has not seen */
export function responseStateOf(response: ServerResponse): ResponseState | undefined {
  const attached = (response as Marked)[responseSymbol];
  return attached?.protocol === protocol ? (attached as ResponseState) : undefined; // another copy's state works as well
}

/** Another version of the package handles the response: its URLs must not be signed twice. */
export function isOfAnotherVersion(response: ServerResponse): boolean {
  return (response as Marked)[responseSymbol] !== undefined && responseStateOf(response) === undefined;
}
