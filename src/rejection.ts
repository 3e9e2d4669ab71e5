/** Promises that a function of the app returns where it must not. */

/** An unhandled rejection would end the process. @returns whether the value is a promise */
export function swallowRejection(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('then' in value)) return false;
  Promise.resolve(value as PromiseLike<unknown>).catch(() => {});
  return true;
}
