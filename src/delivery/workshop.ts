/**
 * Does work once for all who ask for it at the same time: a few pieces at a time, within a memory limit. The rest waits in order
 * of arrival, and further pieces are refused. It does not know what the work is.
 */
import { onResponse } from '../node/http/response-events.ts';

/** Too many pieces are waiting. */
export const busy: unique symbol = Symbol('busy');

/** The response that waits for the work. */
export interface Client extends NodeJS.EventEmitter {
  readonly destroyed: boolean;
}

/** Work that is ready to run. */
export interface Work<Result> {
  /** In bytes, while it runs. At most the workshop's memory, or it would wait for ever. */
  readonly memory: number;
  run(): Promise<Result>;
}

/** Work in two steps, since the first one finds out how much memory the second needs. */
export interface Order<Result> {
  /** In bytes, for `prepare` and what its result holds. */
  readonly memory: number;
  prepare(): Promise<Work<Result>>;
}

class Piece<Result> {
  readonly order: Order<Result>;
  /** How many clients still want it. */
  waiting = 0;
  resolve!: (result: Result | typeof busy) => void;
  reject!: (reason: unknown) => void;
  readonly result: Promise<Result | typeof busy> = new Promise((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  constructor(order: Order<Result>) {
    this.order = order;
  }
}

export class Workshop<Result> {
  readonly #places: number;
  readonly #maxPieces: number;
  readonly #memory: number;
  readonly #pieces: Map<string, Piece<Result>> = new Map();
  /** The pieces that do not run yet, the oldest first. */
  readonly #queue: Set<Piece<Result>> = new Set();
  #running = 0;
  #taken = 0;
  #isStarting = false;
  /** Called when a place or memory becomes free, or the waiting piece was dropped. */
  #onChange: () => void = () => {};

  /**
   * @param places - how many pieces run at once
   * @param memory - in bytes, for all of them
   */
  constructor(places: number, maxWaiting: number, memory: number) {
    this.#places = places;
    this.#maxPieces = places + maxWaiting;
    this.#memory = memory;
  }

  /**
   * @param key - of the piece: while it waits or runs, it is not started again
   * @param client - closed when it has left. A piece without clients does not run
   * @returns rejects if the order rejects
   */
  async do(key: string, client: Client, order: Order<Result>): Promise<Result | typeof busy> {
    const piece = this.#pieces.get(key) ?? this.#add(key, order);
    piece.waiting++;
    let hasResult = false;
    const leave = (): void => {
      if (hasResult) return;
      piece.waiting--;
      if (piece.waiting > 0 || !this.#queue.delete(piece)) return;
      this.#pieces.delete(key);
      piece.resolve(busy);
      this.#onChange();
    };
    onResponse(client, 'close', leave);
    if (client.destroyed) leave();
    try {
      return await piece.result;
    } finally {
      hasResult = true;
    }
  }

  #add(key: string, order: Order<Result>): Piece<Result> {
    const piece = new Piece(order);
    if (this.#pieces.size >= this.#maxPieces) {
      piece.resolve(busy);
      return piece;
    }
    this.#pieces.set(key, piece);
    this.#queue.add(piece);
    const forget = (): void => {
      if (this.#pieces.get(key) === piece) this.#pieces.delete(key);
    };
    piece.result.then(forget, forget);
    if (!this.#isStarting) void this.#start();
    return piece;
  }

  /**
   * Starts waiting pieces one after the other, so that a large one is not overtaken for ever, and two prepared ones cannot wait for
   * each other's memory.
   */
  async #start(): Promise<void> {
    this.#isStarting = true;
    for (const piece of this.#queue) {
      const { order } = piece;
      if (!(await this.#hasRoom(piece, order.memory))) continue;
      this.#taken += order.memory;
      const work = await order.prepare().catch(piece.reject);
      this.#taken -= order.memory;
      // Its memory is counted only once, and no other piece can take it in the meantime.
      if (work !== undefined && (await this.#hasRoom(piece, work.memory))) this.#run(piece, work);
      this.#queue.delete(piece);
    }
    this.#isStarting = false;
  }

  /** @returns false if nobody wants the piece any more */
  async #hasRoom(piece: Piece<Result>, memory: number): Promise<boolean> {
    while (this.#queue.has(piece)) {
      if (this.#running < this.#places && this.#taken + memory <= this.#memory) return true;
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
    }
    return false;
  }

  #run(piece: Piece<Result>, { memory, run }: Work<Result>): void {
    this.#running++;
    this.#taken += memory;
    run()
      .finally(() => {
        this.#running--;
        this.#taken -= memory;
        this.#onChange();
      })
      .then(piece.resolve, piece.reject);
  }
}
