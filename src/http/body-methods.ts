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
  undo(): void;
}

export function replaceBodyMethods(
  response: ServerResponse,
  write: (args: readonly unknown[]) => unknown,
  end: (args: readonly unknown[]) => unknown,
  isRewritten: () => boolean,
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
  replace(
    'addTrailers',
    (add) => (trailers) => add(isRewritten() ? withoutOldBodyTrailers(trailers) : trailers),
  );
  // HTTP/2 alone has it.
  replace(
    'setTrailer',
    (set) => (name, value) => (isRewritten() && isOfTheOldBody(name) ? undefined : set(name, value)),
  );
  return {
    outlet,
    undo() {
      for (const each of undo) each();
    },
  };
}

/** Every response has both methods, which take this one's place. */
const missing: AnyMethod = () => undefined;
