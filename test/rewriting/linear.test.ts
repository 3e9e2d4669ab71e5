/**
 * Twice the page, about twice the steps: counted, not timed. A step is a character of our source that ran, as V8 counts
 * them for coverage, or a byte that a function of the runtime walked over for us.
 */
import { Hmac } from 'node:crypto';
import { type Profiler, Session } from 'node:inspector';
import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { describe, expect, test } from 'vitest';

// Optimized code takes functions into others, and V8 forgets to count them there.
setFlagsFromString('--no-opt');
const session = new Session();
session.connect();
session.post('Profiler.enable');
// Before the engine is compiled: of functions that are there already V8 counts the calls alone.
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

const { inChunksOf } = await import('../support/chunks.ts');
const { hostilePages } = await import('../support/hostile-pages.ts');
const { signerWith } = await import('../support/samples.ts');

/** Room for what does not grow evenly: the last, unfinished token, a table that is grown. */
const most = 2.1;

// What a function of the runtime walked over, told after the call.
type Walked = (self: never, given: never, result: never) => number;

const own: Walked = ({ length }: { length: number }) => length;
const resulting: Walked = (_self, _given, { length }: { length: number }) => length;
const counted: Walked = (_self, _given, count: number) => count;
const ofText: Walked = (_self, [text]: readonly [string]) => text.length;
const ofKey: Walked = (_self, [key]: readonly unknown[]) => (typeof key === 'string' ? key.length : 0);
/** Up to what was found. */
const searched: Walked = (
  { length }: { length: number },
  [, from = 0]: readonly [unknown, number?],
  at: number,
) => (at < 0 ? length : at) - from;

const natives: readonly [owner: object, walked: Walked, names: string][] = [
  [Buffer, resulting, 'from concat alloc allocUnsafe allocUnsafeSlow'],
  [Buffer.prototype, searched, 'indexOf'],
  [Buffer.prototype, own, 'includes lastIndexOf equals fill'],
  [Buffer.prototype, counted, 'copy write'],
  [Buffer.prototype, resulting, 'toString'],
  [String.prototype, searched, 'indexOf'],
  [String.prototype, own, 'includes lastIndexOf replace replaceAll split match matchAll search'],
  [String.prototype, own, 'trim trimStart trimEnd toLowerCase toUpperCase isWellFormed'],
  [RegExp.prototype, ofText, 'test'],
  [
    Array.prototype,
    own,
    'slice splice shift unshift concat includes indexOf find some every map filter join',
  ],
  [Map.prototype, ofKey, 'get has set'],
  [Hmac.prototype, ofText, 'update'],
];

/** How many steps each of them takes. */
function stepsOf(runs: readonly (() => void)[]): number[] {
  let bytes = 0;
  const restore = natives.flatMap(([owner, walked, names]) =>
    names.split(' ').map((name) => {
      const original = Object.getOwnPropertyDescriptor(owner, name)!;
      const native = original.value as (...given: never[]) => never;
      Object.defineProperty(owner, name, {
        ...original,
        value(this: never, ...given: never[]) {
          const result = native.apply(this, given);
          bytes += walked(this, given as never, result);
          return result;
        },
      });
      return () => Object.defineProperty(owner, name, original);
    }),
  );
  try {
    takeCharacters();
    return runs.map((run) => {
      bytes = 0;
      run();
      const walked = bytes;
      return takeCharacters() + walked;
    });
  } finally {
    for (const each of restore) each();
  }
}

/** The characters of the engine, and of what decodes its references, that ran since this was asked last. */
function takeCharacters(): number {
  let characters = 0;
  session.post('Profiler.takePreciseCoverage', (error, { result }) => {
    if (error !== null) throw error;
    for (const { url, functions } of result) {
      if (!/\/src\/|\/node_modules\/entities\//.test(url)) continue;
      for (const { ranges } of functions) characters += charactersOf(ranges);
    }
  });
  return characters;
}

/**
 * V8 leaves out a block that ran as often as the one around it or beside it, so blocks cannot be added up: two pages
 * would differ by what happens to be equal. Each character that ran counts once, by the innermost block around it.
 */
function charactersOf(ranges: readonly Profiler.CoverageRange[]): number {
  let characters = 0;
  const around: Profiler.CoverageRange[] = [];
  for (const range of ranges) {
    while (around.length > 0 && around.at(-1)!.endOffset <= range.startOffset) around.pop();
    characters += (range.count - (around.at(-1)?.count ?? 0)) * (range.endOffset - range.startOffset);
    around.push(range);
  }
  return characters;
}

describe('the meter', () => {
  const toy = (body: string): ((bytes: Buffer) => number) =>
    runInThisContext(`(bytes) => { let n = 0; ${body} return n; }`, { filename: '/src/toy.js' });
  const ratioOf = (run: (bytes: Buffer) => number): number => {
    const pages = [20_000, 40_000].map((size) => Buffer.alloc(size, `${'a'.repeat(99)}<`));
    const [once, twice] = stepsOf(pages.map((page) => () => void run(page)));
    return twice! / once!;
  };

  test.each([
    ['a loop', 'for (const byte of bytes) if (byte === 60) n++;'],
    [
      'a native search that goes on where it stopped',
      'for (let at = -1; (at = bytes.indexOf(60, at + 1)) >= 0; ) n++;',
    ],
  ])('finds %s linear', (_title, body) => {
    expect(ratioOf(toy(body))).toBeLessThan(most);
  });

  test.each([
    ['a loop in a loop', 'for (const byte of bytes) if (byte === 60) for (const other of bytes) n += other;'],
    [
      'a native search for each byte of a kind',
      'for (const byte of bytes) if (byte === 60) n += bytes.indexOf(62);',
    ],
    [
      'a copy for each',
      'for (const byte of bytes) if (byte === 60) n += bytes.copy(Buffer.allocUnsafe(bytes.length));',
    ],
    [
      'a regular expression for each',
      "const text = bytes.toString('latin1'); for (const each of text) if (each === '<') n += text.replace(/b/, '').length;",
    ],
  ])('finds %s quadratic', (_title, body) => {
    expect(ratioOf(toy(body))).toBeGreaterThan(3);
  });
});

/** The pages name the middle one alone: a search for the others must not begin anew at each mark. */
const delivery = ['https://shop.example/images', 'https://imagedelivery.net', 'https://pictures.test'];

describe.each([
  // A token is held up to 64 KiB, and a URL is read up to 16 KiB: what is quadratic within shows below that alone. No
  // pair of sizes lies on both sides of a bound.
  ['short enough for one URL, in one write', 7_000, Infinity, {}],
  [
    'short enough for one URL, with three bases and an `authorize`',
    7_000,
    Infinity,
    { delivery, authorize: () => true },
  ],
  ['short enough for one token, in chunks of 512 bytes', 10_000, 512, {}],
  ['long, in one write', 66_000, Infinity, {}],
  ['long, in chunks of 4 KiB', 66_000, 4_096, {}],
  ['byte by byte', 1_000, 1, {}],
] as const)('%s', (_title, size, chunkSize, options) => {
  const rewrite = (page: Buffer): (() => void) => {
    const chunks = inChunksOf(Math.min(chunkSize, page.length), page);
    const rewriter = signerWith(options).htmlRewriter();
    return () => {
      for (const chunk of chunks) rewriter.write(chunk);
      rewriter.end();
    };
  };

  test.each(Object.entries(hostilePages))('%s', (_name, pageOf) => {
    const [once, twice] = stepsOf([rewrite(pageOf(size)), rewrite(pageOf(2 * size))]);
    expect(twice! / once!).toBeLessThanOrEqual(most);
  });
});
