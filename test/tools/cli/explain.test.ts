/** `image-signer explain`: how an explanation is shown. What explanations hold is tested in `test/tools/diagnosis`. */
import { expect, test } from 'vitest';
import { explainCommand } from '../../../src/tools/cli/commands/explain.ts';
import { type Run, runCommand } from '../../support/package/command-line.ts';
import { accountHash, id, signerWith, url } from '../../support/samples.ts';

const run = (...args: string[]): Promise<Run> =>
  runCommand(['explain', '--variants', 'thumb', ...args], { among: [explainCommand] });
const signed = signerWith({ now: Date.now }).signImage(url());

test('says what a URL is made of, what is wrong with it, and what fixes that', async () => {
  const { code, stdout, stderr } = await run(`${url()}?exp=2050000000&sig=${'0'.repeat(64)}`);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  const [first, ...rest] = stdout.split('\n');
  expect(first).toBe(`no ${url()}`);
  expect(rest.slice(0, 5)).toEqual([
    `   account     ${accountHash}`,
    `   image       ${id}`,
    '   variant     thumb',
    `   signed text /${accountHash}/${id}/thumb?exp=2050000000`,
    '   expires     2034-12-17 20:26:40 UTC',
  ]);
  expect(rest[5]).toMatch(/^ {3}unknown-signature: /);
  expect(rest[6]).toMatch(/^ {6}Compare the key/);
});

test('ends with 0 if every URL is in order', async () => {
  const { code, stdout } = await run(signed);
  expect(code).toBe(0);
  expect(stdout.split('\n')[0]).toBe(`ok ${url()}`);
  expect((await run(signed, url())).code).toBe(1);
});

test('writes the explanation with --json', async () => {
  const { stdout } = await run('--json', url());
  expect(JSON.parse(stdout)).toMatchObject({
    url: url(),
    ok: false,
    findings: [{ code: 'missing-signature', kind: 'failure' }],
  });
});
