/** The parameters that carry a token. It works on the raw query: in a parsed one `%65xp` looks like `exp`. */
import { percentDecode } from './percent-encoding.ts';

/** Whether a server that decodes parameter names would read this one as `exp` or `sig`. */
export function isTokenParameter(parameter: string): boolean {
  const equals = parameter.indexOf('=');
  const name = percentDecode(equals < 0 ? parameter : parameter.slice(0, equals));
  return name === 'exp' || name === 'sig';
}
