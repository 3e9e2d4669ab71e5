/** `image-signer verify`. */
import { expect, test } from 'vitest';
import { runCommand } from '../../support/package/command-line.ts';
import { accountHash, key, otherAccount, signerWith, url } from '../../support/samples.ts';

const flags = ['verify', '--variants', 'thumb,card'];
const signer = signerWith({ now: Date.now });
const valid = signer.signImage(url(), undefined, { expiresAt: 2_050_000_000 });
const expired = signer.signImage(url(), undefined, { expiresAt: 1_700_000_000 });

test('says until when a URL is valid, and shows no token', async () => {
  expect(await runCommand([...flags, valid])).toEqual({
    code: 0,
    stdout: `ok ${url()} (until 2034-12-17 20:26:40 UTC)\n`,
    stderr: '',
  });
});

test.each([
  ['expired', expired],
  ['bad-signature', valid.replace('exp=2', 'exp=3')],
  ['malformed-signature', `${valid}0`],
  ['missing-signature', url()],
  ['variant-not-allowed', url('hero')],
  ['not-a-delivery-url', 'https://elsewhere.example/a.jpg'],
])('says why one is not, and the exit code is 1: %s', async (reason, given) => {
  const { code, stdout, stderr } = await runCommand([...flags, given]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout).toMatch(new RegExp(`^no https://\\S+ \\(${reason}: \\S.*\\)\\n$`));
  expect(stdout).not.toMatch(/[0-9a-f]{64}/);
});

test('says so of an image of another account', async () => {
  const { code, stdout } = await runCommand([...flags, '--account-hash', otherAccount, valid]);
  expect(code).toBe(1);
  expect(stdout).toContain('account-not-allowed');
  expect((await runCommand([...flags, '--account-hash', accountHash, valid])).code).toBe(0);
});

test('reads lines, and a single no makes the exit code 1', async () => {
  const { code, stdout } = await runCommand(flags, { stdin: `${valid}\n${expired}\n${valid}\n` });
  expect(code).toBe(1);
  expect(stdout.match(/^(?:ok|no) /gm)).toEqual(['ok ', 'no ', 'ok ']);
});

test('takes - for standard input, and says nothing of an empty one', async () => {
  expect((await runCommand([...flags, '-'], { stdin: valid })).stdout).toMatch(/^ok /);
  expect(await runCommand(flags, { stdin: '' })).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('writes what verifyImage returns with --json', async () => {
  const lines = (await runCommand([...flags, '--json', valid, expired])).stdout.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { url: valid, ...signer.verifyImage(valid) },
    { url: expired, ok: false, reason: 'expired' },
  ]);
});

test('knows older keys, one a line in the file of --key-file, and always public variants', async () => {
  const options = { env: {}, stdin: `a-newer-key-${key}\n${key}\n` };
  const older = await runCommand([...flags, '--key-file', '-', valid], options);
  expect(older).toMatchObject({ code: 0, stdout: expect.stringContaining('signed by key 2 of the list') });
});
