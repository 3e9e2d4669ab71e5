/**
 * A model of Bunny's edge, by its published algorithm, and an attacker who tries every way to read what was signed. It
 * shares nothing with `src`.
 */
import { createHmac } from 'node:crypto';

/** What a request with a token opens. */
export interface Opened {
  /** A path, or the beginning of paths (`token_path`). */
  readonly path: string;
  readonly exp: number;
  /** Decoded, by name. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** @param address - of the client: 4 or 16 bytes. @returns undefined for a request that the edge refuses */
export function edge(url: string, key: string, address: Buffer, now: number): Opened | undefined {
  const [, path = '', query = ''] = /^https:..[^/]*([^?]*)\??(.*)$/s.exec(url) ?? [];
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (parameters.has(name)) return undefined;
    parameters.set(name, value);
  }
  const [token, expires] = [parameters.get('token') ?? '', parameters.get('expires') ?? ''];
  parameters.delete('token');
  parameters.delete('expires');
  const [, isLocked, mac] = /^HS256-(1-)?([\w-]{43})$/.exec(token) ?? [];
  if (mac === undefined || !/^\d+$/.test(expires) || !(now < Number(expires))) return undefined;
  const scope = parameters.get('token_path') ?? path;
  if (!path.startsWith(scope)) return undefined;
  const ignores = parameters.get('token_ignore_params') === 'true';
  const signed = [...parameters]
    .filter(([name]) => !ignores || name === 'token_ignore_params' || name === 'token_path')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const right = createHmac('sha256', key)
    .update(scope + expires)
    .update(isLocked === undefined ? Buffer.alloc(0) : address)
    .update(signed)
    .digest('base64url');
  return mac === right ? { path: scope, exp: Number(expires), parameters } : undefined;
}

export interface Reading {
  readonly url: string;
  readonly address: Buffer;
}

const noAddress = Buffer.alloc(4);

/** Every URL that has the same text to sign, and so may have the same token. @param text - what was signed */
export function readingsOf(text: Buffer, mac: string, origin: string): readonly Reading[] {
  const readings: Reading[] = [];
  const all = text.toString('latin1');
  for (let start = 1; start < all.length; start++) {
    for (let end = start + 1; end <= all.length && /\d/.test(all[end - 1]!); end++) {
      for (const length of [0, 4, 16]) {
        const rest = text.subarray(end + length);
        if (end + length > text.length) continue;
        const isLocked = length > 0;
        const address = isLocked ? text.subarray(end, end + length) : noAddress;
        if (length === 16 && !address.subarray(8).equals(Buffer.alloc(8))) continue;
        for (const parameters of splitsOf(rest.toString())) {
          const query = [
            ['token', `HS256-${isLocked ? '1-' : ''}${mac}`],
            ['expires', all.slice(start, end)],
            ...parameters,
          ].map((pair) => pair.map(encodeURIComponent).join('='));
          const scope = all.slice(0, start);
          const isFolder = parameters.some(([name, value]) => name === 'token_path' && value === scope);
          const path = isFolder ? `${scope}any-other-name.jpg` : scope;
          readings.push({ url: `${origin}${path}?${query.join('&')}`, address });
        }
      }
    }
  }
  return readings;
}

type Pairs = readonly (readonly [string, string])[];

/** The lists of parameters that are written like this: at some of the `&`, and at each `=` of one that has several. */
function splitsOf(text: string): readonly Pairs[] {
  if (text === '') return [[]];
  const parts = text.split('&');
  if (parts.length > 6) return [];
  const lists: Pairs[] = [];
  for (let mask = 0; mask < 2 ** (parts.length - 1); mask++) {
    const joined: string[] = [parts[0]!];
    for (const [index, part] of parts.slice(1).entries()) {
      if (mask & (1 << index)) joined.push(part);
      else joined[joined.length - 1] += `&${part}`;
    }
    if (!joined.every((part) => part.includes('='))) continue;
    const first = joined.map((part): [string, string] => splitAt(part, part.indexOf('=')));
    lists.push(first, first.with(0, splitAt(joined[0]!, joined[0]!.lastIndexOf('='))));
  }
  return lists;
}

function splitAt(part: string, at: number): [string, string] {
  return [part.slice(0, at), part.slice(at + 1)];
}
