/** How the command tells that it is called wrongly, and where it takes its options from. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSigner } from '../../../src/index.ts';
import { s3 } from '../../../src/schemes.ts';
import { commands } from '../../../src/tools/cli/main.ts';
import { version } from '../../../src/version.ts';
import { type Run, type RunOptions, runCommand } from '../../support/package/command-line.ts';
import { temporaryFiles } from '../../support/package/temporary-files.ts';
import { accountHash, key, signerWith, url } from '../../support/samples.ts';

const { folder, file } = temporaryFiles();
/** Without a key. */
const bare = { env: {} };
const verifies = (stdout: string, own = key): boolean =>
  signerWith({ now: Date.now, key: own }).verifyImage(stdout.trim()).ok;

/** The one line on standard error of a run that ends with 2. */
async function mistakeOf(args: readonly string[], options?: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await runCommand(args, options);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^image-signer: [^\n]+\n$/);
  return stderr.slice('image-signer: '.length).trimEnd();
}

describe('the help', () => {
  test('is the answer if it is asked for, and a note if no command is given', async () => {
    const asked = await runCommand(['--help']);
    expect(asked).toMatchObject({ code: 0, stderr: '' });
    for (const { name, summary } of commands) expect(asked.stdout).toContain(`${name.padEnd(7)}  ${summary}`);
    expect(await runCommand([])).toEqual({ code: 2, stdout: '', stderr: asked.stdout });
  });

  test.each(commands.map((command) => [command.name, command] as const))(
    'of %s has its options and examples, and needs no key',
    async (name, command) => {
      const { code, stdout, stderr } = await runCommand([name, '-h'], { env: {} });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      for (const option of command.options) expect(stdout).toMatch(new RegExp(`^ .*--${option} `, 'm'));
      expect(command.examples.length).toBeGreaterThan(1);
      for (const example of command.examples) expect(stdout).toContain(example);
    },
  );

  test('has the version beside it', async () => {
    expect(await runCommand(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('a mistyped name', () => {
  const all = 'The commands are sign, verify, explain, check, rewrite, proxy, dev, init.';

  test.each([
    [['sing', url()], 'There is no command sing. Did you mean sign?'],
    [['frobnicate'], `There is no command frobnicate. ${all}`],
    [['sign', '--varaints', 'a'], 'There is no option --varaints. Did you mean --variants?'],
    [['sign', '--accounthash=a'], 'There is no option --accounthash. Did you mean --account-hash?'],
    [['sign', '--frobnicate'], 'There is no option --frobnicate.'],
    [['sign', '-x'], 'There is no option -x.'],
    [['sign', '--constructor'], 'There is no option --constructor.'],
    [['__proto__'], `There is no command __proto__. ${all}`],
    [['sign', '--dry-run'], '--dry-run is not an option of sign. `image-signer sign --help` lists them.'],
  ])('is told with the nearest one: %j', async (args, message) => {
    expect(await mistakeOf(args)).toBe(message);
  });

  test('is looked up in no time, however long it is', async () => {
    const started = performance.now();
    await mistakeOf([`--${'variants'.repeat(100_000)}`]);
    await mistakeOf(['variants'.repeat(100_000)]);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('an option', () => {
  test.each([
    [['--ttl'], '--ttl needs a value: --ttl <duration>'],
    [['--ttl', '--json'], '--ttl needs a value: --ttl <duration>'],
    [['--ttl='], '--ttl needs a value: --ttl <duration>'],
    [['--json=yes'], '--json takes no value.'],
    [['--ttl', '1d', '--ttl', '2d'], '--ttl is given twice. Give it once.'],
    [['--ttl', '1 day', '--variants', 'a'], '--ttl: expected seconds'],
    [['--ttl', '0', '--variants', 'a'], '--ttl: expected seconds'],
    [['--ttl', '1d', '--variants', 'a,'], '--variants: expected a name'],
    [['--ttl', '1d', '--variants', 'a', '--account-hash', 'a/b'], '--account-hash: expected an account hash'],
    [['--ttl', '1d', '--variants', 'a', '--delivery', 'images'], '--delivery: expected a URL'],
    [['--ttl', '1d', '--variants', 'a', '--stable-for', 'never'], '--stable-for: expected'],
  ])('is told if it is wrong, by the name of its flag: %j', async (args, message) => {
    expect(await mistakeOf(['sign', url(), ...args])).toContain(message);
  });

  test.each([
    [['--ttl', '1d', '--variants', 'a', url()], /IMAGES_KEY.*--key-file <file>/, {}],
    [['--ttl', '1d', '--variants', 'a', url()], /There is no key/, { IMAGES_KEY: '' }],
    [['--ttl', '1d', url()], /--variants thumb,card/],
    [['--variants', 'a', url()], /--ttl 1d/],
    [['--variants', 'a', '--ttl', '1d'], /Give URLs as arguments, or one per line on standard input\./],
  ])('is told if it is missing, with what fixes it: %j', async (args, told, env = { IMAGES_KEY: key }) => {
    expect(await mistakeOf(['sign', ...args], { env })).toMatch(told);
  });
});

describe('the key', () => {
  const args = ['sign', '--ttl', '1d', '--variants', 'thumb'];
  const signs = async (more: readonly string[], options: RunOptions = bare): Promise<boolean> =>
    verifies((await runCommand([...args, ...more, url()], options)).stdout);

  test('comes from a file, without the line end after it', async () => {
    for (const end of ['', '\n', '\r\n'])
      expect(await signs(['--key-file', file('key', key + end)])).toBe(true);
  });

  test.each(['# Images, Keys\nIMAGES_KEY=abc', 'IMAGES_KEY=abc', 'export KEY=abc'])(
    'does not come from a file that sets variables: %j',
    async (text) => {
      const told = await mistakeOf([...args, '--key-file', file('key', text), url()], bare);
      expect(told).toContain('Read such a file with --env-file');
    },
  );

  test('comes from standard input, if the URLs are arguments', async () => {
    const options = { env: {}, stdin: `${key}\n` };
    expect(await signs(['--key-file', '-'], options)).toBe(true);
    expect(await mistakeOf([...args, '--key-file', '-'], options)).toContain('so URLs must be arguments');
  });

  test('comes from --key-file rather than from the file of --config, and from there rather than from IMAGES_KEY', async () => {
    const options = { key: 'the-key-of-the-file', ttl: '1d', variants: ['thumb'] };
    const config = ['sign', '--config', file('key.json', JSON.stringify(options)), url()];
    const env = { IMAGES_KEY: 'another-key-in-the-environment' };
    expect(verifies((await runCommand(config, { env })).stdout, 'the-key-of-the-file')).toBe(true);
    const both = [...config, '--key-file', file('key', key)];
    expect(verifies((await runCommand(both, { env })).stdout)).toBe(true);
  });

  test('comes from a variable of --env-file, unless the environment has it', async () => {
    const variables = file('.env', `# the site's\nIMAGES_KEY="${key}"\nTTL=1h\n`);
    expect(await signs(['--env-file', variables])).toBe(true);
    const other = file('other.env', 'IMAGES_KEY=the-key-of-another-site\n');
    expect(await signs(['--env-file', other], { env: { IMAGES_KEY: key } })).toBe(true);
    // What the file of --config reads.
    const config = file(
      'from-env.mjs',
      "export default { key: process.env.IMAGES_KEY_OF_THIS_TEST, ttl: '1d', variants: ['thumb'] };",
    );
    const named = file('named.env', `IMAGES_KEY_OF_THIS_TEST=${key}\n`);
    const ofConfig = ['sign', '--config', config, '--env-file', named, url()];
    expect(verifies((await runCommand(ofConfig, { env: process.env })).stdout)).toBe(true);
    delete process.env['IMAGES_KEY_OF_THIS_TEST'];
  });

  test('is told if the file of --env-file is not there, without its name, which may be a key', async () => {
    const told = await mistakeOf([...args, '--env-file', key, url()], bare);
    expect(told).toBe('--env-file: the file cannot be read: there is no such file.');
  });

  test.each([
    ['is empty', '\n', 'is empty'],
    ['is a page', 'x'.repeat(20_000), 'too long for a key'],
    ['is not text', Buffer.from([0xff, 0xfe, 0x41]), 'not UTF-8 text'],
    ['has white space around it', ` ${key}\n`, 'white space around it'],
    ['has quotes around it', `"${key}"\n`, 'quotes around it'],
  ])('is told if the file %s', async (_title, text, message) => {
    const told = await mistakeOf([...args, '--key-file', file('wrong-key', text), url()], bare);
    expect(told).toMatch(/--key-file/);
    expect(told).toContain(message);
  });
});

describe('the file of --config', () => {
  const exported = `{ key: '${key}', ttl: '1d', variants: ['thumb'], accountHash: '${accountHash}' }`;

  const sign = (config: string, ...more: string[]): Promise<Run> =>
    runCommand(['sign', '--config', config, ...more], bare);

  test.each([
    ['config.mjs', `export default ${exported};`],
    ['config.cjs', `module.exports = ${exported};`],
    ['config.json', JSON.stringify({ key, ttl: '1d', variants: ['thumb'], accountHash })],
    ['asked.mjs', `export default { ...${exported}, key: async () => ['${key}'], keyRefresh: '1m' };`],
  ])('may be %s', async (name, text) => {
    const { code, stdout, stderr } = await sign(file(name, text), url());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(verifies(stdout)).toBe(true);
  });

  test('may give the key by a function, which does not show, and which --key-file replaces', async () => {
    const config = file('asked.mjs', `export default { ...${exported}, key: async () => ['${key}'] };`);
    const shown = await sign(config, url('thumb', key));
    expect(shown.code).toBe(1);
    expect(shown.stdout + shown.stderr).not.toContain(key);
    const other = 'another-key-that-is-in-a-file';
    expect(verifies((await sign(config, '--key-file', file('other-key', other), url())).stdout, other)).toBe(
      true,
    );
  });

  test('may give a scheme, which has a key and an allowlist of its own', async () => {
    const bucket = 'https://photos.s3.eu-central-1.amazonaws.com';
    const image = `${bucket}/uploads/a.jpg`;
    const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'a-secret-access-key' };
    const scheme = s3({ url: bucket, region: 'eu-central-1', credentials, prefixes: 'uploads/' });
    Object.assign(globalThis, { schemeOfConfig: scheme });
    const config = file('scheme.mjs', "export default { scheme: globalThis.schemeOfConfig, ttl: '1d' };");
    const { code, stdout, stderr } = await runCommand(['sign', '--config', config, image]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(createSigner({ scheme, ttl: '1d' }).verifyImage(stdout.trim()).ok).toBe(true);
    const stdin = `<img src="${image}">`;
    const page = await runCommand(['rewrite', '--config', config, '--dry-run'], { stdin });
    expect(page.code).toBe(0);
    expect(page.stdout + page.stderr).toMatch(/1 signed|signed:? 1|"signed":1/);
    const told = await mistakeOf(['sign', '--config', config, '--variants', 'thumb', image]);
    expect(told).toContain('variants');
  });

  test.each([
    ['throws', "() => { throw new Error('the store is away\\nfor now'); }", 'the store is away'],
    ['gives no key', "async () => ''", "expected the signing key's text"],
  ])('says so if its function %s', async (name, code, message) => {
    const config = file(`${name}.mjs`, `export default { ...${exported}, key: ${code} };`);
    const told = await mistakeOf(['sign', '--config', config, url()], bare);
    expect(told).toContain('The key function returned no key: ');
    expect(told).toContain(message);
  });

  test('yields to flags', async () => {
    const config = file('yields.mjs', `export default ${exported};`);
    const { code, stderr } = await runCommand(['sign', '--config', config, '--variants', 'card', url()]);
    expect(code).toBe(1);
    expect(stderr).toContain('not among --variants');
  });

  const wrong = (more: object): string => JSON.stringify({ key, ttl: '1d', variants: ['a'], ...more });

  test.each([
    ['none.mjs', undefined, 'cannot be read: there is no such file'],
    ['config.yaml', 'ttl: 1d', '.js, .mjs, .cjs, .ts, .mts or .json'],
    ['broken.json', `{ "key": "${key}"`, 'is not JSON'],
    ['list.json', '[]', 'exports no options'],
    ['named.mjs', `export const ttl = '1d';`, 'exports no options'],
    ['unquoted.mjs', `export default { key: ${key.replaceAll('-', '_')} };`, 'fails with ReferenceError'],
    ['syntax.mjs', `export default { key: ${key} ${key} };`, 'fails with '],
    ['signer.mjs', `export default { signImage() {} };`, 'exports a signer'],
    ['unknown.json', wrong({ rewrit: false }), '`rewrit` is not an option. Did you mean `rewrite`?'],
    ['wrong.json', wrong({ ttl: '1 day' }), '`ttl`: expected seconds'],
    ['key.json', wrong({ key: `${key} ` }), 'without white space around it'],
  ])('is told if it is wrong, with its name: %s', async (name, text, message) => {
    const path = text === undefined ? join(folder, name) : file(name, text);
    const told = await mistakeOf(['sign', '--config', path, url()]);
    expect(told).toContain(message);
    expect(told).not.toContain(key);
    expect(told).not.toContain(key.replaceAll('-', '_'));
    if (name !== 'config.yaml') expect(told).toContain(path);
  });
});
