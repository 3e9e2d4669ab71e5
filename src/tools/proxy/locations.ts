/** Absolute URLs of the target in header fields: a client that followed one would leave the proxy, or reach nothing. */

/** `Refresh` has the seconds before its URL. */
const pattern: ReadonlyMap<string, RegExp> = new Map([
  ['location', /^()(.*)$/s],
  ['content-location', /^()(.*)$/s],
  ['refresh', /^(\s*[\d.]*\s*[;,]\s*(?:url\s*=\s*)?["']?)(.*)$/is],
]);

/** @param name - in lower case */
export function holdsLocation(name: string): boolean {
  return pattern.has(name);
}

/**
 * Takes the target's origin off, so that the URL leads to the address by which the client came, whatever its scheme and host
 * are there. Any other URL stays as it is.
 * @param origin - of the target
 */
export function keepOnProxy(name: string, value: string, origin: string): string {
  const [, before = '', url = ''] = pattern.get(name)!.exec(value) ?? [];
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
  // `//host/` alone would be a URL of that host, and so would `/\host/`. Browsers drop tabs, and read on.
  return /^\/\t*[/\\]/.test(path) ? `/.${path}` : path;
}
