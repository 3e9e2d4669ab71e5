/** Work that is done once for all who ask, a few pieces at a time. */
import { expect, test } from 'vitest';
import { busy, Workshop } from '../../src/delivery/workshop.ts';

/** Pieces that begin when the workshop says so, and end when the test does. */
function pieces() {
  const begun: string[] = [];
  const ends = new Map<string, (result: string) => void>();
  const fails = new Map<string, (reason: unknown) => void>();
  return {
    begun,
    work: (name: string) => () => {
      begun.push(name);
      return new Promise<string>((resolve, reject) => {
        ends.set(name, resolve);
        fails.set(name, reject);
      });
    },
    end: (name: string) => ends.get(name)!(`made ${name}`),
    fail: (name: string) => fails.get(name)!(new Error(name)),
  };
}

const stays = new AbortController().signal;

test('a hundred who ask at once get what is made once', async () => {
  const { begun, work, end } = pieces();
  const workshop = new Workshop<string>(4, 10);
  const all = Array.from({ length: 100 }, () => workshop.do('a', stays, work('a')));
  end('a');
  expect(new Set(await Promise.all(all))).toEqual(new Set(['made a']));
  expect(begun).toEqual(['a']);
  // It is not remembered: whoever comes later begins anew.
  const again = workshop.do('a', stays, work('a'));
  expect(begun).toEqual(['a', 'a']);
  end('a');
  await again;
});

test('a few are worked on at once, the rest in their order, and too many are refused', async () => {
  const { begun, work, end } = pieces();
  const workshop = new Workshop<string>(2, 2);
  const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((name) => workshop.do(name, stays, work(name)));
  expect(begun).toEqual(['a', 'b']);
  expect(await e).toBe(busy);
  end('b');
  expect(await b).toBe('made b');
  expect(begun).toEqual(['a', 'b', 'c']);
  end('a');
  end('c');
  await Promise.all([a, c]);
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  end('d');
  expect(await d).toBe('made d');
});

test('what waits for nobody any more is not begun, and its place is free', async () => {
  const { begun, work, end } = pieces();
  const workshop = new Workshop<string>(1, 1);
  const first = workshop.do('first', stays, work('first'));
  const [one, two] = [new AbortController(), new AbortController()];
  const left = [workshop.do('left', one.signal, work('left')), workshop.do('left', two.signal, work('left'))];
  one.abort();
  expect(await workshop.do('refused', stays, work('refused'))).toBe(busy);
  two.abort();
  const next = workshop.do('next', stays, work('next'));
  end('first');
  await first;
  expect(begun).toEqual(['first', 'next']);
  end('next');
  await Promise.all([...left, next]);
});

test('one of two who leaves takes nothing from the other, nor does one who was gone before', async () => {
  const { begun, work, end } = pieces();
  const workshop = new Workshop<string>(1, 5);
  const first = workshop.do('first', stays, work('first'));
  const leaving = new AbortController();
  const results = [workshop.do('a', stays, work('a')), workshop.do('a', leaving.signal, work('a'))];
  leaving.abort();
  const gone = workshop.do('gone', AbortSignal.abort(), work('gone'));
  end('first');
  await first;
  expect(begun).toEqual(['first', 'a']);
  end('a');
  expect(await results[0]).toBe('made a');
  expect(await gone).toBe(busy);
});

test('what has begun ends, whoever leaves, and a failure is that of all who wait', async () => {
  const { work, fail, begun, end } = pieces();
  const workshop = new Workshop<string>(1, 5);
  const leaving = new AbortController();
  const all = [workshop.do('a', leaving.signal, work('a')), workshop.do('a', stays, work('a'))];
  const next = workshop.do('b', stays, work('b'));
  leaving.abort();
  fail('a');
  for (const each of await Promise.allSettled(all)) expect(each.status).toBe('rejected');
  expect(begun).toEqual(['a', 'b']);
  end('b');
  expect(await next).toBe('made b');
});
