/**
 * The layers of `src`: imports go down, folders of one level do not import each other, and each folder takes from
 * Node.js no more than its runtime has. Type-only imports count as well.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

/** From a folder, or a file right in `src`, to its level. */
const levels: Readonly<Record<string, number>> = {
  'bounded-cache.ts': 0,
  client: 1,
  'errors.ts': 0,
  'rejection.ts': 0,
  simd: 0,
  text: 0,
  'version.ts': 0,
  url: 1,
  html: 1,
  values: 1,
  caches: 2,
  signing: 2,
  rewriting: 3,
  markdown: 4, // of `rewriting` types
  http: 2,
  validation: 2,
  'node/http': 3,
  schemes: 3,
  options: 4,
  signer: 5,
  'tools/diagnosis': 6,
  endpoint: 6,
  guard: 6,
  pages: 6,
  'node/middleware': 7,
  'tools/testing': 7,
  'web/fetch': 7,
  'node/fastify': 8,
  'web/hono': 8,
  'node/koa': 8,
  delivery: 8,
  'client.ts': 10,
  'delivery.ts': 10,
  'common.ts': 9,
  'diagnosis.ts': 10,
  'entry-types.ts': 8,
  'fastify.ts': 10,
  'fetch.ts': 10,
  'hono.ts': 10,
  'index.ts': 10,
  'koa.ts': 10,
  'markdown.ts': 10,
  'schemes.ts': 10,
  'testing.ts': 10,
  'drawing.ts': 10,
  'tools/init': 1,
  'tools/dev': 9, // it loads the entry of the delivery by import()
  'tools/proxy': 9,
  'tools/cli': 11,
  'cli.ts': 12,
};

/** Every other folder is for any runtime: it imports no module of Node.js. */
const nodeModules: Readonly<Record<string, readonly string[]>> = {
  signing: ['node:crypto'], // Workers, Bun and Deno have it
  'node/http': ['node:events', 'node:http', 'node:stream', 'node:util/types', 'node:zlib'],
  'node/middleware': ['node:http', 'node:stream'],
  'node/fastify': ['node:http'],
  'node/koa': ['node:http', 'node:stream'],
  delivery: ['node:fs', 'node:http', 'node:path', 'node:stream'],
  'delivery.ts': ['node:http'],
  'index.ts': ['node:http'],
  'tools/dev': ['node:crypto', 'node:fs/promises', 'node:http', 'node:os', 'node:path'],
  'tools/proxy': ['node:crypto', 'node:http', 'node:https', 'node:net'],
  'tools/cli': [
    'node:dns',
    'node:events',
    'node:fs',
    'node:fs/promises',
    'node:http',
    'node:https',
    'node:net',
    'node:path',
    'node:readline',
    'node:stream',
    'node:stream/promises',
    'node:url',
    'node:util',
    'node:zlib',
  ],
};
const dependencies: Readonly<Record<string, readonly string[]>> = {
  delivery: ['sharp', 'valibot'], // of sharp types, and an import() where it is there
  options: ['valibot'],
  schemes: ['valibot'],
  validation: ['valibot'],
  'tools/proxy': ['httpxy'],
  'fastify.ts': ['fastify'], // types
  'hono.ts': ['hono'], // types
  'koa.ts': ['koa'], // types
};

const source = join(import.meta.dirname, '../../src');

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

