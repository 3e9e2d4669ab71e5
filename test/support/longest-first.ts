/**
 * Starts the longest test files first. After `npm ci` vitest knows no durations and starts with the largest files; then
 * one of these, which are small, runs alone at the end while the other cores wait.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** In order: what takes longest, all together half of the whole run. */
const longest = [
  'site/browser',
  'conformance/conformance',
  'properties/tree',
  'package/tarball',
  'rewriting/linear',
  'soak/soak',
  'properties/cache',
  'properties/similar-pages',
  'properties/diagnosis',
  'properties/budgets',
  'schemes/laws',
  'properties/last-byte',
  'properties/encodings',
  'properties/interception',
  'properties/oracle',
  'gallery/browser',
  'properties/tree-browser',
  'properties/viewers',
  'properties/readings',
  'properties/guard',
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
