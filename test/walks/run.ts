/**
 * `npm run test:walks -- browsers docs` tests the package in the places where it is used; what else is written goes to
 * vitest: `-- frameworks -t vue`. A walk is a folder here; where it needs packages, it has its own package.json.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const args = process.argv.slice(2);
const walks = readdirSync(import.meta.dirname).filter((name) => !name.includes('.'));

if (!walks.includes(args[0] ?? '')) {
  console.log(`npm run test:walks -- <walk>, one of:\n  ${walks.join('\n  ')}`);
  process.exitCode = args.length === 0 ? 0 : 1;
} else {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/walks/vitest.config.ts'];
  const given = args.map((each) => (walks.includes(each) ? `test/walks/${each}/` : each));
  process.exitCode = spawnSync(process.execPath, [...vitest, ...given], { stdio: 'inherit' }).status ?? 1;
}
