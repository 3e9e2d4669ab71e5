/**
 * Starts the longest test files first. After `npm ci` vitest knows no durations and starts with the largest files; then
 * one of these, which are small, runs alone at the end while the other cores wait.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** In order: what took longest, all together two thirds of the whole run. */
const longest = [
  'properties/tree',
  'site/browser',
  'rewriting/linear',
  'properties/budgets',
  'conformance/conformance',
  'soak/soak',
  'package/tarball',
  'properties/viewers',
  'properties/cache',
  'properties/interception',
  'properties/oracle',
  'properties/guard',
  'properties/encodings',
  'gallery/browser',
  'properties/tree-browser',
  'properties/diagnosis',
  'properties/readings',
];

export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = longest.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return rank < 0 ? longest.length : rank;
    };
    // A process that files share goes on with the next one of its project alone. They come last: most of them are short.
    const projects = files.map(({ project }) => project).filter(({ config }) => !config.isolate);
    const groupOf = ({ project }: TestSpecification): number => projects.indexOf(project);
    return (await super.sort(files)).sort((a, b) => groupOf(a) - groupOf(b) || rankOf(a) - rankOf(b));
  }
}
