/** One request on a connection of its own, and its answer as it came: clients tidy headers and bodies, this one does not. */
import { type IncomingMessage, request } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';

export interface SentRequest {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly message: string;
  /** Names in lower case, each with its values in their order. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  /** As it was sent, without its transfer coding. */
  readonly body: Buffer;
}

/** @param host - in `Host` */
export function exchange(address: string, sent: SentRequest, host: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = open(address, sent, host, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => resolve(answerOf(response, Buffer.concat(chunks))));
    });
    asked.once('error', reject).end(sent.body);
  });
}

/** The request, whose body is still to be sent. */
export function open(
  address: string,
  { path, method = 'GET', headers = {}, body }: SentRequest,
  host: string,
  onResponse: (response: IncomingMessage) => void,
): ReturnType<typeof request> {
  const { hostname, port } = new URL(address);
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  const all = { Host: host, ...headers, ...length };
  return request({ hostname, port, path, method, headers: all, agent: false }, onResponse);
}

function answerOf({ statusCode = 0, statusMessage = '', rawHeaders }: IncomingMessage, body: Buffer): Answer {
  const fields = new Map<string, string[]>();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    fields.set(name, [...(fields.get(name) ?? []), rawHeaders[i + 1]!]);
  }
  return { status: statusCode, message: statusMessage, fields, body };
}

/** The body without its content coding. */
export function decoded({ fields, body }: Answer): Buffer {
  const coding = fields.get('content-encoding')?.[0];
  if (coding === undefined || body.length === 0) return body;
  if (coding === 'gzip') return gunzipSync(body);
  if (coding === 'br') return brotliDecompressSync(body);
  if (coding === 'deflate') return inflateSync(body);
  throw new Error(`The content coding ${coding} is not known here.`);
}
