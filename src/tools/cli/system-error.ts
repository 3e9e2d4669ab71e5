/** Says in words why the system refused something, without the path that the messages of Node.js repeat. */

const reasons: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'it is a folder'],
  ['EACCES', 'permission denied'],
  ['ENOSPC', 'no space is left'],
]);

export function reasonOf(error: unknown): string {
  const { code } = Object(error) as { readonly code?: unknown };
  return (
    reasons.get(code) ?? (typeof code === 'string' && /^[A-Z][A-Z_]+$/.test(code) ? code : 'unknown error')
  );
}
