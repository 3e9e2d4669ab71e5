/** The head of the request to the target, made of the one that came; or the status with which that one is refused. */
import type { IncomingMessage } from 'node:http';
import { conditionalFields } from '../../http/conditional-requests.ts';
import { parseContentCoding } from '../../node/http/content-coding.ts';
import { createHopFilter } from './fields.ts';
import { addForwarded, extendForwarded, isForged, tellsOfClient } from './forwarding.ts';

export interface TargetOptions {
  readonly target: URL;
  /** The target gets its own host in `Host`. */
  readonly changesHost: boolean;
  /** A proxy in front says the truth of the visitor. */
  readonly trustsProxy: boolean;
}

export interface TargetRules extends TargetOptions {
  /** In `Via`. No other process has it: a request that comes back is recognized by it. */
  readonly pseudonym: string;
}

/** As `httpxy` takes it: several values of a field are a list. */
export type TargetHeaders = Record<string, string | string[]>;

export interface TargetRequest {
  /** Path and query; `*` for the OPTIONS request about the server. */
  readonly path: string;
  /** The host that the client asked for; `''` in HTTP/1.0 without one. */
  readonly host: string;
}

/** 501: a transfer coding that Node.js does not decode. 508: it has come through this proxy before. */
export type RefusalStatus = 400 | 501 | 508;

/** @returns the status of a refusal for a request that has no place at the target */
export function readRequest(
  { method = '', url = '', rawHeaders }: IncomingMessage,
  { pseudonym }: TargetRules,
): TargetRequest | RefusalStatus {
  const requestTarget = parseRequestTarget(method, url);
  if (requestTarget === undefined) return 400;
  let host: string | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const lower = rawHeaders[index]!.toLowerCase();
    const value = rawHeaders[index + 1]!;
    if (lower === 'host') {
      // Two hosts: whoever reads the other one would mean another site (RFC 9112, 3.2).
      if (host !== undefined || !isAuthority(value)) return 400;
      host = value;
    } else if (lower === 'transfer-encoding' && value.trim().toLowerCase() !== 'chunked') return 501;
    else if (lower === 'via' && value.includes(pseudonym)) return 508;
  }
  const { path, authority } = requestTarget;
  if (authority !== undefined && !isAuthority(authority)) return 400;
  return { path, host: authority ?? host ?? '' };
}

/** @param request - its conditions are those that the middleware has left */
export function targetHeaders(
  { host }: TargetRequest,
  request: IncomingMessage,
  rules: TargetRules,
): TargetHeaders {
  const { rawHeaders } = request;
  const headers: TargetHeaders = {};
  let told: Record<string, string> | undefined;
  const endsHere = createHopFilter(rawHeaders);
  let via = '';
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const lower = rawHeaders[index]!.toLowerCase();
    const value = rawHeaders[index + 1]!;
    if (isForged(lower)) continue;
    if (tellsOfClient(lower)) {
      told ??= {};
      told[lower] = told[lower] === undefined ? value : `${told[lower]}, ${value}`;
    } else if (lower === 'via') via += `${value}, `;
    // Node.js sends `Expect` only where the client waits for an answer to it.
    else if (!endsHere(lower) && !ownFields.has(lower)) add(headers, lower, value);
  }
  for (const name of conditionalFields) {
    const value = request.headers[name];
    if (value === undefined) delete headers[name];
    else if (String(headers[name]) !== value) headers[name] = value;
  }
  const encodings = headers['accept-encoding'];
  if (encodings !== undefined) headers['accept-encoding'] = readableCodings(String(encodings));
  // Node.js has decoded the body, and frames it again. Without a word it would send one of GET without framing.
  if (request.headers['transfer-encoding'] !== undefined) headers['transfer-encoding'] = 'chunked';
  const sentHost = hostFor(rules, host);
  if (sentHost !== '') headers['host'] = sentHost;
  headers['via'] = `${via}${request.httpVersion} ${rules.pseudonym}`;
  const connection = { address: request.socket.remoteAddress, host };
  if (rules.trustsProxy && told !== undefined) extendForwarded(headers, told, connection);
  else addForwarded(headers, connection);
  return headers;
}

/** They are set anew. */
const ownFields: ReadonlySet<string> = new Set(['expect', 'host']);

export function hostFor({ changesHost, target }: TargetRules, host: string): string {
  return changesHost ? target.host : host;
}

function add(headers: TargetHeaders, name: string, value: string): void {
  // A field may have this name as well, and be no property by assignment.
  if (name === '__proto__') return;
  const before = headers[name];
  headers[name] = before === undefined || !Object.hasOwn(headers, name) ? value : [...[before].flat(), value];
}

/**
 * The request target (RFC 9112, 3.2): path and query, and the host of a target in absolute form, which replaces `Host`.
 * @returns undefined for a target that no request to a site has
 */
function parseRequestTarget(
  method: string,
  target: string,
): { readonly path: string; readonly authority: string | undefined } | undefined {
  if (target.startsWith('/')) return { path: target, authority: undefined };
  if (target === '*') return method === 'OPTIONS' ? { path: '*', authority: undefined } : undefined;
  const [, authority, rest] = /^https?:\/\/([^/?#@\\]+)((?:[/?].*)?)$/is.exec(target) ?? [];
  if (authority === undefined || rest === undefined) return undefined;
  return { path: rest.startsWith('/') ? rest : `/${rest}`, authority };
}

/** Whether a text is a host with or without a port: what else stands in `Host` is refused (RFC 9112, 3.2). */
function isAuthority(text: string): boolean {
  return /^(?:[\w.~!$&'()*+,;=%-]*|\[[\da-f:.]+\])(?::\d*)?$/i.test(text);
}

/** Of the codings in `Accept-Encoding`, those that a page can be read in: the target may use no other. */
function readableCodings(accepted: string): string {
  const readable = accepted
    .split(',')
    .map((each) => each.trim())
    .filter((each) => {
      const [coding = ''] = each.split(';', 1);
      // `*` would allow codings that nobody knows yet.
      return coding.trim() !== '*' && parseContentCoding(coding) !== 'unknown' && each !== '';
    });
  return readable.length === 0 ? 'identity' : readable.join(', ');
}
