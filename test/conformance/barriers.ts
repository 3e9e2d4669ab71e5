/** Barriers that bodies wait at, over HTTP, so that a Worker can wait there too. A body that no longer waits is reported. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Barrier {
  readonly url: string;
  /** Somebody waits. */
  readonly reached: Promise<void>;
  /** Who waited has gone, unopened. */
  readonly left: Promise<void>;
  open(): Promise<void>;
}

export class Barriers {
  readonly #server = createServer((request, response) => this.#waiting.get(request.url!)!(response));
  readonly #waiting = new Map<string, (response: ServerResponse) => void>();

  static async start(): Promise<Barriers> {
    const barriers = new Barriers();
    await once(barriers.#server.listen(0, '127.0.0.1'), 'listening');
    return barriers;
  }

  create(): Barrier {
    const path = `/${this.#waiting.size}`;
    const waiting = new Promise<ServerResponse>((resolve) => this.#waiting.set(path, resolve));
    return {
      url: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`,
      reached: waiting.then(() => {}),
      left: waiting.then(async (response) => void (await once(response, 'close'))),
      open: async () => void (await waiting).end(),
    };
  }

  async close(): Promise<void> {
    this.#server.close().closeAllConnections();
  }
}
