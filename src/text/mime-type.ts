/** MIME types, such as that of `Content-Type`, parsed as browsers do (MIME Sniffing standard, 4.4). */
import { type Charset, findCharset } from './charset.ts';

/** A type without its parameters, in lower case. */
export function essenceOf(type: string): string {
  const end = type.indexOf(';');
  return (end < 0 ? type : type.slice(0, end)).trim().toLowerCase();
}

/** The standard's "JSON MIME type". @param essence - as `essenceOf` gives it */
export function isJsonType(essence: string): boolean {
  if (essence === 'application/json' || essence === 'text/json') return true;
  return /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+\+json$/.test(essence);
}

/** One parameter: its name and its quoted or plain value. It matches at every `;`, without backtracking. */
const parameter = /;[\t\n\r ]*([^;=]*)(?:=(?:"((?:[^"\\]|\\.)*)[^;]*|([^;]*)))?/gsy;

/** As frameworks write it. */
const usualType = 'text/html; charset=utf-8';

/** The lookbehind keeps this linear: an upstream server may send 16 KiB of white space. */
const trailingSpace = /(?<![\t\n\r ])[\t\n\r ]+$/;

/** The first valid `charset` parameter. */
export function charsetOf(type: string): string | undefined {
  if (type === usualType) return 'utf-8';
  return parameterOf(type, 'charset');
}

/** The delimiter of a multipart body (RFC 2046, 5.1.1); undefined if it is missing or invalid. */
export function boundaryOf(type: string): string | undefined {
  const boundary = parameterOf(type, 'boundary') ?? '';
  return /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/.test(boundary) ? boundary : undefined;
}

/** @param wanted - in lower case */
function parameterOf(type: string, wanted: string): string | undefined {
  const start = type.indexOf(';');
  if (start < 0) return undefined;
  parameter.lastIndex = start;
  for (let match = parameter.exec(type); match !== null; match = parameter.exec(type)) {
    const [, name = '', quoted, plain = ''] = match;
    if (name.toLowerCase() !== wanted) continue;
    const value = quoted?.replaceAll(/\\(.)/gs, '$1') ?? plain.replace(trailingSpace, '');
    const isValid = quoted !== undefined || value !== '';
    if (isValid && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value;
  }
  return undefined;
}

/**
 * The encoding that the type determines, so that browsers ignore a `meta charset`; only a byte order mark overrides it.
 * Undefined if it determines none.
 */
export function settledCharset(type: string): Charset | undefined {
  if (type === usualType) return 'utf-8';
  const label = charsetOf(type);
  return label === undefined ? undefined : findCharset(label);
}

/** The type with this charset instead of its parameters, which mean nothing else to a browser. */
export function withCharset(type: string, label: string): string {
  const [essence = ''] = type.split(';', 1);
  return `${essence.trim()}; charset=${label}`;
}
