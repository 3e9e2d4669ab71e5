/**
 * Does work once for all who ask for it at the same time, a few pieces at once. The rest waits, in the order in which it came,
 * and what is too much is refused. It does not know what the work is.
 */

/** More are waiting than may. */
export const busy: unique symbol = Symbol('busy');

interface Piece<Result> {
  readonly result: Promise<Result | typeof busy>;
  /** Those who still want it. */
  waiting: number;
  /** Undefined once it has begun. */
  begin: (() => void) | undefined;
  /** Called if nobody wants it any more. */
  drop(): void;
}

export class Workshop<Result> {
  readonly #places: number;
  readonly #maxWaiting: number;
  readonly #pieces: Map<string, Piece<Result>> = new Map();
  /** Those that have not begun, the oldest first. */
  readonly #queue: Set<Piece<Result>> = new Set();
  #working = 0;

  /** @param places - how many pieces are worked on at once */
  constructor(places: number, maxWaiting: number) {
    this.#places = places;
    this.#maxWaiting = maxWaiting;
  }

  /**
   * @param key - of the piece: while it waits or is worked on, nobody begins it again
   * @param left - aborted when this client has left; what waits for nobody is not begun
   * @returns rejected if `work` is
   */
  async do(key: string, left: AbortSignal, work: () => Promise<Result>): Promise<Result | typeof busy> {
    const piece = this.#pieces.get(key) ?? this.#add(key, work);
    piece.waiting++;
    const leave = (): void => {
      piece.waiting--;
      if (piece.waiting === 0 && piece.begin !== undefined) piece.drop();
    };
    left.addEventListener('abort', leave, { once: true });
    if (left.aborted) leave();
    try {
      return await piece.result;
    } finally {
      left.removeEventListener('abort', leave);
    }
  }

  #add(key: string, work: () => Promise<Result>): Piece<Result> {
    const { promise, resolve, reject } = withResolvers<Result | typeof busy>();
    const piece: Piece<Result> = {
      result: promise,
      waiting: 0,
      begin: () => {
        piece.begin = undefined;
        this.#working++;
        work()
          .then(resolve, reject)
          .finally(() => {
            this.#pieces.delete(key);
            this.#working--;
            this.#next();
          });
      },
      drop: () => {
        this.#queue.delete(piece);
        this.#pieces.delete(key);
        resolve(busy);
      },
    };
    if (this.#working >= this.#places && this.#queue.size >= this.#maxWaiting) {
      resolve(busy);
      return piece;
    }
    this.#pieces.set(key, piece);
    this.#queue.add(piece);
    this.#next();
    return piece;
  }

  #next(): void {
    const [piece] = this.#queue;
    if (piece === undefined || this.#working >= this.#places) return;
    this.#queue.delete(piece);
    piece.begin?.();
  }
}

/** As `Promise.withResolvers`, which Node.js has from 22 on. */
function withResolvers<T>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
