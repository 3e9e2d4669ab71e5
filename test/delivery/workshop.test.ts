/** Work that is done once for all who ask, a few pieces at a time. */
import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { busy, type Order, Workshop } from '../../src/delivery/workshop.ts';
import '../support/seed.ts';

/** Pieces that begin when the workshop says so, and end when the test does. */
function pieces() {
  const begun: string[] = [];
  const ends = new Map<string, (result: string) => void>();
  const fails = new Map<string, (reason: unknown) => void>();
  return {
    begun,
    /** @param prepared - what the first step takes */
    work: (name: string, memory = 0, prepared = 0): Order<string> => ({
      memory: prepared,
      prepare: async () => ({
        memory,
        run: () => {
          begun.push(name);
          return new Promise<string>((resolve, reject) => {
            ends.set(name, resolve);
            fails.set(name, reject);
          });
        },
      }),
    }),
    end: (name: string) => ends.get(name)!(`made ${name}`),
    fail: (name: string) => fails.get(name)!(new Error(name)),
  };
}

/** Who asks, and may leave. */
class Client extends EventEmitter {
  destroyed = false;

  leave(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

const stays = new Client().setMaxListeners(0);

test('a hundred who ask at once get what is made once', async () => {
  const { begun, work, end } = pieces();
  const workshop = new Workshop<string>(4, 10, 100);
  const all = Array.from({ length: 100 }, () => workshop.do('a', stays, work('a')));
  await turn();
  end('a');
  expect(new Set(await Promise.all(all))).toEqual(new Set(['made a']));
  await turn();
  expect(begun).toEqual(['a']);
  // It is not remembered: whoever comes later begins anew.
  const again = workshop.do('a', stays, work('a'));
  await turn();
  expect(begun).toEqual(['a', 'a']);
  await turn();
  end('a');
  await again;
});

test('a few are worked on at once, the rest in their order, and too many are refused', async () => {
  const { begun, work, end } = pieces();
  const workshop = new Workshop<string>(2, 2, 100);
  const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((name) => workshop.do(name, stays, work(name)));
  await turn();
  expect(begun).toEqual(['a', 'b']);
  expect(await e).toBe(busy);
  await turn();
  end('b');
  expect(await b).toBe('made b');
  await turn();
  expect(begun).toEqual(['a', 'b', 'c']);
  await turn();
  end('a');
  end('c');
  await Promise.all([a, c]);
  await turn();
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  await turn();
  end('d');
  expect(await d).toBe('made d');
});

test('what waits for nobody any more is not begun, and its place is free', async () => {
  const { begun, work, end } = pieces();
  const workshop = new Workshop<string>(1, 1, 100);
  const first = workshop.do('first', stays, work('first'));
  const [one, two] = [new Client(), new Client()];
  const left = [workshop.do('left', one, work('left')), workshop.do('left', two, work('left'))];
  one.leave();
  expect(await workshop.do('refused', stays, work('refused'))).toBe(busy);
  two.leave();
  const next = workshop.do('next', stays, work('next'));
  await turn();
  end('first');
  await first;
  await turn();
  expect(begun).toEqual(['first', 'next']);
  end('next');
  await Promise.all([...left, next]);
});

test('one of two who leaves takes nothing from the other, nor does one who was gone before', async () => {
  const { begun, work, end } = pieces();
  const workshop = new Workshop<string>(1, 5, 100);
  const first = workshop.do('first', stays, work('first'));
  const leaving = new Client();
  const results = [workshop.do('a', stays, work('a')), workshop.do('a', leaving, work('a'))];
  await turn();
  leaving.leave();
  const gone = workshop.do('gone', Object.assign(new Client(), { destroyed: true }), work('gone'));
  await turn();
  end('first');
  await first;
  await turn();
  expect(begun).toEqual(['first', 'a']);
  await turn();
  end('a');
  expect(await results[0]).toBe('made a');
  expect(await gone).toBe(busy);
});

test('what has begun ends, whoever leaves, and a failure is that of all who wait', async () => {
  const { work, fail, begun, end } = pieces();
  const workshop = new Workshop<string>(1, 5, 100);
  const leaving = new Client();
  const all = [workshop.do('a', leaving, work('a')), workshop.do('a', stays, work('a'))];
  const next = workshop.do('b', stays, work('b'));
  await turn();
  leaving.leave();
  await turn();
  fail('a');
  for (const each of await Promise.allSettled(all)) expect(each.status).toBe('rejected');
  await turn();
  expect(begun).toEqual(['a', 'b']);
  await turn();
  end('b');
  expect(await next).toBe('made b');
});

test('what does not fit waits, and is not overtaken by what would', async () => {
  const { begun, work, end } = pieces();
  const workshop = new Workshop<string>(4, 10, 100);
  const all = [
    workshop.do('small', stays, work('small', 40)),
    workshop.do('large', stays, work('large', 100, 30)),
    workshop.do('next', stays, work('next', 40)),
    workshop.do('last', stays, work('last', 60)),
  ];
  await turn();
  expect(begun).toEqual(['small']);
  end('small');
  await turn();
  expect(begun).toEqual(['small', 'large']);
  end('large');
  await turn();
  expect(begun).toEqual(['small', 'large', 'next', 'last']);
  end('next');
  end('last');
  expect(await Promise.all(all)).toEqual(['small', 'large', 'next', 'last'].map((name) => `made ${name}`));
});

test('who leaves while the first in the queue waits for memory lets the next one begin', async () => {
  const { begun, work, end } = pieces();
  const workshop = new Workshop<string>(4, 10, 100);
  const small = workshop.do('small', stays, work('small', 40));
  const leaving = new Client();
  const large = workshop.do('large', leaving, work('large', 100, 30));
  const next = workshop.do('next', stays, work('next', 60));
  await turn();
  leaving.leave();
  expect(await large).toBe(busy);
  await turn();
  expect(begun).toEqual(['small', 'next']);
  end('small');
  end('next');
  await Promise.all([small, next]);
});

test('memory is given back once, whether a piece is made, fails in either step, or is left at any moment', async () => {
  const workshop = new Workshop<string>(3, 1_000, 100);
  let taken = 0;
  let most = 0;
  const random = fc.sample(fc.record({ memory: fc.nat(100), end: fc.nat(3), leaves: fc.nat(9) }), 500);
  const all = random.map(({ memory, end, leaves }, index) => {
    const leaving = new Client();
    const result = workshop.do(`${index}`, leaving, {
      memory: Math.floor(memory / 2),
      async prepare() {
        await turn();
        if (end === 0) throw new Error('prepare');
        return {
          memory,
          async run() {
            taken += memory;
            most = Math.max(most, taken);
            await turn();
            taken -= memory;
            if (end === 1) throw new Error('run');
            return 'made';
          },
        };
      },
    });
    if (leaves < 5) void Promise.resolve().then(() => leaving.leave());
    else if (leaves < 8) setImmediate(() => leaving.leave());
    return result;
  });
  await Promise.allSettled(all);
  expect(most).toBeLessThanOrEqual(100);
  // All of it is free again.
  const whole = workshop.do('whole', stays, {
    memory: 100,
    prepare: async () => ({ memory: 100, run: async () => 'made' }),
  });
  expect(await whole).toBe('made');
});
