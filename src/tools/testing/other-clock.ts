/** Runs code under another clock: a scheme that reads the time signs differently on two machines. */

const hundredDays = 8_640_000_000; // milliseconds

export function underOtherClock<Result>(run: () => Result): Result {
  const RealDate = globalThis.Date;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [target.now() + hundredDays] : args, newTarget),
    apply: (target) => new target(target.now() + hundredDays).toString(),
    get: (target, name) =>
      name === 'now' ? () => target.now() + hundredDays : Reflect.get(target, name, target),
  });
  try {
    return run();
  } finally {
    globalThis.Date = RealDate;
  }
}
