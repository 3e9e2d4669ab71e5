/**
 * A value that a function of the app gives, such as a key out of a secret manager. It is asked for when it is used, never
 * by a timer, and a good value stays while the function fails. Private fields keep it out of `util.inspect` and JSON.
 */

/** In seconds: after a failure the function is left alone for so long, after each further one for twice as long. */
const firstPause = 1;
const longestPause = 30;
/** In seconds: a function is left alone at least so long after it has given a value that ends. */
const shortestKeep = 10;
/** In seconds: a value that ends is fetched anew at least so long before its end. */
const spareLife = 300;
/** In milliseconds: how long an answer is waited for. */
const defaultDeadline = 10_000;

export interface FetchedValueOptions<T> {
  /** The app's function: it may return a promise, throw, or never answer. */
  readonly fetch: () => unknown;
  /**
   * Checks what the function gave. `endsAt` and `now` are in Unix seconds, `endsAt` is `Infinity` for a value that does not
   * end.
   * @throws for anything that is not a value
   */
  readonly read: (got: unknown, now: number) => { readonly value: T; readonly endsAt: number };
  /** In seconds: the function is asked again after that, or at half of the life of a value that says its end. @default Infinity */
  readonly refreshAfter?: number;
  /** Whether a new value equals the old one, so that caches stay. @default Object.is */
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
  /** Since the last value. */
  #failures = 0;
  /** In Unix seconds: when the function was asked last, and from when on it is asked again. */
  #askedAt = 0;
  #dueAt = 0;
  /** Of the clock that nobody sets, in milliseconds: a function may take long to fail. */
  #begunAt = 0;
  /** Calls of the function, and which of them gave the value: an older answer that comes late must not replace a newer one. */
  #calls = 0;
  #answeredCall = 0;

  constructor(options: FetchedValueOptions<T>) {
    this.#options = options;
  }

  /** The value, unless it had ended at the last `refresh`; undefined if there is none. */
  get current(): T | undefined {
    return this.#value;
  }

  /** Changes whenever the value does. */
  get generation(): number {
    return this.#generation;
  }

  /** In Unix seconds; `Infinity` for a value that does not end, and 0 if there is none. */
  get endsAt(): number {
    return this.#value === undefined ? 0 : this.#endsAt;
  }

  /** Why there is no value; undefined if there is one, or if the function has not answered yet. */
  get failure(): unknown {
    return this.#value === undefined ? this.#failure : undefined;
  }

  /** In seconds: how long the function is left alone after its last failure. */
  get pause(): number {
    return Math.min(firstPause * 2 ** Math.max(0, this.#failures - 1), longestPause);
  }

  /** @param onFailure - called once for each failure, also while there is a value; what it throws is ignored */
  listen(onFailure: (error: unknown) => void): void {
    this.#listeners.push(onFailure);
  }

  /** @param now - in Unix seconds */
  valueAt(now: number): T | undefined {
    return this.#endsAt <= now ? undefined : this.#value;
  }

  /**
   * Asks the function if that is due. A function that is not asynchronous has answered when this returns.
   * @param now - in Unix seconds
   * @returns undefined if there is a value, which stays in use while the function is asked again; else a promise, which
   *   resolves after the answer or the failure and never rejects
   */
  refresh(now: number): Promise<void> | undefined {
    if (this.valueAt(now) === undefined) this.#value = undefined;
    if (this.#pending === undefined && this.#isDue(now)) this.#ask(Number.isNaN(now) ? 0 : now);
    return this.#value === undefined ? (this.#pending ?? Promise.resolve()) : undefined;
  }

  #isDue(now: number): boolean {
    if (this.#value === undefined && this.#failures === 0) return true;
    // A clock that has been set back must not put the next question off for as long.
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
    // The function may give the same short-lived value until a moment before its end: it has to be left alone meanwhile.
    const early = Math.max(now + shortestKeep, endsAt - Math.max(spareLife, (endsAt - now) / 2));
    // One that says its end is kept for half of its life: each time it is asked, a function may begin another session, and
    // all URLs would change.
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
        // A listener only gets failures to report: its own must not stop the others.
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
