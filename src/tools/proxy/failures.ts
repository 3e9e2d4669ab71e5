/** Failures between the proxy and the target: a status, a plain page, and a reason for the log. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The target took too long. */
export class TargetTimeout extends Error {
  override readonly name = 'TargetTimeout';

  constructor() {
    super('the target did not answer in time');
  }
}

export interface Failure {
  readonly status: FailureStatus;
  /** For the log: nothing in it comes from a stranger. */
  readonly reason: string;
}

const pages = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  508: 'Loop Detected',
} as const;

export type FailureStatus = keyof typeof pages;

/** Failures that the proxy itself finds. */
export const failures: Readonly<Record<'noKey' | 'unknownCoding' | 'invalidField' | 'silence', Failure>> = {
  noKey: { status: 503, reason: 'there is no key to sign with' },
  unknownCoding: { status: 502, reason: 'the target sent an unknown transfer coding' },
  invalidField: { status: 502, reason: 'the target sent an invalid header field' },
  silence: { status: 504, reason: 'the target stopped in the middle of its answer' },
};

export function failureOf(error: unknown): Failure {
  if (error instanceof TargetTimeout) return { status: 504, reason: error.message };
  const { code } = Object(error) as { readonly code?: unknown };
  if (code === 'ETIMEDOUT') return { status: 504, reason: 'the target did not answer in time' };
  // A path that Node.js does not send.
  if (code === 'ERR_UNESCAPED_CHARACTERS')
    return { status: 400, reason: 'the path has characters that are invalid in a URL' };
  return { status: 502, reason: reasonOf(code) };
}

const unknownAuthority =
  "the target's certificate is not trusted; set NODE_EXTRA_CA_CERTS to the file of your own authority";

const reasons: ReadonlyMap<unknown, string> = new Map([
  ['ECONNREFUSED', 'nothing listens at the target'],
  ['ECONNRESET', 'the target closed the connection'],
  ['EPIPE', 'the target closed the connection'],
  ['ENOTFOUND', "the target's name is unknown"],
  [
    'HPE_HEADER_OVERFLOW',
    "the header of the target's answer is longer than 16 KiB; NODE_OPTIONS=--max-http-header-size=65536 allows 64 KiB",
  ],
  ['EPROTO', 'the TLS handshake with the target failed'],
  ['CERT_HAS_EXPIRED', "the target's certificate has expired"],
  ['ERR_TLS_CERT_ALTNAME_INVALID', "the target's certificate is not for the host of --target"],
  ...[
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ].map((code) => [code, unknownAuthority] as const),
]);

function reasonOf(code: unknown): string {
  const known = reasons.get(code);
  if (known !== undefined) return known;
  if (typeof code !== 'string' || !/^[\w-]{1,60}$/.test(code)) return 'the target could not be reached';
  return code.startsWith('HPE_')
    ? `the target's answer is not HTTP (${code})`
    : `the target could not be reached (${code})`;
}

/** Answers with a plain page, or closes the connection if the head has been sent. */
export function answerFailure(response: ServerResponse, status: FailureStatus): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (response.destroyed) return;
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  const body = pageOf(status);
  response.writeHead(status, pages[status], {
    ...pageHeaders,
    'Content-Length': Buffer.byteLength(body),
    ...(status === 503 && { 'Retry-After': '1' }),
    ...(status === 405 && { Allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' }),
  });
  response.end(body);
  // Read the rest of an upload: it comes before the next request, and Node.js does not read a body that was piped elsewhere.
  response.req.unpipe();
  response.req.resume();
}

/** The same as text, for a connection without a response: a request for an upgrade or a tunnel. */
export function failureText(status: FailureStatus): string {
  const body = pageOf(status);
  const headers = { ...pageHeaders, 'Content-Length': Buffer.byteLength(body), Connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${pages[status]}\r\n${lines.join('')}\r\n${body}`;
}

const pageHeaders = {
  'Content-Type': 'text/plain; charset=utf-8',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
} as const;

function pageOf(status: FailureStatus): string {
  return `${status} ${pages[status]}\n`;
}

/** Answers on a connection that Node.js has detached from its server. */
export function refuseSocket(socket: Socket, status: FailureStatus): void {
  closeWhenEnded(socket);
  socket.end(failureText(status));
}

/**
 * A client may keep its side of a connection open forever. Node.js has detached this one from its server, so timeouts and
 * `closeAllConnections` do not reach it, and it would keep the proxy from stopping.
 */
export function closeWhenEnded(socket: Socket): void {
  socket.once('finish', () => socket.destroy());
}

/** For a client that has gone: `close` follows anyway. A connection that is detached repeatedly gets only one listener. */
export function ignoreErrors(socket: Socket): void {
  if (!socket.listeners('error').includes(ignore)) socket.on('error', ignore);
}

function ignore(): void {}
