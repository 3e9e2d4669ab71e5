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

/** @param trailers - as `addTrailers` takes them: an object, or a list of pairs; anything else is Node's to refuse */
export function withoutOldBodyTrailers(trailers: unknown): unknown {
  if (typeof trailers !== 'object' || trailers === null) return trailers;
  if (Array.isArray(trailers))
    return trailers.filter((pair) => !Array.isArray(pair) || !isOfTheOldBody(pair[0]));
  return Object.fromEntries(Object.entries(trailers).filter(([name]) => !isOfTheOldBody(name)));
}

export function isOfTheOldBody(name: unknown): boolean {
  return typeof name === 'string' && lowerCase.has(name.toLowerCase());
}
