/**
 * One exchange with a listener over a real `ServerResponse`, without a network: what leaves is read from the bytes, as
 * a client would. A hundred thousand of them take seconds.
 */
import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { parse, type RawResponse } from '../http/raw.ts';

export type Fields = Readonly<Record<string, string>>;

export interface Message {
  readonly status: number;
  /** Lower-case names; several lines of a name joined by commas. */
  readonly headers: Fields;
  readonly body: string;
}

const idle = new Socket();
/** Of several lines of these the first holds, as for any client of Node. */
const singletons: readonly string[] = ['expires', 'date', 'age', 'etag', 'last-modified'];

/** @param now - the server's clock in milliseconds, for the `Date` that Node would add */
export function exchange(listener: RequestListener, headers: Fields, now: () => number): Message {
  const request = new IncomingMessage(idle);
  Object.assign(request, { method: 'GET', url: '/', httpVersionMajor: 1, httpVersionMinor: 1 });
  request.headers = { host: 'site.example', ...headers };
  const response = new ServerResponse(request);
  response.sendDate = false;
  const chunks: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  // A response uses no more of its socket than any stream has.
  response.assignSocket(sink as Socket);
  listener(request, response);
  if (!response.writableEnded) throw new Error('the listener answers later, or never');
  response.detachSocket(sink as Socket);
  const { status, headers: lines, text } = parse(Buffer.concat(chunks));
  const fields: Record<string, string> = { date: new Date(now()).toUTCString() };
  const seen = new Set<string>();
  for (const [name, value] of lines) {
    if (!seen.has(name)) fields[name] = value;
    else if (!singletons.includes(name)) fields[name] = `${fields[name]}, ${value}`;
    seen.add(name);
  }
  return { status, headers: fields, body: text };
}

/** What a listener answers that takes its time; a connection that it breaks off is status 0. */
export function exchangeLater(
  listener: RequestListener,
  target: string,
  headers: Fields = {},
  method = 'GET',
): Promise<Pick<RawResponse, 'status' | 'header' | 'body' | 'text'>> {
  const request = new IncomingMessage(idle);
  Object.assign(request, { method, url: target, httpVersionMajor: 1, httpVersionMinor: 1, complete: true });
  request.headers = { host: 'site.example', ...headers };
  request.push(null);
  const response = new ServerResponse(request);
  const chunks: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  // A response uses no more of its socket than any stream has.
  response.assignSocket(sink as Socket);
  return new Promise((resolve) => {
    const settle = (): void => {
      const { status, header, body, text } = parse(Buffer.concat(chunks), method);
      resolve({ status: Number.isNaN(status) ? 0 : status, header, body, text });
    };
    response.on('finish', settle);
    response.on('close', settle);
    listener(request, response);
  });
}
