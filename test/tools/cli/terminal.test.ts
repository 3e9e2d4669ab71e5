/** What may be shown: no escape sequence of a stranger, no key, and colours only where somebody sees them. */
import { Readable, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { readLines } from '../../../src/tools/cli/inputs.ts';
import { commands, main } from '../../../src/tools/cli/main.ts';
import { runCommand } from '../../support/package/command-line.ts';
import { key, url } from '../../support/samples.ts';

const flags = ['--ttl', '1d', '--variants', 'thumb'];
/** A clipboard write, a title, a line over the last one, a bidirectional override, a C1 control, a line separator. */
const hostile = '\u001b]52;c;aGk=\u0007\u001b]0;title\u0007\r\u202egpj\u009b2J\u2028\u007f';
const anyControl = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

test.each([
  ['sign', [...flags]],
  ['sign', [...flags, '--json']],
  ['verify', ['--variants', 'thumb']],
  ['verify', ['--variants', 'thumb', '--json']],
  ['explain', ['--variants', 'thumb']],
])('no URL writes control characters: %s %j', async (command, args) => {
  const env = { IMAGES_KEY: key, NO_COLOR: '1' };
  for (const before of ['', `${url()}#`, `${url()}?a=`, 'https://x.example/']) {
    const { stdout, stderr } = await runCommand([command, ...args, before + hostile], { isTTY: true, env });
    for (const line of `${stdout}${stderr}`.split('\n')) expect(line).not.toMatch(anyControl);
  }
});

test('no name of an option, a command or a file does either', async () => {
  const configs = [`${hostile}.json`, hostile].map((name) => ['sign', '--config', name]);
  for (const args of [[`--${hostile}`], [hostile], ...configs]) {
    const { code, stderr } = await runCommand(args);
    expect(code).toBe(2);
    expect(stderr.trimEnd()).not.toMatch(anyControl);
  }
});

test('a signed URL whose fragment holds such characters comes out percent-encoded, and names the same image', async () => {
  const { code, stdout } = await runCommand(['sign', ...flags, `${url()}#\u202e`]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^https:\/\/\S+&sig=[0-9a-f]{64}#%E2%80%AE\n$/);
});

test('JSON stays JSON when characters are escaped in it', async () => {
  const given = `https://x.example/\u{e0001}${hostile}"\\`;
  const { stdout } = await runCommand(['verify', '--variants', 'thumb', '--json', given]);
  expect(JSON.parse(stdout).url).toBe(given);
});

test.each<[title: string, isTTY: boolean, env: Record<string, string>, isColored: boolean]>([
  ['a terminal', true, {}, true],
  ['a pipe', false, {}, false],
  ['a terminal, NO_COLOR', true, { NO_COLOR: '1' }, false],
  ['a terminal, an empty NO_COLOR', true, { NO_COLOR: '' }, true],
  ['a terminal that knows no colours', true, { TERM: 'dumb' }, false],
  ['a pipe, FORCE_COLOR', false, { FORCE_COLOR: '1' }, true],
  ['a pipe, an empty FORCE_COLOR', false, { FORCE_COLOR: '' }, true],
  ['a terminal, FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
  ['a pipe, FORCE_COLOR and NO_COLOR', false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
])('has colours where they are wanted: %s', async (_title, isTTY, env, isColored) => {
  const options = { isTTY, env: { IMAGES_KEY: key, ...env } };
  const answer = await runCommand(['verify', '--variants', 'thumb', url()], options);
  expect(answer.stdout.includes('\u001b[')).toBe(isColored);
  const mistake = await runCommand(['sing'], options);
  expect(mistake.stderr.includes('\u001b[')).toBe(isColored);
  const signed = await runCommand(['sign', ...flags, url()], options);
  expect(signed.stdout).not.toContain('\u001b[');
});

test('a key is shown nowhere, wherever it is pasted', async () => {
  const options = 'key key-file config stable-for delivery expires-at variant'.split(' ');
  for (const args of [
    ['--key', key],
    [`--key=${key}`],
    ...options.map((name) => ['sign', ...flags, `--${name}`, key, url()]),
    ['sign', ...flags, `--key=${key}`, url()],
    ['sign', `--${key}`],
    ['sign', `-${key}`],
    [key],
    ['sign', '--variants', 'thumb', '--ttl', key, url()],
    ['sign', ...flags, key],
    ['sign', ...flags, '--json', key],
    ['verify', '--variants', 'thumb', key],
    ['verify', '--variants', 'thumb', '--json', key, url('thumb', key)],
    ['rewrite', ...flags, key],
  ]) {
    for (const env of [{ IMAGES_KEY: key }, {}]) {
      const { stdout, stderr } = await runCommand(args, { env });
      expect(stdout + stderr, args.join(' ').replaceAll(key, '<key>')).not.toContain(key);
    }
  }
});

test('what is wrong with --key is told, not that it is unknown', async () => {
  const { code, stderr } = await runCommand(['sign', '--key', key, url()]);
  expect(code).toBe(2);
  expect(stderr).toContain('must not be an argument');
  expect(stderr).toContain('IMAGES_KEY');
});

test('a full disk is told, and the exit code is 2', async () => {
  const stdout = new Writable({
    write: (_chunk, _encoding, callback) =>
      callback(Object.assign(new Error('no'), { code: 'ENOSPC', syscall: 'write' })),
  });
  let told = '';
  const stderr = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      told += chunk.toString();
      callback();
    },
  });
  const stdin = Readable.from([]);
  const args = ['sign', ...flags, url(), url()];
  expect(await main(args, { stdin, stdout, stderr, env: { IMAGES_KEY: key }, on() {} }, commands)).toBe(2);
  expect(told).toBe('image-signer: Reading or writing failed: no space is left.\n');
});

test('a line is the same wherever a chunk ends, and a line of 10 MB takes no memory', async () => {
  const lines = ['https://a.example/é', 'b', 'c d'];
  const bytes = Buffer.from(`\ufeff${lines.join('\r\n')}\n\n`);
  const read = async (chunks: readonly Uint8Array[]): Promise<string[]> => {
    const found: string[] = [];
    for await (const line of readLines(Readable.from(chunks))) found.push(line);
    return found;
  };
  for (let at = 0; at <= bytes.length; at++) {
    expect(await read([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(lines);
  }
  const parts = Array.from({ length: 160 }, () => Buffer.alloc(65_536, 'x'));
  const long = await read([...parts, Buffer.from('\nnext')]);
  expect(long.map(({ length }) => length)).toEqual([32_768, 4]);
});
