/**
 * Runs the tests with each Node.js that the package is for, and with the one that runs this: `npm run test:matrix`.
 * The binaries come from npm, into a folder of their own, which is kept from run to run.
 *
 * NODES: which versions, such as `22,26` (all if left out; `this` is the one that runs this).
 * NODE_TESTS: which files, as vitest takes them, with spaces between. If left out, `selection.ts` says which files run on
 * which version, of what is alike as much as in `npm test`, and the property tests are short unless PROPERTIES is `full`. NODES_FOLDER: another folder.
 */
import { join } from 'node:path';
import { buildWhatIsOld } from '../support/built-package.ts';
import { closingLineOf, type Outcome } from './closing-line.ts';
import { installNodes, isSupported, type NodeVersion, nodeVersions } from './nodes.ts';
import { runLive } from './run-live.ts';
import { excludedFrom } from './selection.ts';

const root = join(import.meta.dirname, '../..');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const folder = process.env['NODES_FOLDER'] ?? join(root, 'node_modules/.cache/image-signer-nodes');
const files = (process.env['NODE_TESTS'] ?? '').split(/\s+/).filter((file) => file !== '');
const wanted = (process.env['NODES'] ?? ['this', ...nodeVersions].join())
  .split(',')
  .map((each) => each.trim());

/** Files that need no more than one version run on this one. */
const newest = nodeVersions.at(-1)!;

async function testWith(name: string, node: string): Promise<Outcome> {
  const asked = await runLive(node, ['--version'], { cwd: root, isQuiet: true });
  const version = asked.code === 0 ? asked.output.trim() : name;
  console.log(`\n== Node.js ${version} (${name}) ==\n`);
  if (asked.code !== 0)
    return broken(version, `does not start: ${asked.ending}. To install it anew, remove ${node}`);
  const excluded = files.length > 0 ? [] : excludedFrom(root, name === newest);
  const args = [vitest, 'run', ...files, ...excluded.map((each) => `--exclude=${each}`)];
  const { output, code, ending } = await runLive(node, args, { cwd: root });
  const outcome = closingLineOf(output);
  if (outcome === undefined) return broken(version, `ended without a closing line: ${ending}`);
  // What vitest itself finds wrong, such as no files at all, is no test.
  if (code !== 0 && outcome.failed === 0)
    return { ...broken(version, `${outcome.line}; ${ending}`), passed: outcome.passed };
  return { ...outcome, version };
}

/** Counts as one that failed. */
function broken(version: string, line: string): Outcome {
  return { version, line, passed: 0, failed: 1 };
}

async function main(): Promise<number> {
  const unknown = wanted.filter((name) => name !== 'this' && !nodeVersions.includes(name as NodeVersion));
  if (unknown.length > 0) {
    console.error(`NODES: expected ${['this', ...nodeVersions].join(', ')}, got ${unknown.join(', ')}.`);
    return 1;
  }
  const versions = nodeVersions.filter((version) => wanted.includes(version));
  if (versions.length > 0 && !isSupported()) {
    console.error(
      `Node.js ${versions.join(', ')} come as npm packages for Linux on x64 alone; this is ${process.platform} on ${process.arch}. NODES=this runs what is here.`,
    );
    return 1;
  }
  try {
    await buildWhatIsOld();
  } catch (error) {
    return closing([broken(wanted.join(), `the build failed: ${error}`)]);
  }
  process.env['PROPERTIES'] ??= 'short';
  // Tests that were asked for run in whole.
  if (files.length === 0) process.env['TEST_RUN'] ??= 'matrix';
  const binaries = await installNodes(folder, versions);
  if (binaries === undefined) {
    console.error(
      `Node.js ${versions.join(', ')}: npm could not install them (above it says why); they come from its registry, over the network. NODES=this runs what is here, NODES_FOLDER takes a folder that has them.`,
    );
    return closing([broken(versions.join(), 'not installed')]);
  }
  const nodes = new Map([
    ...(wanted.includes('this') ? [['this', process.execPath] as const] : []),
    ...binaries,
  ]);
  const outcomes: Outcome[] = [];
  for (const [name, node] of nodes) outcomes.push(await testWith(name, node));
  return closing(outcomes);
}

/** A line for each, and the last line. */
function closing(outcomes: readonly Outcome[]): number {
  console.log();
  for (const { version, line } of outcomes) console.log(`Node.js ${version}: ${line}`);
  const sum = (of: 'passed' | 'failed'): number => outcomes.reduce((total, each) => total + each[of], 0);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  return sum('failed') > 0 ? 1 : 0;
}

process.exitCode = await main();
