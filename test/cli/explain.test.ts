/** `image-signer explain`, with an explanation that is made up: what explanations hold is tested elsewhere. */
import { expect, test } from 'vitest';
import { createExplainCommand } from '../../src/cli/commands/explain.ts';
import { type Run, runCommand } from '../support/command-line.ts';
import { accountHash, id, signerWith, url } from '../support/samples.ts';

const command = createExplainCommand((given, { signer }) => {
  if (signer.verifyImage(given).ok) return { ok: true, findings: [] };
  return {
    ok: false,
    image: { url: url(), base: 'https://imagedelivery.net', accountHash, id, variant: 'thumb' },
    signedText: `/${accountHash}/${id}/thumb?exp=2050000000`,
    expiresAt: 2_050_000_000,
    findings: [{ code: 'missing-signature', message: 'It has no\u001b token.', mend: 'Sign it.' }],
  };
});
const run = (...args: string[]): Promise<Run> =>
  runCommand(['explain', '--variants', 'thumb', ...args], { among: [command] });

test('says what a URL is made of, what is wrong with it, and what mends that', async () => {
  const { code, stdout, stderr } = await run(url());
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout).toBe(`no ${url()}
   account     ${accountHash}
   image       ${id}
   variant     thumb
   signed text /${accountHash}/${id}/thumb?exp=2050000000
   expires     2034-12-17 20:26:40 UTC
   missing-signature: It has no\\u{1b} token.
      Sign it.
`);
});

test('ends with 0 if every URL is in order', async () => {
  const signed = signerWith({ now: Date.now }).signImage(url());
  expect(await run(signed)).toEqual({ code: 0, stdout: `ok ${url()}\n`, stderr: '' });
  expect((await run(signed, url())).code).toBe(1);
});

test('writes the explanation with --json', async () => {
  const { stdout } = await run('--json', url());
  expect(JSON.parse(stdout)).toMatchObject({
    url: url(),
    ok: false,
    findings: [{ code: 'missing-signature' }],
  });
});

test('writes an expiry that no date can hold as a number', async () => {
  const far = createExplainCommand(() => ({ ok: false, expiresAt: 9e15, findings: [] }));
  const { stdout } = await runCommand(['explain', '--variants', 'thumb', url()], { among: [far] });
  expect(stdout).toContain('expires     9000000000000000');
});
