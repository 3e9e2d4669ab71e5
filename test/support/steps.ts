/**
 * A meter of work: counted, not timed. A step is a character of our source that ran, as V8 counts them for coverage (six for
 * each word, whatever its length), or a
 * byte that a function of the runtime walked over for us. Import it before what it is to measure.
 */
import { Hmac } from 'node:crypto';
import { type Profiler, Session } from 'node:inspector';
import { setFlagsFromString } from 'node:v8';

// Optimized code takes functions into others, and V8 forgets to count them there.
setFlagsFromString('--no-opt');
const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Debugger.enable');
// Before the engine is compiled: of functions that are there already V8 counts the calls alone.
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

// What a function of the runtime walked over, told after the call, and where a sticky expression began.
type Walked = (self: never, given: never, result: never, lastIndex: number) => number;

const own: Walked = ({ length }: { length: number }) => length;
const resulting: Walked = (_self, _given, { length }: { length: number }) => length;
const counted: Walked = (_self, _given, count: number) => count;
const ofText: Walked = (_self, [text]: readonly [string]) => text.length;
/** A sticky expression may read all that is left before it fails. */
const tested: Walked = (pattern: RegExp, [text]: readonly [string], isFound: boolean, lastIndex) =>
  pattern.sticky ? (isFound ? pattern.lastIndex : text.length) - lastIndex : text.length;
const ofKey: Walked = (_self, [key]: readonly unknown[]) => (typeof key === 'string' ? key.length : 0);
const filled: Walked = (
  { length }: { length: number },
  [, from = 0, to = length]: readonly [unknown, number?, number?],
) => to - from;
/** Up to what was found. */
const searched: Walked = (
  { length }: { length: number },
  [, from = 0]: readonly [unknown, number?],
  at: number,
) => (at < 0 ? length : at) - from;

const natives: readonly [owner: object, walked: Walked, names: string][] = [
  [Buffer, resulting, 'from concat alloc allocUnsafe allocUnsafeSlow'],
  [Buffer.prototype, searched, 'indexOf'],
  [Buffer.prototype, own, 'includes lastIndexOf equals'],
  [Buffer.prototype, filled, 'fill'],
  [Buffer.prototype, counted, 'copy write'],
  [Buffer.prototype, resulting, 'toString'],
  [String.prototype, searched, 'indexOf'],
  [String.prototype, own, 'includes lastIndexOf replace replaceAll split match matchAll search'],
  [String.prototype, own, 'trim trimStart trimEnd toLowerCase toUpperCase isWellFormed'],
  [RegExp.prototype, tested, 'test'],
  [
    Array.prototype,
    own,
    'slice splice shift unshift concat includes indexOf find some every map filter join',
  ],
  [Map.prototype, ofKey, 'get has set'],
  [Hmac.prototype, ofText, 'update'],
];

/** How many steps each of them takes. */
export function stepsOf(runs: readonly (() => void)[]): number[] {
  let bytes = 0;
  const restore = natives.flatMap(([owner, walked, names]) =>
    names.split(' ').map((name) => {
      const original = Object.getOwnPropertyDescriptor(owner, name)!;
      const native = original.value as (...given: never[]) => never;
      Object.defineProperty(owner, name, {
        ...original,
        value(this: never, ...given: never[]) {
          const { lastIndex } = this as RegExp;
          const result = native.apply(this, given);
          bytes += walked(this, given as never, result, lastIndex);
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

/** How many times as many steps it takes to run what is made for twice the size. */
export function growthOf(size: number, runOf: (size: number) => () => void): number {
  const [once, twice] = stepsOf([runOf(size), runOf(2 * size)]);
  return twice! / once!;
}

const scripts = new Map<string, Uint32Array>();

/** Of an identifier, keyword or number: about what they have on average, so that a longer name is no more work. */
const wordWeight = 6;

/** For each offset of a script, what its characters up to there count together: words alike, white space nothing. */
function weightsOf(scriptId: string): Uint32Array {
  const known = scripts.get(scriptId);
  if (known !== undefined) return known;
  let weights = new Uint32Array();
  session.post('Debugger.getScriptSource', { scriptId }, (error, { scriptSource }) => {
    if (error !== null) throw error;
    weights = new Uint32Array(scriptSource.length + 1);
    let isInWord = false;
    for (let at = 0; at < scriptSource.length; at++) {
      const isWord = /[\w$#]/.test(scriptSource[at]!);
      const weight = isWord ? (isInWord ? 0 : wordWeight) : /\s/.test(scriptSource[at]!) ? 0 : 1;
      weights[at + 1] = weights[at]! + weight;
      isInWord = isWord;
    }
  });
  scripts.set(scriptId, weights);
  return weights;
}

/** The characters of the engine that ran since this was asked last. */
function takeCharacters(): number {
  let characters = 0;
  session.post('Profiler.takePreciseCoverage', (error, { result }) => {
    if (error !== null) throw error;
    for (const { scriptId, url, functions } of result) {
      if (!url.includes('/src/')) continue;
      const weights = weightsOf(scriptId);
      for (const { ranges } of functions) characters += charactersOf(ranges, weights);
    }
  });
  return characters;
}

/**
 * V8 leaves out a block that ran as often as the one around it or beside it, so blocks cannot be added up: two pages
 * would differ by what happens to be equal. Each character that ran counts once, by the innermost block around it.
 */
function charactersOf(ranges: readonly Profiler.CoverageRange[], weights: Uint32Array): number {
  let characters = 0;
  const around: Profiler.CoverageRange[] = [];
  for (const range of ranges) {
    while (around.length > 0 && around.at(-1)!.endOffset <= range.startOffset) around.pop();
    const length = weights[range.endOffset]! - weights[range.startOffset]!;
    characters += (range.count - (around.at(-1)?.count ?? 0)) * length;
    around.push(range);
  }
  return characters;
}
