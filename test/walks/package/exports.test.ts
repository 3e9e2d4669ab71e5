/** What an app can import of each entry: its names, values and types together, as the built declarations have them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { exportedNames, isValue } from '../../support/package/entries.ts';
import { builtFolder } from '../../support/root.ts';

const files = readdirSync(builtFolder).filter((file) => /^[a-z]+\.d\.ts$/.test(file));
const program = ts.createProgram(
  files.map((file) => join(builtFolder, file)),
  { module: ts.ModuleKind.NodeNext, types: ['node'], skipLibCheck: true, noEmit: true },
);
const checker = program.getTypeChecker();
const entries = Object.fromEntries(
  files.map((file) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(join(builtFolder, file))!)!;
    const names = checker.getExportsOfModule(module).map(({ name }) => name);
    return [file === 'index.d.ts' ? '.' : `./${file.replace('.d.ts', '')}`, names.sort()];
  }),
);

test.each(Object.entries(exportedNames))('%s exports these names, and no more than thirty', (name, names) => {
  const isSchemes = name === './schemes'; // beside a function for each store it has its options
  const found = entries[name]!.filter((each) => !isSchemes || isValue(each));
  expect(found).toEqual(names.toSorted());
  expect(names.length).toBeLessThanOrEqual(30);
});

test('every entry is here', () => {
  expect(Object.keys(entries).sort()).toEqual(Object.keys(exportedNames).sort());
});

test('the types of the root need no framework', () => {
  const types = readFileSync(join(builtFolder, 'index.d.cts'), 'utf8');
  expect(types).not.toMatch(/^(?:import|export) .*from ['"](?:express|connect|koa)/m);
});
