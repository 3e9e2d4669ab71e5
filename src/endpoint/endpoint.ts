/**
 * The signing endpoint for all adapters: it turns a request in plain values into a response in plain values, and knows no
 * framework, stream or runtime.
 */
import type { AccessRules, EndpointConfiguration } from '../options/configuration.ts';
import { parseEndpoint } from '../options/parse.ts';
import { coreOf, SigningCore } from '../signer/core.ts';
import { Reporter } from '../signer/reporter.ts';
import { EndpointSigning } from './endpoint-signing.ts';
import {
  type Body,
  isJsonType,
  maxBodyBytes,
  prefersJson,
  type Route,
  readUrls,
  routeOf,
  urlInQuery,
} from './request.ts';
import {
  corsHeaders,
  type EndpointResponse,
  type ErrorResponse,
  errorResponse,
  errorResponses,
  fixedHeaders,
  json,
  preflightHeaders,
  type SignedUrl,
  success,
} from './responses.ts';

export interface EndpointRequest {
  readonly method: string;
  /** The request target, without the mount path if the framework has removed it. */
  readonly target: string;
  /** The target with the mount path, for events. Default: `target`. */
  readonly originalTarget?: string | undefined;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Reads the body. Called only for a `POST` whose headers announce JSON within the limit. */
  body(): Promise<Body>;
}

/** The implementation of `signingEndpoint` in every entry point. */
export class Endpoint {
  readonly #core: SigningCore;
  readonly #access: AccessRules;
  readonly #options: EndpointConfiguration;

  /** @throws ImageSignerError INVALID_OPTION */
  constructor(options: unknown) {
    const { signer, configuration, access, own } = parseEndpoint('signingEndpoint', options, coreOf);
    this.#core = signer ?? new SigningCore(configuration);
    this.#access = access;
    this.#options = own;
  }

  /**
   * @param viewer - passed to `authorize` as the request
   * @returns undefined for a request outside the endpoint's path; a promise of the response, or of `'aborted'` if the client
   *   disconnected. It rejects with KEY_UNAVAILABLE if there is no key
   */
  respond(request: EndpointRequest, viewer: unknown): Promise<EndpointResponse | 'aborted'> | undefined {
    const route = routeOf(request.target, this.#options.path);
    return route && this.#respond(route, request, viewer);
  }

  async #respond(
    route: Route,
    request: EndpointRequest,
    viewer: unknown,
  ): Promise<EndpointResponse | 'aborted'> {
    const { method } = request;
    const isRead = method === 'GET' || method === 'HEAD';
    const { origins } = this.#options;
    const cors = corsHeaders(origins, headerOf(request, 'origin'));
    const methods = ['GET', 'HEAD', ...(route.kind === 'endpoint' ? ['POST'] : [])].join(', ');
    const vary = [...(isRead ? ['Accept'] : []), ...(origins === undefined ? [] : ['Origin'])].join(', ');
    const headers = { ...fixedHeaders, ...cors, ...(vary === '' ? {} : { Vary: vary }) };

    if (method === 'OPTIONS' && origins !== undefined) {
      const requested = headerOf(request, 'access-control-request-headers');
      const preflight = 'Access-Control-Allow-Origin' in cors ? preflightHeaders(methods, requested) : {};
      return { status: 204, headers: { ...headers, ...preflight }, body: '' };
    }
    if (isRead) {
      const outcome = await this.#signOne(route, request, viewer);
      const isJson = prefersJson(headerOf(request, 'accept') ?? '');
      return 'status' in outcome
        ? errorResponse(outcome, isJson, headers)
        : success(outcome, isJson, headers);
    }
    if (method === 'POST' && route.kind === 'endpoint') {
      const outcome = await this.#signMany(request, viewer);
      if (outcome === 'aborted') return 'aborted';
      return 'status' in outcome ? errorResponse(outcome, true, headers) : json(200, outcome, headers);
    }
    const allow = origins === undefined ? methods : `${methods}, OPTIONS`;
    return errorResponse(errorResponses.methodNotAllowed, false, { ...headers, Allow: allow });
  }

  async #signOne(
    route: Route,
    request: EndpointRequest,
    viewer: unknown,
  ): Promise<SignedUrl | ErrorResponse> {
    const url = route.kind === 'image' ? route.url : urlInQuery(route.query);
    if (url === undefined) return errorResponses.missingUrl;
    const [outcome] = await this.#sign([url], request, viewer);
    return outcome!; // `sign` returns one for each URL
  }

  async #signMany(request: EndpointRequest, viewer: unknown): Promise<Batch | ErrorResponse | 'aborted'> {
    if (!isJsonType(headerOf(request, 'content-type') ?? '')) return errorResponses.unsupportedMediaType;
    if (Number(headerOf(request, 'content-length') ?? 0) > maxBodyBytes) return errorResponses.bodyTooLong;
    const body = await request.body();
    if (body === 'aborted') return 'aborted';
    if (body === 'too-long') return errorResponses.bodyTooLong;
    if (body === 'unreadable') return errorResponses.encodedBody;
    const requested = readUrls(body.value);
    if ('status' in requested) return requested;
    const outcomes = await this.#sign(requested, request, viewer);
    // Without a prototype: assigning the client's key `__proto__` would otherwise lose the result.
    const urls: Batch['urls'] = Object.create(null);
    for (const [index, outcome] of outcomes.entries()) {
      urls[requested[index]!] = 'status' in outcome ? { error: outcome.line } : outcome;
    }
    return { urls };
  }

  async #sign(
    urls: readonly string[],
    { method, target, originalTarget = target }: EndpointRequest,
    viewer: unknown,
  ): Promise<(SignedUrl | ErrorResponse)[]> {
    const pending = this.#core.ready();
    if (pending !== undefined) await pending;
    const reporter = new Reporter(this.#access.report, { source: { method, target: originalTarget } });
    return new EndpointSigning(this.#core.configuration, this.#access, reporter, viewer).sign(urls);
  }
}

interface Batch {
  readonly urls: Record<string, SignedUrl | { readonly error: string }>;
}

function headerOf({ headers }: EndpointRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'object' ? value.join(', ') : value;
}
