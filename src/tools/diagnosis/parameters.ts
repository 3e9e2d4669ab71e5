/** The parameters of a query, as they are written. Only names are decoded, to recognise `exp` and `sig`. */
import { percentDecode } from '../../url/percent-encoding.ts';

export interface Parameter {
  /** As written, `name=value`. */
  readonly text: string;
  /** Percent-decoded. */
  readonly name: string;
  /** As written. */
  readonly value: string;
}

export function readParameters(query: string): Parameter[] {
  return query === '' ? [] : query.split('&').map(toParameter);
}

export function toParameter(text: string): Parameter {
  const equals = text.indexOf('=');
  if (equals < 0) return { text, name: percentDecode(text), value: '' };
  return { text, name: percentDecode(text.slice(0, equals)), value: text.slice(equals + 1) };
}

export function joinParameters(parameters: readonly Parameter[]): string {
  return parameters.map(({ text }) => text).join('&');
}

/** The text that is signed for a path and parameters; without parameters, the path alone. */
export function textOf(path: string, parameters: readonly Parameter[]): string {
  return parameters.length === 0 ? path : `${path}?${joinParameters(parameters)}`;
}
