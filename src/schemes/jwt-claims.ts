/** The claims of a token, which the app makes of a URL: they have to tell that from any other URL. */
import { describe, invalidOption } from '../validation/message.ts';
import { isRecord } from '../validation/schema.ts';
import type { UrlParts } from './definition.ts';
import { startOfPath } from './url-parts.ts';

export type Claims = (url: UrlParts) => Readonly<Record<string, unknown>>;

export const claimsHint = 'Such as ({ origin, path }) => ({ sub: origin + path }).';

/**
 * @returns JSON
 * @throws Error for what are no claims, or claims that are those of another URL too
 */
export function claimsOf(claims: Claims, parts: UrlParts): string {
  const text = readClaims(claims(parts));
  // Claims that hold the whole path are nearly always its own, and most are such: others are compared.
  if (!text.includes(parts.path)) requireDistinct(claims, parts, text);
  return text;
}

function readClaims(made: unknown): string {
  if (!isRecord(made) || Object.hasOwn(made, 'exp'))
    throw new Error(
      `claims expected to return an object without exp, which is added, got ${describe(made)}. ${claimsHint}`,
    );
  const text = JSON.stringify(made);
  if (!text.startsWith('{'))
    throw new Error(`claims expected to return plain data, got an object with toJSON(). ${claimsHint}`);
  return text;
}

function requireDistinct(claims: Claims, parts: UrlParts, text: string): void {
  if (othersThan(parts).some((other) => textOf(claims, other) === text))
    throw new Error(`claims returned the same for two URLs, so that a token would open both. ${claimsHint}`);
}

/** @returns undefined where the app has no claims for a URL: it is none of its images */
function textOf(claims: Claims, parts: UrlParts): string | undefined {
  try {
    return JSON.stringify(claims(parts));
  } catch {
    return undefined;
  }
}

/** The URL with another name, in another folder, and in another case. */
function othersThan(parts: UrlParts): readonly UrlParts[] {
  const others = [named, moved, inOtherCase].map((change) => changed(parts, change));
  // A path may have no letter but those of an escape, which are none of the name.
  return others.filter(({ path, id }) => path !== parts.path && id !== parts.id);
}

function named(path: string): string {
  return `${path}x`;
}

function moved(path: string): string {
  const name = path.lastIndexOf('/') + 1;
  return `${path.slice(0, name)}x/${path.slice(name)}`;
}

/** In the last letter, which is part of the extension where there is one. */
function inOtherCase(path: string): string {
  for (let at = path.length - 1; at >= 0; at--) {
    const letter = path[at]!;
    if (!/[a-z]/i.test(letter)) continue;
    const other = letter < 'a' ? letter.toLowerCase() : letter.toUpperCase();
    return path.slice(0, at) + other + path.slice(at + 1);
  }
  return path;
}

/** @param change - of a path, decoded or not */
function changed({ url, origin, path, query, id }: UrlParts, change: (text: string) => string): UrlParts {
  const at = startOfPath(url);
  const other = change(path);
  return {
    url: url.slice(0, at) + other + url.slice(at + path.length),
    origin,
    path: other,
    query,
    id: change(id),
  };
}

/**
 * @param trial - a URL under the base, and no image
 * @throws ImageSignerError INVALID_OPTION
 */
export function checkTrial(claims: Claims, trial: UrlParts): void {
  let made: unknown;
  try {
    made = claims(trial);
  } catch {
    return; // it does not like a URL that is no image: real ones are judged one by one
  }
  try {
    requireDistinct(claims, trial, readClaims(made));
  } catch (error) {
    throw invalidOption('claims', (error as Error).message);
  }
}

/** Whether another query gives other claims. */
export function coversQuery(claims: Claims, trial: UrlParts): boolean {
  const [one, other] = ['v=1', 'v=2'].map((query) =>
    textOf(claims, { ...trial, url: `${trial.url}?${query}`, query }),
  );
  return one === undefined || one !== other;
}
