/** Which other sites may read the answers: those that are named, by exact comparison, and no other (Fetch, "CORS protocol"). */

/** Seconds that a browser may keep a preflight's answer: the shortest of the bounds that browsers have. */
const preflightSeconds = 600;

/**
 * @param origin - what the request says of itself
 * @returns nothing for a site that is not on the list
 */
export function corsHeaders(
  origins: ReadonlySet<string> | undefined,
  origin: string | undefined,
): Record<string, string> {
  if (origin === undefined || origins?.has(origin) !== true) return {};
  // What `authorize` goes by is a cookie as a rule, which is not sent without the second.
  return { 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Credentials': 'true' };
}

/** @param wanted - the header fields that the page wants to send */
export function preflightHeaders(methods: string, wanted: string | undefined): Record<string, string> {
  const isList = wanted !== undefined && /^[\w!#$%&'*+.^`|~, -]{1,1024}$/.test(wanted);
  return {
    'Access-Control-Allow-Methods': methods,
    ...(isList ? { 'Access-Control-Allow-Headers': wanted } : {}),
    'Access-Control-Max-Age': String(preflightSeconds),
  };
}
