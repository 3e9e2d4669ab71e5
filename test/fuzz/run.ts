/** `npm run fuzz -- <name>` runs random tests for longer; without a name all, one after another. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;
const names = readdirSync(folder).flatMap((file) => /^(.+)\.fuzz\.ts$/.exec(file)?.[1] ?? []);
const [chosen] = process.argv.slice(2);
if (chosen !== undefined && !names.includes(chosen)) {
  console.error(`There are ${names.join(', ')}.`);
  process.exit(1);
}
for (const name of chosen === undefined ? names : [chosen]) {
  const { status } = spawnSync('npx', ['tsx', join(folder, `${name}.fuzz.ts`)], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
