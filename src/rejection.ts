/** For promises that an app's function must not return. */

/** Handles a rejection, which would otherwise end the process. @returns whether the value is a promise */
export function swallowRejection(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('then' in value)) return false;
  Promise.resolve(value as PromiseLike<unknown>).catch(() => {});
  return true;
}
