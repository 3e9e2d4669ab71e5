/**
 * Values that a view gets, with their URLs mapped: copies where something changes, and nothing that the app holds is
 * written to. Plain objects and arrays alone are looked into; accessors are not called, cycles are kept.
 */
import type { UrlMapper } from './edit-url.ts';

/** A view's data is small; what is larger is no view's data, and passes as it is. */
const maxValues = 10_000;

type Container = Record<PropertyKey, unknown>;

interface Found {
  /** Strings of this container that change, and what to. */
  readonly changes: Map<PropertyKey, string>;
  /** Containers in it, by name. */
  readonly children: Map<PropertyKey, Container>;
  readonly parents: Set<Container>;
}

/**
 * @param roots - containers; each is looked into, and each counts towards the bound
 * @returns for each root itself, or a copy
 */
export function mapValues(roots: readonly object[], map: UrlMapper): object[] {
  const found = findStrings(roots as Container[], map);
  const copies = copyChanged(found);
  return roots.map((root) => copies.get(root as Container) ?? root);
}

function findStrings(roots: readonly Container[], map: UrlMapper): Map<Container, Found> {
  const found = new Map<Container, Found>();
  const queue: Container[] = [];
  let values = 0;
  const enter = (container: Container, parent: Container | undefined): void => {
    let entry = found.get(container);
    if (entry === undefined) {
      entry = { changes: new Map(), children: new Map(), parents: new Set() };
      found.set(container, entry);
      queue.push(container);
    }
    if (parent !== undefined) entry.parents.add(parent);
  };
  for (const root of roots) enter(root, undefined);
  for (let container = queue.shift(); container !== undefined; container = queue.shift()) {
    const { changes, children } = found.get(container)!; // entered with it
    for (const name of namesOf(container)) {
      if (++values > maxValues) return found;
      const value = Object.getOwnPropertyDescriptor(container, name)?.value as unknown;
      if (typeof value === 'string') {
        const mapped = map(value);
        if (mapped !== undefined) changes.set(name, mapped);
      } else if (isContainer(value)) {
        children.set(name, value);
        enter(value, container);
      }
    }
  }
  return found;
}

/** Its own names; of a list that is longer than the bound the first alone, without making names for the rest. */
function namesOf(container: Container): Iterable<PropertyKey> {
  const isLong = Array.isArray(container) && container.length > maxValues;
  return isLong ? Array.from({ length: maxValues }, (_, index) => String(index)) : Reflect.ownKeys(container);
}

/** Copies what holds a change, at whatever depth; all else is shared with the app. */
function copyChanged(found: ReadonlyMap<Container, Found>): Map<Container, Container> {
  const copies = new Map<Container, Container>();
  const queue = [...found].filter(([, { changes }]) => changes.size > 0).map(([container]) => container);
  for (let container = queue.shift(); container !== undefined; container = queue.shift()) {
    if (copies.has(container)) continue;
    copies.set(
      container,
      Array.isArray(container) ? ([] as never) : Object.create(Object.getPrototypeOf(container)),
    );
    queue.push(...found.get(container)!.parents); // only what was found is queued
  }
  for (const [container, copy] of copies) {
    const { changes, children } = found.get(container)!; // as above
    for (const name of Reflect.ownKeys(container)) {
      const descriptor = Object.getOwnPropertyDescriptor(container, name)!; // own, as listed
      if (!('value' in descriptor)) {
        Object.defineProperty(copy, name, descriptor); // an accessor stays one
        continue;
      }
      const child = children.get(name);
      const value = changes.get(name) ?? (child && copies.get(child)) ?? descriptor.value;
      const isLength = Array.isArray(copy) && name === 'length';
      // By definition, since assigning to `__proto__` would change the copy's prototype.
      Object.defineProperty(
        copy,
        name,
        isLength ? { value } : { ...descriptor, value, writable: true, configurable: true },
      );
    }
  }
  return copies;
}

function isContainer(value: unknown): value is Container {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
