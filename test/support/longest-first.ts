/**
 * Starts the longest test files first. After `npm ci` vitest knows no durations and starts with the largest files; then
 * one of these, which are small, runs alone at the end while the other cores wait.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those that take longer than ten seconds at full length, in order. */
export const longest: readonly string[] = [
  'site/browser',
  'client/open-page-browser',
  'rewriting/linear',
  'package/tarball',
  'properties/tree',
  'conformance/conformance',
  'properties/tree-browser',
  'gallery/browser',
  'properties/diagnosis',
  'properties/cache',
  'soak/soak',
  'rewriting/east-asian',
  'rewriting/cases',
  'properties/budgets',
  'rewriting/nested',
  'properties/memory',
  'properties/old-tokens',
  'gallery/process',
  'rewriting/charset-browser',
  'properties/interception',
  'gallery/accessibility',
  'properties/oracle',
  'properties/exceptions',
  'signer/unsign-text-linear',
  'properties/encodings',
  'properties/sign-data',
  'rewriting/declared-charset',
  'integration/flow',
  'tools/diagnosis/page-work',
  'properties/viewers',
  'schemes/laws',
  'properties/guard',
  'properties/readings',
  'properties/data',
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
