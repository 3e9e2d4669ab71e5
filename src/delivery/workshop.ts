/**
 * Does work once for all who ask for it at the same time, a few pieces at once, and no more than there is memory for. The rest
 * waits, in the order in which it came, and what is too much is refused. It does not know what the work is.
 */

/** More are waiting than may. */
export const busy: unique symbol = Symbol('busy');

/** Who asks: the response that goes there. */
export interface Client {
  readonly destroyed: boolean;
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
}

/** Work that is ready to run. */
export interface Work<Result> {
  /** In bytes, while it runs: at most what the workshop has, or it would wait for ever. */
  readonly memory: number;
  run(): Promise<Result>;
}

/** Work that comes in two steps, since what it takes is known only after the first. */
export interface Order<Result> {
  /** What `prepare` takes, in bytes, and what it returns holds on to. */
  readonly memory: number;
  prepare(): Promise<Work<Result>>;
}

class Piece<Result> {
  readonly order: Order<Result>;
  /** How many still want it. */
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
  /** Those that do not run yet, the oldest first. */
  readonly #queue: Set<Piece<Result>> = new Set();
  #running = 0;
  #taken = 0;
  #isStarting = false;
  /** Called when a place or memory has become free, or the piece that waits for it was dropped. */
  #onChange: () => void = () => {};

  /**
   * @param places - how many pieces run at once
   * @param memory - in bytes, what all of them may take
   */
  constructor(places: number, maxWaiting: number, memory: number) {
    this.#places = places;
    this.#maxPieces = places + maxWaiting;
    this.#memory = memory;
  }

  /**
   * @param key - of the piece: while it waits or runs, nobody begins it again
   * @param client - closed when it has left; what waits for nobody does not run
   * @returns rejected if the order is
   */
  async do(key: string, client: Client, order: Order<Result>): Promise<Result | typeof busy> {
    const piece = this.#pieces.get(key) ?? this.#add(key, order);
    piece.waiting++;
    const leave = (): void => {
      piece.waiting--;
      if (piece.waiting > 0 || !this.#queue.delete(piece)) return;
      this.#pieces.delete(key);
      piece.resolve(busy);
      this.#onChange();
    };
    client.once('close', leave);
    if (client.destroyed) leave();
    try {
      return await piece.result;
    } finally {
      client.off('close', leave);
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
   * Starts what waits, one piece after the other: a large one is not overtaken for ever, and of two that are prepared neither waits
   * for what the other holds.
   */
  async #start(): Promise<void> {
    this.#isStarting = true;
    for (const piece of this.#queue) {
      const { order } = piece;
      if (!(await this.#hasRoom(piece, order.memory))) continue;
      this.#taken += order.memory;
      const work = await order.prepare().catch(piece.reject);
      this.#taken -= order.memory;
      // Its own memory is counted once, and nobody else can take it meanwhile.
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
