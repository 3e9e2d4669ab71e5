/** `image-signer sign`. */
import { describe, expect, test } from 'vitest';
import { runCommand } from '../../support/package/command-line.ts';
import { temporaryFiles } from '../../support/package/temporary-files.ts';
import { accountHash, id, key, otherAccount, otherId, signerWith, url } from '../../support/samples.ts';

const { file } = temporaryFiles();
const flags = ['--ttl', '1d', '--variants', 'thumb,card'];
/** By the clock of this machine, like the command. */
const verifier = signerWith({ now: Date.now, variants: ['thumb', 'card'] });

/** The lines of a run that succeeds. */
async function sign(...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await runCommand(['sign', ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trimEnd().split('\n');
}

test('signs each URL on a line of its own', async () => {
  const lines = await sign(...flags, url(), url('card', otherId));
  expect(lines.map((line) => verifier.verifyImage(line))).toMatchObject([
    { ok: true, image: { id, variant: 'thumb' } },
    { ok: true, image: { id: otherId, variant: 'card' } },
  ]);
});

test('signs image ids, with an account and a variant', async () => {
  const [line] = await sign('--ttl', '1d', '--account-hash', accountHash, '--variant', 'card', 'a b/c');
  expect(verifier.verifyImage(line!)).toMatchObject({ ok: true, image: { id: 'a b/c', accountHash } });
});

test('puts --variant in place of the variant of a URL', async () => {
  const [line] = await sign(...flags, '--variant', 'card', url('thumb'));
  expect(line).toContain(`/${id}/card?`);
});

test('signs the lines of standard input, and nothing for empty ones', async () => {
  const stdin = `${url()}\r\n\n  ${url('card')}  \n${url('thumb', otherId)}`;
  const { code, stdout } = await runCommand(['sign', ...flags], { stdin });
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.map((line) => verifier.verifyImage(line))).toMatchObject([
    { ok: true, image: { id, variant: 'thumb' } },
    { ok: true, image: { variant: 'card' } },
    { ok: true, image: { id: otherId } },
  ]);
});

test('signs under the bases that --delivery names, of which there may be several', async () => {
  const delivery = ['https://shop.example/cdn-cgi/imagedelivery', '/images'];
  const [first, second] = await sign(
    ...flags,
    ...delivery.flatMap((base) => ['--delivery', base]),
    ...delivery.map((base) => `${base}/${accountHash}/${id}/thumb`),
  );
  const other = signerWith({ now: Date.now, delivery });
  expect(first).toMatch(/^https:\/\/shop\.example\//);
  expect(second).toMatch(/^\/images\//);
  for (const line of [first, second]) expect(other.verifyImage(line!).ok).toBe(true);
});

describe('the expiry', () => {
  const expiryOf = (line: string): number => Number(/exp=(\d+)/.exec(line)?.[1]);

  test('is --ttl away at least, and --stable-for more at most', async () => {
    const before = Math.floor(Date.now() / 1000);
    const [line] = await sign('--ttl', '3600', '--stable-for', '10m', '--variants', 'thumb', url());
    const exp = expiryOf(line!);
    expect(exp % 600).toBe(0);
    expect(exp).toBeGreaterThanOrEqual(before + 3600);
    expect(exp).toBeLessThanOrEqual(Math.floor(Date.now() / 1000) + 3600 + 600);
  });

  test.each([
    ['2050000000', 2_050_000_000],
    ['2035-01-01', Date.UTC(2035, 0, 1) / 1000],
    ['2035-01-01T12:30Z', Date.UTC(2035, 0, 1, 12, 30) / 1000],
    ['2035-01-01T12:30:00+02:00', Date.UTC(2035, 0, 1, 10, 30) / 1000],
  ])('is exactly what --expires-at says: %s', async (text, seconds) => {
    const [line] = await sign('--variants', 'thumb', '--expires-at', text, url());
    expect(expiryOf(line!)).toBe(seconds);
  });

  test.each(['tomorrow', '2035-02-31', '2035-13-01', '2035-01-01T12:30', '1969-01-01', '0', '-1'])(
    'is told where --expires-at is no instant: %s',
    async (text) => {
      const { code, stderr } = await runCommand(['sign', '--variants', 'a', `--expires-at=${text}`, url()]);
      expect(code).toBe(2);
      expect(stderr).toContain('2035-01-01T12:00:00Z');
    },
  );

  test('is told where --expires-at is in milliseconds, or stands beside --ttl', async () => {
    const late = await runCommand(['sign', '--variants', 'thumb', '--expires-at', '1790000000000', url()]);
    expect(late).toMatchObject({ code: 2, stderr: expect.stringContaining('divide by 1000') });
    const both = await runCommand(['sign', ...flags, '--expires-at', '2035-01-01', url()]);
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('Give only one') });
  });
});

describe('what cannot be signed', () => {
  test.each(['sign', 'verify'])('for its name at a store is told by %s, with the reason', async (command) => {
    const schemes = new URL('../../../src/schemes.ts', import.meta.url).href;
    const config = file(
      'bunny.mjs',
      `import { bunny } from '${schemes}';
      const scheme = bunny({ url: 'https://shop.b-cdn.net', key: 'a-key-of-a-pull-zone', prefixes: 'photos/' });
      export default { ttl: '1h', scheme };`,
    );
    const run = async (image: string): Promise<string> => {
      const { code, stdout, stderr } = await runCommand([command, '--config', config, image]);
      expect(code).toBe(1);
      return stdout + stderr;
    };
    const digit =
      'its signed part ends with a digit, which the store could read as the first digit of a later expiry';
    expect(await run('https://shop.b-cdn.net/photos/1234')).toContain(digit);
    if (command === 'sign') expect(await run('photos/1234')).toContain(digit);
    const other = await run('https://shop.b-cdn.net/others/1234');
    expect(other).not.toContain(digit);
    expect(other).toContain('it is not under `url` and `prefixes`');
  });

  test.each([
    [[], 'https://elsewhere.example/a.jpg', 'no --delivery base'],
    [[], url('hero'), 'add it there, or choose another one with --variant'],
    [['--account-hash', otherAccount], url(), 'not that of --account-hash'],
    [['--variant', 'card'], 'photo-1', 'needs --account-hash'],
    [['--account-hash', accountHash], 'photo-1', 'needs --variant'],
  ])('is told with what to do, and the exit code is 1: %j %s', async (args, image, hint) => {
    const { code, stdout, stderr } = await runCommand(['sign', ...flags, ...args, image]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(image);
    expect(stderr).toContain(hint);
  });

  test('does not keep the others from being signed', async () => {
    const { code, stdout } = await runCommand(['sign', ...flags, 'https://elsewhere.example/', url()]);
    expect(code).toBe(1);
    expect(verifier.verifyImage(stdout.trim()).ok).toBe(true);
  });
});

test('writes an object for each input with --json, also for one that cannot be signed', async () => {
  const input = 'https://elsewhere.example/';
  const { code, stdout, stderr } = await runCommand(['sign', ...flags, '--json', url(), input]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  const [signed, refused] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(signed.input).toBe(url());
  expect(verifier.verifyImage(signed.url)).toMatchObject({ ok: true, expiresAt: signed.expiresAt });
  expect(refused).toMatchObject({ input, error: { code: 'NOT_A_DELIVERY_URL' } });
});

test('does not sign with a key in place of an id, an account or a variant', async () => {
  for (const args of [
    ['--variant', 'card', '--account-hash', accountHash, key],
    ['--variant', 'card', '--account-hash', key, 'photo-1'],
    ['--variant', key, '--account-hash', accountHash, 'photo-1'],
    ['--variants', 'thumb', url('thumb', key)],
  ]) {
    const { code, stdout, stderr } = await runCommand(['sign', '--ttl', '1d', ...args]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('it would show the signing key');
    expect(stderr).not.toContain(key);
  }
});
