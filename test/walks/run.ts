/**
 * `npm run test:walks -- browsers docs` tests the package in the places where it is used; `-- frameworks vue` runs a part of
 * a walk that has a program of its own. A walk is a folder here; where it needs packages, it has its own package.json.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const names = process.argv.slice(2);
const folder = import.meta.dirname;
const walks = readdirSync(folder).filter((name) => !name.includes('.'));
const [first = '', ...parts] = names;
const program = join(folder, first, 'run.ts');

if (!walks.includes(first)) {
  console.log(`npm run test:walks -- <walk>, one of:\n  ${walks.join('\n  ')}`);
  process.exitCode = first === '' ? 0 : 1;
} else {
  const args = existsSync(program)
    ? ['--import', 'tsx', program, ...parts]
    : [
        'node_modules/vitest/vitest.mjs',
        ...['run', '--config', 'test/walks/vitest.config.ts'],
        ...names.map((name) => (walks.includes(name) ? `test/walks/${name}/` : name)),
      ];
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
}
