/**
 * The parts of a scheme's URL: where its path begins, how an expiry is written, and how parameters are added and removed. It
 * knows no particular scheme.
 */
import { type Base, findBase } from '../url/base.ts';
import { formDecode, percentDecode } from '../url/percent-encoding.ts';
import { startOfAuthority } from '../url/reference.ts';
import type { Definition, MatchedImage, UrlParts } from './definition.ts';
import type { UrlPlace } from './written-url.ts';

/** Offset of the whole path, including the base's. @param url - under a base */
export function startOfPath(url: string): number {
  return url.indexOf('/', startOfAuthority(url) ?? 0);
}

/** The bases in the order in which they are tried: if bases are nested, the inner one owns the URL. */
export function mostSpecificFirst<B extends Base>(bases: readonly B[]): readonly B[] {
  return bases.toSorted((a, b) => b.path.length - a.path.length);
}

/**
 * Where a URL's parts are.
 * @param bases - the most specific first
 * @returns undefined for a URL under no base
 */
export function placeOf(url: string, bases: readonly Base[]): UrlPlace | undefined {
  const found = findBase(url, bases);
  if (found === undefined) return undefined;
  const { base, reference } = found;
  return { base, path: reference.path + base.path.length, query: reference.query };
}

/** The parts of a URL. Some are read only when a scheme asks for them. */
class PartsOfUrl implements UrlParts {
  readonly url: string;
  readonly path: string;
  readonly query: string;
  // Not `#base`: V8 takes longer to set up private fields.
  private readonly base: Base | undefined;

  /** @param path - offset of the path after the base */
  constructor(url: string, base: Base | undefined, path: number) {
    const question = url.indexOf('?', path);
    this.url = url;
    this.path = url.slice(path - (base?.path.length ?? 0), question < 0 ? url.length : question);
    this.query = question < 0 ? '' : url.slice(question + 1);
    this.base = base;
  }

  get origin(): string {
    const written = this.url.slice(0, startOfPath(this.url)).toLowerCase();
    if (!written.startsWith('//')) return written;
    return `${this.base?.text.startsWith('http:') ? 'http:' : 'https:'}${written}`;
  }

  get id(): string {
    return percentDecode(this.path.slice((this.base?.path.length ?? 0) + 1));
  }
}

/**
 * @param place - of the URL, with or without a token. Undefined for a URL under no base, which a signer never passes to a
 *   scheme: then everything after the host is the path
 */
export function partsOf(url: string, place: UrlPlace | undefined): UrlParts {
  return new PartsOfUrl(url, place?.base, place?.path ?? Math.max(0, startOfPath(url)));
}

/** Unix seconds in the only spelling that tokens use. @returns undefined for any other text */
export function readExpiry(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,10}$/.test(text) ? Number(text) : undefined;
}

/**
 * The image id of a URL whose path after the base is the id.
 * @param prefixes - undefined allows any id
 * @returns undefined for an id outside the prefixes
 */
export function matchPath(
  url: string,
  { path, query }: UrlPlace,
  prefixes: readonly string[] | undefined,
): MatchedImage | undefined {
  const id = percentDecode(url.slice(path + 1, query));
  return prefixes === undefined || prefixes.some((prefix) => id.startsWith(prefix)) ? { id } : undefined;
}

/** The URL without the parameters that `isToken` names; everything else stays as written. */
export function withoutParameters(url: string, isToken: (name: string) => boolean): string {
  const question = url.indexOf('?');
  if (question < 0 || !hasParameter(url, question + 1, isToken)) return url;
  const parameters = url.slice(question + 1).split('&');
  const kept = parameters.filter((parameter) => !isToken(nameOf(parameter)));
  return url.slice(0, question) + (kept.length > 0 ? `?${kept.join('&')}` : '');
}

/**
 * The names of the parameters, other than a token's, that are not signed, decoded.
 * @returns undefined if there are none
 */
export function unsignedParameters(
  url: string,
  { isTokenParameter, signsParameter }: ParameterRules,
): readonly string[] | undefined {
  const question = url.indexOf('?');
  if (question < 0 || signsParameter === undefined) return undefined;
  const names = url
    .slice(question + 1)
    .split('&')
    .filter((parameter) => parameter !== '')
    .map(nameOf)
    .filter((name) => !signsParameter(name) && isTokenParameter?.(name) !== true);
  return names.length > 0 ? names : undefined;
}

/** Which parameters of a URL a scheme signs. */
type ParameterRules = Pick<Definition, 'isTokenParameter' | 'signsParameter'>;

/** The URL with a query appended, which is encoded already. */
export function withQuery(url: string, query: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${query}`;
}

/** The value of the only parameter of this name, as written; undefined if it is missing or repeated. */
export function onlyParameter(url: string, name: string): string | undefined {
  const question = url.indexOf('?');
  if (question < 0) return undefined;
  const found = url
    .slice(question + 1)
    .split('&')
    .filter((parameter) => nameOf(parameter) === name);
  const [parameter] = found;
  return found.length === 1 && parameter?.startsWith(`${name}=`)
    ? parameter.slice(name.length + 1)
    : undefined;
}

/**
 * Whether the test is true for the name of a parameter, as a server reads it.
 * @param start - offset of the first parameter
 */
function hasParameter(url: string, start: number, test: (name: string) => boolean): boolean {
  for (let at = start; at <= url.length; ) {
    const ampersand = url.indexOf('&', at);
    const end = ampersand < 0 ? url.length : ampersand;
    if (test(nameOf(url.slice(at, end)))) return true;
    at = end + 1;
  }
  return false;
}

/** The parameters of a query, decoded as a server reads them. Without a `=`, the value is empty. */
export function parametersOf(query: string): readonly (readonly [name: string, value: string])[] {
  return query
    .split('&')
    .filter((parameter) => parameter !== '')
    .map((parameter) => {
      const equals = parameter.indexOf('=');
      if (equals < 0) return [formDecode(parameter), ''];
      return [formDecode(parameter.slice(0, equals)), formDecode(parameter.slice(equals + 1))];
    });
}

/** The name of a parameter, as a server reads it. */
function nameOf(parameter: string): string {
  const equals = parameter.indexOf('=');
  return formDecode(equals < 0 ? parameter : parameter.slice(0, equals));
}

/** The URL without parameters that are not allowed: signed, they could ask the store for anything. */
export function signablePart(url: string, removed: readonly string[]): string {
  const kept = withoutParameters(url, (name) => removed.includes(name));
  const question = kept.indexOf('?');
  // Only separators may remain. A lone `?` would disappear when the URL is signed again.
  const isEmpty = question >= 0 && /^\?&*$/.test(kept.slice(question));
  return isEmpty ? kept.slice(0, question) : kept;
}

/** Removes a last `?` that a token has left behind: it would disappear when the URL is signed again. */
export function withoutLoneQuestionMark(bare: string): string {
  return bare.indexOf('?') === bare.length - 1 ? bare.slice(0, -1) : bare;
}
