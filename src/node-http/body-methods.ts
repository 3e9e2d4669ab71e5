/**
 * `write` and `end`, replaced on a response; and those below them. Neighbours take methods off again, and the ones above
 * theirs with them: where a neighbour does so while it is given a part of the body, ours are put back on top, since the
 * rest of the page is still to come.
 */
import type { ServerResponse } from 'node:http';
import { type AnyMethod, replaceMethod } from './replace-method.ts';

/** The methods below ours. */
export interface OutputSink {
  readonly write: AnyMethod;
  readonly end: AnyMethod;
}

type Name = keyof OutputSink;

/** What stands in the place of the methods. */
type Replacements = Readonly<Record<Name, (args: readonly unknown[]) => unknown>>;

export class BodyMethods {
  readonly sink: OutputSink = {
    write: (...args) => this.#callBelow('write', args),
    end: (...args) => this.#callBelow('end', args),
  };
  readonly #response: ServerResponse;
  readonly #replacements: Replacements;
  readonly #below: Record<Name, AnyMethod> = { write: missing, end: missing };
  readonly #undo: Record<Name, () => void> = { write: missing, end: missing };
  /** What stood there before whoever has come since we did. */
  readonly #first: OutputSink;
  readonly #ours: Record<Name, unknown> = { write: undefined, end: undefined };
  /** While a method below runs: what it calls of ours comes from below, and goes back there. */
  #isCallingBelow = false;
  #isUndone = false;

  /** @param first - the methods that are below any that a neighbour may have put on */
  constructor(response: ServerResponse, replacements: Replacements, first: OutputSink) {
    this.#response = response;
    this.#first = first;
    this.#replacements = replacements;
    this.#put('write');
    this.#put('end');
  }

  /** The methods below are the response's own again, unless somebody has put others above ours. */
  undo(): void {
    this.#isUndone = true;
    this.#undo.write();
    this.#undo.end();
  }

  /**
   * Puts ours back where a neighbour has put back what it had found, as far as that can be told: where one of both is
   * what it was before us, the other, too, may be that of somebody below. To stand above ours once more does no harm.
   */
  restore(): void {
    if (!this.#isTakenOff('write') && !this.#isTakenOff('end')) return;
    for (const name of ['write', 'end'] as const) if (!this.#isOurs(name)) this.#put(name);
  }

  #isTakenOff(name: Name): boolean {
    const method: unknown = this.#response[name];
    const inherited = (Object.getPrototypeOf(this.#response) as ServerResponse)[name];
    return method === this.#first[name] || method === inherited;
  }

  /**
   * Calls what may put methods back as they were, and puts ours on top again.
   * @param call - that of a method below
   */
  keepDuring<Answer>(call: () => Answer): Answer {
    const { write, end } = this.#response;
    try {
      return call();
    } finally {
      if (!this.#isUndone) {
        if (this.#response.write !== write && !this.#isOurs('write')) this.#put('write');
        if (this.#response.end !== end && !this.#isOurs('end')) this.#put('end');
      }
    }
  }

  #isOurs(name: Name): boolean {
    return this.#response[name] === this.#ours[name];
  }

  #put(name: Name): void {
    this.#undo[name] = replaceMethod(this.#response, name, (previous) => {
      this.#below[name] = previous;
      return (...args) => (this.#isCallingBelow ? previous(...args) : this.#replacements[name](args));
    });
    this.#ours[name] = this.#response[name];
  }

  #callBelow(name: Name, args: readonly unknown[]): unknown {
    const wasCallingBelow = this.#isCallingBelow;
    this.#isCallingBelow = true;
    try {
      return name === 'end' ? this.#below.end(...args) : this.keepDuring(() => this.#below.write(...args));
    } finally {
      this.#isCallingBelow = wasCallingBelow;
    }
  }
}

/** Whether somebody has put methods of their own in the place of those that a response inherits. */
export function hasOwnBodyMethods(response: ServerResponse): boolean {
  const inherited = Object.getPrototypeOf(response) as ServerResponse;
  return response.write !== inherited.write || response.end !== inherited.end;
}

/** Every response has both methods, which take this one's place. */
const missing: AnyMethod = () => undefined;
