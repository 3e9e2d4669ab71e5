/** Finds out who asks for a page, before `authorize` decides about its images: the option `viewer` of the `--config` file. */
import type { IncomingMessage } from 'node:http';
import { acceptsHtml } from '../../http/conditional-requests.ts';
import { kindOf } from '../../http/eligibility.ts';
import type { AccessRules, MiddlewareConfiguration } from '../../options/configuration.ts';
import { AskFailure, type AskTarget, type TargetAsker } from './ask-target.ts';

/** `viewer` is the option's result; undefined if it failed. */
export type ProxyRequest = IncomingMessage & { viewer?: unknown };

/**
 * Finds out who asks for a page. `authorize` then reads the value from `request.viewer`.
 * @param request - with its method, path and headers; the site receives its body
 * @returns any value, or a promise of one. If it throws, or takes longer than 10 seconds, the value is undefined
 */
export type ViewerFunction = (request: IncomingMessage, tools: { readonly askTarget: AskTarget }) => unknown;

/** The options of `imageSigner` that matter before the middleware runs. */
export interface SigningRules {
  readonly access: AccessRules;
  readonly own: MiddlewareConfiguration;
}

class ViewerTimeout extends Error {
  override readonly name = 'ViewerTimeout';
}

/**
 * The log line of a failure. Errors of `viewer` itself appear only by name: their messages may contain a visitor's data.
 * @returns undefined if the target does not know the visitor, which isn't a failure
 */
export function viewerFailureOf(
  error: unknown,
): { readonly reason: string; readonly path: string } | undefined {
  const failed = 'viewer failed';
  if (error instanceof AskFailure)
    return error.isRefusal ? undefined : { reason: `${failed}: ${error.message}`, path: error.path };
  if (error instanceof ViewerTimeout) return { reason: `${failed}: it took too long`, path: '' };
  const isNamed = error instanceof Error && /^\w{1,40}$/.test(error.name);
  return { reason: isNamed ? `${failed} with ${error.name}` : failed, path: '' };
}

export class Viewers {
  readonly #find: ViewerFunction;
  readonly #asker: TargetAsker;
  readonly #timeout: number;
  readonly #rules: SigningRules;
  readonly #onFailure: (error: unknown) => void;
  readonly #pending: WeakMap<IncomingMessage, Promise<void>> = new WeakMap();

  /**
   * @param timeout - in milliseconds
   * @param rules - of the middleware
   * @param onFailure - called when `viewer` throws or takes too long
   */
  constructor(
    find: ViewerFunction,
    asker: TargetAsker,
    timeout: number,
    rules: SigningRules,
    onFailure: (error: unknown) => void,
  ) {
    this.#find = find;
    this.#asker = asker;
    this.#timeout = timeout;
    this.#rules = rules;
    this.#onFailure = onFailure;
  }

  /** Runs in parallel with the request to the target if the client wants a page, so that the answer need not wait. */
  expectPage(request: ProxyRequest): void {
    if (acceptsHtml(request.headers.accept)) void this.find(request);
  }

  /** Whether the middleware may ask `authorize` or `skip` for an answer with these headers. */
  mayMatter({ statusCode = 0, headers }: IncomingMessage): boolean {
    const { access, own } = this.#rules;
    if (access.authorize === undefined && own.skip === undefined) return false;
    if (kindOf(headers['content-type'] ?? '', own) !== undefined) return true;
    const isRedirect = statusCode >= 300 && statusCode < 400 && headers.location !== undefined;
    return isRedirect && own.location !== false;
  }

  /** Sets `request.viewer`, and never rejects. It runs once per request. */
  find(request: ProxyRequest): Promise<void> {
    let pending = this.#pending.get(request);
    if (pending === undefined) {
      pending = this.#ask(request);
      this.#pending.set(request, pending);
    }
    return pending;
  }

  async #ask(request: ProxyRequest): Promise<void> {
    request.viewer = undefined;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new ViewerTimeout()), this.#timeout);
    });
    try {
      const askTarget: AskTarget = (path) => this.#asker.ask(path, request);
      // In an async function: `viewer` may throw before it returns a promise.
      const found = (async () => this.#find(request, { askTarget }))();
      request.viewer = await Promise.race([found, late]);
    } catch (error) {
      this.#onFailure(error);
    } finally {
      clearTimeout(timer);
    }
  }
}
