/** The options `delivery` and `accountHash`: the base URLs of images, and the accounts that own them. */
import * as v from 'valibot';
import { decodeSegment, isDotSegment, serializePath } from '../url/canonical.ts';
import type { DeliveryBase } from '../url/delivery.ts';
import { asBase, expected } from './message.ts';
import { isRecord, listOf, type Schema } from './values.ts';

const hash: Schema<string> = v.pipe(
  v.string(
    expected(
      'an account hash',
      "It is the first part of a delivery URL's path, such as 'cheeW4oKsx5ljh8e8BoL2A'.",
    ),
  ),
  v.check(
    (text) => decodeSegment(text) === text,
    expected('an account hash', 'It is one path segment, written without escapes: no slash, no white space.'),
  ),
);

export const accountHash: Schema<readonly string[]> = listOf(
  hash,
  expected('at least one account hash', 'Leave accountHash out to sign for any account.'),
);

const baseHint =
  "Such as 'https://imagedelivery.net', 'https://shop.example/cdn-cgi/imagedelivery' or '/images'.";

const baseText: Schema<DeliveryBase> = v.pipe(
  v.string(expected('a URL, a path that begins with /, or { base, accountHash }', baseHint)),
  v.check(
    (text) => /^https?:\/\/[^/]|^\/(?!\/)/i.test(text),
    expected('a URL with http:// or https://, or a path that begins with one /', baseHint, asBase),
  ),
  v.check(
    (text) => !/[?#\\]/.test(text),
    expected('a base without query, fragment or backslash', 'Images are what follows the base.', asBase),
  ),
  v.check(
    (text) => text.startsWith('/') || isPlainOrigin(text),
    expected(
      'a host as a URL spells it',
      'No credentials, no default port, and international names as xn--…: pages are compared with it as it is written.',
      asBase,
    ),
  ),
  v.check(
    (text) => isPlainPath(pathOf(text)),
    expected(
      'a path without empty or dot segments, as a URL spells it',
      'Write é as %C3%A9, and a space as %20.',
      asBase,
    ),
  ),
  v.transform((text) => ({
    text: text.replace(/\/$/, ''),
    authority: text.startsWith('/') ? undefined : authorityOf(text).toLowerCase(),
    path: pathOf(text),
    accountHash: undefined,
  })),
);

const baseWithAccount: Schema<DeliveryBase> = v.pipe(
  v.strictObject({ base: baseText, accountHash: hash }, (issue) =>
    issue.expected === 'never'
      ? 'is not part of a delivery. It has base and accountHash.'
      : `expected base and accountHash, got one of them alone. ${baseHint}`,
  ),
  v.transform(({ base, accountHash: account }) => ({ ...base, accountHash: account })),
);

export const delivery: Schema<readonly DeliveryBase[]> = v.pipe(
  listOf(
    v.lazy((input) => (isRecord(input) ? baseWithAccount : baseText)),
    expected('at least one base', 'Leave delivery out for https://imagedelivery.net.'),
  ),
  v.check(
    (bases) => new Set(bases.map(({ authority, path }) => `${authority}${path}`)).size === bases.length,
    () =>
      'expected each base once, got one of them twice. A URL under it would be of two accounts, or counted double.',
  ),
);

/** The part between `//` and the path. */
function authorityOf(text: string): string {
  return text.split('/', 3)[2] ?? '';
}

function pathOf(text: string): string {
  const path = text.startsWith('/') ? text : text.slice(text.indexOf('//') + 2 + authorityOf(text).length);
  return path.replace(/\/$/, '');
}

function isPlainOrigin(text: string): boolean {
  const authority = authorityOf(text);
  return URL.canParse(`https://${authority}`) && new URL(text).host === authority.toLowerCase();
}

/**
 * Whether `URL` would leave a path as it is: every segment in its spelling, and none that is empty or a dot segment.
 * @param path - without a slash at its end
 */
export function isPlainPath(path: string): boolean {
  if (path === '') return true;
  const segments = path.slice(1).split('/');
  return (
    !segments.some(isDotSegment) &&
    serializePath(path) === path &&
    segments.every((each) => decodeSegment(each) !== undefined)
  );
}
