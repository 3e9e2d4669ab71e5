/**
 * Installs the middleware on responses that it may change, once `viewer` knows who asks. Most answers of a site are images,
 * styles and scripts: they pass without it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { hasConditionals } from '../../http/conditional-requests.ts';
import { isUnreadText, kindOf } from '../../http/eligibility.ts';
import type { Adapter } from '../../node/middleware/adapter.ts';
import { createInstall, type Install } from '../../node/middleware/install.ts';
import type { Views } from '../../node/middleware/view-data.ts';
import { parseMiddleware } from '../../options/parse.ts';
import type { Instance } from '../../pages/instance.ts';
import { type PolicyTarget, ResponsePolicy } from '../../pages/policy.ts';
import { coreOf } from '../../signer/core.ts';
import type { EventSource } from '../../signer/reporter.ts';
import type { SigningRules, Viewers } from './viewers.ts';

export class Signing {
  readonly #installOn: Install;
  readonly #rules: SigningRules;
  readonly #viewers: Viewers | undefined;

  /**
   * @param options - those of `imageSigner`
   * @throws ImageSignerError INVALID_OPTION
   */
  constructor(options: unknown, createViewers: (rules: SigningRules) => Viewers | undefined) {
    this.#installOn = createInstall(options);
    this.#rules = parseMiddleware('imageSigner', options, coreOf);
    this.#viewers = createViewers(this.#rules);
  }

  /**
   * Called before a request is sent to the target: the middleware removes conditions that it cannot vouch for.
   * @param next - gets an error if there is no key to sign with
   */
  onRequest(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void {
    this.#viewers?.expectPage(request);
    if (hasConditionals(request.headers)) this.#install(request, response, next);
    else next();
  }

  /**
   * Called with every answer.
   * @param next - called later, when all bytes that arrived with the head can be read; see `onRequest`
   */
  onAnswer(
    answer: IncomingMessage,
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ): void {
    if (!this.#mayChange(answer)) process.nextTick(next);
    else if (this.#viewers?.mayMatter(answer) === true)
      void this.#viewers.find(request).then(() => this.#install(request, response, next));
    else process.nextTick(() => this.#install(request, response, next));
  }

  /** Early hints may name images. Without a key, they are dropped. */
  onHints(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    const install = (): void =>
      this.#install(request, response, (error) => {
        if (error === undefined) next();
      });
    if (this.#viewers === undefined) install();
    else void this.#viewers.find(request).then(install);
  }

  /** Whether the body may be rewritten. */
  isPage({ statusCode, headers }: IncomingMessage): boolean {
    return statusCode !== 206 && kindOf(headers['content-type'] ?? '', this.#rules.own) !== undefined;
  }

  #install(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void {
    const run = (): void => {
      this.#installOn(request, response, () => new ProxyAdapter(request, response));
      next();
    };
    const pending = this.#installOn.ready();
    if (pending === undefined) run();
    else void pending.then(run, next);
  }

  #mayChange({ statusCode = 0, headers }: IncomingMessage): boolean {
    const type = headers['content-type'] ?? '';
    const { access, own } = this.#rules;
    if (kindOf(type, own) !== undefined) return true;
    if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) return true;
    // In development, an unread text may cause a warning.
    return access.report !== undefined && isUnreadText(type, own);
  }
}

/** For a response whose body comes from the target: there are no handlers that use helpers, and no views. */
class ProxyAdapter implements Adapter {
  readonly mayWait = true;
  readonly viewer: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.viewer = request;
    this.#response = response;
  }

  get skipArguments(): readonly unknown[] {
    return [this.viewer, this.#response];
  }

  get source(): EventSource {
    const { method, url } = this.viewer;
    return { method, target: url };
  }

  attach(): void {}

  views(): Views {
    return { shared: undefined, renderer: {}, methods: [] };
  }

  createPolicy(target: PolicyTarget, instance: Instance): ResponsePolicy {
    return new ResponsePolicy(target, instance);
  }
}
