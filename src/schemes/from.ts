/**
 * The option `from`: other bases under which a scheme's images are stored, such as the host of old URLs in a database. A URL
 * under one of them stands for the same path under the scheme's first base. Nothing else is decided here: the new URL is
 * read, matched and signed as if the page contained it.
 */
import * as v from 'valibot';
import { maxUrlLength } from '../text/limits.ts';
import { type Base, type FromBase, findBase } from '../url/base.ts';
import { baseText } from '../validation/base.ts';
import { asBase, describe, expected, invalidOption } from '../validation/message.ts';
import { isRecord, listOf, parameterName, type Schema } from '../validation/schema.ts';
import { withoutParameters } from './url-parts.ts';

const baseHint = "For example, 'http://minio:9000/photos' or '/media'.";
const tokenHint = "For example, ['token'].";

const base: Schema<Base> = v.pipe(
  v.unknown(),
  v.check(
    (input) => input !== '/',
    expected(
      'the folder of the images',
      "'/' is the whole site. Write the folder here and at the end of `url`: '/photos' and 'https://…/photos'. For several folders, list several schemes.",
      asBase,
    ),
  ),
  baseText('a URL with http:// or https://, a path, or { base, token }', baseHint),
);

const token: Schema<readonly string[]> = listOf(
  parameterName(/^[^&=\0-\x20]+$/, tokenHint),
  expected('at least one name', `${tokenHint} If its URLs have no token, write only the base.`),
);

const withTokens: Schema<FromBase> = v.pipe(
  v.strictObject({ base, token }, (issue) =>
    issue.expected === 'never'
      ? 'is not part of an entry of `from`. It has base and token.'
      : "expected base and token, got only one of them. For example, { base: 'http://minio:9000/photos', token: 'token' }.",
  ),
  v.transform(({ base: { text, authority, path }, token: names }) => ({
    text,
    authority,
    path,
    tokens: names,
  })),
);

const withoutTokens: Schema<FromBase> = v.pipe(
  base,
  v.transform((each) => ({ ...each, tokens: [] })),
);

/** The option `from`. One, or a list. */
export const from: Schema<readonly FromBase[]> = listOf(
  v.lazy((input) => (isRecord(input) ? withTokens : withoutTokens)),
  expected('at least one base', 'Leave from out if the images are stored under `url`.'),
);

/** Whether a base is a path of the site. */
export function isPath({ authority }: Base): boolean {
  return authority === undefined;
}

/** Whether a URL has no host. */
export function isOfSite(url: string): boolean {
  return url.startsWith('/') && !url.startsWith('//');
}

/** Where the base of a URL under `from` ends. */
export interface UnderFrom {
  readonly base: FromBase;
  /** Offset of the path after the base. */
  readonly end: number;
  /** Offset of the `#`; the length of the URL if there is none. */
  readonly fragment: number;
}

/**
 * @param bases - the most specific first
 * @returns undefined for a URL under none of them
 */
export function findFrom(text: string, bases: readonly FromBase[]): UnderFrom | undefined {
  const found = bases.length === 0 || text.length > maxUrlLength ? undefined : findBase(text, bases);
  if (found === undefined) return undefined;
  const { base: own, reference } = found;
  return { base: own, end: reference.path + own.path.length, fragment: reference.fragment };
}

/**
 * The URL under the scheme's own base for a URL under `from`.
 * @param bases - the most specific first
 * @param to - the scheme's first base
 * @returns undefined for a URL under none of them
 */
export function renamedUrl(text: string, bases: readonly FromBase[], to: Base): string | undefined {
  const found = findFrom(text, bases);
  if (found === undefined) return undefined;
  const { base: own, end, fragment } = found;
  const rest = text.slice(end, fragment);
  const bare = own.tokens.length === 0 ? rest : withoutParameters(rest, (name) => own.tokens.includes(name));
  return to.text + bare + text.slice(fragment);
}

interface Named {
  readonly bases: readonly Base[];
  readonly from?: readonly FromBase[] | undefined;
}

/**
 * A URL under two bases would name two images, and a signed URL could be read as another image. Only the bases of one `from`
 * may be nested: then the inner one counts.
 * @throws ImageSignerError INVALID_OPTION
 */
export function checkFrom(schemes: readonly Named[]): void {
  for (const { from: own = [] } of schemes) {
    for (const [index, each] of own.entries()) {
      if (own.slice(0, index).some((before) => isSame(before, each)))
        throw overlapping(each, 'each base once, got one of them twice');
      for (const scheme of schemes) {
        const others = scheme.from === own ? scheme.bases : [...scheme.bases, ...(scheme.from ?? [])];
        const other = others.find((one) => overlap(one, each));
        if (other !== undefined)
          throw overlapping(
            each,
            `a base that does not overlap ${describe(other.text || '/', asBase)}, which already has images`,
          );
      }
    }
  }
}

function overlapping({ text }: Base, what: string): Error {
  return invalidOption(
    'from',
    `expected ${what}, got ${describe(text || '/', asBase)}. A URL under both would name two images: remove it, or write only the folder of the old URLs.`,
  );
}

function isSame(one: Base, other: Base): boolean {
  return one.authority === other.authority && one.path === other.path;
}

/** Whether a URL may be under both. */
function overlap(one: Base, other: Base): boolean {
  return (
    one.authority === other.authority &&
    (`${one.path}/`.startsWith(`${other.path}/`) || `${other.path}/`.startsWith(`${one.path}/`))
  );
}
