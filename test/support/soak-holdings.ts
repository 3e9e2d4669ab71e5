/** What a server holds on to while nobody asks it for anything: memory, handles, and listeners on what stays open. */
import type { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

export interface Held {
  readonly rss: number;
  /** V8's heap and what hangs outside of it, such as buffers. */
  readonly heap: number;
  /** Active ones, without the connections. */
  readonly handles: number;
  /** The names of the handles, connections included, for the message. */
  readonly kinds: string;
  /** Of the connection that has the most. */
  readonly socketListeners: number;
  /** Of the response that had the most, since the last time. */
  readonly responseListeners: number;
  readonly connections: number;
  readonly openResponses: number;
}

/** So long, in milliseconds, what has been left may take until it is gone. */
const patience = 10_000;

export class Holdings {
  readonly #sockets = new Set<Socket>();
  #openResponses = 0;
  #mostResponseListeners = 0;
  #whenChanged: () => void = () => {};

  watchSocket(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#whenChanged();
    });
  }

  watchResponse(response: ServerResponse): void {
    this.#openResponses++;
    response.on('close', () => {
      this.#openResponses--;
      this.#mostResponseListeners = Math.max(this.#mostResponseListeners, countListeners(response));
      this.#whenChanged();
    });
  }

  /** Waits until only these connections are left, and no response is under way. */
  async take(connections: number): Promise<Held> {
    await this.#isQuiet(connections);
    for (let pass = 0; pass < 3; pass++) {
      globalThis.gc!(); // run with --expose-gc
      await setImmediate();
    }
    const { rss, heapUsed, external } = process.memoryUsage();
    const resources = process.getActiveResourcesInfo();
    const held: Held = {
      rss,
      heap: heapUsed + external,
      handles: resources.length - this.#sockets.size,
      kinds: kindsOf(resources),
      socketListeners: Math.max(0, ...Array.from(this.#sockets, countListeners)),
      responseListeners: this.#mostResponseListeners,
      connections: this.#sockets.size,
      openResponses: this.#openResponses,
    };
    this.#mostResponseListeners = 0;
    return held;
  }

  /** Or gives up: what is left then shows in what is held. */
  #isQuiet(connections: number): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#whenChanged = () => {};
        resolve();
      };
      const timer = setTimeout(settle, patience);
      this.#whenChanged = () => {
        if (this.#sockets.size === connections && this.#openResponses === 0) settle();
      };
      this.#whenChanged();
    });
  }
}

function kindsOf(resources: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const kind of resources) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return Array.from(counts, ([kind, count]) => `${count} ${kind}`).join(', ');
}

function countListeners(emitter: EventEmitter): number {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
}
