/** Which headers change when a body changes, freshness and validators apart. */
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

export function removeOldBodyHeaders(fields: HeaderFields): void {
  for (const name of ofTheOldBody) fields.remove(name);
}
