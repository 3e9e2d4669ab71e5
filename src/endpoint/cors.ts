/** CORS response headers (Fetch standard, "CORS protocol"). Only the listed origins may read responses; they compare exactly. */

/** How long a browser may cache a preflight response: browsers have upper limits, and ten minutes is the shortest. */
const preflightSeconds = 600;

/**
 * @param origin - the request's `Origin`
 * @returns no headers for an origin that is not listed
 */
export function corsHeaders(
  origins: ReadonlySet<string> | undefined,
  origin: string | undefined,
): Record<string, string> {
  if (origin === undefined || origins?.has(origin) !== true) return {};
  // `authorize` usually reads a cookie: browsers send none to another origin without Allow-Credentials.
  return { 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Credentials': 'true' };
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
