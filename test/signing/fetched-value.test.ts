/** A value that a function of the app gives: when the function is asked, and what stays while it fails. */
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FetchedValue, type FetchedValueOptions } from '../../src/signing/fetched-value.ts';

const start = 1_790_000_000;

interface Answer {
  readonly text: string;
  readonly endsAt?: number;
}

function isAnswer(got: unknown): got is Answer {
  return typeof got === 'object' && got !== null && typeof (got as Answer).text === 'string';
}

/** Reads `{ text, endsAt? }`, and refuses everything else. */
function fetchedBy(fetch: () => unknown, more: Partial<FetchedValueOptions<string>> = {}) {
  const failures: unknown[] = [];
  const asked = vi.fn(fetch);
  const value = new FetchedValue<string>({
    fetch: asked,
    read(got) {
      if (!isAnswer(got)) throw new Error('nonsense');
      return { value: got.text, endsAt: got.endsAt ?? Number.POSITIVE_INFINITY };
    },
    ...more,
  });
  value.listen((error) => failures.push(error));
  return { value, failures, asked };
}

/** A function whose answers a test gives. */
function byHand() {
  const waiting: { resolve(answer: unknown): void; reject(error: unknown): void }[] = [];
  const fetch = (): Promise<unknown> =>
    new Promise((resolve, reject) => void waiting.push({ resolve, reject }));
  return { fetch, waiting };
}

/** A value whose answers a test gives, and that has the first, `a`. */
async function fetched(more: Partial<FetchedValueOptions<string>> = {}, endsAt?: number) {
  const { fetch, waiting } = byHand();
  const all = fetchedBy(fetch, more);
  const first = all.value.refresh(start);
  waiting[0]!.resolve({ text: 'a', ...(endsAt !== undefined && { endsAt }) });
  await first;
  return { ...all, waiting };
}

function fail(): never {
  throw new Error('no');
}

function failWithNothing(): never {
  throw undefined;
}

