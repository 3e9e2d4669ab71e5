/** The order of middleware that a site asks for. */
import type { Site } from '../site.ts';

/** Compression before the signers, after them, or not at all. */
export function inOrder<Each>(signers: readonly Each[], compress: Each, where: Site['compress']): Each[] {
  if (where === undefined) return [...signers];
  return where === 'before' ? [compress, ...signers] : [...signers, compress];
}
