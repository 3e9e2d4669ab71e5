/** The middleware's state for one fetch request and its response. Most responses are not pages, so parts are created on first use. */
import type { RequestHeaders } from '../../http/conditional-requests.ts';
import type { HeaderFields } from '../../http/header-fields.ts';
import type { Instance } from '../../pages/instance.ts';
import { type PolicyTarget, ResponsePolicy } from '../../pages/policy.ts';
import type { ExtraTargets } from '../../rewriting/options.ts';
import type { ResponseInProgress } from '../../signer/core.ts';
import type { SentHeaders } from '../../signer/page-signing.ts';
import { Reporter } from '../../signer/reporter.ts';

export class Exchange implements PolicyTarget, SentHeaders {
  readonly request: { readonly method: string; readonly headers: RequestHeaders };
  readonly #received: Request;
  readonly #viewer: unknown;
  readonly #instance: Instance;
  #policy: ResponsePolicy | undefined;
  #inProgress: ResponseInProgress | undefined;
  #reporter: Reporter | undefined;
  #sent: Response | undefined;
  #changesHeaders = false;
  #hasReportedFailure = false;

  /**
   * @param headers - the policy may change conditional fields in them
   * @param viewer - the framework's own object for the request, passed to `authorize` and `skip`
   */
  constructor(received: Request, headers: RequestHeaders, viewer: unknown, instance: Instance) {
    this.request = { method: received.method, headers };
    this.#received = received;
    this.#viewer = viewer;
    this.#instance = instance;
  }

  get policy(): ResponsePolicy {
    this.#policy ??= new ResponsePolicy(this, this.#instance);
    return this.#policy;
  }

  get extraTargets(): ExtraTargets {
    return this.#instance.configuration.extraTargets;
  }

  get skipArguments(): readonly unknown[] {
    return [this.#viewer];
  }

  get inProgress(): ResponseInProgress {
    if (this.#inProgress === undefined) {
      const { core, access } = this.#instance;
      this.#inProgress = core.beginResponse(access, this.#viewer, this.reporter, { sent: this });
    }
    return this.#inProgress;
  }

  isKeptLonger(seconds: number): boolean {
    return this.policy.isKeptLonger(seconds);
  }

  isShared(): boolean {
    return this.policy.isShared();
  }

  get reporter(): Reporter {
    this.#reporter ??= createReporter(this.#instance, this.#received);
    return this.#reporter;
  }

  /** Read for every response, so it must not begin signing. */
  get shortestOwnTtl(): number {
    return this.#inProgress?.signer.lifetimes.shortestOwnTtl ?? Infinity;
  }

  get isPersonal(): boolean {
    return this.#inProgress?.signer.isPersonal === true;
  }

  get sentFields(): HeaderFields | undefined {
    return this.#sent && new FetchFields(this.#sent.headers);
  }

  /** The response's headers are final from here on. */
  noteSent(response: Response): void {
    this.#sent = response;
  }

  /** Changes the headers of the response as the policy says. */
  changeHeaders(fields: HeaderFields): void {
    this.#changesHeaders = true;
    this.policy.onHeaders(fields);
  }

  /** See `Call`. */
  limitAgain(response: Response): Response {
    if (!this.#changesHeaders) return response;
    // Read the body only for a copy: once it is read, `@hono/node-server` answers a failing stream differently.
    const needsCopy = isImmutable(response);
    if (needsCopy && (response.bodyUsed || response.body?.locked)) return response;
    const limited = needsCopy ? new Response(response.body, response) : response;
    this.policy.onHeaders(new FieldsAbove(limited.headers));
    this.#sent = limited;
    return limited;
  }

  reportFailure(error: unknown): undefined {
    if (!this.#hasReportedFailure) this.reporter.failed(error);
    this.#hasReportedFailure = true;
  }
}

/** Whether the headers are read-only, like those of `fetch` and `Response.redirect`. Only an attempt shows it. */
export function isImmutable({ headers }: Response): boolean {
  try {
    headers.delete('x-image-signer');
    return false;
  } catch {
    return true;
  }
}

export function createReporter({ access }: Instance, { method, url }: Request): Reporter {
  return new Reporter(access.report, { source: { method, target: url } });
}

/** The headers of a `Response` as `HeaderFields`. */
export class FetchFields implements HeaderFields {
  readonly #headers: Headers;

  constructor(headers: Headers) {
    this.#headers = headers;
  }

  get(name: string): string | undefined {
    return this.#headers.get(name) ?? undefined;
  }

  /** At most one value: `Headers` joins values by commas (except for `Set-Cookie`, never read here). */
  list(name: string): string[] {
    const value = this.#headers.get(name);
    return value === null ? [] : [value];
  }

  names(): string[] {
    return [...this.#headers.keys()];
  }

  set(name: string, value: string | string[]): void {
    this.#headers.set(name, [value].flat().join(', '));
  }

  remove(name: string): void {
    this.#headers.delete(name);
  }
}

/** The headers after outer middleware has run. An entity tag that it has made describes the signed page, and stays. */
class FieldsAbove extends FetchFields {
  override set(name: string, value: string | string[]): void {
    if (name !== 'ETag') super.set(name, value);
  }
}
