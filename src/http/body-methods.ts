/**
 * `write` and `end`, replaced on a response; and those below them. Neighbours take methods off again, and the ones above
 * theirs with them: where a neighbour does so while it is given a part of the body, ours are put back on top, since the
 * rest of the page is still to come.
 */
import type { ServerResponse } from 'node:http';
import { type AnyMethod, replaceMethod } from './replace-method.ts';

/** The methods below ours. */
export interface Outlet {
  readonly write: AnyMethod;
  readonly end: AnyMethod;
}

type Name = keyof Outlet;

/** What stands in the place of the methods. */
type Replacements = Readonly<Record<Name, (args: readonly unknown[]) => unknown>>;

export class BodyMethods {
  readonly outlet: Outlet = {
    write: (...args) => this.#callBelow('write', args),
    end: (...args) => this.#callBelow('end', args),
  };
  readonly #response: ServerResponse;
  readonly #replacements: Replacements;
  readonly #below: Record<Name, AnyMethod> = { write: missing, end: missing };
  readonly #undo: Record<Name, () => void> = { write: missing, end: missing };
  /** While a method below runs: what it calls of ours comes from below, and goes back there. */
  #isCallingBelow = false;
  #isUndone = false;

  constructor(response: ServerResponse, replacements: Replacements) {
    this.#response = response;
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

  #put(name: Name): void {
    this.#undo[name] = replaceMethod(this.#response, name, (previous) => {
      this.#below[name] = previous;
      return (...args) => (this.#isCallingBelow ? previous(...args) : this.#replacements[name](args));
    });
  }

  #callBelow(name: Name, args: readonly unknown[]): unknown {
    const { write, end } = this.#response;
    const wasCallingBelow = this.#isCallingBelow;
    this.#isCallingBelow = true;
    try {
      return this.#below[name](...args);
    } finally {
      this.#isCallingBelow = wasCallingBelow;
      if (name === 'write' && !this.#isUndone) {
        if (this.#response.write !== write) this.#put('write');
        if (this.#response.end !== end) this.#put('end');
      }
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
