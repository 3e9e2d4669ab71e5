/**
 * What the middleware knows of one response: its helpers, its policy and its head. If the middleware is
 * installed twice, the last instance's options hold. Most responses of a site are not pages, so whatever is not needed
 * is not created.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HeaderFields } from '../../http/header-fields.ts';
import { type Instance, isSameInstance } from '../../pages/instance.ts';
import type { PolicyTarget, ResponsePolicy } from '../../pages/policy.ts';
import type { ExtraTargets } from '../../rewriting/rewriter-options.ts';
import { signValues } from '../../signer/bodies.ts';
import type { ResponseInProgress } from '../../signer/core.ts';
import { type EventSource, Reporter } from '../../signer/reporter.ts';
import {
  bindSignData,
  bindSignImage,
  bindSignSrcset,
  type SignDataHelper,
} from '../../signer/request-helpers.ts';
import { createViewHelpers } from '../../signer/view-helpers.ts';
import { ResponseHead } from '../http/head.ts';
import { Hooks } from '../http/hooks.ts';
import { rewriteViewData, type Views } from './view-data.ts';

/** They throw as the signer's own methods do. */
export interface RequestHelpers {
  readonly signImage: ((image: string, variant?: unknown, options?: unknown) => string) | undefined;
  readonly signData: SignDataHelper | undefined;
  readonly signSrcset: ((image: string, candidates?: unknown, options?: unknown) => string) | undefined;
}

/**
 * What a framework over `node:http` adds to the messages: where handlers and views find the helpers, and what the app's own
 * functions are called with.
 */
export interface Adapter {
  /** The second argument of `authorize`: Express's request, Koa's context. */
  readonly viewer: unknown;
  /** The arguments of `skip`. */
  readonly skipArguments: readonly unknown[];
  /** The request, as the client sent it, for events. */
  readonly source: EventSource;
  /** Makes the helpers available to handlers. */
  attach(helpers: RequestHelpers): void;
  views(): Views;
  createPolicy(target: PolicyTarget, instance: Instance): ResponsePolicy;
}

/** The property of a response that holds its state. From the registry: ESM and CommonJS copies share it. */
const stateSymbol: unique symbol = Symbol.for('image-signer.response-state') as never;

/** An app may pass an object from which its whole data is reachable. */
const maxViewValues = 10_000;

export class ResponseState implements RequestHelpers {
  readonly request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #adapter: Adapter;
  #instance: Instance;
  #reporter: Reporter | undefined;
  #inProgress: ResponseInProgress | undefined;
  /** The signer of an earlier instance, which may have issued URLs already. */
  #previousSigner: ResponseInProgress['signer'] | undefined;
  #hasReportedError = false;
  #policy: ResponsePolicy;
  #head: ResponseHead | undefined;
  #signImage: RequestHelpers['signImage'];
  #signSrcset: RequestHelpers['signSrcset'];
  #signData: RequestHelpers['signData'];
  #rewritesViews = false;

  constructor(request: IncomingMessage, response: ServerResponse, adapter: Adapter, instance: Instance) {
    this.request = request;
    this.#response = response;
    this.#adapter = adapter;
    this.#instance = instance;
    this.#policy = adapter.createPolicy(this, instance);
    (response as WithState)[stateSymbol] = this;
    adapter.attach(this);
    this.#attach();
  }

  get skipArguments(): readonly unknown[] {
    return this.#adapter.skipArguments;
  }

  get currentTag(): string | undefined {
    const tag = this.#response.getHeader('etag');
    return tag === undefined ? undefined : String(tag);
  }

  /** From here on another instance's options hold; URLs that were issued so far stay as they are. */
  replaceInstance(instance: Instance): void {
    this.#previousSigner = this.#inProgress?.signer ?? this.#previousSigner;
    this.#policy.onHeadersSent();
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
    this.#head?.reinstall();
    const { shared } = this.#adapter.views();
    if (shared !== undefined && shared['signImage'] === undefined) this.#attach();
  }

  get reporter(): Reporter {
    this.#reporter ??= new Reporter(this.#instance.access.report, this.#adapter.source);
    return this.#reporter;
  }

  get extraTargets(): ExtraTargets {
    return this.#instance.configuration.extraTargets;
  }

  get policy(): ResponsePolicy {
    return this.#policy;
  }

  get head(): ResponseHead | undefined {
    return this.#head;
  }

  /**
   * Begins on first use, and fixes the instant that the whole response is signed at.
   * @throws ImageSignerError INVALID_OPTION for a clock that cannot be trusted
   */
  get inProgress(): ResponseInProgress {
    if (this.#inProgress === undefined) {
      const { core, access } = this.#instance;
      this.#inProgress = core.beginResponse(access, this.#adapter.viewer, this.reporter, {
        isKeptLonger: (seconds) => this.#policy.isKeptLonger(seconds),
        isShared: () => this.#policy.isShared(),
      });
      if (this.#previousSigner !== undefined) this.#inProgress.signer.inherit(this.#previousSigner);
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
    return this.#response.headersSent ? this.#head?.sentFields : undefined;
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

  #attach(): void {
    const { configuration, access } = this.#instance;
    const { html, json, events, headers, locals, location } = configuration;
    const views = this.#adapter.views();
    if (views.shared !== undefined)
      Object.assign(views.shared, createViewHelpers(this, this.#instance.core.configuration));
    // With `authorize` whatever a helper was asked for is private, also where nothing is rewritten.
    if (html || json || events || headers || location || access.authorize !== undefined) this.#intercept();
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

  #intercept(): void {
    if (this.#head !== undefined) {
      this.#head.reinstall();
      return this.#head.recheckContentType();
    }
    this.#head = new ResponseHead(this.#response, this, hooks);
    this.#head.install();
  }
}

type WithState = ServerResponse & { [stateSymbol]?: ResponseState };

/** @returns undefined for a response that the middleware has not seen */
export function responseStateOf(response: ServerResponse): ResponseState | undefined {
  return (response as WithState)[stateSymbol];
}

const hooks: Hooks = /* @__PURE__ */ new Hooks((response) => {
  const head = responseStateOf(response)?.head;
  // If it belongs to the package's other copy (ESM beside CommonJS), that copy has hooks of its own.
  return head instanceof ResponseHead ? head : undefined;
});
