/** The picture of `src` in CONTRIBUTING.md: which folder imports which, read from the imports themselves. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export const contributing: string = join(import.meta.dirname, '../../CONTRIBUTING.md');
const source = join(import.meta.dirname, '../../src');

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** From each file to the files that it imports. */
function readImports(): Graph {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.startsWith('simd/assembly'),
  );
  return new Map(
    files.map((file) => {
      const text = readFileSync(join(source, file), 'utf8');
      const matches = text.matchAll(/^(?:import|export)\b[^;]*?\bfrom '(\.[^']+)'/gm);
      return [
        file,
        new Set(Array.from(matches, ([, to]) => relative(source, join(source, dirname(file), to!)))),
      ];
    }),
  );
}

/** The files right in `src` that know no folder: what all others share. */
function groundOf(imports: Graph): ReadonlySet<string> {
  const ground = new Set(Array.from(imports.keys()).filter((file) => !file.includes('/')));
  for (let size = -1; size !== ground.size; ) {
    size = ground.size;
    for (const file of ground) {
      const isShared = [...imports].some(([from, to]) => from !== file && to.has(file));
      if (!isShared || [...imports.get(file)!].some((to) => !ground.has(to))) ground.delete(file);
    }
  }
  return ground;
}

/** The folders whose folders are rooms of their own. */
const storeys = ['node', 'tools', 'web'];

function roomOf(file: string, imports: Graph, ground: ReadonlySet<string>): string {
  if (ground.has(file)) return 'shared files';
  const [first, ...rest] = file.split('/');
  if (rest.length > 1 && storeys.includes(first!)) return `${first}/${rest[0]}`;
  if (rest.length > 0) return first!;
  const name = first!.replace(/\.ts$/, '');
  return Array.from(imports.keys()).some((other) => other.startsWith(`${name}/`)) ? name : 'entries';
}

/** The rooms, each with those that it imports. */
function readRooms(): Graph {
  const imports = readImports();
  const ground = groundOf(imports);
  const rooms = new Map<string, Set<string>>();
  for (const [from, targets] of imports) {
    const room = roomOf(from, imports, ground);
    const below = rooms.get(room) ?? new Set();
    rooms.set(room, below);
    for (const to of targets) {
      if (!imports.has(to)) continue;
      const other = roomOf(to, imports, ground);
      if (other !== room) below.add(other);
    }
  }
  return rooms;
}

function reachable(rooms: Graph, from: string): ReadonlySet<string> {
  const found = new Set(rooms.get(from));
  for (const room of found) for (const below of rooms.get(room) ?? []) found.add(below);
  return found;
}

/** A diagram for Mermaid. An arrow that a longer way replaces is left out. */
export function drawHouse(): string {
  const rooms = readRooms();
  const arrows = Array.from(rooms).flatMap(([room, below]) =>
    Array.from(below)
      .filter((to) => !Array.from(below).some((other) => other !== to && reachable(rooms, other).has(to)))
      .map((to) => `  ${idOf(room)} --> ${idOf(to)}`),
  );
  const names = Array.from(rooms.keys()).sort();
  return [
    '```mermaid',
    'flowchart TD',
    `  ${names.map((name) => `${idOf(name)}["${name}"]`).join('; ')}`,
    ...arrows.sort().reduce<string[]>((lines, arrow, index) => {
      if (index % 4 === 0) lines.push(arrow);
      else lines.push(`${lines.pop()};${arrow.trimStart().padStart(arrow.trimStart().length + 1)}`);
      return lines;
    }, []),
    '```',
  ].join('\n');
}

function idOf(room: string): string {
  return room.replace(/\W/g, '_');
}

/** CONTRIBUTING.md with the picture as the imports are now. */
export function withHouse(page: string): string {
  return page.replace(/```mermaid\n[\s\S]*?\n```/, () => drawHouse());
}
