/**
 * Whether a URL can be signed for Bunny so that its token says one thing only. Bunny signs the path, the expiry, the
 * client's address (four bytes, or sixteen of which the last eight are 0, if the token begins with `1-`) and the decoded
 * parameters with nothing in between. An attacker who has a token chooses where each of them ends.
 */
import { isDigit } from '../text/ascii.ts';
import { percentDecode } from '../url/percent-encoding.ts';

/** A decoded parameter. */
export type Parameter = readonly [name: string, value: string];

/** By code units, as Bunny's own libraries write them into the text that is signed. */
export function serializeParameters(parameters: readonly Parameter[]): string {
  return parameters
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/**
 * @param path - the whole path as it is signed, percent-encoded
 * @param parameters - without those of a token
 */
export function hasOneReading(path: string, parameters: readonly Parameter[]): boolean {
  // The digit could be the first one of the expiry. A token in the path is read before the one in the query.
  if (isDigit(path.charCodeAt(path.length - 1)) || tokenInPath.test(percentDecode(path))) return false;
  if (parameters.length === 0) return !holdsExpiry(path, path.lastIndexOf('='));
  const text = serializeParameters(parameters);
  // The digit could be the last one of the expiry.
  if (isDigit(text.charCodeAt(0)) || !areSeparate(parameters) || hidesMeaning(text)) return false;
  return (
    !holdsExpiry(path, path.length) && !holdsExpiry(text, text.lastIndexOf('=')) && !endsLikeExpiry(text)
  );
}

const tokenInPath = /\/bcdn_token=/i;

/** Part of a token: Bunny signs another path for `token_path`, and no other parameter beside `token_ignore_params`. */
const tokenName = /^(?:(?:bcdn_)?token(?:_.*)?|expires|limit)$/is;

/**
 * Parameters of Bunny Optimizer that may hide a part of the picture. Without one of the others (`width`) a viewer sees the
 * same picture in another size.
 * @see Bunny, "Dynamic Images" (https://docs.bunny.net/optimizer/dynamic-images)
 */
const hidingNames: ReadonlySet<string> = new Set(['blur', 'class', 'crop', 'face_crop']);

/** Whether it matters who chooses a parameter of this name, or leaves it out. */
export function hasMeaning(name: string): boolean {
  return tokenName.test(name.trim()) || hidingNames.has(name.toLowerCase());
}

/** Whether the separators that Bunny puts between parameters are the only ones, and no parameter can take in another. */
function areSeparate(parameters: readonly Parameter[]): boolean {
  const names = new Set(parameters.map(([name]) => name));
  if (names.size < parameters.length) return false;
  // `a=1&blur=9` is signed like an `a` of `1&blur=9`, which leaves the blur out.
  if (parameters.length > 1 && parameters.some(([name]) => hasMeaning(name))) return false;
  return parameters.every(([name, value]) => {
    if (!/^[^&=]+$/.test(name) || tokenName.test(name.trim()) || unreadable.test(name + value)) return false;
    // With a `=` in its value `class=a=b` is signed like a parameter `class=a`.
    return !value.includes('&') && !(value.includes('=') && hasMeaning(name));
  });
}

/** Control characters, of which NUL is part of an address; and U+FFFD, which stands for any bytes that are not UTF-8. */
const unreadable = /[\0-\x1f\x7f\ufffd]/;

/** Whether a name with a meaning comes to light behind the first four bytes: they can be an address. */
function hidesMeaning(text: string): boolean {
  const [first = ''] = Buffer.from(text).subarray(4).toString().split('&', 1);
  return text.length > 4 && namesIn(first).some(hasMeaning);
}

/** What could stand before the `=` of a parameter that begins here; a value may hold further ones. */
function namesIn(text: string): readonly string[] {
  // No name that is looked for is longer.
  const begin = text.slice(0, maxNameLength + 1);
  return Array.from(begin.matchAll(/=/g), ({ index }) => begin.slice(0, index));
}

const maxNameLength = 64;

/**
 * In Unix seconds: the beginning of 2026. What is earlier has expired, whatever server reads it.
 */
const earliestExpiry = '1767225600';

/** Whether digits could be an expiry that is still to come, or a part of them. */
function isExpiry(digits: string): boolean {
  const number = digits.replace(/^0+/, '');
  return (
    number.length > earliestExpiry.length ||
    (number.length === earliestExpiry.length && number >= earliestExpiry)
  );
}

/** Whether digits before this offset could be the expiry: what follows has a `=`, and so could be parameters. */
function holdsExpiry(text: string, end: number): boolean {
  return (text.slice(0, Math.max(0, end)).match(/\d{10,}/g) ?? []).some(isExpiry);
}

/** Whether a text that is signed last ends with an expiry: with nothing behind it, or with an address. */
function endsLikeExpiry(text: string): boolean {
  const bytes = Buffer.from(text).toString('latin1');
  return [bytes, bytes.slice(0, -4)].some((each) => isExpiry(/\d*$/.exec(each.slice(-maxDigits))![0]));
}

/** More than an expiry has that no server reads as a number of 64 bits. */
const maxDigits = 32;
