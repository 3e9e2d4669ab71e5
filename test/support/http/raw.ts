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

export function parse(raw: Buffer, method = 'GET'): RawResponse {
  const headEnd = raw.indexOf('\r\n\r\n');
  const [statusLine = '', ...headerLines] = raw.toString('latin1', 0, headEnd).split('\r\n');
  const headers = headerLines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const header = (name: string): string | undefined => {
    const values = headers.filter(([each]) => each === name.toLowerCase()).map(([, value]) => value);
    return values.length === 0 ? undefined : values.join(', ');
  };
  const status = Number(statusLine.split(' ')[1]);
  const rest = raw.subarray(headEnd + 4);
  if (status >= 100 && status < 200) return parse(rest, method);
  const framed =
    header('transfer-encoding') === 'chunked'
      ? readChunks(rest)
      : readPlain(rest, header('content-length'), method, status);
  return { status, headers, header, ...framed, text: framed.body.toString('utf8') };
}

type Framed = Pick<RawResponse, 'body' | 'trailers' | 'isComplete'>;

function readPlain(rest: Buffer, length: string | undefined, method: string, status: number): Framed {
  const hasBody = method !== 'HEAD' && status !== 204 && status !== 304;
  const expected = hasBody && length !== undefined ? Number(length) : undefined;
  return { body: rest, trailers: '', isComplete: expected === undefined || expected === rest.length };
}

function readChunks(rest: Buffer): Framed {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = rest.indexOf('\r\n', at);
    const size = lineEnd < 0 ? Number.NaN : Number.parseInt(rest.toString('latin1', at, lineEnd), 16);
    if (Number.isNaN(size)) return { body: Buffer.concat(parts), trailers: '', isComplete: false };
    if (size === 0) {
      return {
        body: Buffer.concat(parts),
        trailers: rest.toString('latin1', lineEnd + 2).trim(),
        isComplete: true,
      };
    }
    parts.push(rest.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
