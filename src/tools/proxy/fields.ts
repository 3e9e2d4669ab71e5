/**
 * Header fields in their original form: names in the sender's spelling, perhaps repeated. It decides which of them end at this
 * hop, and rewrites the target's own URLs in the others.
 */

/** Never changed, but Node.js does not accept read-only lists. */
export type Field = [name: string, value: string];

/** @param raw - names and values in turn, like `rawHeaders` of Node.js */
export function fieldsOf(raw: readonly string[]): Field[] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [raw[2 * index]!, raw[2 * index + 1]!]);
}

/** For one connection only, whether `Connection` names them or not (RFC 9110, 7.6.1 and 11.7). */
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
 * Without its length, a message would run into the next one on its connection, and without `Host` it is refused: a sender
 * cannot remove these by naming them in `Connection`.
 */
const neverDropped: ReadonlySet<string> = new Set(['content-length', 'host']);

/**
 * Makes a test for the lower-case names of a message that end at this hop.
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

/** @returns the field names in a value of `Connection`, with those before */
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

/**
 * Fields with a URL, which may be an absolute one of the target: a client that followed it would leave the proxy, or reach
 * nothing. In `Refresh`, the seconds come first.
 */
const locations: ReadonlyMap<string, RegExp> = new Map([
  ['location', /^()(.*)$/s],
  ['content-location', /^()(.*)$/s],
  ['refresh', /^(\s*[\d.]*\s*[;,]\s*(?:url\s*=\s*)?["']?)(.*)$/is],
]);

/** @param name - in lower case */
export function holdsLocation(name: string): boolean {
  return locations.has(name);
}

/**
 * Removes the target's origin, so that the URL leads to the address that the client used, whatever its scheme and host. Any
 * other URL is unchanged.
 * @param origin - of the target
 */
export function keepOnProxy(name: string, value: string, origin: string): string {
  const [, before = '', url = ''] = locations.get(name)!.exec(value) ?? [];
  const path = pathOn(url, origin);
  return path === undefined ? value : before + path;
}

function pathOn(url: string, origin: string): string | undefined {
  const authority = origin.slice(origin.indexOf('//'));
  const start = url.slice(0, origin.length).toLowerCase() === origin ? origin.length : undefined;
  const end =
    start ?? (url.slice(0, authority.length).toLowerCase() === authority ? authority.length : undefined);
  if (end === undefined || !/^[/?#]?$/.test(url.slice(end, end + 1))) return undefined;
  const path = url.slice(end);
  if (!path.startsWith('/')) return `/${path}`;
  // `//host/` would be a URL of that host, and so would `/\host/`. Browsers drop tabs, and read on.
  return /^\/\t*[/\\]/.test(path) ? `/.${path}` : path;
}
