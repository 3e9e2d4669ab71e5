/** Replaces a method of a response, and restores it. */
import type { ServerResponse } from 'node:http';

type Replaceable = 'writeHead' | 'write' | 'end' | 'setHeader' | 'appendHeader';
/** These methods have overloads that no single signature covers. A replacement passes on what it was given. */
export type AnyMethod = (...args: unknown[]) => unknown;

/**
 * @param replacement - receives the previous method, bound to the response
 * @returns restores the previous method, unless another one has been put above ours in the meantime
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
    // Assigned, not deleted: deleting a property makes every later use of the object slower.
    if (methods[name] === ours) methods[name] = previous;
  };
}
