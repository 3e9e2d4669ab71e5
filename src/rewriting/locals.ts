/**
 * Maps the URLs in the values that an app passes to a view. Objects that change are copied, the app's own are never
 * modified. It looks only into plain objects and arrays, calls no accessors, and preserves cycles.
 */
import type { Edit } from '../text/edit.ts';
import { maxFieldBytes, maxUrlLength } from '../text/limits.ts';
import { asUnescaped } from '../text/unescaped-value.ts';
import { isOneUrl } from '../values/one-url.ts';
import { editValue, mapOneUrl, tellSpaceInPath, type UrlMapping } from './edit-url.ts';
import { type EditText, isSrcsetName } from './json-rewriter.ts';
import type { ExtraTargets } from './targets.ts';

/** Bounds the work: an app may pass an object from which its whole data is reachable. Values beyond stay unchanged. */
const maxValues = 10_000;

/** What becomes of a view's strings. */
export interface ValueMapper extends UrlMapping {
  /** For the texts of these properties, which hold URLs. */
  readonly fields: ExtraTargets['fields'];
  readonly editText: EditText;
}

type Container = Record<PropertyKey, unknown>;

interface Found {
  /** The strings of this container that change, with their new values. */
  readonly changes: Map<PropertyKey, string>;
  /** The containers in it, by property name. */
  readonly children: Map<PropertyKey, Container>;
  readonly parents: Set<Container>;
}

/**
 * @param roots - containers, which share one limit
 * @returns for each root, the root itself or a changed copy
 */
export function mapValues(roots: readonly object[], mapper: ValueMapper): object[] {
  const found = findStrings(roots as Container[], mapper);
  const copies = copyChanged(found);
  return roots.map((root) => copies.get(root as Container) ?? root);
}

function findStrings(roots: readonly Container[], mapper: ValueMapper): Map<Container, Found> {
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
    const { changes, children } = found.get(container)!; // `enter` queues a container only with its entry
    for (const name of namesOf(container)) {
      if (++values > maxValues) return found;
      const value = Object.getOwnPropertyDescriptor(container, name)?.value as unknown;
      if (typeof value === 'string') {
        const mapped = mapString(value, name, mapper);
        if (mapped !== undefined) changes.set(name, mapped);
      } else if (isContainer(value)) {
        children.set(name, value);
        enter(value, container);
      }
    }
  }
  return found;
}

/**
 * The container's own property names. Of an array that exceeds the limit only the first, so that no more are created.
 */
function namesOf(container: Container): Iterable<PropertyKey> {
  const isLong = Array.isArray(container) && container.length > maxValues;
  return isLong ? Array.from({ length: maxValues }, (_, index) => String(index)) : Reflect.ownKeys(container);
}

/** Copies each container in which something changes, at any depth. All others are shared with the app. */
function copyChanged(found: ReadonlyMap<Container, Found>): Map<Container, Container> {
  const copies = new Map<Container, Container>();
  const queue = [...found].filter(([, { changes }]) => changes.size > 0).map(([container]) => container);
  for (let container = queue.shift(); container !== undefined; container = queue.shift()) {
    if (copies.has(container)) continue;
    copies.set(
      container,
      Array.isArray(container) ? ([] as never) : Object.create(Object.getPrototypeOf(container)),
    );
    queue.push(...found.get(container)!.parents); // only found containers are queued
  }
  for (const [container, copy] of copies) {
    const { changes, children } = found.get(container)!; // only found containers are copied
    for (const name of Reflect.ownKeys(container)) {
      const descriptor = Object.getOwnPropertyDescriptor(container, name)!; // `ownKeys` listed it
      if (!('value' in descriptor)) {
        Object.defineProperty(copy, name, descriptor); // not called, but copied
        continue;
      }
      const child = children.get(name);
      const value = changes.get(name) ?? (child && copies.get(child)) ?? descriptor.value;
      const isLength = Array.isArray(copy) && name === 'length';
      // Not by assignment, which would change the copy's prototype for `__proto__`.
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

function mapString(value: string, name: PropertyKey, mapper: ValueMapper): string | undefined {
  const { fields, editText } = mapper;
  const kind = fields.size > 0 && typeof name === 'string' ? fields.get(toBytes(name)) : undefined;
  if (kind !== undefined && value.length <= maxFieldBytes) {
    const edited = edit(value, (text) => editText(text, kind, 1));
    if (edited !== undefined) return edited;
  }
  if (isOneUrl(value)) return mapOneUrl(mapper)(value);
  if (typeof name === 'string' && isSrcsetName(name) && value.length <= maxFieldBytes)
    return edit(value, (text) => editValue(asUnescaped(text), true, mapper));
  if (kind === undefined && mapper.onSpaceInPath !== undefined && value.length <= maxUrlLength)
    tellSpaceInPath(toBytes(value), mapper);
  return undefined;
}

/** A string that UTF-8 cannot hold, such as half a surrogate pair, is left alone. */
function edit(value: string, find: (text: string) => readonly Edit[]): string | undefined {
  if (!value.isWellFormed()) return undefined;
  const text = toBytes(value);
  const edits = find(text);
  return edits.length === 0 ? undefined : Buffer.from(apply(text, edits), 'latin1').toString();
}

function apply(text: string, edits: readonly Edit[]): string {
  let out = '';
  let from = 0;
  for (const edit of edits) {
    out += text.slice(from, edit.start) + edit.text;
    from = edit.end;
  }
  return out + text.slice(from);
}

/** UTF-8, one character per byte. */
function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
