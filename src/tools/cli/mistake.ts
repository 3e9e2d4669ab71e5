/** Mistakes that the command reports in one line, and the system's reasons in words. */

/** A mistake in the command line, or in a file that it names. The program exits with 2. */
export class Mistake extends Error {
  override readonly name = 'Mistake';
}

const reasons: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'it is a folder'],
  ['EACCES', 'permission denied'],
  ['ENOSPC', 'no space is left'],
]);

/** Says in words why the system refused something, without the path that the messages of Node.js repeat. */
export function reasonOf(error: unknown): string {
  const { code } = Object(error) as { readonly code?: unknown };
  return (
    reasons.get(code) ?? (typeof code === 'string' && /^[A-Z][A-Z_]+$/.test(code) ? code : 'unknown error')
  );
}
