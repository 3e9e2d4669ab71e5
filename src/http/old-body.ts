/** Which fields speak of a body that has changed since: they do not go out, as headers or as trailers. */
import type { HeaderFields } from './header-fields.ts';

/** Digests and signatures of the old body (RFC 9530, RFC 9421, RFC 3230), and what only the old body could keep. */
const ofTheOldBody: readonly string[] = [
  'Content-Digest',
  'Repr-Digest',
  'Digest',
  'Content-MD5',
  'Signature',
  'Signature-Input',
  'Last-Modified',
  'Accept-Ranges',
];
const lowerCase: ReadonlySet<string> = new Set(ofTheOldBody.map((name) => name.toLowerCase()));

export function removeOldBodyHeaders(fields: HeaderFields): void {
  for (const name of ofTheOldBody) fields.remove(name);
  const announced = fields.get('Trailer');
  if (announced === undefined) return;
  const names = announced.split(',').map((name) => name.trim());
  const kept = names.filter((name) => !isOfTheOldBody(name));
  if (kept.length === names.length) return;
  if (kept.length > 0) fields.set('Trailer', kept.join(', '));
  else fields.remove('Trailer');
}

/**
 * @param trailers - as `addTrailers` takes them: an object, or a list of pairs; anything else is Node's to refuse
 * @returns the very same where nothing goes
 */
export function withoutOldBodyTrailers(trailers: unknown): unknown {
  if (typeof trailers !== 'object' || trailers === null) return trailers;
  const pairs: readonly unknown[] = Array.isArray(trailers) ? trailers : Object.entries(trailers);
  const kept = pairs.filter((pair) => !Array.isArray(pair) || !isOfTheOldBody(pair[0]));
  if (kept.length === pairs.length) return trailers;
  return Array.isArray(trailers) ? kept : Object.fromEntries(kept as [string, unknown][]); // of an object all are pairs
}

function isOfTheOldBody(name: unknown): boolean {
  return typeof name === 'string' && lowerCase.has(name.toLowerCase());
}
