/**
 * Parses, limits and serializes cache directives (RFC 9111, 5.2). It reads them as the most lenient cache does, and does
 * not know which field contains them.
 */

export interface Directive {
  readonly name: string;
  text: string;
}

/** A directive without an argument becomes lower case: some caches compare names with case. */
export function directive(text: string): Directive {
  const name = text.split('=', 1)[0]!.trim().toLowerCase();
  return { name, text: text.includes('=') ? text : name };
}

export function serializeDirectives(directives: readonly Directive[]): string {
  return directives.map(({ text }) => text).join(', ');
}

/** Simple caches find these inside other directives: nginx anywhere in the text, others after any comma. */
const embedded = /((?:max-age|s-maxage|stale-while-revalidate|stale-if-error)\s*=)[^,;"]*|immutable/gi;
const lifetimeNames: readonly string[] = ['max-age', 's-maxage', 'stale-while-revalidate', 'stale-if-error'];

const quotedValue = /[^\s,="]\s*=\s*"[^"\\]*"/g;

/** Splits at commas outside quoted arguments. @returns undefined if a quote stands anywhere else: caches split that differently */
export function parseDirectives(value: string): Directive[] | undefined {
  if (value.replaceAll(quotedValue, '').includes('"')) return undefined;
  const directives = (value.match(/(?:=\s*"[^"]*"|[^,])+/g) ?? [])
    .map((text) => directive(text.trim()))
    .filter(({ name }) => name !== '');
  for (const each of directives) {
    if (lifetimeNames.includes(each.name) || each.name === 'immutable') continue;
    each.text = each.text.replaceAll(embedded, (_, name?: string) => (name === undefined ? '' : `${name}0`));
  }
  return directives;
}

export function drop(directives: Directive[], ...names: string[]): void {
  for (let i = directives.length - 1; i >= 0; i--)
    if (names.includes(directives[i]!.name)) directives.splice(i, 1);
}

/**
 * Drops the qualified forms of a directive (`no-cache="Set-Cookie"`; RFC 9111, 5.2.2.4): beside the unqualified form, a
 * cache may apply the first or the last of them.
 */
export function dropQualified(directives: Directive[], name: string): void {
  for (let i = directives.length - 1; i >= 0; i--)
    if (directives[i]!.name === name && directives[i]!.text !== name) directives.splice(i, 1);
}

/** @param most - seconds that a cache may serve the response stale */
export function limitStale(directives: Directive[], most: number): void {
  for (const name of ['stale-while-revalidate', 'stale-if-error']) {
    // Keep the app's own 0: without it some caches serve stale responses while the site is down.
    const isForbidden = directives.some((each) => each.name === name && secondsOf(each.text) === 0);
    if (limitSeconds(directives, name, Math.max(0, most)) === 0 && !isForbidden) drop(directives, name);
  }
}

/** Limits a directive. The lowest duplicate wins; an invalid number counts as 0. @returns undefined if there is none */
export function limitSeconds(directives: Directive[], name: string, most: number): number | undefined {
  const all = directives.filter((each) => each.name === name);
  if (all.length === 0) return undefined;
  const given = all.map(({ text }) => secondsOf(text));
  const seconds = Math.min(most, ...given.map((each) => each ?? 0));
  const [first, ...others] = all;
  // Remove quotes: some caches ignore a quoted number, and apply a lifetime of their own (RFC 9213, 2.1).
  if (others.length === 0 && given[0] === seconds && !first!.text.includes('"')) return seconds;
  first!.text = `${name}=${seconds}`;
  for (const other of others) directives.splice(directives.indexOf(other), 1);
  return seconds;
}

/** @returns undefined for anything but a whole number */
function secondsOf(text: string): number | undefined {
  const value = text.slice(text.indexOf('=') + 1).trim();
  const [, digits] = /^"?(\d+)"?$/.exec(value) ?? [];
  return text.includes('=') && digits !== undefined ? Number(digits) : undefined;
}
