/** Which fields speak of a body that has changed since: they do not go out, or say something else. */
import type { HeaderFields } from './header-fields.ts';

/** Digests and signatures of the old body (RFC 9530, RFC 9421, RFC 3230), and what only the old body could keep. */
const metadataFields: readonly string[] = [
  'Content-Digest',
  'Repr-Digest',
  'Digest',
  'Content-MD5',
  'Signature',
  'Signature-Input',
  'Last-Modified',
  'Accept-Ranges',
];
const lowerCase: ReadonlySet<string> = new Set(metadataFields.map((name) => name.toLowerCase()));

export function removeRepresentationMetadata(fields: HeaderFields): void {
  for (const name of metadataFields) fields.remove(name);
  const announced = fields.get('Trailer');
  if (announced === undefined) return;
  const names = announced.split(',').map((name) => name.trim());
  const kept = names.filter((name) => !isRepresentationMetadata(name));
  if (kept.length === names.length) return;
  if (kept.length > 0) fields.set('Trailer', kept.join(', '));
  else fields.remove('Trailer');
}

/** @param length - of the whole new body in bytes, where it is known: the framing may say otherwise all the same */
export function updateContentLength(fields: HeaderFields, length: number | undefined): void {
  if (fields.get('Content-Length') === undefined) return;
  const isFramed = fields.get('Transfer-Encoding') !== undefined || fields.get('Trailer') !== undefined;
  if (length === undefined || isFramed) fields.remove('Content-Length');
  else fields.set('Content-Length', String(length));
}

export function isRepresentationMetadata(name: unknown): boolean {
  return typeof name === 'string' && lowerCase.has(name.toLowerCase());
}
