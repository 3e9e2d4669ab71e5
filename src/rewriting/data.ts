/**
 * Maps the strings of JSON-like data: view data, and data that an app signs or saves itself. It looks only into plain objects and
 * arrays, calls no accessors and preserves cycles. It copies changed containers, and never writes to the app's own.
 */

/**
 * @param name - the member with this value; undefined for an item of an array
 * @returns undefined if the string stays
 */
export type StringMapper = (value: string, name: string | undefined) => string | undefined;

/** Far deeper than any JSON. A proxy that returns another proxy for every member never ends: refuse it before memory runs out. */
const maxDepth = 200_000;

type Container = Record<PropertyKey, unknown>;

/** A container, and how it was found. */
class Visit {
  readonly container: Container;
  /** The container in which it was found first. */
  readonly parent: Visit | undefined;
  otherParents: Visit[] | undefined = undefined;
  readonly depth: number;
  /** Its containers, and its changed strings with their new values; undefined without any. */
  members: [name: string, value: Visit | string][] | undefined = undefined;
  hasChanges = false;
  hasAccessors = false;
  copy: Container | undefined = undefined;

  constructor(container: Container, parent: Visit | undefined) {
    this.container = container;
    this.parent = parent;
    this.depth = parent === undefined ? 0 : parent.depth + 1;
  }
}

/**
 * @param roots - containers, which share one limit
 * @param maxValues - further values are not read, and stay; values near the roots come first
 * @returns for every root, the root itself or a changed copy
 * @throws RangeError for containers that nest without end; also passes on the errors of a proxy
 */
export function mapStrings(
  roots: readonly object[],
  map: StringMapper,
  maxValues: number = Infinity,
): object[] {
  const visits = visitStrings(roots as Container[], map, maxValues);
  copyChanged(visits);
  return roots.map((root) => visits.get(root as Container)?.copy ?? root);
}

function visitStrings(
  roots: readonly Container[],
  map: StringMapper,
  maxValues: number,
): Map<Container, Visit> {
  const visits = new Map<Container, Visit>();
  const pending: Visit[] = [];
  const enter = (container: Container, parent: Visit | undefined): Visit => {
    const known = visits.get(container);
    if (known === undefined) {
      const visit = new Visit(container, parent);
      visits.set(container, visit);
      pending.push(visit);
      return visit;
    }
    if (parent === undefined) return known;
    known.otherParents ??= [];
    known.otherParents.push(parent);
    return known;
  };
  for (const root of roots) enter(root, undefined);
  // Without a limit, go depth first: endless data then reaches `maxDepth` before much is stored.
  const isLimited = maxValues < Infinity;
  let left = maxValues;
  for (let next = 0; next < pending.length && left > 0; ) {
    const visit = isLimited ? pending[next++]! : pending.pop()!;
    const { container, depth } = visit;
    if (depth > maxDepth) throw endless();
    const isArray = Array.isArray(container);
    for (const name of namesOf(container, left)) {
      left--;
      const descriptor = Object.getOwnPropertyDescriptor(container, name);
      const value: unknown = descriptor?.value;
      if (typeof value === 'string') {
        const mapped = map(value, isArray ? undefined : name);
        if (mapped === undefined) continue;
        visit.hasChanges = true;
        visit.members ??= [];
        visit.members.push([name, mapped]);
      } else if (typeof value === 'object' && value !== null && isContainer(value)) {
        visit.members ??= [];
        visit.members.push([name, enter(value, visit)]);
      } else if (value === undefined && descriptor !== undefined && !('value' in descriptor))
        visit.hasAccessors = true;
    }
  }
  return visits;
}

function endless(): RangeError {
  return new RangeError(
    `The data nests deeper than ${maxDepth} values, or never ends, such as a proxy that returns another proxy for every member.`,
  );
}

/** The names that JSON would have, up to a limit: a long array must not create names in vain. */
function namesOf(container: Container, limit: number): readonly string[] {
  if (Array.isArray(container) && container.length > limit)
    return Array.from({ length: limit }, (_, index) => String(index));
  const names = Object.keys(container);
  return names.length > limit ? names.slice(0, limit) : names;
}

function isContainer(value: object): value is Container {
  if (Array.isArray(value)) return true;
  const prototype: object | null = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || isOtherRealms(prototype);
}

/** Whether it is the `Object.prototype` of another realm, as for data from `fetch` or `structuredClone` in a test runner. */
function isOtherRealms(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

/** Copies every container that changes, at any depth. All others are shared with the app. */
function copyChanged(visits: ReadonlyMap<Container, Visit>): void {
  const copied: Visit[] = [];
  const copy = (visit: Visit | undefined): void => {
    if (visit === undefined || visit.copy !== undefined) return;
    visit.copy = copyOf(visit);
    copied.push(visit);
  };
  for (const visit of visits.values()) if (visit.hasChanges) copy(visit);
  for (const { parent, otherParents } of copied) {
    copy(parent);
    otherParents?.forEach(copy);
  }
  for (const { copy: target, members = [] } of copied) {
    for (const [name, value] of members) {
      const changed = typeof value === 'string' ? value : value.copy;
      // The copy already has every name as its own, also `__proto__`: an assignment never reaches the prototype.
      if (changed !== undefined) target![name] = changed;
    }
  }
}

/** Copies the container's values; changed ones are replaced later. */
function copyOf({ container, hasAccessors }: Visit): Container {
  const isArray = Array.isArray(container);
  const prototype: object | null = isArray ? Array.prototype : Object.getPrototypeOf(container);
  if (!hasAccessors && (isArray || prototype === Object.prototype) && hasNoOthers(container))
    return isArray ? ([...container] as never) : { ...container };
  const copy: Container = isArray ? ([] as never) : Object.create(prototype);
  for (const name of Reflect.ownKeys(container)) {
    const descriptor = Object.getOwnPropertyDescriptor(container, name)!; // `ownKeys` listed it
    if (isArray && name === 'length') copy[name] = descriptor.value;
    else if ('value' in descriptor)
      Object.defineProperty(copy, name, { ...descriptor, writable: true, configurable: true });
    else Object.defineProperty(copy, name, descriptor); // not called, but copied
  }
  return copy;
}

/** Whether the container has only properties that JSON shows: then the fastest copy loses nothing. */
function hasNoOthers(container: Container): boolean {
  if (Object.getOwnPropertySymbols(container).length > 0) return false;
  const names = Object.keys(container);
  const isArray = Array.isArray(container);
  // Indices come first. If the last name is the last index, there are no other names; if there are `length` names, no holes.
  if (
    isArray &&
    names.length > 0 &&
    (names.length < container.length || names.at(-1) !== String(container.length - 1))
  )
    return false;
  return Object.getOwnPropertyNames(container).length === names.length + (isArray ? 1 : 0);
}
