/** The responses of the signing endpoint as plain values. Other code decides which one a request gets. */

import type { ImageSignerError } from '../errors.ts';

export interface EndpointResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for `204`; for `HEAD` the body that `GET` would get. */
  readonly body: string;
}

export interface SignedUrl {
  readonly url: string;
  /** In Unix seconds; absent for an always public variant, whose URL has no token. */
  readonly expiresAt?: number;
}

/** A status and one fixed line that contains nothing from the request. */
export interface ErrorResponse {
  readonly status: number;
  readonly line: string;
}

type ErrorName =
  | 'notFound'
  | 'methodNotAllowed'
  | 'missingUrl'
  | 'notADeliveryUrl'
  | 'notAllowed'
  | 'unsupportedMediaType'
  | 'encodedBody'
  | 'missingUrls'
  | 'tooManyUrls'
  | 'bodyTooLong'
  | 'unavailable';

/** Only `report` receives the reason: it would tell a client which variants, accounts and images exist. */
export const errorResponses: Readonly<Record<ErrorName, ErrorResponse>> = {
  notFound: { status: 404, line: 'Not Found' },
  methodNotAllowed: { status: 405, line: 'Expected another method.' },
  missingUrl: {
    status: 400,
    line: "Expected the URL of an image after the path, or as the one parameter 'url', percent-encoded.",
  },
  notADeliveryUrl: { status: 400, line: 'Expected the delivery URL of an image.' },
  /** `403` if the account, the variant or `authorize` forbids it: the client does not learn which. */
  notAllowed: { status: 403, line: 'This image is not signed for you.' },
  unsupportedMediaType: { status: 415, line: 'Expected Content-Type: application/json.' },
  encodedBody: { status: 415, line: 'Expected a body without Content-Encoding.' },
  missingUrls: { status: 400, line: 'Expected JSON, { "urls": ["https://…"] }.' },
  tooManyUrls: { status: 413, line: 'Expected 100 URLs at most.' },
  bodyTooLong: { status: 413, line: 'Expected a body of 64 KiB at most.' },
  unavailable: { status: 503, line: 'Not available.' },
};

export const fixedHeaders = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

/** For a request outside the endpoint's path, if no other handler follows. */
export const notFound: EndpointResponse = errorResponse(errorResponses.notFound, false, fixedHeaders);
/**
 * For a clock that throws or a missing key, if there is no error handler.
 * @param error - its headers say when to retry; error handlers of frameworks send them too
 */
export function unavailable(error?: unknown): EndpointResponse {
  const { headers } = Object(error) as Partial<ImageSignerError>;
  return errorResponse(errorResponses.unavailable, false, { ...fixedHeaders, ...headers });
}

export function success(
  signed: SignedUrl,
  isJson: boolean,
  headers: EndpointResponse['headers'],
): EndpointResponse {
  return isJson ? json(200, signed, headers) : text(200, signed.url, headers);
}

export function errorResponse(
  { status, line }: ErrorResponse,
  isJson: boolean,
  headers: EndpointResponse['headers'],
): EndpointResponse {
  return isJson ? json(status, { error: line }, headers) : text(status, `${line}\n`, headers);
}

function text(status: number, body: string, headers: EndpointResponse['headers']): EndpointResponse {
  return { status, headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' }, body };
}

export function json(status: number, body: unknown, headers: EndpointResponse['headers']): EndpointResponse {
  return { status, headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

/** How long a browser may cache a preflight response. Browsers have upper limits, the shortest of which is ten minutes. */
const preflightSeconds = 600;

/**
 * CORS headers (Fetch standard, "CORS protocol"). Only the listed origins may read responses; they are compared exactly.
 * @param origin - the request's `Origin`
 * @returns no headers for an origin that is not listed
 */
export function corsHeaders(
  origins: ReadonlySet<string> | undefined,
  origin: string | undefined,
): Record<string, string> {
  if (origin === undefined || origins?.has(origin) !== true) return {};
  return {
    'Access-Control-Allow-Origin': origin,
    // `authorize` usually reads a cookie, and browsers send none to another origin without this.
    'Access-Control-Allow-Credentials': 'true',
    // `image-signer/client` uses the server's clock, since the visitor's may be hours off. `Age` says how old `Date` is.
    // Chromium logs an error if a script reads a header that is not exposed, even if it is absent.
    'Access-Control-Expose-Headers': 'Age, Date',
  };
}

/** @param requestHeaders - `Access-Control-Request-Headers`, which is echoed if it is a short list of names */
export function preflightHeaders(
  methods: string,
  requestHeaders: string | undefined,
): Record<string, string> {
  const isList = requestHeaders !== undefined && /^[\w!#$%&'*+.^`|~, -]{1,1024}$/.test(requestHeaders);
  return {
    'Access-Control-Allow-Methods': methods,
    ...(isList ? { 'Access-Control-Allow-Headers': requestHeaders } : {}),
    'Access-Control-Max-Age': String(preflightSeconds),
  };
}
