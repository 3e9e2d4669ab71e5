/**
 * Starts the longest test files first. After `npm ci` vitest knows no durations and starts with the largest files; then
 * one of these, which are small, runs alone at the end while the other cores wait.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** In order: what took longest, all together two thirds of the whole run. */
const longest = [
  'properties/oracle',
  'properties/tree',
  'package/tarball',
  'rewriting/linear',
  'properties/cache',
  'properties/interception',
  'conformance/conformance',
  'properties/tree-browser',
  'soak/soak',
];

export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = longest.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return rank < 0 ? longest.length : rank;
    };
    return (await super.sort(files)).sort((a, b) => rankOf(a) - rankOf(b));
  }
}
