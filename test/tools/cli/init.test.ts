/** `image-signer init`: what it asks, what it writes, and that it changes nothing. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { createSigner } from '../../../src/index.ts';
import * as schemes from '../../../src/schemes.ts';
import { createInitCommand } from '../../../src/tools/cli/commands/init.ts';
import { servers } from '../../../src/tools/init/servers.ts';
import { configFileOf, environmentFileOf, stores } from '../../../src/tools/init/stores.ts';
import { vercelDelegation } from '../../support/oracles/vercel-blob.ts';
import { type Run, type RunOptions, runCommand } from '../../support/package/command-line.ts';
import { temporaryFiles } from '../../support/package/temporary-files.ts';
import { key } from '../../support/samples.ts';
import { privateKeyOf } from '../../support/schemes/rsa-keys.ts';

const { folder: all } = temporaryFiles();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(all, 'project-'));
});

const init = (args: readonly string[], options: RunOptions = {}): Promise<Run> =>
  runCommand(['init', ...args], { ...options, among: [createInitCommand(() => folder)] });
/** With the answers that somebody types, a line each. */
const asked = (args: readonly string[], ...answers: readonly string[]): Promise<Run> =>
  init(args, { stdin: answers.map((line) => `${line}\n`).join(''), isTyped: true });
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const express = servers[0]!;
const [cloudflare, s3] = stores;
const flags = ['--server', 'express', '--store', 's3'];

