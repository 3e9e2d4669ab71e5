/** Makes the head of the request to the target from the visitor's, or the status that refuses it. */
import type { IncomingMessage } from 'node:http';
import { conditionalFields } from '../../http/conditional-requests.ts';
import { parseContentCoding } from '../../node/http/content-coding.ts';
import { createHopFilter } from './fields.ts';
import { addForwarded, extendForwarded, isForged, tellsOfClient } from './forwarding.ts';

export interface TargetOptions {
  readonly target: URL;
  /** The target receives its own host in `Host`. */
  readonly changesHost: boolean;
  /** A proxy in front is trusted to describe the visitor. */
  readonly trustsProxy: boolean;
}

export interface TargetRules extends TargetOptions {
  /** In `Via`. It is unique to this process, and reveals a request that comes back. */
  readonly pseudonym: string;
}

/** As `httpxy` takes it: several values of a field are a list. */
export type TargetHeaders = Record<string, string | string[]>;

export interface TargetRequest {
  /** Path and query; `*` for the OPTIONS request about the server. */
  readonly path: string;
  /** The host that the client requested; `''` in HTTP/1.0 without one. */
  readonly host: string;
}

/** 501: a transfer coding that Node.js does not decode. 508: the request has passed this proxy before. */
export type RefusalStatus = 400 | 501 | 508;

/** @returns the status of a refusal for a request that must not reach the target */
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
      // Two hosts: a program that reads the other one would mean another site (RFC 9112, 3.2).
      if (host !== undefined || !isAuthority(value)) return 400;
      host = value;
    } else if (lower === 'transfer-encoding' && value.trim().toLowerCase() !== 'chunked') return 501;
    else if (lower === 'via' && value.includes(pseudonym)) return 508;
  }
  const { path, authority } = requestTarget;
  if (authority !== undefined && !isAuthority(authority)) return 400;
  return { path, host: authority ?? host ?? '' };
}

/** @param request - with the conditions that the middleware has kept */
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
    // Node.js sends `Expect` only if the client waits for an answer to it.
    else if (!endsHere(lower) && !ownFields.has(lower)) add(headers, lower, value);
  }
  for (const name of conditionalFields) {
    const value = request.headers[name];
    if (value === undefined) delete headers[name];
    else if (String(headers[name]) !== value) headers[name] = value;
  }
  const encodings = headers['accept-encoding'];
  if (encodings !== undefined) headers['accept-encoding'] = readableCodings(String(encodings));
  // Node.js has decoded the body, and frames it again. Without this field, it would send the body of a GET without framing.
  if (request.headers['transfer-encoding'] !== undefined) headers['transfer-encoding'] = 'chunked';
  const sentHost = hostFor(rules, host);
  if (sentHost !== '') headers['host'] = sentHost;
  headers['via'] = `${via}${request.httpVersion} ${rules.pseudonym}`;
  const connection = { address: request.socket.remoteAddress, host };
  if (rules.trustsProxy && told !== undefined) extendForwarded(headers, told, connection);
  else addForwarded(headers, connection);
  return headers;
}

/** These are set anew. */
const ownFields: ReadonlySet<string> = new Set(['expect', 'host']);

export function hostFor({ changesHost, target }: TargetRules, host: string): string {
  return changesHost ? target.host : host;
}

function add(headers: TargetHeaders, name: string, value: string): void {
  // A field may have this name, which assignment does not make a property.
  if (name === '__proto__') return;
  const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
  if (Array.isArray(before)) before.push(value);
  else headers[name] = before === undefined ? value : [before, value];
}

/**
 * The request target (RFC 9112, 3.2): path and query, and the host of a target in absolute form, which replaces `Host`.
 * @returns undefined for an invalid request target
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

/** Whether a text is a host with or without a port: any other `Host` is refused (RFC 9112, 3.2). */
function isAuthority(text: string): boolean {
  return /^(?:[\w.~!$&'()*+,;=%-]*|\[[\da-f:.]+\])(?::\d*)?$/i.test(text);
}

/** The codings of `Accept-Encoding` that we can decode: the target must use no other. */
function readableCodings(accepted: string): string {
  const readable = accepted
    .split(',')
    .map((each) => each.trim())
    .filter((each) => {
      const [coding = ''] = each.split(';', 1);
      // `*` would allow unknown codings.
      return coding.trim() !== '*' && parseContentCoding(coding) !== 'unknown' && each !== '';
    });
  return readable.length === 0 ? 'identity' : readable.join(', ');
}
