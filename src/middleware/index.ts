/** `app.use(imageSigner(options))` over `node:http`: helpers on the request, and a plan for the response. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Interceptor, interceptResponse } from '../http/interception.ts';
import type { MiddlewareConfiguration, Viewing } from '../options/configuration.ts';
import { parseMiddleware } from '../options/parse.ts';
import { coreOf, type ResponseInProgress, SignerCore } from '../signer/core.ts';
import { Reporter } from '../signer/events.ts';
import { createViewHelpers } from '../signer/view-helpers.ts';
import type { EpochSeconds } from '../signing/expiry.ts';
import { createTagSuffix } from './entity-tag.ts';
import { type ExpressResponse, rewriteViewData } from './express-views.ts';
import { ResponsePlan } from './plan.ts';

export type Next = (error?: unknown) => void;

/** One mount of the middleware. */
interface Mount {
  readonly core: SignerCore;
  readonly viewing: Viewing;
  readonly configuration: MiddlewareConfiguration;
  readonly suffixAt: (now: EpochSeconds) => string;
}

/** The mount whose options hold for a response; under a symbol that both copies of the package know. */
const mountedSymbol: unique symbol = Symbol.for('image-signer.mounted') as never;

/** What Express, or nobody, has put on the messages. */
type Request = IncomingMessage & Partial<Record<'signImage' | 'signSrcset', unknown>>;
type Response = ExpressResponse & { [mountedSymbol]?: MountedResponse };

export function createMiddleware(
  options: unknown,
): (request: IncomingMessage, response: ServerResponse, next: Next) => void {
  const { signer, configuration, viewing, own } = parseMiddleware('imageSigner', options, coreOf);
  const core = signer ?? new SignerCore(configuration);
  const mount: Mount = { core, viewing, configuration: own, suffixAt: createTagSuffix(core, viewing, own) };
  const reporter = new Reporter(viewing.report);
  let hasReported = false;

  // A property's name: esbuild renames a function that is called as an export is.
  const { imageSigner } = {
    imageSigner(request: Request, response: Response, next: Next) {
      const mounted = response[mountedSymbol];
      if (mounted === undefined) {
        const first = new MountedResponse(request, response);
        Object.defineProperty(response, mountedSymbol, { value: first });
        first.adopt(mount);
      } else if (!mounted.holds(mount) && !response.headersSent) {
        if (!hasReported) reporter.tell({ type: 'mounted-again' });
        hasReported = true;
        mounted.adopt(mount);
      }
      next();
    },
  };
  return imageSigner;
}

/** A response with the helpers and the plan of the mount that holds for it: the last one, where several do. */
class MountedResponse {
  readonly #request: Request;
  readonly #response: Response;
  #mount: Mount | undefined;
  #inProgress: ResponseInProgress | undefined;
  #plan: ResponsePlan | undefined;
  #reconsider: (() => void) | undefined;
  #rewritesViews = false;

  constructor(request: Request, response: Response) {
    this.#request = request;
    this.#response = response;
  }

  /** Whether a mount would change nothing. */
  holds(mount: Mount): boolean {
    return this.#mount !== undefined && isSameMount(this.#mount, mount);
  }

  adopt(mount: Mount): void {
    const { core, viewing, configuration } = mount;
    this.#mount = mount;
    this.#plan?.settled();
    const inProgress = core.beginResponse(viewing, this.#request);
    if (this.#inProgress !== undefined) inProgress.signer.inherit(this.#inProgress.signer);
    this.#inProgress = inProgress;
    this.#attachHelpers(inProgress);
    this.#plan = new ResponsePlan({
      request: this.#request,
      response: this.#response,
      inProgress,
      configuration,
      isPersonal: viewing.authorize !== undefined,
      suffix: () => mount.suffixAt(inProgress.now),
    });
    if (configuration.html || configuration.json || configuration.headers) this.#intercept();
    if (configuration.locals && !this.#rewritesViews) {
      this.#rewritesViews = true;
      rewriteViewData(
        this.#response,
        () => (this.#mount?.configuration.locals ? this.#inProgress?.signer.mapUrl : undefined),
        () => this.#inProgress?.reporter.tell({ type: 'passed', reason: 'fault' }),
      );
    }
  }

  /** The helpers throw; those of views throw for the template's own mistakes alone. */
  #attachHelpers({ core, signer, reporter }: ResponseInProgress): void {
    this.#request.signImage = (image: string, variant?: string, options?: unknown) =>
      signer.signImage(image, variant, options);
    this.#request.signSrcset = (image: string, candidates?: unknown, options?: unknown) =>
      signer.signSrcset(image, candidates, options);
    if (this.#response.locals === undefined) return; // Connect and bare http have no views
    Object.assign(this.#response.locals, createViewHelpers(signer, core.configuration.variants, reporter));
  }

  #intercept(): void {
    if (this.#reconsider !== undefined) return this.#reconsider();
    const plan = (): ResponsePlan => this.#plan!; // set before, and never taken away
    const interceptor: Interceptor = {
      typeSet: (type) => plan().typeSet(type),
      decide: (status, fields, isEncoded) => plan().decide(status, fields, isEncoded),
      leaving: (fields) => plan().leaving(fields),
      settled: () => plan().settled(),
      hint: (links) => plan().hint(links),
    };
    this.#reconsider = interceptResponse(this.#response, interceptor);
  }
}

function isSameMount(a: Mount, b: Mount): boolean {
  const [one, other] = [a.configuration, b.configuration];
  return (
    a === b ||
    (a.core.configuration.fingerprint === b.core.configuration.fingerprint &&
      a.core.configuration.now === b.core.configuration.now &&
      a.viewing.authorize === b.viewing.authorize &&
      a.viewing.deniedVariant === b.viewing.deniedVariant &&
      a.viewing.report === b.viewing.report &&
      one.html === other.html &&
      one.json === other.json &&
      one.headers === other.headers &&
      one.locals === other.locals &&
      one.skip === other.skip &&
      JSON.stringify([...one.extraTargets]) === JSON.stringify([...other.extraTargets]))
  );
}