describe('by flags, without a terminal', () => {
  test('writes a configuration and .env.example, and shows the lines for the app', async () => {
    const { code, stdout, stderr } = await init(flags, { stdin: '' });
    expect(code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['.env.example', 'image-signer.config.mjs']);
    expect(read('image-signer.config.mjs')).toBe(configFileOf(s3!, express));
    expect(read('.env.example')).toMatch(
      /^# an access key.*\nAWS_ACCESS_KEY_ID=\n# .*\nAWS_SECRET_ACCESS_KEY=\n$/,
    );
    expect(stderr).toContain('image-signer.config.mjs is written.');
    expect(stderr).toContain('Add .env to .gitignore');
    expect(stdout).toContain("import { imageSigner } from 'image-signer';");
    expect(stdout).toContain(
      "import config from './image-signer.config.mjs';\n\napp.use(imageSigner(config));",
    );
  });

  test('writes TypeScript, and knows the entry of the server', async () => {
    put('.gitignore', 'node_modules\n.env\n');
    const { stdout, stderr } = await init(['--server', 'koa', '--store', 'bunny', '--typescript'], {
      stdin: '',
    });
    expect(read('image-signer.config.ts')).toContain("import { defineConfig } from 'image-signer/koa';");
    expect(stdout).toContain("import config from './image-signer.config.js';");
    expect(stderr).not.toContain('.gitignore');
  });

  test('shows all with --dry-run, and writes nothing', async () => {
    const { code, stdout } = await init([...flags, '--dry-run'], { stdin: '' });
    expect(code).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
    expect(stdout).toContain('image-signer.config.mjs:\n\nimport { defineConfig }');
    expect(stdout).toContain('\nAWS_ACCESS_KEY_ID=\n');
  });

  test('changes no file that is there: it shows what to add, and the exit code is 1', async () => {
    put('image-signer.config.mjs', 'export default {};\n');
    put('.env.example', 'PORT=3000\nAWS_ACCESS_KEY_ID=');
    const { code, stdout } = await init(flags, { stdin: '' });
    expect(code).toBe(1);
    expect(read('image-signer.config.mjs')).toBe('export default {};\n');
    expect(read('.env.example')).toBe('PORT=3000\nAWS_ACCESS_KEY_ID=');
    expect(stdout).toContain(`image-signer.config.mjs exists already`);
    expect(stdout).toContain(configFileOf(s3!, express));
    expect(stdout).toMatch(/\.env\.example exists already.*:\n\n# .*\nAWS_SECRET_ACCESS_KEY=\n\n/);
  });

  test('writes no second configuration in another language, which no command would read', async () => {
    put('image-signer.config.mjs', 'export default {};\n');
    const { code, stdout } = await init([...flags, '--typescript'], { stdin: '' });
    expect(code).toBe(1);
    expect(readdirSync(folder)).toEqual(['.env.example', 'image-signer.config.mjs']);
    expect(stdout).toContain('image-signer.config.mjs exists already');
    expect(stdout).toContain("import config from './image-signer.config.mjs';");
  });

  test('has nothing to do the second time', async () => {
    await init(flags, { stdin: '' });
    const { code, stderr } = await init(flags, { stdin: '' });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toContain('image-signer.config.mjs is unchanged.\n.env.example is unchanged.');
  });

  test.each([
    [['--server', 'express'], /needs a terminal.*--store takes one of cloudflare-images, s3/],
    [['--store', 's3'], /needs a terminal.*--server takes one of express, koa/],
    [['--server', 'rails', '--store', 's3'], /--server takes one of express/],
    [['--server', 'koa', '--store', 'gopher'], /--store takes one of cloudflare-images/],
    [['express'], /takes no operands/],
  ] as const)('%j is a mistake', async (args, message) => {
    const { code, stderr } = await init(args, { stdin: '' });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('at a terminal', () => {
  test('asks three questions, and takes names, numbers and the default', async () => {
    put('package.json', '{ "dependencies": { "hono": "4" } }');
    put('tsconfig.json', '{}');
    const { code, stderr } = await asked([], '', '2', '');
    expect(code).toBe(0);
    expect(stderr).toContain('Name or number [hono]: ');
    expect(stderr).toContain('TypeScript? [Y/n] ');
    const config = read('image-signer.config.ts');
    expect(config).toContain("from 'image-signer/hono';");
    expect(config).toContain('scheme: s3({');
  });

  test('asks again after an answer that is none, and asks nothing that a flag says', async () => {
    const { code, stderr } = await asked(['--server', 'node'], 'gopher', '0', 'imgix', 'n');
    expect(code).toBe(0);
    expect(stderr.match(/Which \w+\?/g)).toEqual(['Which store?']);
    expect(read('image-signer.config.mjs')).toContain('imgix({');
  });

  test('writes nothing where the input ends too early', async () => {
    const { code, stderr } = await asked([], 'express');
    expect(code).toBe(2);
    expect(stderr).toContain('The input ended');
    expect(readdirSync(folder)).toEqual([]);
  });
});

/** The options that a configuration exports, evaluated as its file is. */
function optionsIn(config: string): object {
  const body = config.replace(/^import .*\n/gm, '').replace('export default defineConfig(', 'return (');
  const names = { ...schemes, issueSignedToken: () => vercelDelegation(Date.now() / 1000 + 400_000) };
  return new Function(...Object.keys(names), body)(...Object.values(names)) as object;
}

const hex = 'ab'.repeat(32);
const secrets: Readonly<Record<string, string>> = {
  AZURE_STORAGE_KEY: Buffer.from(key).toString('base64'),
  CDN_KEY: Buffer.alloc(16).toString('base64url'),
  CLOUDFRONT_PRIVATE_KEY: privateKeyOf(2048),
  EDGE_AUTH_KEY: hex,
  GOOGLE_CREDENTIALS: JSON.stringify({
    client_email: 'a@b.iam.gserviceaccount.com',
    private_key: privateKeyOf(2048),
  }),
  IMGPROXY_KEY: hex,
  IMGPROXY_SALT: hex,
  SANITY_PRIVATE_KEY: hex,
};

test.each(stores.map((store) => [store.name, store] as const))(
  'the configuration of %s signs',
  async (name, store) => {
    const before = { ...process.env };
    // Only what .env.example asks for is there.
    for (const [, variable] of environmentFileOf(store).matchAll(/^(\w+)=$/gm))
      process.env[variable!] = secrets[variable!] ?? key;
    try {
      const options = optionsIn(configFileOf(store, express));
      const signer = createSigner({ ...options, report: false } as never);
      await signer.ready();
      const source = 'https://photos.example/uploads/a.jpg';
      const id = name === 'imgproxy' ? `https://imgproxy.example/_/plain/${source}` : 'uploads/a.jpg';
      const signed =
        store === cloudflare ? signer.signImage('photo-1', 'public' as never) : signer.signImage(id);
      expect(signed.length).toBeGreaterThan(60);
      expect(signed).toContain('https://');
    } finally {
      process.env = before;
    }
  },
);

test('every scheme of image-signer/schemes has a store', () => {
  const known = stores.map(({ scheme }) => scheme ?? 'cloudflareImages').sort();
  const all = Object.keys(schemes).filter((name) => !name.startsWith('define'));
  expect(known).toEqual(all.sort());
});
