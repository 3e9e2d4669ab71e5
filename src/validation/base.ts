/** The schemas of a base (the beginning of a scheme's URLs: an origin with a path, or only a path) and of a path. */
import * as v from 'valibot';
import type { Base } from '../url/base.ts';
import { decodeSegment, hasDotSegment, serializePath } from '../url/canonical.ts';
import { asBase, expected } from './message.ts';
import type { Schema } from './schema.ts';

/**
 * @param what - what the message expects if the value is not a string
 * @param baseHint - with examples
 */
/* @__NO_SIDE_EFFECTS__ */
export function baseText(what: string, baseHint: string): Schema<Base> {
  return v.pipe(
    v.string(expected(what, baseHint)),
    v.check(
      (text) => !/^(?:\/\/[^/]|(?:localhost|[\w-]+(?:\.[\w-]+)+)(?::\d+)?(?:\/|$))/i.test(text),
      expected('a URL with its scheme', 'Write https:// in front of the host.', asBase),
    ),
    v.check(
      (text) => /^https?:\/\/[^/]|^\/(?!\/)/i.test(text),
      expected('a URL with http:// or https://, or a path that begins with one /', baseHint, asBase),
    ),
    v.check(
      (text) => !/[?#\\]/.test(text),
      expected(
        'a base without query, fragment or backslash',
        'Image paths follow the base: remove the rest.',
        asBase,
      ),
    ),
    v.check(
      (text) => text.startsWith('/') || isPlainOrigin(text),
      expected(
        'a host as a URL spells it',
        'No credentials, no default port, and international names as xn--…: pages are compared with the text as it is.',
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
    })),
  );
}

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
 * Whether `URL` would leave a path as it is: every segment in its spelling, no empty or dot segments.
 * @param path - without a slash at its end
 */
export function isPlainPath(path: string): boolean {
  if (path === '') return true;
  const segments = path.slice(1).split('/');
  return (
    !hasDotSegment(path) &&
    serializePath(path) === path &&
    segments.every((each) => decodeSegment(each) !== undefined)
  );
}

/**
 * A path below which requests are answered, without a slash at its end; empty for `/`.
 * @param hint - with examples
 */
/* @__NO_SIDE_EFFECTS__ */
export function plainPath(hint: string): Schema<string> {
  return v.pipe(
    v.string(expected('a path that begins with one /', hint)),
    v.check((text) => /^\/(?!\/)/.test(text), expected('a path that begins with one /', hint, asBase)),
    v.check(
      (text) => !/[?#\\]/.test(text) && isPlainPath(text.replace(/\/$/, '')),
      expected(
        'a path as a URL spells it, without query, fragment, empty or dot segments',
        'Write é as %C3%A9, and a space as %20.',
        asBase,
      ),
    ),
    v.transform((text) => text.replace(/\/$/, '')),
  );
}