/** Until every promise that can be settled is. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  expect(vi.getTimerCount(), 'timers that are left').toBe(0);
  vi.useRealTimers();
});

describe('the first answer', () => {
  test('of a function that is not asynchronous is there at once', () => {
    const { value, asked } = fetchedBy(() => ({ text: 'a' }));
    expect([value.current, value.generation, value.endsAt]).toEqual([undefined, 0, 0]);
    expect(value.refresh(start)).toBeUndefined();
    expect([value.current, value.generation, value.endsAt]).toEqual(['a', 1, Number.POSITIVE_INFINITY]);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  test('is waited for, and asked for once, however many wait', async () => {
    const { fetch, waiting } = byHand();
    const { value, asked } = fetchedBy(fetch);
    const all = Promise.all([value.refresh(start), value.refresh(start), value.refresh(start + 60)]);
    expect(asked).toHaveBeenCalledTimes(1);
    waiting[0]!.resolve({ text: 'a' });
    await all;
    expect([value.current, value.failure]).toEqual(['a', undefined]);
    expect(value.refresh(start + 60)).toBeUndefined();
  });

  test.each<[what: string, fetch: () => unknown]>([
    ['a throw', fail],
    ['a throw of undefined', failWithNothing],
    ['a rejection', () => Promise.reject(new Error('no'))],
    ['nonsense', () => 42],
    ['nonsense, later', async () => ({ txt: 'a' })],
    ['a `then` that throws', () => Object.defineProperty({}, 'then', { get: fail })],
    ['a `then` that throws when it is called', () => Object.fromEntries([['then', fail]])],
    ['a rejection without a reason', () => Promise.reject()],
    ['a value that has ended', () => ({ text: 'a', endsAt: start })],
  ])('%s is a failure, and a use a second later asks again', async (_what, fetch) => {
    const { value, failures, asked } = fetchedBy(fetch);
    await value.refresh(start);
    expect(value.current).toBeUndefined();
    expect(value.failure).toBeInstanceOf(Error);
    expect(failures).toEqual([value.failure]);
    await value.refresh(start);
    expect(asked).toHaveBeenCalledTimes(1);
    await value.refresh(start + 1);
    expect(asked).toHaveBeenCalledTimes(2);
    expect(failures).toHaveLength(2);
  });

  test('that fails is asked for after pauses that double, from a second to 30, until it is there', async () => {
    let fails = true;
    const { value, asked } = fetchedBy(() => (fails ? fail() : { text: 'a' }));
    const times: number[] = [];
    const pauses: number[] = [];
    for (let seconds = 0; seconds < 125; seconds++) {
      const before = asked.mock.calls.length;
      await value.refresh(start + seconds);
      if (asked.mock.calls.length > before) times.push(seconds);
      pauses.push(value.pause);
    }
    expect(times).toEqual([0, 1, 3, 7, 15, 31, 61, 91, 121]);
    expect([...new Set(pauses)]).toEqual([1, 2, 4, 8, 16, 30]);
    fails = false;
    expect(await value.refresh(start + 150)).toBeUndefined();
    expect(value.current).toBeUndefined();
    expect(value.refresh(start + 151)).toBeUndefined();
    expect([value.current, value.pause]).toEqual(['a', 1]);
  });

  test('that takes long to fail is left alone for the pause after that', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
    const { fetch, waiting } = byHand();
    const { value, asked } = fetchedBy(fetch);
    const pending = value.refresh(start);
    vi.advanceTimersByTime(3_000);
    waiting[0]!.reject(new Error('no'));
    await pending;
    await value.refresh(start + 3);
    expect(asked).toHaveBeenCalledTimes(1);
    const again = value.refresh(start + 4);
    expect(asked).toHaveBeenCalledTimes(2);
    waiting[1]!.resolve({ text: 'a' });
    await again;
  });

  test('is given up after ten seconds, and taken if it comes later', async () => {
    const { fetch, waiting } = byHand();
    const { value, failures } = fetchedBy(fetch);
    const pending = value.refresh(start);
    vi.advanceTimersByTime(9_999);
    await settled();
    expect(failures).toEqual([]);
    vi.advanceTimersByTime(1);
    await pending;
    expect(String(failures)).toBe('Error: Expected an answer within 10 seconds.');
    waiting[0]!.resolve({ text: 'late' });
    await settled();
    expect([value.current, value.failure, failures.length]).toEqual(['late', undefined, 1]);
  });

  test('that fails after it was given up is told once', async () => {
    const { fetch, waiting } = byHand();
    const { value, failures } = fetchedBy(fetch, { deadline: 50 });
    const pending = value.refresh(start);
    vi.advanceTimersByTime(50);
    await pending;
    waiting[0]!.reject(new Error('late'));
    await settled();
    expect(failures).toHaveLength(1);
  });

  test('an older one that comes late does not replace a newer one', async () => {
    const { fetch, waiting } = byHand();
    const { value } = fetchedBy(fetch);
    const first = value.refresh(start);
    vi.advanceTimersByTime(10_000);
    await first;
    const second = value.refresh(start + 11);
    waiting[1]!.resolve({ text: 'newer' });
    await second;
    waiting[0]!.resolve({ text: 'older' });
    await settled();
    expect([value.current, value.generation]).toEqual(['newer', 1]);
  });

  test('a listener that throws does no harm', async () => {
    const { value } = fetchedBy(() => Promise.reject(new Error('no')));
    value.listen(fail);
    await expect(value.refresh(start)).resolves.toBeUndefined();
  });
});

describe('a value that is there', () => {
  test('is asked for again after `refreshAfter`, in the background', async () => {
    const { value, asked, waiting } = await fetched({ refreshAfter: 300 });
    value.refresh(start + 299);
    expect(asked).toHaveBeenCalledTimes(1);
    expect(value.refresh(start + 300)).toBeUndefined();
    expect(value.refresh(start + 301)).toBeUndefined();
    expect([value.current, asked.mock.calls.length]).toEqual(['a', 2]);
    waiting[1]!.resolve({ text: 'b' });
    await settled();
    expect([value.current, value.generation]).toEqual(['b', 2]);
  });

  test('keeps its generation if it is given again', () => {
    const { value } = fetchedBy(() => ({ text: 'a' }), { refreshAfter: 60 });
    for (const seconds of [0, 60, 120]) value.refresh(start + seconds);
    expect(value.generation).toBe(1);
  });

  test('is asked for on and on without `refreshAfter` only if it ends', () => {
    const { value, asked } = fetchedBy(() => ({ text: 'a' }));
    for (const seconds of [0, 1e3, 1e6, 1e9]) value.refresh(start + seconds);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  test('stays while the function fails, which is asked after the same pauses then', () => {
    let fails = false;
    const fetch = () => (fails ? fail() : { text: 'a' });
    const { value, asked, failures } = fetchedBy(fetch, { refreshAfter: 300 });
    value.refresh(start);
    fails = true;
    for (let seconds = 300; seconds < 330; seconds++) expect(value.refresh(start + seconds)).toBeUndefined();
    expect([value.current, value.failure, asked.mock.calls.length]).toEqual(['a', undefined, 6]);
    expect(failures).toHaveLength(5);
  });

  test('stays while the function hangs', async () => {
    const { value, failures, waiting } = await fetched({ refreshAfter: 300 });
    value.refresh(start + 300);
    vi.advanceTimersByTime(10_000);
    await settled();
    expect([value.current, failures.length, vi.getTimerCount()]).toEqual(['a', 1, 0]);
    value.refresh(start + 311);
    expect(waiting).toHaveLength(3);
    waiting[2]!.resolve({ text: 'b' });
    await settled();
    expect(value.current).toBe('b');
  });

  test('is asked for again when a clock that was ahead is set right', () => {
    const { value, asked } = fetchedBy(() => ({ text: 'a' }), { refreshAfter: 300 });
    value.refresh(start + 86_400);
    value.refresh(start);
    expect(asked).toHaveBeenCalledTimes(2);
    value.refresh(start + 299);
    expect(asked).toHaveBeenCalledTimes(2);
  });

  test('is not asked for again by a clock that tells no time, and is by the next that does', () => {
    const { value, asked } = fetchedBy(() => ({ text: 'a' }), { refreshAfter: 300 });
    value.refresh(Number.NaN);
    value.refresh(Number.NaN);
    expect([value.current, asked.mock.calls.length]).toEqual(['a', 1]);
    value.refresh(start);
    expect(asked).toHaveBeenCalledTimes(2);
  });
});

describe('a value that ends', () => {
  const hour = 3_600;

  test.each([
    [6 * hour, 3 * hour],
    [hour, hour / 2],
    [400, 100],
    [60, 10],
  ])('in %i seconds is asked for again after %i', (life, after) => {
    const { value, asked } = fetchedBy(() => ({ text: 'a', endsAt: start + life }));
    value.refresh(start);
    value.refresh(start + after - 1);
    expect(asked).toHaveBeenCalledTimes(1);
    value.refresh(start + after);
    expect(asked).toHaveBeenCalledTimes(2);
    // The function has given the same one: it is left alone for ten seconds at least.
    value.refresh(start + after + 9);
    expect(asked).toHaveBeenCalledTimes(2);
  });

  test('is none once it has ended, and the next one is waited for', async () => {
    const { value, waiting } = await fetched({}, start + hour);
    expect([value.valueAt(start + hour - 1), value.valueAt(start + hour)]).toEqual(['a', undefined]);
    expect(value.refresh(start + hour - 1)).toBeUndefined();
    const pending = value.refresh(start + hour);
    expect(pending).toBeInstanceOf(Promise);
    expect([value.current, value.endsAt]).toEqual([undefined, 0]);
    waiting[1]!.reject(new Error('no'));
    await pending;
    expect(String(value.failure)).toBe('Error: no');
    const again = value.refresh(start + hour + 1);
    waiting[2]!.resolve({ text: 'b', endsAt: start + 2 * hour });
    await again;
    expect([value.current, value.generation, value.endsAt]).toEqual(['b', 2, start + 2 * hour]);
  });
});

test('what it holds shows neither in `inspect` nor in JSON', () => {
  const { value } = fetchedBy(() => ({ text: 'the-secret-of-the-house' }));
  value.refresh(start);
  const shown = `${inspect(value, { depth: 9, showHidden: true, getters: false })}${JSON.stringify(value)}`;
  expect(shown).not.toContain('the-secret');
});
