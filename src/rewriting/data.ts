/**
 * Maps the strings of JSON-like data: what a view gets, and what an app signs or saves itself. It looks only into plain
 * objects and arrays, calls no accessors and preserves cycles. What changes is copied, and nothing is written to.
 */

/**
 * @param name - of the member whose value the string is; undefined for an item of an array
 * @returns undefined if it stays
 */
export type StringMapper = (value: string, name: string | undefined) => string | undefined;

/**
 * Far more than a tree of JSON has. A proxy that gives another one for each of its members has no end, and is refused here
 * before it takes the memory.
 */
const maxDepth = 200_000;

type Container = Record<PropertyKey, unknown>;

/** A container that has been found. */
class Visit {
  readonly container: Container;
  /** The first container that it was found in. */
  readonly parent: Visit | undefined;
  otherParents: Visit[] | undefined = undefined;
  readonly depth: number;
  /** The containers in it, and the strings that change, with their new values; undefined if there are none. */
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
 * @param maxValues - more are not looked at, and stay; those near the roots come first
 * @returns for each root, the root itself or a changed copy
 * @throws RangeError for containers that nest without an end; and whatever a proxy throws
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
  // Without a limit depth comes first, so that data without an end reaches its limit while there is little to keep.
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
    `The data nests deeper than ${maxDepth} values, or has no end, as where a proxy gives another one for each member.`,
  );
}

/** The names that JSON has, but no more than a limit: of a long array none are created in vain. */
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

/** Whether it is the `Object.prototype` of another realm: a test runner's code gets data from `fetch` and `structuredClone` so. */
function isOtherRealms(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

/** Copies each container in which something changes, at any depth. All others are shared with the app. */
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
      // Each name is the copy's own already, also `__proto__`: an assignment never gets to the prototype.
      if (changed !== undefined) target![name] = changed;
    }
  }
}

/** With the container's own values, of which those that change are replaced later. */
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

/** Whether JSON has all that the container holds: then the fastest way to copy it loses nothing. */
function hasNoOthers(container: Container): boolean {
  if (Object.getOwnPropertySymbols(container).length > 0) return false;
  const names = Object.keys(container);
  const isArray = Array.isArray(container);
  // Indices come first: if the last name is one there are no others, and as many as the length leave no hole.
  if (
    isArray &&
    names.length > 0 &&
    (names.length < container.length || names.at(-1) !== String(container.length - 1))
  )
    return false;
  return Object.getOwnPropertyNames(container).length === names.length + (isArray ? 1 : 0);
}
