/**
 * What is under way on the connections: when the proxy is told to stop, the health check says so, requests are finished, and
 * what has no end is ended.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isEventStream } from './relay.ts';

export class Shutdown {
  readonly #healthPath: string | undefined;
  readonly #upgraded: Set<Socket> = new Set();
  /** The response that is under way on each connection. */
  readonly #current: Map<Socket, ServerResponse> = new Map();
  readonly #connections: Set<Socket> = new Set();
  /** Streams of events, whose clients come back by themselves. */
  readonly #endless: Set<ServerResponse> = new Set();
  /** Whether it has begun: every answer from here on is the last one on its connection. */
  #hasBegun = false;
  /** Set once it takes no more connections. */
  #server: Server | undefined;

  /** @param healthPath - undefined if nobody asks */
  constructor(healthPath: string | undefined) {
    this.#healthPath = healthPath;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  get takesNoMore(): boolean {
    return this.#server !== undefined;
  }

  /** @returns whether it was the health check */
  answersHealth({ method, url }: IncomingMessage, response: ServerResponse): boolean {
    if (this.#healthPath === undefined || url?.split('?', 1)[0] !== this.#healthPath) return false;
    if (method !== 'GET' && method !== 'HEAD') return false;
    const body = this.hasBegun ? 'stopping\n' : 'ok\n';
    response.writeHead(this.hasBegun ? 503 : 200, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Cache-Control': 'no-store',
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(body);
    return true;
  }

  /** Called for each connection as it is opened, and as it is handed back. */
  watchConnection(socket: Socket): void {
    if (this.#connections.has(socket)) return;
    this.#connections.add(socket);
    socket.once('close', () => this.#connections.delete(socket));
  }

  /** @param response - all earlier ones on its connection are sent */
  watch(response: ServerResponse): void {
    if (this.hasBegun) response.shouldKeepAlive = false;
    const { socket } = response.req;
    this.#current.set(socket, response);
    // A connection that was busy when the stop came is idle now.
    const closeIdle = (): void => {
      if (this.takesNoMore) setImmediate(() => this.#server?.closeIdleConnections());
    };
    response.once('close', () => {
      // The next one may have begun.
      if (this.#current.get(socket) === response) this.#current.delete(socket);
      closeIdle();
    });
    // The rest of an upload may come after its answer.
    response.req.once('end', closeIdle);
  }

  /** Whether a response on a connection is not written to its end. */
  isAnswering(socket: Socket): boolean {
    return this.#current.get(socket)?.writableEnded === false;
  }

  /** @param answer - the target's, before its head is sent on */
  watchAnswer(answer: IncomingMessage, response: ServerResponse): void {
    if (this.hasBegun) response.shouldKeepAlive = false;
    if (!isEventStream(answer)) return;
    if (this.takesNoMore) response.destroy();
    this.#endless.add(response);
    response.once('close', () => this.#endless.delete(response));
  }

  watchUpgrade(socket: Socket): void {
    this.#upgraded.add(socket);
    socket.once('close', () => this.#upgraded.delete(socket));
  }

  /** @param socket - belongs to the server again */
  forgetUpgrade(socket: Socket): void {
    this.#upgraded.delete(socket);
  }

  /**
   * @param drain - how long connections are still taken, so that a load balancer sees what the health check says
   * @param limit - how long it waits for requests after that; both in milliseconds
   */
  async run(server: Server, drain: number, limit: number): Promise<void> {
    this.#hasBegun = true;
    if (drain > 0) await new Promise((resolve) => setTimeout(resolve, drain));
    this.#server = server;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    for (const response of this.#endless) response.destroy();
    for (const socket of this.#upgraded) socket.destroySoon();
    // Browsers and load balancers open some ahead, and Node.js counts those on which nothing has come as busy.
    for (const socket of this.#connections) if (socket.bytesRead === 0) socket.destroy();
    const timer = setTimeout(() => {
      for (const socket of this.#upgraded) socket.destroy();
      server.closeAllConnections();
    }, limit);
    await closed;
    clearTimeout(timer);
  }
}
