/**
 * `npm run test:matrix` runs, with each Node.js that the package is for, the tests that another Node.js may answer
 * differently; `NODES=22,26` selects, and what is written behind `--` goes to vitest, such as `test/url`.
 */
import { spawnSync } from 'node:child_process';

const versions = (process.env['NODES'] ?? '20,22,24,26').split(',');
/** All but tables and laws about strings, and what reads files of this repository. */
const folders = [
  ...['caches', 'conformance', 'delivery', 'endpoint', 'guard', 'http', 'integration', 'node', 'package'],
  ...['pages', 'signing', 'simd', 'text', 'tools/cli', 'tools/dev', 'tools/proxy', 'web'],
  ...[
    'properties/encodings',
    'properties/isolated/handlers',
    'properties/interception',
    'properties/last-byte',
  ],
  ...['properties/live-bodies', 'properties/memory', 'properties/redirects'],
].map((name) => `test/${name}`);

const args = process.argv.slice(2);
const tests = args.length > 0 ? args : folders;
const failed = versions.filter((version) => {
  console.log(`\nNode.js ${version}`);
  const node = ['--yes', `--package=node@${version}`, '--', 'node'];
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...tests];
  return spawnSync('npx', [...node, ...vitest], { stdio: 'inherit' }).status !== 0;
});
if (failed.length > 0) console.log(`Failed with Node.js ${failed.join(', ')}.`);
process.exitCode = failed.length;
