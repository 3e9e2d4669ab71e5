/** `npm run generate -- simd`: writes a committed file anew from what it is made of. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install } from './support/package/install.ts';
import { root } from './support/root.ts';

const makers: Readonly<Record<string, readonly [what: string, make: () => Promise<void>]>> = {
  simd: [
    'src/simd/module.ts, from src/simd/assembly',
    async () => {
      const { compileSimdModule, moduleFile } = await import('./simd/compiler/module.ts');
      writeFileSync(moduleFile, await compileSimdModule());
    },
  ],
  references: [
    'the table of named character references',
    async () => {
      const { tableFile, writeReferenceTable } = await import('./html/reference-table.ts');
      writeFileSync(tableFile, writeReferenceTable());
    },
  ],
  errors: [
    'docs/errors.md, from docs/.vitepress/errors.ts',
    async () => {
      const { errorsPage } = await import('../docs/.vitepress/errors.ts');
      writeFileSync(join(root, 'docs/errors.md'), errorsPage());
    },
  ],
  house: [
    'the picture of the house in CONTRIBUTING.md',
    async () => {
      const { contributing, withHouse } = await import('./architecture/house.ts');
      writeFileSync(contributing, withHouse(readFileSync(contributing, 'utf8')));
    },
  ],
  stores: [
    'the vectors of the stores, from their libraries',
    async () => {
      for (const walk of ['test/walks/stores', 'examples/bucket/local']) install(walk);
      execFileSync('npx', ['tsx', 'test/walks/stores/write-vectors.ts'], { cwd: root, stdio: 'inherit' });
    },
  ],
  screenshots: [
    'the pictures in docs; `-- screenshots <folder>` draws each page there',
    async () => void (await import('./screenshots.ts')),
  ],
};

const maker = makers[process.argv[2] ?? ''];
if (maker === undefined)
  console.log(
    Object.entries(makers)
      .map(([name, [what]]) => `  npm run generate -- ${name.padEnd(11)} ${what}`)
      .join('\n'),
  );
else await maker[1]();
