/**
 * The parts of a scheme's URL: where its path begins, how an expiry is written, and parameters put on and off. It knows no
 * scheme.
 */
import { type Base, findBase } from '../url/base.ts';
import { formDecode, percentDecode } from '../url/percent-encoding.ts';
import { startOfAuthority } from '../url/reference.ts';
import type { Definition, MatchedImage, UrlParts } from './definition.ts';
import type { UrlPlace } from './written-url.ts';

/** Offset of the whole path, that of the base included. @param url - under a base */
export function startOfPath(url: string): number {
  return url.indexOf('/', startOfAuthority(url) ?? 0);
}

/** The bases in the order in which they are to be tried: of nested bases the inner one has the URL. */
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

/** The parts of a URL, of which some are read only when a scheme asks for them. */
class PartsOfUrl implements UrlParts {
  readonly url: string;
  readonly path: string;
  readonly query: string;
  // Not `#base`: V8 takes longer to set private fields up.
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
 * @param place - of the URL, with or without a token; of one under no base, which a signer gives to no scheme, all is the path
 *   that follows the host
 */
export function partsOf(url: string, place: UrlPlace | undefined): UrlParts {
  return new PartsOfUrl(url, place?.base, place?.path ?? Math.max(0, startOfPath(url)));
}

/** Unix seconds in the one spelling that tokens have. @returns undefined for any other text */
export function readExpiry(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,10}$/.test(text) ? Number(text) : undefined;
}

/**
 * The image id of a URL whose path after the base is the id.
 * @param prefixes - undefined: any id
 * @returns undefined for an id that begins with none of the prefixes
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
 * The names of the author's parameters that are not signed, decoded.
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

/** The value of the only parameter of this name, as written; undefined if there is none, or more than one. */
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
 * Whether a parameter has a name, as a server reads it, for which the test holds.
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

/** The parameters of a query, decoded as a server reads them; one without a `=` has an empty value. */
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

/** A parameter that nobody has allowed would be signed with the site's secret, whatever it asks the store for. */
export function signablePart(url: string, removed: readonly string[]): string {
  const kept = withoutParameters(url, (name) => removed.includes(name));
  const question = kept.indexOf('?');
  // What remains may be separators alone: a lone `?` would not be there when the URL is signed again.
  const isEmpty = question >= 0 && /^\?&*$/.test(kept.slice(question));
  return isEmpty ? kept.slice(0, question) : kept;
}

/** The `?` of a token that stood alone behind separators: read again the URL has none, and would be signed differently. */
export function withoutLoneQuestionMark(bare: string): string {
  return bare.indexOf('?') === bare.length - 1 ? bare.slice(0, -1) : bare;
}
