/** The command as it is published: a process that runs what is in the tarball. Longer than most files: each command is run as a whole. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PackedPackage, type Project } from '../../support/package/projects.ts';
import { root } from '../../support/root.ts';
import { accountHash, key, signerWith, url } from '../../support/samples.ts';
import { html, img } from '../../support/servers/checked-apps.ts';
import { type Site, startSite } from '../../support/servers/checked-page.ts';

let packed: PackedPackage;
let project: Project;
let program: string;

beforeAll(() => {
  packed = new PackedPackage();
  project = packed.createProject('module', {});
  const { bin } = JSON.parse(readFileSync(join(packed.folder, 'package.json'), 'utf8'));
  program = join(project.path, 'node_modules/image-signer', bin['image-signer']);
});
afterAll(() => packed.remove());

const signer = signerWith({ now: Date.now });
const flags = ['--ttl', '1d', '--variants', 'thumb,card'];

function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = { IMAGES_KEY: key },
  cwd = project.path,
): ChildProcess {
  const { PATH } = process.env;
  return spawn(process.execPath, [program, ...args], { cwd, env: { PATH, ...env } });
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  args: readonly string[],
  {
    stdin = '',
    env,
    cwd,
  }: { readonly stdin?: string; readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<Ended> {
  const child = start(args, env, cwd);
  child.stdin!.on('error', () => {}); // a process that ends early does not read it
  child.stdin!.end(stdin);
  const texts = [child.stdout!, child.stderr!].map(async (stream) => {
    let text = '';
    for await (const chunk of stream.setEncoding('utf8')) text += chunk;
    return text;
  });
  const [[code], stdout, stderr] = await Promise.all([once(child, 'close'), ...texts]);
  return { code, stdout: stdout!, stderr: stderr! };
}

describe('in the tarball', () => {
  test('the command is one program that starts with Node.js, and it shares its code with the entries', () => {
    const built = join(packed.folder, 'dist/cli.js');
    expect(readFileSync(built, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(statSync(built).mode & 0o111).toBe(0o111);
    const ofCommand = packed.files.filter((file) => /^dist\/cli\b/.test(file));
    expect(ofCommand).toEqual(['dist/cli.js']);
  });

  test('no other command loads what the proxy and the delivery are made of', () => {
    expect(readFileSync(join(packed.folder, 'dist/cli.js'), 'utf8')).not.toMatch(
      /from ["']\.\/(?:proxy|dev|init|delivery|drawing)\b/,
    );
  });

  test('the command needs nothing that the package does not depend on', async () => {
    const { metafile } = await build({
      entryPoints: [program],
      bundle: true,
      write: false,
      metafile: true,
      outdir: 'unused',
      format: 'esm',
      platform: 'node',
      packages: 'external',
    });
    const imports = Object.values(metafile.outputs).flatMap((output) =>
      output.imports.map(({ path }) => path),
    );
    // `dev` makes variants where sharp is installed.
    expect([...new Set(imports.filter((path) => !path.startsWith('node:')))]).toEqual(['sharp']);
  });
});

const signed = signer.signImage(url());

test.each<[code: number, args: readonly string[], stdin?: string]>([
  [0, ['verify', ...flags.slice(2), signed]],
  [1, ['sign', ...flags], `${url()}\n${url('hero')}\n`],
  [2, ['rewrite', '--variants', 'thumb'], `<img src="${url()}">`],
])('the exit code is %i of: %j', async (code, args, stdin = '') => {
  const ended = await run(args, { stdin });
  expect(ended.code).toBe(code);
  expect((code === 2 ? ended.stderr : ended.stdout).length).toBeGreaterThan(0);
  expect(ended.stdout).not.toContain('\u001b['); // no colours in a pipe
});

describe('the file of --config', () => {
  const exported = `{ ttl: '1d', variants: ['thumb'], accountHash: '${accountHash}' }`;

  test('is not run beside options of the signer, unless it is named', async () => {
    const trap = "throw new Error('run unasked');";
    for (const name of ['image-signer.config.js', 'image-signer.config.mjs', 'image-signer.config.cjs'])
      project.write(name, trap);
    expect((await run(['sign', ...flags, url()])).code).toBe(0);
  });

  test('is found in the working directory, where no option of the signer is given, and is named first', async () => {
    const folder = join(project.path, 'with-config');
    mkdirSync(join(folder, 'below'), { recursive: true });
    writeFileSync(join(folder, 'image-signer.config.mjs'), `export default ${exported};`);
    writeFileSync(join(folder, 'image-signer.config.js'), "throw new Error('the second one')");
    const { code, stdout, stderr } = await run(['sign', url()], { cwd: folder });
    expect(stderr).toBe(`Options of ${join(folder, 'image-signer.config.mjs')}\n`);
    expect(code).toBe(0);
    expect(signer.verifyImage(stdout.trim()).ok).toBe(true);
    const below = await run(['sign', url()], { cwd: join(folder, 'below') });
    expect(below.code).toBe(2);
    expect(below.stderr).not.toContain('Options of');
  });

  test('may be TypeScript, where Node.js reads it', async () => {
    project.write('config.ts', `const ttl: string = '1d';\nexport default { ...${exported}, ttl };`);
    const { code, stderr } = await run(['sign', '--config', 'config.ts', url()]);
    if (Reflect.get(process.features, 'typescript')) expect(code, stderr).toBe(0);
    else expect(stderr).toContain('config.ts is TypeScript, which needs Node.js 22.18 or later');
  });

  test('may leave something running, which does not keep the command from ending', async () => {
    project.write('busy.mjs', `setInterval(() => {}, 1000);\nexport default ${exported};`);
    expect((await run(['sign', '--config', 'busy.mjs', url()])).code).toBe(0);
  });

  test('is written by init, says which value is missing, and signs once it is there', async () => {
    const cwd = join(project.path, 'begun');
    mkdirSync(cwd);
    const begun = await run(['init', '--server', 'koa', '--store', 's3'], { cwd });
    expect(begun).toMatchObject({ code: 0, stdout: expect.stringContaining("from 'image-signer/koa'") });
    const missing = await run(['sign', 'uploads/a.jpg'], { cwd, env: {} });
    expect(missing.code).toBe(2);
    expect(missing.stderr).toMatch(/config\.mjs: `credentials\.accessKeyId`: expected the access key's id/);
    const env = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: key };
    const signed = await run(['sign', 'uploads/a.jpg'], { cwd, env });
    expect(signed.code).toBe(0);
    expect((await run(['verify', signed.stdout.trim()], { cwd, env })).code).toBe(0);
    // As the last line of `init` has it.
    writeFileSync(
      join(cwd, '.env'),
      `AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nAWS_SECRET_ACCESS_KEY=${key}\n`,
    );
    expect(begun.stdout).toContain('\n\nnpx image-signer check http://localhost:3000/\n');
    expect((await run(['verify', signed.stdout.trim()], { cwd, env: {} })).code).toBe(0);
  });
});

test.each([
  [['sign', '--key', key, url()]],
  [['sign', `--key=${key}`]],
  [['sign', `--${key}`]],
  [[key]],
  [['sign', ...flags, key]],
  [['sign', ...flags, '--key-file', key, url()]],
  [['verify', '--variants', 'thumb', '--json', url('thumb', key)]],
  [['rewrite', ...flags, key]],
])('the key is not shown, and no stack: %#', async (args) => {
  const { code, stdout, stderr } = await run(args);
  expect(code).toBeGreaterThan(0);
  expect(stdout + stderr).not.toContain(key);
  expect(stderr).not.toMatch(/^ +at /m);
});

test.each([
  ['sign', flags, 0, `${url()}\n`],
  ['verify', flags.slice(2), 1, `${url()}\n`], // every URL that was verified had no token
  ['rewrite', flags, 0, '<p>more</p>'],
])(
  'a reader that goes early, as head does, ends %s without a word',
  async (command, args, expected, text) => {
    const child = start([command, ...args]);
    let told = '';
    child.stderr!.setEncoding('utf8').on('data', (part: string) => (told += part));
    child.stdin!.on('error', () => {}); // nobody reads the rest
    // The input of `rewrite` stays open: it has to end by itself.
    child.stdin!.write(text.repeat(20_000));
    if (command !== 'rewrite') child.stdin!.end();
    await once(child.stdout!, 'data');
    child.stdout!.destroy();
    const feed = (): unknown => command === 'rewrite' && child.stdin!.write(text.repeat(1_000));
    const feeding = setInterval(feed, 5);
    const [code, signal] = await once(child, 'close');
    clearInterval(feeding);
    expect({ code, signal, told }).toEqual({ code: expected, signal: null, told: '' });
  },
);

const part = Buffer.from(
  `<p>${'text '.repeat(800)}</p><img src="${url()}"><img src="${url('card')}">`.repeat(16),
);
const parts = Math.ceil(100_000_000 / part.length);

test.runIf(process.platform === 'linux')(
  '100 MB through rewrite take no more memory than 2 MB, give or take',
  async () => {
    const peaks: number[] = [];
    for (const count of [Math.ceil(parts / 50), parts]) {
      const child = start(['rewrite', ...flags, '--json']);
      let tokens = 0;
      let bytes = 0;
      const expected = count * part.length;
      const reading = (async () => {
        for await (const chunk of child.stdout!) {
          bytes += (chunk as Buffer).length;
          tokens += (chunk as Buffer).toString('latin1').split('&amp;sig=').length - 1;
        }
      })();
      let told = '';
      child.stderr!.setEncoding('utf8').on('data', (text: string) => {
        told += text;
      });
      for (let index = 0; index < count; index++) {
        if (!child.stdin!.write(part)) await once(child.stdin!, 'drain');
      }
      // All but what is on its way has been read by now; the process waits for the end of its input.
      peaks.push(peakMemory(child.pid!));
      child.stdin!.end();
      const [[code]] = await Promise.all([once(child, 'close'), reading]);
      expect(code).toBe(0);
      expect(bytes).toBeGreaterThan(expected);
      expect(JSON.parse(told)).toMatchObject({
        signed: count * 32,
        bytesRead: expected,
        bytesWritten: bytes,
      });
      expect(tokens).toBeGreaterThan(count * 31); // one that two chunks share is not counted
    }
    const [few, many] = peaks as [number, number];
    expect(many - few).toBeLessThan(48 * 1024); // KiB: the heap's young generation, twice
  },
);

/** In KiB. */
function peakMemory(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
}

