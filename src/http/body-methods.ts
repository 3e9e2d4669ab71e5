/** The methods that a body goes through, replaced on a response that may be rewritten; and those below them. */
import type { ServerResponse } from 'node:http';
import { type AnyMethod, replaceMethod } from './replace-method.ts';

/** The methods below ours. */
export interface Outlet {
  readonly write: AnyMethod;
  readonly end: AnyMethod;
}

export interface BodyMethods {
  readonly outlet: Outlet;
  /** The methods below are the response's own again, unless somebody has put others above ours. */
  undo(): void;
}

export function replaceBodyMethods(
  response: ServerResponse,
  write: (args: readonly unknown[]) => unknown,
  end: (args: readonly unknown[]) => unknown,
): BodyMethods {
  const outlet = { write: missing, end: missing };
  const undoWrite = replaceMethod(response, 'write', (previous) => {
    outlet.write = previous;
    return (...args) => write(args);
  });
  const undoEnd = replaceMethod(response, 'end', (previous) => {
    outlet.end = previous;
    return (...args) => end(args);
  });
  return {
    outlet,
    undo() {
      undoWrite();
      undoEnd();
    },
  };
}

/** Every response has both methods, which take this one's place. */
const missing: AnyMethod = () => undefined;
