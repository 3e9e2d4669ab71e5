/** The codes of `explainUrl`, which are a type alone, as the source lists them. */
import { readFileSync } from 'node:fs';

export function codesInSource(): string[] {
  const source = readFileSync(new URL('../../src/tools/diagnosis/explanation.ts', import.meta.url), 'utf8');
  const failures = Array.from(source.matchAll(/^ {2}\| '([a-z0-9-]+)'/gm), ([, code]) => code!);
  return [...failures, .../HintCode = ([^;]+);/.exec(source)![1]!.match(/[a-z-]+/g)!];
}
