/** Libraries of vendors read the clock themselves, and refuse to sign for an instant that is over. */

/**
 * Calls a function while the process's clock stands still. What it does after its first `await` gets the real clock again.
 * @param seconds - Unix seconds
 */
export function atInstant<T>(seconds: number, call: () => T): T {
  const RealDate = globalThis.Date;
  const instant = seconds * 1000;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length === 0 ? [instant] : given, newTarget) as Date,
    get: (target, name, receiver): unknown =>
      name === 'now' ? () => instant : Reflect.get(target, name, receiver),
  });
  try {
    return call();
  } finally {
    globalThis.Date = RealDate;
  }
}
