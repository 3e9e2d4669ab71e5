/** Takes the URLs of schemes apart, and puts parameters on and off. It knows no scheme. */
import { formDecode, percentDecode } from '../url/percent-encoding.ts';
import type { Definition, MatchedImage } from './definition.ts';
import type { UrlPlace } from './written-url.ts';

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
export type ParameterRules = Pick<Definition, 'isTokenParameter' | 'signsParameter'>;

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
export function hasParameter(url: string, start: number, test: (name: string) => boolean): boolean {
  for (let at = start; at <= url.length; ) {
    const ampersand = url.indexOf('&', at);
    const end = ampersand < 0 ? url.length : ampersand;
    if (test(nameOf(url.slice(at, end)))) return true;
    at = end + 1;
  }
  return false;
}

/** The name of a parameter, as a server reads it. */
function nameOf(parameter: string): string {
  const equals = parameter.indexOf('=');
  return formDecode(equals < 0 ? parameter : parameter.slice(0, equals));
}
