/** `Accept` -> does the client prefer JSON to plain text? It knows the two formats of the endpoint, and no other. */

/**
 * Whether the response is JSON. The most specific range that matches a type gives its weight (RFC 9110, 12.5.1), and a
 * type that no range matches is not acceptable. Between two acceptable types the greater weight wins, then the more
 * specific range, then the earlier one, as in the package `negotiator`.
 *
 * Text is the default: many clients send a wildcard without having JSON in mind. So JSON that only the range of all
 * types matches is the answer only where text is not acceptable.
 */
export function prefersJson(accept: string): boolean {
  const ranges = accept.split(',').map(parseRange);
  const json = mostSpecific(ranges, ['*/*', 'application/*', 'application/json']);
  const text = mostSpecific(ranges, ['*/*', 'text/*', 'text/plain']);
  if (json.weight === 0 || text.weight === 0) return json.weight > 0;
  if (json.specificity === 0) return false;
  return (json.weight - text.weight || json.specificity - text.specificity || text.index - json.index) > 0;
}

interface MediaRange {
  readonly type: string;
  readonly weight: number;
}

/** The range that gives a type its weight. */
interface Match {
  readonly weight: number;
  /** 0 for all types, 1 for all subtypes of a type, 2 for the type itself. */
  readonly specificity: number;
  /** Its index in the list. */
  readonly index: number;
}

/** @param names - the ranges that match a type, the least specific first. Of a repeated range the greatest weight counts. */
function mostSpecific(ranges: readonly MediaRange[], names: readonly string[]): Match {
  let best: Match = { weight: 0, specificity: -1, index: -1 };
  for (const [index, { type, weight }] of ranges.entries()) {
    const specificity = names.indexOf(type);
    if (specificity < 0) continue;
    if ((specificity - best.specificity || weight - best.weight) > 0) best = { weight, specificity, index };
  }
  return best;
}

function parseRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((each) => each.trim().toLowerCase());
  const weight = parameters.find((each) => /^q\s*=/.test(each));
  return { type, weight: weight === undefined ? 1 : parseWeight(weight.slice(weight.indexOf('=') + 1)) };
}

/** An invalid weight counts as 0, which makes the range not acceptable. */
function parseWeight(text: string): number {
  return /^\s*(?:0(?:\.\d*)?|1(?:\.0*)?)$/.test(text) ? Number(text) : 0;
}
