/**
 * A value that an app's function returns, such as a key from a secret manager. The function is called when the value is used,
 * never by a timer, and a good value stays while the function fails. Private fields keep it out of `util.inspect` and JSON.
 */

/** In seconds: the pause after a failure. Every further failure doubles it. */
const firstPause = 1;
const longestPause = 30;
/** In seconds: the shortest pause after the function has returned a value that ends. */
const shortestKeep = 10;
/** In seconds: a value that ends is fetched again at least this long before its end. */
const spareLife = 300;
/** In milliseconds: how long to wait for an answer. */
const defaultDeadline = 10_000;

export interface FetchedValueOptions<T> {
  /** The app's function. It can return a promise, throw, or never answer. */
  readonly fetch: () => unknown;
  /**
   * Checks the function's result. `endsAt` and `now` are in Unix seconds; `endsAt` is `Infinity` for a value that does not
   * end.
   * @throws for anything that is not a value
   */
  readonly read: (got: unknown, now: number) => { readonly value: T; readonly endsAt: number };
  /** In seconds: when the function is called again. A value with an end is fetched again halfway. @default Infinity */
  readonly refreshAfter?: number;
  /** Whether a new value equals the old one, so that caches can stay. @default Object.is */
  readonly isSame?: (value: T, other: T) => boolean;
  /** In milliseconds. @default 10,000 */
  readonly deadline?: number;
}

export class FetchedValue<T> {
  readonly #options: FetchedValueOptions<T>;
  #value: T | undefined;
  #endsAt = 0;
  #generation = 0;
  #failure: unknown;
  readonly #listeners: ((error: unknown) => void)[] = [];
  #pending: Promise<void> | undefined;
  /** Failures since the last value. */
  #failures = 0;
  /** In Unix seconds: when the function was last called, and when the next call is due. */
  #askedAt = 0;
  #dueAt = 0;
  /** In milliseconds of the monotonic clock: a function may take long to fail. */
  #begunAt = 0;
  /** The number of calls, and which of them returned the value: a late answer must not replace a newer one. */
  #calls = 0;
  #answeredCall = 0;

  constructor(options: FetchedValueOptions<T>) {
    this.#options = options;
  }

  /** The value; undefined if there is none, or if it had ended at the last `refresh`. */
  get current(): T | undefined {
    return this.#value;
  }

  /** Changes whenever the value does. */
  get generation(): number {
    return this.#generation;
  }

  /** In Unix seconds. `Infinity` for a value that does not end, 0 if there is no value. */
  get endsAt(): number {
    return this.#value === undefined ? 0 : this.#endsAt;
  }

  /** Why there is no value; undefined if there is one, or if the function has not answered yet. */
  get failure(): unknown {
    return this.#value === undefined ? this.#failure : undefined;
  }

  /** In seconds: the pause after the last failure. */
  get pause(): number {
    return Math.min(firstPause * 2 ** Math.max(0, this.#failures - 1), longestPause);
  }

  /** @param onFailure - called for every failure, even while there is a value; its own errors are ignored */
  listen(onFailure: (error: unknown) => void): void {
    this.#listeners.push(onFailure);
  }

  /** @param now - in Unix seconds */
  valueAt(now: number): T | undefined {
    return this.#endsAt <= now ? undefined : this.#value;
  }

  /**
   * Calls the function if that is due. A synchronous function has answered when this returns.
   * @param now - in Unix seconds
   * @returns undefined if there is a value, which stays in use while the function is called again. Otherwise a promise that
   *   resolves after the answer or the failure, and never rejects
   */
  refresh(now: number): Promise<void> | undefined {
    if (this.valueAt(now) === undefined) this.#value = undefined;
    if (this.#pending === undefined && this.#isDue(now)) this.#ask(Number.isNaN(now) ? 0 : now);
    return this.#value === undefined ? (this.#pending ?? Promise.resolve()) : undefined;
  }

  #isDue(now: number): boolean {
    if (this.#value === undefined && this.#failures === 0) return true;
    // A clock that was set back must not delay the next call by as much.
    return now >= this.#dueAt || now < this.#askedAt;
  }

  #ask(now: number): void {
    const call = ++this.#calls;
    this.#askedAt = now;
    this.#begunAt = performance.now();
    this.#dueAt = now + this.pause;
    try {
      const got = this.#options.fetch();
      if (isThenable(got)) this.#pending = this.#waitFor(got, call, now);
      else this.#take(got, call, now);
    } catch (error) {
      this.#fail(error);
    }
  }

  #waitFor(got: PromiseLike<unknown>, call: number, now: number): Promise<void> {
    const { deadline = defaultDeadline } = this.#options;
    return new Promise((resolve) => {
      let isWaiting = true;
      const finish = (error?: unknown): void => {
        if (!isWaiting) return;
        isWaiting = false;
        clearTimeout(timer);
        this.#pending = undefined;
        if (error !== undefined) this.#fail(error);
        resolve();
      };
      const timer = setTimeout(
        () => finish(new Error(`Expected an answer within ${deadline / 1000} seconds.`)),
        deadline,
      );
      // In Workers a timer is a number. In Node.js it would keep the process alive.
      (timer as { unref?: () => void }).unref?.();
      Promise.resolve(got)
        .then((answer) => this.#take(answer, call, now))
        .then(
          () => finish(),
          (error: unknown) => finish(error ?? withoutReason()),
        );
    });
  }

  /** @throws what `read` throws */
  #take(got: unknown, call: number, now: number): void {
    const { read, refreshAfter = Number.POSITIVE_INFINITY, isSame = Object.is } = this.#options;
    const { value, endsAt } = read(got, now);
    if (endsAt <= now)
      throw new Error('Expected a value that has not ended yet: its `expiration` is in the past.');
    if (call < this.#answeredCall) return;
    this.#answeredCall = call;
    if (this.#value === undefined || !isSame(this.#value, value)) {
      this.#value = value;
      this.#generation++;
    }
    const isOfNewEnd = endsAt !== this.#endsAt;
    this.#endsAt = endsAt;
    this.#failure = undefined;
    this.#failures = 0;
    // The function may return the same short-lived value until just before its end: do not call it all the time.
    const early = Math.max(now + shortestKeep, endsAt - Math.max(spareLife, (endsAt - now) / 2));
    // A value with an end is kept for half of its life: every call may start another session, and all URLs would change.
    const isKept = isOfNewEnd && endsAt !== Number.POSITIVE_INFINITY;
    this.#dueAt = isKept
      ? early
      : Math.min(now + refreshAfter, endsAt === Number.POSITIVE_INFINITY ? endsAt : early);
  }

  #fail(error: unknown): void {
    this.#failure = error ?? withoutReason();
    this.#failures++;
    this.#dueAt = this.#askedAt + Math.floor((performance.now() - this.#begunAt) / 1000) + this.pause;
    for (const listener of this.#listeners) {
      try {
        listener(this.#failure);
      } catch {
        // Listeners only report failures: a listener's own failure must not stop the others.
      }
    }
  }
}

/** `undefined` would read as no failure. */
function withoutReason(): Error {
  return new Error('The function failed without a reason.');
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    typeof (value as { readonly then?: unknown }).then === 'function'
  );
}
