/** The codes of `explainUrl`, which are a type alone, as the source lists them. */
import { readFileSync } from 'node:fs';

export function codesInSource(): string[] {
  const source = readFileSync(new URL('../../src/tools/diagnosis/explanation.ts', import.meta.url), 'utf8');
  const [tables = ''] = source.split('export type');
  return Array.from(tables.matchAll(/^ {2}'?([a-z0-9-]+)'?:/gm), ([, code]) => code!);
}
