/** The methods that a body goes through, replaced on a response that may be rewritten; and those below them. */
import type { ServerResponse } from 'node:http';
import { isOfTheOldBody, withoutOldBodyTrailers } from './old-body.ts';
import { type AnyMethod, type Replaceable, replaceMethod } from './replace-method.ts';

/** The methods below ours. */
export interface Outlet {
  readonly write: AnyMethod;
  readonly end: AnyMethod;
}

export interface BodyMethods {
  readonly outlet: Outlet;
  /** The response is let be: Node's own methods again. */
  letBe(): void;
}

/** What is known of the response: it may be rewritten, it is, or it is let be. */
export type State = 'undecided' | 'rewriting' | 'let-be';

export function replaceBodyMethods(
  response: ServerResponse,
  write: (args: readonly unknown[]) => unknown,
  end: (args: readonly unknown[]) => unknown,
  state: () => State,
): BodyMethods {
  const undo: (() => void)[] = [];
  const replace = (name: Replaceable, replacement: (previous: AnyMethod) => AnyMethod): void => {
    undo.push(replaceMethod(response, name, replacement));
  };
  const outlet = { write: missing, end: missing };
  replace('write', (previous) => {
    outlet.write = previous;
    return (...args) => write(args);
  });
  replace('end', (previous) => {
    outlet.end = previous;
    return (...args) => end(args);
  });
  /** What would have been set, should the response be let be. */
  const held: (() => void)[] = [];
  const hold = (set: () => void): void => {
    if (state() === 'undecided') held.push(set);
  };
  replace('addTrailers', (add) => (trailers) => {
    if (state() === 'let-be') return add(trailers);
    hold(() => add(trailers));
    return add(withoutOldBodyTrailers(trailers));
  });
  // HTTP/2 alone has it.
  replace('setTrailer', (set) => (name, value) => {
    if (state() === 'let-be' || !isOfTheOldBody(name)) return set(name, value);
    return hold(() => set(name, value));
  });
  return {
    outlet,
    letBe() {
      for (const set of held.splice(0)) set();
      for (const each of undo) each();
    },
  };
}

/** Every response has both methods, which take this one's place. */
const missing: AnyMethod = () => undefined;
