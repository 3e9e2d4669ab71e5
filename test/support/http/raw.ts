/** A client over `net`: it sends what it is told, byte for byte, and hides nothing of what comes back. */
import { connect } from 'node:net';

export interface RawResponse {
  readonly status: number;
  /** In order, as they came: a name may stand twice. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Joined by commas; undefined where there is none. */
  header(name: string): string | undefined;
  /** Without chunk framing. */
  readonly body: Buffer;
  readonly text: string;
  readonly trailers: string;
  /** Whether the body ended as its framing says. */
  readonly isComplete: boolean;
}

export interface RawRequest {
  readonly method?: string;
  readonly version?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends one request on a connection of its own. The target is not touched. */
export async function send(port: number, target: string, request: RawRequest = {}): Promise<RawResponse> {
  const { method = 'GET', version = '1.1', headers = {}, body = '' } = request;
  const lines = [`${method} ${target} HTTP/${version}`];
  for (const [name, value] of Object.entries({ host: 'localhost', connection: 'close', ...headers }))
    lines.push(`${name}: ${value}`);
  if (body !== '') lines.push(`content-length: ${Buffer.byteLength(body)}`);
  return parse(await exchange(port, `${lines.join('\r\n')}\r\n\r\n${body}`), method);
}

/** Sends bytes, and gives all that comes until the server closes. */
export function exchange(port: number, text: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(text, 'latin1'));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks)));
  });
}

/** All that came of one response: where it never ends, as much as there is. */
export function parse(raw: Buffer, method = 'GET'): RawResponse {
  const found = responseAt(raw, 0, method);
  if (found === undefined) return none;
  if (found.end === raw.length) return found;
  // Bytes behind its end are as wrong as bytes that are missing, and are shown with it.
  const body = raw.subarray(found.end - found.body.length);
  return { ...found, ...(found.framing === 'length' && { body, text: body.toString() }), isComplete: false };
}

/** The connection was closed before a head had come. */
const none: RawResponse = {
  status: Number.NaN,
  headers: [],
  header: () => undefined,
  body: Buffer.alloc(0),
  text: '',
  trailers: '',
  isComplete: false,
};

/**
 * The response that begins at a place, without informational ones before it.
 * @returns undefined before its head is there
 */
export function responseAt(raw: Buffer, start: number, method: string): FramedResponse | undefined {
  const headEnd = raw.indexOf('\r\n\r\n', start);
  if (headEnd < 0) return undefined;
  const [statusLine = '', ...headerLines] = raw.toString('latin1', start, headEnd).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
  if (Number.isNaN(status)) throw new Error(`no response begins here: ${statusLine.slice(0, 60)}`);
  if (status < 200) return responseAt(raw, headEnd + 4, method);
  const headers = headerLines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const header = (name: string): string | undefined => {
    const values = headers.filter(([each]) => each === name.toLowerCase()).map(([, value]) => value);
    return values.length === 0 ? undefined : values.join(', ');
  };
  const isBodiless = method === 'HEAD' || status === 204 || status === 304;
  const framed = isBodiless
    ? withLength(raw, headEnd + 4, 0, 'none')
    : header('transfer-encoding') === 'chunked'
      ? readChunks(raw, headEnd + 4)
      : withLength(raw, headEnd + 4, header('content-length'));
  const { body } = framed;
  return {
    status,
    headers,
    header,
    ...framed,
    body,
    get text() {
      return body.toString('utf8');
    },
  };
}

interface Framed {
  readonly body: Buffer;
  readonly trailers: string;
  readonly isComplete: boolean;
  readonly framing: 'none' | 'length' | 'chunked' | 'close';
  /** Where the next response begins. */
  readonly end: number;
}
export type FramedResponse = RawResponse & Framed;

/** Without a length a body ends with the connection. */
function withLength(
  raw: Buffer,
  at: number,
  length: string | number | undefined,
  framing = 'length',
): Framed {
  const isValid = length === undefined || /^\d+$/.test(String(length));
  const wanted = length === undefined ? raw.length : at + (isValid ? Number(length) : 0);
  const end = Math.min(raw.length, wanted);
  const isComplete = isValid && end === wanted;
  const kind = length === undefined ? 'close' : (framing as 'none' | 'length');
  return { body: raw.subarray(at, end), trailers: '', isComplete, framing: kind, end };
}

function readChunks(raw: Buffer, start: number): Framed {
  const parts: Buffer[] = [];
  const framed = (isComplete: boolean, end = raw.length, trailers = ''): Framed => {
    return { body: Buffer.concat(parts), trailers, isComplete, framing: 'chunked', end };
  };
  for (let at = start; ; ) {
    const lineEnd = raw.indexOf('\r\n', at);
    const digits = lineEnd < 0 ? '' : raw.toString('latin1', at, lineEnd);
    if (!/^[0-9a-f]+$/.test(digits)) return framed(false);
    const [size, from] = [Number.parseInt(digits, 16), lineEnd + 2];
    if (size === 0) {
      const end = raw.indexOf('\r\n\r\n', lineEnd) + 4; // of trailers, or of none
      return end < 4 ? framed(false) : framed(true, end, raw.toString('latin1', from, end).trim());
    }
    parts.push(raw.subarray(from, from + size));
    at = from + size + 2;
    if (raw.length < at || raw.toString('latin1', at - 2, at) !== '\r\n') return framed(false);
  }
}
