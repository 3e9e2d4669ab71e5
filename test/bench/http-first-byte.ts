/** How long a visitor waits for the first bytes of a streamed page: with and without the middleware, in turn. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Contender } from './http-contender.ts';

const requests = 300;
const warmUp = 50;

/** @returns milliseconds from the request to the first bytes of the body, by contender */
export async function timesToFirstByte(contenders: readonly Contender[]): Promise<number[][]> {
  const sockets = await Promise.all(contenders.map(open));
  const times: number[][] = contenders.map(() => []);
  for (let index = -warmUp; index < requests; index++) {
    // Each comes first in every other turn.
    for (const which of inTurn(contenders.length, index)) {
      const time = await timeOf(sockets[which]!, contenders[which]!.request);
      if (index >= 0) times[which]!.push(time);
    }
  }
  for (const socket of sockets) socket.destroy();
  return times;
}

/** The numbers up to a count, the other way round every other time. */
export function inTurn(count: number, round: number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  return round % 2 === 0 ? order : order.reverse();
}

async function open({ port }: Contender): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

function timeOf(socket: Socket, request: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    let firstByte: number | undefined;
    let text = '';
    const take = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      const bodyStart = text.indexOf('\r\n\r\n') + 4;
      if (bodyStart >= 4 && text.length > bodyStart) firstByte ??= performance.now() - start;
      if (!text.endsWith('\r\n0\r\n\r\n')) return;
      socket.off('data', take).off('close', fail);
      resolve(firstByte!); // the body's end is behind its first byte
    };
    const fail = (): void => reject(new Error('closed in the middle of a streamed page'));
    socket.on('data', take).once('close', fail);
    socket.write(request, 'latin1');
  });
}
