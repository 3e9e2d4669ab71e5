/** Imports go down, and rooms of one level do not see each other. Types count as well. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

/** A room is a folder of `src`, or a file right in it. */
const levels: Readonly<Record<string, number>> = {
  'ascii.ts': 0,
  'bytes.ts': 0,
  'charset.ts': 0,
  'duration.ts': 0,
  'errors.ts': 0,
  'layer.ts': 0,
  'limits.ts': 0,
  'memo.ts': 0,
  'version.ts': 0,
  url: 1,
  html: 1,
  values: 1,
  signing: 2,
  rewriting: 2,
  http: 2,
  options: 3,
  signer: 4,
  endpoint: 5,
  guard: 5,
  middleware: 5,
  'node-signer.ts': 5,
  'fetch.ts': 6,
  'index.ts': 6,
  'koa.ts': 6,
};

/** What each room takes from Node.js, types included; what another runtime lacks stays at the edge. */
const nodeModules: Readonly<Record<string, readonly string[]>> = {
  signing: ['node:crypto'],
  rewriting: ['node:stream'], // node-stream.ts, which the root entry alone reaches
  http: ['node:http', 'node:stream', 'node:util/types', 'node:zlib'],
  options: ['node:http'],
  endpoint: ['node:http'], // its porch and the reader of bodies alone
  guard: ['node:http'],
  middleware: ['node:http', 'node:stream'],
  'node-signer.ts': ['node:stream'],
  'index.ts': ['node:http'],
};
const dependencies: Readonly<Record<string, readonly string[]>> = {
  html: ['entities/decode'],
  options: ['valibot'],
  'koa.ts': ['koa'], // its types alone
};

const source = join(import.meta.dirname, '../src');

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);
const imports: readonly Import[] = files.flatMap((file) => {
  const text = readFileSync(join(source, file), 'utf8');
  const matches = text.matchAll(/^(?:import|export)\b[^;]*?\bfrom '([^']+)'/gm);
  return Array.from(matches, ([, to]) => ({
    from: file,
    to: to!.startsWith('.') ? relative(source, join(source, dirname(file), to!)) : to!,
  }));
});

function roomOf(file: string): string {
  return file.split('/')[0]!;
}

test('every room has its level', () => {
  expect([...new Set(files.map(roomOf))].sort()).toEqual(Object.keys(levels).sort());
});

test('imports go down', () => {
  const inner = imports.filter(({ to }) => to.endsWith('.ts'));
  expect(inner.length).toBeGreaterThan(80);
  const upward = inner.filter(({ from, to }) => {
    const [here, there] = [roomOf(from), roomOf(to)];
    // Files at the bottom are one room: names for bytes, and what is made of them.
    const isGround = levels[here] === 0 && levels[there] === 0;
    return here !== there && !isGround && levels[there]! >= levels[here]!;
  });
  expect(upward).toEqual([]);
});

test('no two files import each other in a circle', () => {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) targets.set(from, [...(targets.get(from) ?? []), to]);
  const isFree = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    expect(path, 'a circle').not.toContain(file);
    if (isFree.has(file)) return;
    for (const next of targets.get(file) ?? []) visit(next, [...path, file]);
    isFree.add(file);
  };
  for (const file of files) visit(file, []);
});

test('each room takes from outside what it is allowed to, and no framework at all', () => {
  const taken = imports.filter(({ to }) => !to.endsWith('.ts'));
  expect(taken.length).toBeGreaterThan(10);
  for (const { from, to } of taken) {
    const room = roomOf(from);
    expect([...(nodeModules[room] ?? []), ...(dependencies[room] ?? [])], `${from} imports ${to}`).toContain(
      to,
    );
  }
});

test('what the endpoint decides knows nothing of Node.js', () => {
  const knowing = imports.filter(({ from, to }) => roomOf(from) === 'endpoint' && to.startsWith('node:'));
  expect(knowing.map(({ from }) => from).sort()).toEqual([
    'endpoint/incoming-body.ts',
    'endpoint/index.ts',
    'endpoint/koa-endpoint.ts',
    'endpoint/send.ts',
  ]);
});

test('one place alone makes HMACs, and one the signed string', () => {
  const using = (name: RegExp): string[] =>
    files.filter((file) => name.test(readFileSync(join(source, file), 'utf8')));
  expect(using(/\bcreateHmac\b/)).toEqual(['signing/hmac.ts']);
  expect(using(/\bfunction signedString\b/)).toEqual(['url/canonical.ts']);
});

test('a file has one job: longer than 250 lines only where its head says why', () => {
  for (const file of files) {
    const text = readFileSync(join(source, file), 'utf8');
    if (text.split('\n').length > 250) expect(text.slice(0, 900), file).toMatch(/Longer than most rooms/);
  }
});
