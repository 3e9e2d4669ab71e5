/**
 * Puts the middleware on the responses whose answers it may change, once `viewer` has said who asks. Most answers of a site are
 * images, styles and scripts: they pass without it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { hasConditionals } from '../../http/conditional-requests.ts';
import { isUnreadText, kindOf } from '../../http/eligibility.ts';
import { createMiddleware } from '../../node/middleware/middleware.ts';
import { parseMiddleware } from '../../options/parse.ts';
import { coreOf } from '../../signer/core.ts';
import type { SigningRules, Viewers } from './viewers.ts';

export class Signing {
  readonly #middleware: ReturnType<typeof createMiddleware>;
  readonly #rules: SigningRules;
  readonly #viewers: Viewers | undefined;
  /** Resolved once the middleware is there, with an error if there is no key. */
  readonly #installed: WeakMap<ServerResponse, Promise<unknown>> = new WeakMap();

  /**
   * @param options - what `imageSigner` takes
   * @throws ImageSignerError INVALID_OPTION
   */
  constructor(options: unknown, createViewers: (rules: SigningRules) => Viewers | undefined) {
    this.#middleware = createMiddleware(options);
    this.#rules = parseMiddleware('imageSigner', options, coreOf);
    this.#viewers = createViewers(this.#rules);
  }

  /**
   * Called before a request goes to the target: the middleware takes conditions off that it cannot vouch for.
   * @param next - gets an error if there is no key to sign with
   */
  onRequest(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void {
    this.#viewers?.expectPage(request);
    if (hasConditionals(request.headers)) this.#install(request, response, next);
    else next();
  }

  /**
   * Called with each answer.
   * @param next - called later, when all that came with the head can be read; see `onRequest`
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
    else this.#install(request, response, next);
  }

  /** Early hints may name images. Without a key they are left out. */
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
    let installed = this.#installed.get(response);
    if (installed === undefined) {
      installed = new Promise((resolve) => this.#middleware(request, response, resolve));
      this.#installed.set(response, installed);
    }
    void installed.then(next);
  }

  #mayChange({ statusCode = 0, headers }: IncomingMessage): boolean {
    const type = headers['content-type'] ?? '';
    const { access, own } = this.#rules;
    if (kindOf(type, own) !== undefined) return true;
    if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) return true;
    // In development a text that is not read may be told of.
    return access.report !== undefined && isUnreadText(type, own);
  }
}
