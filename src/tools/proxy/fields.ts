/** Header fields as they came: names in the sender's spelling, a name perhaps twice, and which of them end at this hop. */

/** Nobody writes to it: Node.js declares no lists that are read-only. */
export type Field = [name: string, value: string];

/** @param raw - names and values in turn, as `rawHeaders` of Node.js has them */
export function fieldsOf(raw: readonly string[]): Field[] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [raw[2 * index]!, raw[2 * index + 1]!]);
}

/** For one connection alone, whether `Connection` names them or not (RFC 9110, 7.6.1 and 11.7). */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/**
 * A message without its length would run into the next one on its connection, and one without `Host` is refused: a sender
 * cannot take these off by naming them in `Connection`.
 */
const neverDropped: ReadonlySet<string> = new Set(['content-length', 'host']);

/** Which lower-case names of a message go no further than here. */
export function createHopFilter(fields: readonly Field[]): (name: string) => boolean {
  const named = new Set<string>();
  for (const [name, value] of fields) {
    if (!isConnection(name)) continue;
    for (const option of value.split(',')) {
      const lower = option.trim().toLowerCase();
      if (!hopByHop.has(lower) && lower !== 'close' && !neverDropped.has(lower)) named.add(lower);
    }
  }
  return (name) => hopByHop.has(name) || named.has(name);
}

function isConnection(name: string): boolean {
  return name.length === 10 && name.toLowerCase() === 'connection';
}
