/** Load over loopback, by a client that does less for a response than the server did: it counts bytes until the end. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Answer } from '../support/http/keep-alive.ts';

const connections = 24;
const lastChunk = Buffer.from('0\r\n\r\n');
/** All sockets read into the one buffer: each callback is done with it before the next read. */
const buffer = Buffer.alloc(262_144);

/** Keeps all connections busy, each with one request at a time. @returns requests a second */
export type Load = (milliseconds: number) => Promise<number>;

/** @param answer - what each response is like: where it has a length, one of another size is an error */
export async function openLoad(port: number, request: string, { raw, response }: Answer): Promise<Load> {
  const isChunked = response.header('transfer-encoding') !== undefined;
  const bytes = Buffer.from(request, 'latin1');
  const sockets: Socket[] = [];
  let [isOver, completed, busy] = [true, 0, 0];
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  for (let index = 0; index < connections; index++) {
    let got = 0;
    let tail: Buffer = Buffer.alloc(0);
    const isComplete = (count: number): boolean => {
      got += count;
      const last = buffer.subarray(Math.max(0, count - lastChunk.length), count);
      tail = Buffer.concat([tail, last]).subarray(-lastChunk.length);
      if (!isChunked && got > raw.length) throw new Error(`${got} bytes came, not ${raw.length}`);
      return isChunked ? tail.equals(lastChunk) : got === raw.length;
    };
    const callback = (count: number): boolean => {
      if (!isComplete(count)) return true;
      [got, tail] = [0, Buffer.alloc(0)];
      completed++;
      if (!isOver) socket.write(bytes);
      else if (--busy === 0) resolve();
      return true;
    };
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer, callback } });
    await once(socket, 'connect');
    socket.on('error', (error) => reject(error));
    socket.on('close', () => reject(new Error('the server has closed a connection')));
    sockets.push(socket);
  }
  return async (milliseconds) => {
    const done = new Promise<void>((whenDone, whenFailed) => {
      [resolve, reject] = [whenDone, whenFailed];
    });
    [isOver, completed, busy] = [false, 0, connections];
    const start = performance.now();
    setTimeout(() => {
      isOver = true;
    }, milliseconds);
    for (const socket of sockets) socket.write(bytes);
    await done; // the last responses count as well, and the time that they take
    return (completed / (performance.now() - start)) * 1_000;
  };
}
