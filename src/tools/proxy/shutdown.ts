/**
 * Watches the connections. When the proxy stops, it changes the health check, lets requests finish, and ends streams that have
 * no end.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isEventStream } from './relay.ts';

export class Shutdown {
  readonly #healthPath: string | undefined;
  readonly #upgraded: Set<Socket> = new Set();
  /** The response under way on every connection. */
  readonly #current: Map<Socket, ServerResponse> = new Map();
  readonly #connections: Set<Socket> = new Set();
  /** Event streams, whose clients reconnect automatically. */
  readonly #endless: Set<ServerResponse> = new Set();
  /** Whether it has begun: every answer from now on is the last one on its connection. */
  #hasBegun = false;
  /** Set when it takes no more connections. */
  #server: Server | undefined;

  /** @param healthPath - undefined without a health check */
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

  /** Called for every connection when it is opened, and when it is returned. */
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
    // A connection that was busy when the proxy stopped is idle now.
    const closeIdle = (): void => {
      if (this.takesNoMore) setImmediate(() => this.#server?.closeIdleConnections());
    };
    response.once('close', () => {
      // The next response may have begun.
      if (this.#current.get(socket) === response) this.#current.delete(socket);
      closeIdle();
    });
    // The rest of an upload may arrive after the answer.
    response.req.once('end', closeIdle);
  }

  /** Whether a response on a connection is incomplete. */
  isAnswering(socket: Socket): boolean {
    return this.#current.get(socket)?.writableEnded === false;
  }

  /** @param answer - the target's, before its head is relayed */
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
   * @param drain - how long it still takes connections, so that a load balancer sees the health check change
   * @param limit - how long it then waits for requests; both in milliseconds
   */
  async run(server: Server, drain: number, limit: number): Promise<void> {
    this.#hasBegun = true;
    if (drain > 0) await new Promise((resolve) => setTimeout(resolve, drain));
    this.#server = server;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    for (const response of this.#endless) response.destroy();
    for (const socket of this.#upgraded) socket.destroySoon();
    // Browsers and load balancers open connections ahead. Node.js counts those without a request as busy.
    for (const socket of this.#connections) if (socket.bytesRead === 0) socket.destroy();
    const timer = setTimeout(() => {
      for (const socket of this.#upgraded) socket.destroy();
      server.closeAllConnections();
    }, limit);
    await closed;
    clearTimeout(timer);
  }
}
