/** A client that sends its request piece by piece, and keeps what came before the server threw it out. */
import { connect, type Socket } from 'node:net';
import { parse, type RawResponse } from './raw.ts';

/**
 * @param speak - writes to the socket; what it waits for is its own affair
 * @returns what had come when the connection was closed, by whomever
 */
export function converse(
  port: number,
  speak: (socket: Socket) => Promise<void> | void,
): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      Promise.resolve(speak(socket)).catch(reject);
    });
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {}); // a server that closes on what is still being sent
    socket.on('close', () => resolve(parse(Buffer.concat(chunks))));
  });
}

export function head(headers: Readonly<Record<string, string | number>>, target = '/sign'): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${target} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${lines.join('')}\r\n`;
}

/** One chunk of a chunked body; the last one is empty. */
export function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

/** Writes, and waits until there is room for more, or nobody there to read it. */
export function writeAndDrain(socket: Socket, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed || socket.write(text)) return setImmediate(resolve);
    socket.once('drain', resolve).once('close', () => resolve());
  });
}
