/** Selects trailer fields to relay. Some recipients merge them into the header, where a field could slip past the checks. */
import { createHopFilter, type Field, fieldsOf } from './fields.ts';
import { tellsOfClient } from './forwarding.ts';

/**
 * Fields of framing, routing, authentication, control data and content format, which must not be in trailers (RFC 9110,
 * 6.5.1).
 */
const forbidden: ReadonlySet<string> = new Set([
  'age',
  'authorization',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'date',
  'expect',
  'expires',
  'host',
  'location',
  'max-forwards',
  'proxy',
  'range',
  'retry-after',
  'set-cookie',
  'trailer',
  'vary',
  'via',
  'www-authenticate',
]);

/** @param raw - names and values in turn, like `rawTrailers` of Node.js */
export function trailersOf(raw: readonly string[]): Field[] {
  const endsHere = createHopFilter([]);
  return fieldsOf(raw).filter(([name]) => {
    const lower = name.toLowerCase();
    return !endsHere(lower) && !forbidden.has(lower) && !lower.startsWith('if-') && !tellsOfClient(lower);
  });
}
