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

/**
 * Which lower-case names of a message go no further than here.
 * @param raw - as `fieldsOf` takes it
 */
export function createHopFilter(raw: readonly string[]): (name: string) => boolean {
  let named: Set<string> | undefined;
  for (let index = 0; index < raw.length; index += 2) {
    if (isConnection(raw[index]!)) named = withOptions(raw[index + 1]!, named);
  }
  const names = named;
  return names === undefined ? isHopByHop : (name) => hopByHop.has(name) || names.has(name);
}

/** @returns the names in a value of `Connection` that are of fields, with those before */
function withOptions(value: string, before: Set<string> | undefined): Set<string> | undefined {
  if (value === 'keep-alive') return before; // as nearly every sender writes it
  let names = before;
  for (const option of value.split(',')) {
    const lower = option.trim().toLowerCase();
    if (hopByHop.has(lower) || lower === 'close' || neverDropped.has(lower)) continue;
    names ??= new Set();
    names.add(lower);
  }
  return names;
}

function isHopByHop(name: string): boolean {
  return hopByHop.has(name);
}

function isConnection(name: string): boolean {
  return name.length === 10 && name.toLowerCase() === 'connection';
}
