/** What is under way on the connections: when the proxy is told to stop, requests are finished, and what has no end is ended. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export class Shutdown {
  readonly #upgraded: Set<Socket> = new Set();
  /** The response that is under way on each connection. */
  readonly #current: Map<Socket, ServerResponse> = new Map();
  /** Streams of events, whose clients come back by themselves. */
  readonly #endless: Set<ServerResponse> = new Set();
  #server: Server | undefined;

  /** Whether it has begun: every answer from here on is the last one on its connection. */
  get hasBegun(): boolean {
    return this.#server !== undefined;
  }

  /** @param response - all earlier ones on its connection are sent */
  watch(response: ServerResponse): void {
    if (this.hasBegun) response.shouldKeepAlive = false;
    const { socket } = response.req;
    this.#current.set(socket, response);
    // A connection that was busy when the stop came is idle now.
    response.once('close', () => {
      // The next one may have begun.
      if (this.#current.get(socket) === response) this.#current.delete(socket);
      if (this.hasBegun) setImmediate(() => this.#server?.closeIdleConnections());
    });
  }

  /** Whether a response on a connection is not written to its end. */
  isAnswering(socket: Socket): boolean {
    return this.#current.get(socket)?.writableEnded === false;
  }

  /** @param answer - the target's, before its head is sent on */
  watchAnswer({ headers }: IncomingMessage, response: ServerResponse): void {
    if (this.hasBegun) response.shouldKeepAlive = false;
    if (headers['content-type']?.startsWith('text/event-stream') !== true) return;
    if (this.hasBegun) response.destroy();
    this.#endless.add(response);
    response.once('close', () => this.#endless.delete(response));
  }

  watchUpgrade(socket: Socket): void {
    this.#upgraded.add(socket);
    socket.once('close', () => this.#upgraded.delete(socket));
  }

  /** @param limit - how long it waits for requests, in milliseconds */
  async run(server: Server, limit: number): Promise<void> {
    this.#server = server;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    for (const response of this.#endless) response.destroy();
    for (const socket of this.#upgraded) socket.destroySoon();
    const timer = setTimeout(() => {
      for (const socket of this.#upgraded) socket.destroy();
      server.closeAllConnections();
    }, limit);
    await closed;
    clearTimeout(timer);
  }
}
