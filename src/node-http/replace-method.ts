/** Puts methods of ours in place of a response's own, and takes them off again. */
import type { ServerResponse } from 'node:http';

type Replaceable = 'writeHead' | 'write' | 'end';
/** The methods have overloads that no one signature covers; each replacement hands on what it was given. */
export type AnyMethod = (...args: unknown[]) => unknown;

/**
 * @param replacement - gets what was there, bound to the response
 * @returns how to undo it; that does nothing while somebody has put another method above ours
 */
export function replaceMethod(
  response: ServerResponse,
  name: Replaceable,
  replacement: (previous: AnyMethod) => AnyMethod,
): () => void {
  const methods = response as unknown as Record<Replaceable, AnyMethod>;
  const previous = methods[name];
  const ours = replacement((...args) => previous.apply(response, args));
  methods[name] = ours;
  return () => {
    // Not deleted: that would make every later use of the response slower.
    if (methods[name] === ours) methods[name] = previous;
  };
}