function folderOf(file: string): string {
  return /^(?:(?:node|tools|web)\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? file;
}

/** The file, and everything that it imports, at any depth. */
function closureOf(entry: string): Set<string> {
  const closure = new Set([entry]);
  for (const file of closure) {
    for (const { from, to } of imports) if (from === file) closure.add(to);
  }
  return closure;
}

test('every folder has a level', () => {
  expect([...new Set(files.map(folderOf))].sort()).toEqual(Object.keys(levels).sort());
});

test('imports go down', () => {
  const internal = imports.filter(({ to }) => to.endsWith('.ts'));
  expect(internal.length).toBeGreaterThan(80);
  const upward = internal.filter(({ from, to }) => {
    const [here, there] = [folderOf(from), folderOf(to)];
    // The files of level 0 belong together.
    const areGround = levels[here] === 0 && levels[there] === 0;
    return here !== there && !areGround && levels[there]! >= levels[here]!;
  });
  expect(upward).toEqual([]);
});

test('no two files import each other in a circle', () => {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    expect(path, 'a circle').not.toContain(file);
    if (done.has(file)) return;
    for (const { from, to } of imports) if (from === file) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
});

test('a folder imports the modules and packages that it may, and no framework', () => {
  const external = imports.filter(({ to }) => !to.endsWith('.ts'));
  expect(external.length).toBeGreaterThan(10);
  for (const { from, to } of external) {
    const folder = folderOf(from);
    const allowed = [...(nodeModules[folder] ?? []), ...(dependencies[folder] ?? [])];
    expect(allowed, `${from} imports ${to}`).toContain(to);
  }
});

test('an app that imports the package does not load all of node:http: no file takes more than types from it', () => {
  const taking = files.filter((file) => {
    const text = readFileSync(join(source, file), 'utf8');
    const [, names] = /^import (?!type\b)([^;]*?) from 'node:https?'/m.exec(text) ?? [];
    return names !== undefined && !/^\{\s*(?:type [^,]+,?\s*)+\}$/.test(names);
  });
  expect(taking.filter((file) => !file.startsWith('tools/'))).toEqual([]);
});

test('the fetch entry reaches nothing that a Worker does not have', () => {
  const closure = closureOf('fetch.ts');
  expect([...closure].filter((file) => file.startsWith('node:'))).toEqual(['node:crypto']);
  const folders = new Set([...closure].filter((file) => file.endsWith('.ts')).map(folderOf));
  for (const folder of ['node/http', 'node/middleware', 'node/koa']) expect(folders).not.toContain(folder);
  expect(folders).toContain('pages');
});

test('an app loads the reader of Markdown only by its own entry', () => {
  const users = imports.filter(({ to }) => folderOf(to) === 'markdown').map(({ from }) => folderOf(from));
  expect([...new Set(users)].sort()).toEqual(['markdown', 'markdown.ts']);
});

test('the client for browsers reaches no other folder', () => {
  for (const entry of ['client.ts', 'client/global.ts']) {
    const folders = new Set([...closureOf(entry)].map(folderOf));
    folders.delete('client.ts');
    expect([...folders], entry).toEqual(['client']);
  }
});

test('HMACs and hashes are made in one place, and the signed string in one', () => {
  // Docstrings show schemes that users write.
  const using = (name: RegExp): string[] =>
    files.filter((file) =>
      name.test(readFileSync(join(source, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')),
    );
  expect(using(/\bcreateH(?:mac|ash)\b/)).toEqual(['signing/digests.ts']);
  expect(using(/\bfunction signedString\b/)).toEqual(['schemes/cloudflare-images/token.ts']);
});

test('adapters take the doors that frameworks document: no private field, and no prototype replaced', () => {
  const privates: RegExp[] = [
    /\bsetPrototypeOf\b/,
    /\bgetOwnPropertySymbols\b/,
    /\.\??_[a-zA-Z]/,
    /['"`]_[a-zA-Z]\w*['"`]/,
    /\breadonly _[a-zA-Z]/,
  ];
  // Fastify documents these two for plugins, and the third for their names.
  const documented = ['skip-override', 'plugin-meta', 'fastify.display-name'];
  for (const file of files.filter((each) => /^(?:node|web|pages|http)\//.test(each))) {
    const code = readFileSync(join(source, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    for (const each of privates) expect([file, each.exec(code)?.[0]]).toEqual([file, undefined]);
    for (const [, key] of code.matchAll(/Symbol\.for\((?:'|`)([^'`]+)/g))
      expect([file, documented.includes(key!) || key!.startsWith('image-signer.')]).toEqual([file, true]);
  }
});

test('durations are measured by a clock that nobody sets: the time of day is read for these purposes alone', () => {
  const purposes: Readonly<Record<string, string>> = {
    'client/keep-images-fresh.ts': 'the expiry of tokens',
    'delivery/picture-folder.ts': 'the times of files',
    'options/parse.ts': 'the default of `now`: expiries and HTTP dates',
    'tools/proxy/request-log.ts': 'the time of a line in the log',
    'tools/testing/check-scheme.ts': 'the expiry of tokens',
  };
  const reading = files.filter((file) => {
    const code = readFileSync(join(source, file), 'utf8').replace(
      /\/\*[\s\S]*?\*\/|\/\/.*|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g,
      '',
    );
    return /\bDate\.now\b|\bnew Date\(\)/.test(code);
  });
  expect(reading.sort()).toEqual(Object.keys(purposes));
});

test.each([
  ['asks how a function of somebody else is written', /\bFunction\.prototype\.toString\b/],
  ['chooses a way by the version of Node.js', /\bprocess\.versions?\b/],
])('no file %s', (_what, pattern) => {
  const code = (file: string): string =>
    readFileSync(join(source, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  expect(files.filter((file) => pattern.test(code(file)))).toEqual([]);
});

test('a file has one job: it is longer than 250 lines only if its head says why', () => {
  for (const file of files) {
    const text = readFileSync(join(source, file), 'utf8');
    if (text.split('\n').length > 250) expect(text.slice(0, 1_200), file).toMatch(/Longer than most files/);
  }
});

test('the types of each entry are read from its source: a fresh clone checks its types before it has built anything', () => {
  const read = (name: string): string => readFileSync(join(source, '..', name), 'utf8');
  const { exports } = JSON.parse(read('package.json')) as {
    readonly exports: Readonly<Record<string, unknown>>;
  };
  const { paths } = (
    JSON.parse(read('tsconfig.json')) as {
      readonly compilerOptions: { readonly paths: Readonly<Record<string, readonly string[]>> };
    }
  ).compilerOptions;
  const entries = Object.keys(exports)
    .filter((subpath) => !/\.js(?:on)?$/.test(subpath))
    .map((subpath) => `image-signer${subpath.slice(1)}`);
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(entries));
});
