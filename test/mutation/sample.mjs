/**
 * A plugin of Stryker's that runs a part of the mutants, chosen by a seed: `SAMPLE=3 npm run mutate -- --mutate 'src/node/**'`
 * takes three of a hundred. The others count as invalid, which no score includes.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CheckStatus } from '@stryker-mutator/api/check';
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin';

const percent = Number(process.env.SAMPLE);
const seed = process.env.SEED ?? '1';

/** @type {() => import('@stryker-mutator/api/check').Checker} */
const createSample = () => ({
  init: async () => {},
  group: async (mutants) => [mutants.map(({ id }) => id)],
  check: async (mutants) => Object.fromEntries(mutants.map((mutant) => [mutant.id, resultOf(mutant)])),
});

export const strykerPlugins = [declareFactoryPlugin(PluginKind.Checker, 'sample', createSample)];

function resultOf(mutant) {
  return isChosen(mutant)
    ? { status: CheckStatus.Passed }
    : { status: CheckStatus.CompileError, reason: 'not in the sample' };
}

/** By the text of the line and not by its number: an edit above a mutant chooses no others. */
function isChosen({ fileName, mutatorName, replacement, location: { start } }) {
  const line = readFileSync(fileName, 'utf8').split('\n')[start.line]?.trim();
  const name = fileName.slice(fileName.lastIndexOf('/src/'));
  const text = JSON.stringify([seed, name, line, start.column, mutatorName, replacement]);
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32 < percent / 100;
}
