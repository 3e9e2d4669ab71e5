/** `docs/own-scheme.md`: its scheme is the one that is tested, and its test passes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { checkScheme } from '../../../src/testing.ts';
import { myCdn } from './my-cdn.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/own-scheme.md'), 'utf8');
const [scheme, check] = Array.from(page.matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) => code!);

test('the code is the file that is tested', () => {
  const file = readFileSync(join(import.meta.dirname, 'my-cdn.ts'), 'utf8');
  const [head, ...code] = file.split('\n');
  expect(head).toMatch(/^\/\*\*.*docs\/own-scheme\.md/);
  expect(scheme).toBe(code.join('\n').replace("'../../../src/schemes.ts'", "'image-signer/schemes'"));
});

test('the test passes as it stands', () => {
  const { outputText } = ts.transpileModule(check!.replaceAll(/^import .*$/gm, ''), {
    compilerOptions: { target: ts.ScriptTarget.ES2023 },
  });
  expect(outputText).toContain('checkScheme(');
  const run = new Function('checkScheme', 'myCdn', outputText);
  expect(() => run(checkScheme, myCdn)).not.toThrow();
});

test('every rule that an error may name has a row', () => {
  const source = readFileSync(join(import.meta.dirname, '../../../src/tools/testing/subject.ts'), 'utf8');
  const laws = Array.from(
    source
      .split('export type Law =')[1]!
      .split(';')[0]!
      .matchAll(/'([^']+)'/g),
    ([, law]) => law!,
  );
  expect(laws).toHaveLength(16);
  for (const law of laws) expect(page).toMatch(new RegExp(`^\\|[^|]*\`${law}\`[^|]*\\|`, 'm'));
});
