import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { mapStrings, type StringMapper } from '../../src/rewriting/data.ts';

const signed: StringMapper = (text) => (text.startsWith('/') ? `${text}?signed` : undefined);
const map = <T extends object>(value: T): T => mapStrings([value], signed)[0] as T;

// Which parts are copied, and what the copy says, `properties/sign-data.test.ts` holds of any JSON.
describe('copies are made', () => {
  test('of frozen objects, of those without a prototype, and of lists with holes and names', () => {
    const list = Object.assign(['/a'], { image: '/d' });
    list[2] = '/c';
    const value = Object.freeze(Object.assign(Object.create(null), { list: Object.freeze(list) }));
    const copy = map(value) as { list: typeof list };
    expect(Object.getPrototypeOf(copy)).toBeNull();
    expect(Array.isArray(copy.list)).toBe(true);
    expect(copy.list.length).toBe(3);
    expect(1 in copy.list).toBe(false);
    expect([copy.list[0], copy.list[2], copy.list.image]).toEqual(['/a?signed', '/c?signed', '/d?signed']);
  });

  test('with cycles as they were', () => {
    const root: Record<string, unknown> = { image: 'text' };
    const leaf = { image: '/leaf', parent: root };
    Object.assign(root, { self: root, children: [leaf] });
    const copy = map(root) as { self: object; children: (typeof leaf)[] };
    expect(copy).not.toBe(root);
    expect(copy.self).toBe(copy);
    expect(copy.children[0]).toEqual({ image: '/leaf?signed', parent: copy });
    expect(copy.children[0]!.parent).toBe(copy);
    expect(leaf.image).toBe('/leaf');
  });

  test('whose accessors are accessors, and were not called', () => {
    let calls = 0;
    const value = {
      image: '/a',
      get lazy() {
        calls++;
        return '/b';
      },
    };
    const copy = map(value);
    expect(calls).toBe(0);
    expect(copy.image).toBe('/a?signed');
    expect(copy.lazy).toBe('/b');
  });

  test('but not of instances of classes, maps or dates', () => {
    class Model {
      image = '/a';
    }
    const entries = new Map([['image', '/a']]);
    const value = { model: new Model(), map: entries, date: new Date(0), bytes: Buffer.from('/a') };
    expect(map(value)).toBe(value);
    expect(value.model.image).toBe('/a');
  });

  test('of plain objects of another realm, as fetch and structuredClone give a test of Jest, but not of its instances', () => {
    const value = runInNewContext(`({
      image: '/a', list: [{ image: '/b' }], date: new Date(0), made: new (class { image = '/c' })(), map: new Map([[1, '/d']]),
      from: Object.create(Object.create(null, { name: { value: '/e' } }), { image: { value: '/f', enumerable: true } }),
    })`) as Record<string, unknown>;
    const copy = map(value);
    expect(copy).not.toBe(value);
    expect(copy).toMatchObject({ image: '/a?signed', list: [{ image: '/b?signed' }] });
    expect(Object.getPrototypeOf(copy)).toBe(Object.getPrototypeOf(value));
    for (const name of ['date', 'made', 'map', 'from']) expect(copy[name], name).toBe(value[name]);
  });

  test('of several roots at once, which may share', () => {
    const shared = { image: '/a' };
    const copies = mapStrings([{ shared }, { shared, image: '/b' }], signed) as { shared: object }[];
    expect(copies[0]!.shared).toBe(copies[1]!.shared);
    expect(copies[0]!.shared).not.toBe(shared);
  });

  test('as far as a limit, those near the roots first', () => {
    const list = Array.from({ length: 20_000 }, (_, index) => `/${index}`);
    const deep = { image: '/a' };
    const value = { deep: { deep }, list, image: '/b' };
    const [copy] = mapStrings([value], signed, 10_000) as [typeof value];
    expect([copy.image, copy.list.length]).toEqual(['/b?signed', 20_000]);
    expect(copy.list.slice(9_995, 9_997)).toEqual(['/9995?signed', '/9996']);
    expect(copy.deep.deep).toBe(deep);
  });

  test('of what JSON does not have, as it was: symbols, hidden properties and subclasses of arrays', () => {
    const hidden = Symbol('hidden');
    class Rows extends Array<string> {}
    const rows = Object.defineProperty(Rows.of('/a', 'b'), 'count', { value: 2 });
    const value = Object.defineProperty({ rows, [hidden]: '/b', image: '/c' }, hidden, { enumerable: false });
    const copy = map(value);
    expect([...copy.rows]).toEqual(['/a?signed', 'b']);
    expect((copy.rows as unknown as { count: number }).count).toBe(2);
    expect(copy[hidden]).toBe('/b');
    expect(Object.keys(copy)).toEqual(['rows', 'image']);
  });
});

describe('data that is large or strange', () => {
  // More than a call takes as arguments.
  const count = 1_000_000;
  test(`${count} strings, and objects that nest 100,000 deep`, () => {
    const many = Array.from({ length: count }, () => '/a');
    expect(map(many)[count - 1]).toBe('/a?signed');
    let deep: { image: string; in?: object } = { image: '/deep' };
    for (let depth = 1; depth < 100_000; depth++) deep = { image: 'x', in: deep };
    let at = map(deep);
    while (at.in !== undefined) at = at.in as typeof at;
    expect(at.image).toBe('/deep?signed');
  });

  test('a proxy without an end is refused, before it takes the memory', () => {
    const own = (): object => ({ value: endless(), enumerable: true, configurable: true });
    const endless = (): object => new Proxy({ a: 0, b: 0 }, { getOwnPropertyDescriptor: own as never });
    expect(() => map({ endless: endless() })).toThrow(/^The data nests deeper than/);
  });

  test('what a proxy throws is thrown, and nothing has changed', () => {
    const ownKeys = (): never => {
      throw new Error('of the app');
    };
    const value = { image: '/a', proxy: new Proxy({}, { ownKeys }) };
    expect(() => map(value)).toThrow('of the app');
    expect(value.image).toBe('/a');
  });

  test('an array that is nearly all holes', () => {
    const list: string[] = [];
    list[4_294_967_290] = '/a';
    const copy = map(list);
    expect(copy).toHaveLength(4_294_967_291);
    expect(copy[4_294_967_290]).toBe('/a?signed');
  });
});
