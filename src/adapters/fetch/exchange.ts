/**
 * What the middleware knows of one request over fetch and of its response. Most responses of a site are not pages, so
 * whatever is not needed is not created.
 */
import type { HeaderFields } from '../../http/header-fields.ts';
import type { RequestHeaders } from '../../http/validators.ts';
import type { Instance } from '../../response/instance.ts';
import { type PolicyTarget, ResponsePolicy } from '../../response/policy.ts';
import type { ResponseInProgress } from '../../signer/core.ts';
import { Reporter } from '../../signer/events.ts';
import { FetchFields } from './header-fields.ts';

export class Exchange implements PolicyTarget {
  readonly request: { readonly method: string; readonly headers: RequestHeaders };
  readonly #received: Request;
  readonly #viewer: unknown;
  readonly #instance: Instance;
  #policy: ResponsePolicy | undefined;
  #inProgress: ResponseInProgress | undefined;
  #reporter: Reporter | undefined;
  #sent: Response | undefined;
  #hasReportedError = false;

  /**
   * @param headers - the policy may change the conditional fields among them
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

  get skipArguments(): readonly unknown[] {
    return [this.#viewer];
  }

  get inProgress(): ResponseInProgress {
    if (this.#inProgress === undefined) {
      const { core, access } = this.#instance;
      this.#inProgress = core.beginResponse(access, this.#viewer, this.reporter, {
        isKeptLonger: (seconds) => this.policy.isKeptLonger(seconds),
        isShared: () => this.policy.isShared(),
      });
    }
    return this.#inProgress;
  }

  get reporter(): Reporter {
    this.#reporter ??= createReporter(this.#instance, this.#received);
    return this.#reporter;
  }

  /** Read for each response, so that it begins nothing. */
  get shortestOwnTtl(): number {
    return this.#inProgress?.signer.lifetimes.shortestOwnTtl ?? Infinity;
  }

  get isPersonal(): boolean {
    return this.#inProgress?.signer.isPersonal === true;
  }

  get sentFields(): HeaderFields | undefined {
    return this.#sent && new FetchFields(this.#sent.headers);
  }

  /** Its headers are final from here on. */
  noteSent(response: Response): void {
    this.#sent = response;
  }

  reportInternalError(): undefined {
    if (!this.#hasReportedError) this.reporter.report({ type: 'passed', reason: 'internal-error' });
    this.#hasReportedError = true;
  }
}

export function createReporter({ access }: Instance, { method, url }: Request): Reporter {
  return new Reporter(access.report, { method, target: url });
}
