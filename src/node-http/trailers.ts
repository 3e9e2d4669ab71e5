/** Trailers of a response that may be rewritten: digests of the old body do not go out, as soon as there is a new one. */
import { isOfTheOldBody } from '../http/representation-metadata.ts';

/** The response's own way of adding them. */
export type AddTrailers = (trailers: unknown) => unknown;

export class Trailers {
  readonly #isHttp2: boolean;
  /** Those that go out should the response be let be. */
  #held: (() => void)[] = [];

  /** @param isHttp2 - trailers of several calls come together */
  constructor(isHttp2: boolean) {
    this.#isHttp2 = isHttp2;
  }

  add(trailers: unknown, add: AddTrailers): unknown {
    if (!this.#isHttp2) this.#held = []; // HTTP/1.1 forgets those of an earlier call
    const kept = withoutOldBody(trailers);
    const answer = add(kept);
    if (kept !== trailers) this.#held.push(() => add(trailers));
    return answer;
  }

  /** The response is let be. */
  release(): void {
    for (const add of this.#held.splice(0)) add();
  }
}

/**
 * @param trailers - as `addTrailers` takes them: an object, or a list of pairs; anything else is Node's to refuse
 * @returns the very same where nothing goes
 */
function withoutOldBody(trailers: unknown): unknown {
  if (typeof trailers !== 'object' || trailers === null) return trailers;
  const pairs: readonly unknown[] = Array.isArray(trailers) ? trailers : Object.entries(trailers);
  const kept = pairs.filter((pair) => !Array.isArray(pair) || !isOfTheOldBody(pair[0]));
  if (kept.length === pairs.length) return trailers;
  return Array.isArray(trailers) ? kept : Object.fromEntries(kept as [string, unknown][]); // of an object all are pairs
}
