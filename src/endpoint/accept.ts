/** `Accept` -> does the client want JSON rather than plain text? Text is what it gets unless it says so (RFC 9110, 12.5.1). */

/** Whether JSON is named, with a weight that is not below plain text's; at equal weights, not behind it. */
export function prefersJson(accept: string): boolean {
  const ranges = accept.split(',').map(readRange);
  const json = ranges.findIndex(({ type }) => type === 'application/json');
  if (json < 0) return false;
  const { weight } = ranges[json]!;
  const text = ['text/plain', 'text/*', '*/*']
    .map((name) => ranges.findIndex(({ type }) => type === name))
    .find((index) => index >= 0);
  if (weight === 0 || text === undefined) return weight > 0;
  const other = ranges[text]!;
  // A wildcard is no wish for text: `application/json, */*` is what many clients send for JSON.
  const isBehind = other.type === 'text/plain' && text < json;
  return isBehind ? weight > other.weight : weight >= other.weight;
}

interface MediaRange {
  readonly type: string;
  readonly weight: number;
}

function readRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((each) => each.trim().toLowerCase());
  const weight = parameters.find((each) => /^q\s*=/.test(each));
  return { type, weight: weight === undefined ? 1 : readWeight(weight.slice(weight.indexOf('=') + 1)) };
}

/** What is no weight asks for nothing. */
function readWeight(text: string): number {
  return /^\s*(?:0(?:\.\d*)?|1(?:\.0*)?)$/.test(text) ? Number(text) : 0;
}
