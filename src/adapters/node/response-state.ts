/**
 * A response with the helpers and the plan of the mount that holds for it: the last one, where several do. What is
 * not asked for is not made, since most responses of a site are no pages.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Interceptor } from '../../http/rewrite-policy.ts';
import { Hooks } from '../../node-http/hooks.ts';
import { Interception } from '../../node-http/response-interceptor.ts';
import { isSameMount, type Mount } from '../../response/instance.ts';
import { ResponsePlan } from '../../response/policy.ts';
import type { ResponseInProgress } from '../../signer/core.ts';
import { createViewHelpers } from '../../signer/view-helpers.ts';
import type { Framework, RequestHelpers } from './adapter.ts';
import { rewriteViewData } from './view-data.ts';

/** Where a response has it; both copies of the package know the symbol. */
const mountedSymbol: unique symbol = Symbol.for('image-signer.mounted') as never;

export class MountedResponse implements RequestHelpers {
  readonly request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #framework: Framework;
  #mount: Mount;
  #inProgress: ResponseInProgress | undefined;
  /** What an earlier mount has given out. */
  #before: ResponseInProgress['signer'] | undefined;
  #hasFault = false;
  #plan: Interceptor;
  #interception: Interception | undefined;
  #signImage: RequestHelpers['signImage'];
  #signSrcset: RequestHelpers['signSrcset'];
  #rewritesViews = false;

  constructor(request: IncomingMessage, response: ServerResponse, framework: Framework, mount: Mount) {
    this.request = request;
    this.#response = response;
    this.#framework = framework;
    this.#mount = mount;
    this.#plan = framework.planned(new ResponsePlan(this, mount));
    (response as Mountable)[mountedSymbol] = this;
    framework.attach(this);
    this.#attach();
  }

  get skipArguments(): readonly unknown[] {
    return this.#framework.skipArguments;
  }

  get tagSoFar(): string | undefined {
    const tag = this.#response.getHeader('etag');
    return tag === undefined ? undefined : String(tag);
  }

  /** Another mount's options hold from here on; what the response has given out so far stays. */
  adopt(mount: Mount): void {
    this.#before = this.#inProgress?.signer ?? this.#before;
    this.#plan.settled();
    this.#mount = mount;
    this.#inProgress = undefined;
    this.#plan = this.#framework.planned(new ResponsePlan(this, mount));
    this.#attach();
  }

  /** Whether a mount would change nothing. */
  holds(mount: Mount): boolean {
    return isSameMount(this.#mount, mount);
  }

  /** The same mount again: since then an app may have taken the response over, and given it views. */
  renew(): void {
    this.#interception?.reinstall();
    const { shared } = this.#framework.views();
    if (shared !== undefined && shared['signImage'] === undefined) this.#attach();
  }

  get plan(): Interceptor {
    return this.#plan;
  }

  get interception(): Interception | undefined {
    return this.#interception;
  }

  /**
   * Begins when it is first asked for, and with it the instant that all of the response is signed for.
   * @throws ImageSignerError INVALID_OPTION for a clock that cannot be believed
   */
  get inProgress(): ResponseInProgress {
    if (this.#inProgress === undefined) {
      this.#inProgress = this.#mount.core.beginResponse(this.#mount.viewing, this.#framework.viewer);
      if (this.#before !== undefined) this.#inProgress.signer.inherit(this.#before);
    }
    return this.#inProgress;
  }

  /** The same for what must not fail: undefined, and reported, where it cannot begin. */
  begin(): ResponseInProgress | undefined {
    try {
      return this.inProgress;
    } catch {
      return this.reportFault();
    }
  }

  /** Once in a response, however many of its parts fail. */
  reportFault(): undefined {
    if (!this.#hasFault) this.#mount.reporter.tell({ type: 'passed', reason: 'fault' });
    this.#hasFault = true;
  }

  get signImage(): RequestHelpers['signImage'] {
    this.#signImage ??= (image, variant, options) =>
      this.inProgress.signer.signImage(image, variant, options);
    return this.#signImage;
  }

  get signSrcset(): RequestHelpers['signSrcset'] {
    this.#signSrcset ??= (image, candidates, options) =>
      this.inProgress.signer.signSrcset(image, candidates, options);
    return this.#signSrcset;
  }

  #attach(): void {
    const { html, json, headers, locals } = this.#mount.configuration;
    const views = this.#framework.views();
    if (views.shared !== undefined)
      Object.assign(views.shared, createViewHelpers(this, this.#mount.core.configuration));
    if (html || json || headers) this.#intercept();
    if (!locals || this.#rewritesViews) return;
    this.#rewritesViews = true;
    rewriteViewData(
      views.renderer,
      () => this.#framework.views().shared,
      () => (this.#mount.configuration.locals ? this.begin()?.signer.mapUrl : undefined),
      () => this.reportFault(),
    );
  }

  #intercept(): void {
    if (this.#interception !== undefined) {
      this.#interception.reinstall();
      return this.#interception.reconsider();
    }
    this.#interception = new Interception(this.#response, this, hooks);
    this.#interception.install();
  }
}

type Mountable = ServerResponse & { [mountedSymbol]?: MountedResponse };

/** Undefined for a response that no mount has seen. */
export function mountedOn(response: ServerResponse): MountedResponse | undefined {
  return (response as Mountable)[mountedSymbol];
}

const hooks: Hooks = new Hooks((response) => {
  const interception = mountedOn(response)?.interception;
  return interception instanceof Interception ? interception : undefined; // not that of the package's other copy
});
