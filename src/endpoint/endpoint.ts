/**
 * A request as plain values -> an answer as plain values, or none where the request is not the endpoint's. Every porch
 * has the same one: it knows no framework, no stream and no runtime.
 */
import type { AccessPolicy, Configuration, EndpointConfiguration } from '../options/configuration.ts';
import { parseEndpoint } from '../options/parse.ts';
import { coreOf } from '../signer/core.ts';
import { Reporter } from '../signer/events.ts';
import { prefersJson } from './accept.ts';
import { type Body, isJsonType, maxBodyBytes, readUrls } from './batch.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import { type ErrorResponse, errorResponses } from './error-responses.ts';
import { type Route, routeOf, urlInQuery } from './route.ts';
import { type Signed, UrlSigner } from './url-signer.ts';

export interface EndpointRequest {
  readonly method: string;
  /** As the client sent it, without the path that a mount has taken off. */
  readonly target: string;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Reads the body; called for a `POST` alone, whose head says that it may be read. */
  body(): Promise<Body>;
}

export interface EndpointResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for `204`; for `HEAD` what `GET` would get. */
  readonly body: string;
}

const fixedHeaders = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

/** For a request that is not the endpoint's, where nothing is behind it that could answer. */
export const notFound: EndpointResponse = refusal(errorResponses.notFound, false, fixedHeaders);
/** Where the app's clock fails, and nothing is behind that could hear of it. */
export const unavailable: EndpointResponse = refusal(errorResponses.unavailable, false, fixedHeaders);

/** What is behind `signingEndpoint`, in whatever entry. */
export class Endpoint {
  readonly #configuration: Configuration;
  readonly #access: AccessPolicy;
  readonly #own: EndpointConfiguration;
  readonly #reporter: Reporter;

  /** @throws ImageSignerError INVALID_OPTION */
  constructor(options: unknown) {
    const { configuration, access, own } = parseEndpoint('signingEndpoint', options, coreOf);
    this.#configuration = configuration;
    this.#access = access;
    this.#own = own;
    this.#reporter = new Reporter(access.report);
  }

  /**
   * @param viewer - handed to `authorize` as the request
   * @returns undefined for a request that is not the endpoint's; `'aborted'` for a client that is not there any more
   */
  respond(request: EndpointRequest, viewer: unknown): Promise<EndpointResponse | 'aborted'> | undefined {
    const place = routeOf(request.target, this.#own.path);
    return place && this.#answer(place, request, viewer);
  }

  async #answer(
    place: Route,
    request: EndpointRequest,
    viewer: unknown,
  ): Promise<EndpointResponse | 'aborted'> {
    const { method } = request;
    const isRead = method === 'GET' || method === 'HEAD';
    const { origins } = this.#own;
    const cors = corsHeaders(origins, headerOf(request, 'origin'));
    const methods = ['GET', 'HEAD', ...(place.kind === 'endpoint' ? ['POST'] : [])].join(', ');
    const vary = [...(isRead ? ['Accept'] : []), ...(origins === undefined ? [] : ['Origin'])].join(', ');
    const headers = { ...fixedHeaders, ...cors, ...(vary === '' ? {} : { Vary: vary }) };

    if (method === 'OPTIONS' && origins !== undefined) {
      const wanted = headerOf(request, 'access-control-request-headers');
      const leave = 'Access-Control-Allow-Origin' in cors ? preflightHeaders(methods, wanted) : {};
      return { status: 204, headers: { ...headers, ...leave }, body: '' };
    }
    if (isRead) {
      const outcome = await this.#signOne(place, viewer);
      const isJson = prefersJson(headerOf(request, 'accept') ?? '');
      return 'status' in outcome ? refusal(outcome, isJson, headers) : success(outcome, isJson, headers);
    }
    if (method === 'POST' && place.kind === 'endpoint') {
      const outcome = await this.#signMany(request, viewer);
      if (outcome === 'aborted') return 'aborted';
      return 'status' in outcome ? refusal(outcome, true, headers) : json(200, outcome, headers);
    }
    const allow = origins === undefined ? methods : `${methods}, OPTIONS`;
    return refusal(errorResponses.methodNotAllowed, false, { ...headers, Allow: allow });
  }

  async #signOne(place: Route, viewer: unknown): Promise<Signed | ErrorResponse> {
    const url = place.kind === 'image' ? place.url : urlInQuery(place.query);
    if (url === undefined) return errorResponses.missingUrl;
    const [outcome] = await this.#signer(viewer).sign([url]);
    return outcome!; // one for each
  }

  async #signMany(request: EndpointRequest, viewer: unknown): Promise<Batch | ErrorResponse | 'aborted'> {
    if (!isJsonType(headerOf(request, 'content-type') ?? '')) return errorResponses.unsupportedMediaType;
    if (Number(headerOf(request, 'content-length') ?? 0) > maxBodyBytes) return errorResponses.bodyTooLong;
    const body = await request.body();
    if (body === 'aborted') return 'aborted';
    if (body === 'too-long') return errorResponses.bodyTooLong;
    if (body === 'unreadable') return errorResponses.encodedBody;
    const given = readUrls(body.value);
    if ('status' in given) return given;
    const outcomes = await this.#signer(viewer).sign(given);
    // Without a prototype, on which a URL that is given as `__proto__` would vanish.
    const urls: Batch['urls'] = Object.create(null);
    for (const [index, outcome] of outcomes.entries()) {
      urls[given[index]!] = 'status' in outcome ? { error: outcome.line } : outcome;
    }
    return { urls };
  }

  #signer(viewer: unknown): UrlSigner {
    return new UrlSigner(this.#configuration, this.#access, this.#reporter, viewer);
  }
}

interface Batch {
  readonly urls: Record<string, Signed | { readonly error: string }>;
}

function headerOf({ headers }: EndpointRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'object' ? value.join(', ') : value;
}

function success(signed: Signed, isJson: boolean, headers: EndpointResponse['headers']): EndpointResponse {
  return isJson ? json(200, signed, headers) : text(200, signed.url, headers);
}

function refusal(
  { status, line }: ErrorResponse,
  isJson: boolean,
  headers: EndpointResponse['headers'],
): EndpointResponse {
  return isJson ? json(status, { error: line }, headers) : text(status, `${line}\n`, headers);
}

function text(status: number, body: string, headers: EndpointResponse['headers']): EndpointResponse {
  return { status, headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' }, body };
}

function json(status: number, body: unknown, headers: EndpointResponse['headers']): EndpointResponse {
  return { status, headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}
