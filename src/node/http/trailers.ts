/** Trailers of a response that may be rewritten: digests of the old body are withheld once it is. */
import { isRepresentationMetadata } from '../../http/representation-metadata.ts';

/** The response's own method for adding trailers. */
export type AddTrailers = (trailers: unknown) => unknown;

export class Trailers {
  readonly #isHttp2: boolean;
  /** Adds the withheld trailers after all, if the response is not rewritten. */
  #withheld: (() => void)[] = [];

  /** @param isHttp2 - trailers of several calls add up; in HTTP/1.1 the last call replaces the others */
  constructor(isHttp2: boolean) {
    this.#isHttp2 = isHttp2;
  }

  add(trailers: unknown, add: AddTrailers): unknown {
    if (!this.#isHttp2) this.#withheld = [];
    const kept = withoutMetadata(trailers);
    const result = add(kept);
    if (kept !== trailers) this.#withheld.push(() => add(trailers));
    return result;
  }

  /** The response is not rewritten. */
  release(): void {
    for (const add of this.#withheld.splice(0)) add();
  }
}

/**
 * @param trailers - as `addTrailers` takes them: an object or a list of pairs. Anything else is left for Node to refuse.
 * @returns the same value if nothing is withheld
 */
function withoutMetadata(trailers: unknown): unknown {
  if (typeof trailers !== 'object' || trailers === null) return trailers;
  const pairs: readonly unknown[] = Array.isArray(trailers) ? trailers : Object.entries(trailers);
  const kept = pairs.filter((pair) => !Array.isArray(pair) || !isRepresentationMetadata(pair[0]));
  if (kept.length === pairs.length) return trailers;
  return Array.isArray(trailers) ? kept : Object.fromEntries(kept as [string, unknown][]); // entries of an object are pairs
}
