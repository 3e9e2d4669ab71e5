import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mapValues, type ValueMapper } from '../../src/rewriting/locals.ts';
import '../support/seed.ts';

const signed: ValueMapper = {
  map: (text) => (text.startsWith('/') ? `${text}?signed` : undefined),
  fields: new Map(),
  editText: () => [],
};
const map = <T extends object>(value: T): T => mapValues([value], signed)[0] as T;

describe('a view gets copies', () => {
  test('of what changes, at whatever depth; all else is shared', () => {
    const untouched = { a: ['b'] };
    const value = { image: '/a', deep: [{ image: '/b', untouched }], untouched, text: 'a /b' };
    const copy = map(value);
    expect(copy).toEqual({
      image: '/a?signed',
      deep: [{ image: '/b?signed', untouched }],
      untouched,
      text: 'a /b',
    });
    expect(value).toEqual({ image: '/a', deep: [{ image: '/b', untouched }], untouched, text: 'a /b' });
    expect(copy.untouched).toBe(untouched);
    expect(copy.deep[0]!.untouched).toBe(untouched);
  });

  test('and the very object where nothing changes', () => {
    const value = { text: 'b', list: [1, null, undefined, Symbol('x')] };
    expect(map(value)).toBe(value);
  });

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
    interface Node {
      image: string;
      self?: Node;
      children: Node[];
      parent?: Node;
    }
    const root: Node = { image: 'text', children: [] };
    const leaf: Node = { image: '/leaf', children: [], parent: root };
    root.children.push(leaf);
    root.self = root;
    const copy = map(root);
    expect(copy).not.toBe(root);
    expect(copy.self).toBe(copy);
    expect(copy.children[0]!.image).toBe('/leaf?signed');
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
    const value = {
      model: new Model(),
      map: new Map([['image', '/a']]),
      date: new Date(0),
      bytes: Buffer.from('/a'),
    };
    expect(map(value)).toBe(value);
    expect(value.model.image).toBe('/a');
  });

  test('with an own __proto__ that stays a property', () => {
    const value = JSON.parse('{"__proto__":{"image":"/a"},"constructor":"/b"}') as Record<string, unknown>;
    const copy = map(value);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(copy, '__proto__')?.value).toEqual({ image: '/a?signed' });
    expect(copy['constructor']).toBe('/b?signed');
    expect(({} as { image?: string }).image).toBeUndefined();
  });

  test('of several roots at once, which may share', () => {
    const shared = { image: '/a' };
    const [one, other] = mapValues([{ shared }, { shared, image: '/b' }], signed) as [
      { shared: object },
      { shared: object },
    ];
    expect(one.shared).toBe(other.shared);
    expect(one.shared).not.toBe(shared);
  });

  test('as far as 10,000 values', () => {
    const list = Array.from({ length: 20_000 }, (_, index) => `/${index}`);
    const copy = map(list);
    expect(copy[9_999]).toBe('/9999?signed');
    expect(copy[10_001]).toBe('/10001');
    expect(copy).toHaveLength(20_000);
  });
});

test('property: nothing that the app holds is written to, and the copy says the same but for what is mapped', () => {
  fc.assert(
    fc.property(fc.object({ values: [fc.constantFrom('/a', 'b', 1, null, true)] }), (value) => {
      const before = JSON.stringify(value);
      const copy = map(value);
      expect(JSON.stringify(value)).toBe(before);
      expect(JSON.stringify(copy)).toBe(
        before.replaceAll('"/a"', '"/a?signed"').replaceAll('"/a?signed":', '"/a":'),
      );
    }),
    { numRuns: 2_000 },
  );
});
