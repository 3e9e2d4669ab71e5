/** Trailer fields that go on. Some recipients merge them into the header, where a sender could slip a field past the checks. */
import { createHopFilter, type Field, fieldsOf } from './fields.ts';
import { tellsOfClient } from './forwarding.ts';

/**
 * Of framing, routing, authentication, control data, and the format of the content: no sender may put them into trailers
 * (RFC 9110, 6.5.1).
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

/** @param raw - names and values in turn, as `rawTrailers` of Node.js has them */
export function trailersOf(raw: readonly string[]): Field[] {
  const endsHere = createHopFilter([]);
  return fieldsOf(raw).filter(([name]) => {
    const lower = name.toLowerCase();
    return !endsHere(lower) && !forbidden.has(lower) && !lower.startsWith('if-') && !tellsOfClient(lower);
  });
}
