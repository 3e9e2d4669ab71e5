/** The header fields of a message in any runtime, and which of them a rewritten response must not send. */

/** Each adapter implements this interface. */
export interface HeaderFields {
  /** The field's values, joined by commas; undefined if it is not set. */
  get(name: string): string | undefined;
  /** The field's values, as they were set. */
  list(name: string): string[];
  /** The names of all fields, in lower case. */
  names(): string[];
  set(name: string, value: string | string[]): void;
  remove(name: string): void;
}

/**
 * Digests and signatures of the original bytes (RFC 9530, RFC 3230, RFC 9421); `Last-Modified`, since tokens change
 * without the page; `Accept-Ranges`, since a range of the original is not one of the rewritten bytes.
 */
const metadataFields: ReadonlySet<string> = new Set([
  'content-digest',
  'repr-digest',
  'digest',
  'content-md5',
  'signature',
  'signature-input',
  'last-modified',
  'accept-ranges',
]);

/** Removes what describes the original representation: a rewritten response must not send it (RFC 9110, 8). */
export function removeRepresentationMetadata(fields: HeaderFields): void {
  for (const name of fields.names()) if (metadataFields.has(name)) fields.remove(name);
  const trailer = fields.get('Trailer');
  if (trailer === undefined) return;
  const names = trailer.split(',').map((name) => name.trim());
  const kept = names.filter((name) => !isRepresentationMetadata(name));
  if (kept.length === names.length) return;
  if (kept.length > 0) fields.set('Trailer', kept.join(', '));
  else fields.remove('Trailer');
}

export function isRepresentationMetadata(name: unknown): boolean {
  return typeof name === 'string' && metadataFields.has(name.toLowerCase());
}