describe('the examples of docs/cli.md, and of the start', () => {
  const documents = ['docs/cli.md', 'docs/start/check-it-works.md'].map((file) =>
    readFileSync(join(root, file), 'utf8'),
  );
  /** The configuration of an example is the last one before it, or that of `docs/cli.md`. */
  const examples = documents.flatMap((text) => {
    let config = /^```js\n(.*?)^```$/ms.exec(documents[0]!)![1]!;
    return Array.from(text.matchAll(/^```(js|sh)\n(.*?)^```$/gms), ([, language, code]) => {
      if (language === 'js') config = code!;
      return { language, code: code!, config };
    }).filter(
      // `proxy` and `dev` run until they are ended: `tools/proxy/command.test.ts`, `tools/dev/command.test.ts`. `init` asks.
      // A URL that is abridged cannot be asked about.
      ({ language, code }) =>
        language === 'sh' && /image-signer (?!$|proxy |dev |init)/m.test(code) && !code.includes('…'),
    );
  });

  let site: Site;
  beforeAll(async () => {
    const page = html(img(signer.signImage(url())));
    // With --images, the command would ask Cloudflare for what is on this page.
    const account = html('');
    site = await startSite((incoming, response) =>
      (incoming.url === '/account' ? account : page)(incoming, response),
    );
  });
  afterAll(() => site.close());

  /** The pages of the examples are on this machine. The one of another scheme shows none of its images. */
  const onThisMachine = (code: string, config: string): string =>
    code
      .replace(/image-signer check (?!.*--allow-private)/g, 'image-signer check --allow-private ')
      .replace(/https:\/\/shop\.example|http:\/\/localhost:3000/g, site.origin)
      .replace(/(?<=:\d+)\/$/gm, config.includes('bunny') ? '/account' : '/');

  test('are all found', () => {
    expect(examples).toHaveLength(11);
  });

  test.each(examples.map((example, index) => ({ ...example, index, title: example.code.split('\n')[0]! })))(
    'run: $title',
    async ({ code, config, index }) => {
      const folder = join(project.path, `examples-${index}`);
      mkdirSync(join(folder, 'bin'), { recursive: true });
      for (const [name, line] of [
        ['image-signer', `'${process.execPath}' '${program}' "$@"`],
        ['npx', '"$@"'],
      ] as const) {
        writeFileSync(join(folder, 'bin', name), `#!/bin/sh\nexec ${line}\n`);
        chmodSync(join(folder, 'bin', name), 0o755);
      }
      const signed = signer.signImage(url());
      for (const [name, text] of [
        ['image-signer.config.mjs', config],
        ['urls.txt', `${url()}\n${url('card')}\n`],
        ['signed.txt', `${signed}\n`],
        ['page.html', `<img src="${url()}">`],
        ['key.txt', `${key}\n`],
      ] as const)
        writeFileSync(join(folder, name), text);
      const run = new Promise<{ error: unknown; stderr: string }>((resolve) => {
        const env = {
          IMAGES_KEY: key,
          BUNNY_KEY: 'a-key-for-bunny',
          PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter),
        };
        execFile(
          'sh',
          ['-e', '-c', onThisMachine(code, config)],
          { cwd: folder, env },
          (error, _stdout, stderr) => resolve({ error, stderr }),
        );
      });
      const { error, stderr } = await run;
      expect(stderr).not.toContain('image-signer:');
      expect(error).toBeNull();
    },
  );
});
