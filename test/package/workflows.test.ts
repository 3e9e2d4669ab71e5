/** What the workflows may do: a development dependency that turns bad must not publish, or change what is published. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../support/root.ts';

const folder = join(root, '.github/workflows');
const workflows = readdirSync(folder).map(
  (name) => [name, readFileSync(join(folder, name), 'utf8')] as const,
);

/** The jobs of a workflow, by their names: in these files a job begins with two spaces and a name. */
function jobsOf(workflow: string): ReadonlyMap<string, string> {
  const jobs = workflow.slice(workflow.indexOf('\njobs:\n')).split(/^ {2}(?=[\w-]+:$)/m);
  return new Map(jobs.slice(1).map((job) => [job.slice(0, job.indexOf(':')), job]));
}

/** The commands of a job, and the actions that it uses. */
function stepsOf(job: string): string[] {
  return [...job.matchAll(/^ {6,8}(?:- )?(?:run|uses): (.*)$/gm)].map(([, step]) => step!);
}

const isPrivileged = (job: string): boolean => /: write\b|secrets\./.test(job);

test.each(workflows)('%s: each action is named by a commit, with its version beside it', (_, workflow) => {
  const uses = [...workflow.matchAll(/uses: (.*)$/gm)].map(([, action]) => action);
  expect(uses).not.toEqual([]);
  for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test.each(workflows)('%s: a job can write nothing unless it says so itself', (_, workflow) => {
  const ofAllJobs = /^permissions:(?: \{\}|\n {2}contents: read)\n\n/m;
  expect(workflow).toMatch(ofAllJobs);
  expect(workflow).not.toContain('write-all');
});

test.each(workflows)('%s: no checkout leaves a token behind for what is installed later', (_, workflow) => {
  for (const after of workflow.split('uses: actions/checkout@').slice(1))
    expect(after.split(/^ {6}- /m)[0]).toContain('persist-credentials: false');
});

describe('a release', () => {
  const jobs = jobsOf(workflows.find(([name]) => name === 'release.yml')![1]);

  test('is published by the one job with rights', () => {
    const privileged = [...jobs].filter(([, job]) => isPrivileged(job)).map(([name]) => name);
    expect(privileged).toEqual(['publish']);
    const publishing = [...jobs].filter(([, job]) => job.includes('npm publish')).map(([name]) => name);
    expect(publishing).toEqual(['publish']);
  });

  test('is published without running anything of the repository or its dependencies', () => {
    const steps = stepsOf(jobs.get('publish')!);
    const commands = steps.filter((step) => !/^actions\/(?:setup-node|download-artifact)@/.test(step));
    expect(commands).toEqual([expect.stringMatching(/^npm publish "\.\/[^ ]+\.tgz" .*--ignore-scripts$/)]);
  });

  test('is the tarball of a job without rights, and of a commit that passed its tests', () => {
    expect(jobs.get('publish')).toMatch(/^ {4}needs: \[test, pack\]$/m);
    const pack = jobs.get('pack')!;
    expect(stepsOf(pack)).toContain('npm pack');
    expect(/^ {10}name: (.*)$/m.exec(pack)?.[1]).toBe(/^ {10}name: (.*)$/m.exec(jobs.get('publish')!)?.[1]);
  });
});
