/** Header fields that describe the original representation: a rewritten response must not send them (RFC 9110, 8). */
import type { HeaderFields } from './header-fields.ts';

/**
 * Digests and signatures of the original bytes (RFC 9530, RFC 3230, RFC 9421); `Last-Modified`, since tokens change
 * without the page; `Accept-Ranges`, since a range of the original is not one of the rewritten bytes.
 */
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
const lowerCaseNames: ReadonlySet<string> = /* @__PURE__ */ new Set(
  metadataFields.map((name) => name.toLowerCase()),
);

export function removeRepresentationMetadata(fields: HeaderFields): void {
  for (const name of metadataFields) fields.remove(name);
  const trailer = fields.get('Trailer');
  if (trailer === undefined) return;
  const names = trailer.split(',').map((name) => name.trim());
  const kept = names.filter((name) => !isRepresentationMetadata(name));
  if (kept.length === names.length) return;
  if (kept.length > 0) fields.set('Trailer', kept.join(', '));
  else fields.remove('Trailer');
}

export function isRepresentationMetadata(name: unknown): boolean {
  return typeof name === 'string' && lowerCaseNames.has(name.toLowerCase());
}
