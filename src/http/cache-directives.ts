/**
 * The directives of `Cache-Control` and its kin: read as the most trusting of caches would, cut, and written again
 * (RFC 9111, 5.2). It does not know which field they stand in.
 */

export interface Directive {
  readonly name: string;
  text: string;
}

/** Words in lower case, which is how caches that mind the case know them. */
export function directive(text: string): Directive {
  const name = text.split('=', 1)[0]!.trim().toLowerCase();
  return { name, text: text.includes('=') ? text : name };
}

export function serializeDirectives(directives: readonly Directive[]): string {
  return directives.map(({ text }) => text).join(', ');
}

/** What simple caches find within other directives: nginx anywhere in the text, others behind any comma. */
const hidden = /((?:max-age|s-maxage|stale-while-revalidate|stale-if-error)\s*=)[^,;"]*|immutable/gi;
const lifetimes: readonly string[] = ['max-age', 's-maxage', 'stale-while-revalidate', 'stale-if-error'];

const quotedValue = /[^\s,="]\s*=\s*"[^"\\]*"/g;

/** Splits at commas outside quoted values; undefined where a quote stands anywhere else. */
export function parseDirectives(value: string): Directive[] | undefined {
  if (value.replaceAll(quotedValue, '').includes('"')) return undefined;
  const directives = (value.match(/(?:=\s*"[^"]*"|[^,])+/g) ?? [])
    .map((text) => directive(text.trim()))
    .filter(({ name }) => name !== '');
  for (const each of directives) {
    if (lifetimes.includes(each.name) || each.name === 'immutable') continue;
    each.text = each.text.replaceAll(hidden, (_, name?: string) => (name === undefined ? '' : `${name}0`));
  }
  return directives;
}

export function drop(directives: Directive[], ...names: string[]): void {
  for (let i = directives.length - 1; i >= 0; i--)
    if (names.includes(directives[i]!.name)) directives.splice(i, 1);
}

/** Of several the first or the last may hold: none is left that speaks of some fields alone. */
export function dropQualified(directives: Directive[], name: string): void {
  for (let i = directives.length - 1; i >= 0; i--)
    if (directives[i]!.name === name && directives[i]!.text !== name) directives.splice(i, 1);
}

export function limitStale(directives: Directive[], rest: number): void {
  for (const name of ['stale-while-revalidate', 'stale-if-error']) {
    // An app's own 0 stays: without it some caches show what is stale when the site is down.
    const isForbidden = directives.some((each) => each.name === name && secondsOf(each.text) === 0);
    if (limitSeconds(directives, name, Math.max(0, rest)) === 0 && !isForbidden) drop(directives, name);
  }
}

/** Cuts every directive of this name; of several the least holds, and one that cannot be read counts as 0. */
export function limitSeconds(directives: Directive[], name: string, most: number): number | undefined {
  const all = directives.filter((each) => each.name === name);
  if (all.length === 0) return undefined;
  const given = all.map(({ text }) => secondsOf(text));
  const seconds = Math.min(most, ...given.map((each) => each ?? 0));
  const [first, ...others] = all;
  // Not in quotes: some caches take that for no lifetime, and one of their own (RFC 9213, 2.1).
  if (others.length === 0 && given[0] === seconds && !first!.text.includes('"')) return seconds;
  first!.text = `${name}=${seconds}`;
  for (const other of others) directives.splice(directives.indexOf(other), 1);
  return seconds;
}

/** Undefined for what is no whole number of seconds. */
function secondsOf(text: string): number | undefined {
  const value = text.slice(text.indexOf('=') + 1).trim();
  const [, digits] = /^"?(\d+)"?$/.exec(value) ?? [];
  return text.includes('=') && digits !== undefined ? Number(digits) : undefined;
}
