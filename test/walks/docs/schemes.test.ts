/** The guides to schemes: their code is type-checked and runs, and the app of each page signs the image that it shows. */
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { json } from 'node:stream/consumers';
import type { Express } from 'express';
import supertest from 'supertest';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as schemes from '../../../src/schemes.ts';
import { vercelDelegation } from '../../support/oracles/vercel-blob.ts';
import { install } from '../../support/package/install.ts';
import { privateKeyOf } from '../../support/schemes/rsa-keys.ts';

const root = join(import.meta.dirname, '../../..');
// There the package finds itself, and beside the programs stand the libraries of the stores.
const folder = mkdtempSync(join(root, 'node_modules/.schemes-docs-'));
install('test/walks/stores');
symlinkSync(join(root, 'test/walks/stores/node_modules'), join(folder, 'node_modules'));
const overview = readFileSync(join(root, 'docs/schemes.md'), 'utf8');
const pages = readdirSync(join(root, 'docs/schemes')).map((name) => ({
  name: basename(name, '.md'),
  text: readFileSync(join(root, 'docs/schemes', name), 'utf8'),
}));
const blocks = [{ name: 'overview', text: overview }, ...pages].flatMap(({ name, text }) =>
  codeOf(text, 'ts').map((code, index) => ({ file: `${name}-${index}`, code })),
);

function codeOf(text: string, language: string): string[] {
  return Array.from(
    text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms')),
    ([, code]) => code!,
  );
}

/** What the pages take from the environment. */
const secrets: Readonly<Record<string, string>> = {
  IMAGES_KEY: 'a-key-for-the-guides',
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  CLOUDFRONT_PRIVATE_KEY: privateKeyOf(2048),
  AZURE_STORAGE_KEY: Buffer.alloc(64, 7).toString('base64'),
  GOOGLE_CREDENTIALS: JSON.stringify({
    client_email: 'images@shop-1234.iam.gserviceaccount.com',
    private_key: privateKeyOf(2048),
  }),
  BUNNY_KEY: 'a-key-for-bunny',
  WAF_KEY: 'a-key-for-the-rule',
  CDN_KEY: 'nZtRohdNF9m3cKM24IcK4w==',
  SECURE_LINK_SECRET: 'a-secret-of-nginx',
  EDGE_AUTH_KEY: '52a152a152a152a152a152a152a1',
  IMGIX_TOKEN: 'a-token-for-imgix',
  IMAGEKIT_PRIVATE_KEY: 'private_a-key-for-imagekit',
  JWT_SECRET: 'a-secret-for-the-gateway-of-32-bytes-or-more',
  SANITY_PRIVATE_KEY: generateKeyPairSync('ed25519')
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString(),
  BLOB_READ_WRITE_TOKEN: 'vercel_blob_rw_abcdefgh12345678_secret',
  CONTENTFUL_SPACE: 'a-space',
  CONTENTFUL_TOKEN: 'a-token-of-contentful',
  IMGPROXY_KEY: '943b421c9eb07c830af81030552c8600',
  IMGPROXY_SALT: '520f986b998545b4785e0defbc4f3c12',
};
const earlier = { ...process.env };

/** Stands in for Vercel's API, of which the library of the guide asks a delegation. */
const vercelApi = createServer(async (request, response) => {
  const { validUntil } = (await json(request)) as { validUntil: number };
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(vercelDelegation(validUntil / 1_000)));
});

beforeAll(async () => {
  await once(vercelApi.listen(0, '127.0.0.1'), 'listening');
  const { port } = vercelApi.address() as AddressInfo;
  Object.assign(process.env, secrets, { VERCEL_BLOB_API_URL: `http://127.0.0.1:${port}` });
});
afterAll(() => {
  vercelApi.close();
  process.env = earlier;
  rmSync(folder, { recursive: true });
});

test('each scheme has a page and a row', () => {
  const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const others = ['defineScheme', 'cloudflareImages'];
  const names = Object.keys(schemes).filter((name) => !others.includes(name));
  expect(pages.map(({ name }) => name).toSorted()).toEqual(names.map(kebab).toSorted());
  for (const name of names) expect(overview).toContain(`| [\`${name}\`](schemes/${kebab(name)}.md)`);
});

test('every block is typed as it stands', () => {
  mkdirSync(join(folder, 'blocks'));
  const files = blocks.map(({ file, code }) => {
    const path = join(folder, 'blocks', `${file}.ts`);
    writeFileSync(path, `${code}\nexport {};\n`);
    return path;
  });
  const program = ts.createProgram(files, {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    noEmit: true,
    types: ['node'],
    paths: {
      'image-signer': [join(root, 'dist/index.d.ts')],
      'image-signer/*': [join(root, 'dist/*.d.ts')],
    },
  });
  const messages = ts
    .getPreEmitDiagnostics(program)
    .map(
      ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  expect(messages).toEqual([]);
});

async function run(file: string, code: string): Promise<{ readonly app?: Express }> {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
  });
  const built = outputText.replaceAll(
    /from ['"]image-signer(?:\/(\w+))?['"]/g,
    (_, entry = 'index') => `from ${JSON.stringify(join(root, `dist/${entry}.js`))}`,
  );
  const path = join(folder, `${file}.mjs`);
  writeFileSync(path, /^const app = /m.test(code) ? `${built}\nexport { app };\n` : built);
  return (await import(path)) as { readonly app?: Express };
}

test.each(blocks)('$file runs', async ({ file, code }) => {
  await expect(run(file, code)).resolves.toBeDefined();
});

describe('the app of each page signs its image', () => {
  test.each(pages)('$name', async ({ name, text }) => {
    const [html] = codeOf(text, 'html');
    const { app } = await run(`${name}-app`, codeOf(text, 'ts')[0]!);
    app!.get('/', (_request, response) => void response.send(html));
    const signed = (await supertest(app!).get('/').expect(200)).text;
    expect(signed).not.toBe(html);
    expect(signed.length).toBeGreaterThan(html!.length + 40);
  });
});

test('the rule of the WAF has the lifetime and the separator of its example', () => {
  const { text } = pages.find(({ name }) => name === 'cloudflare-waf')!;
  const [code] = codeOf(text, 'ts');
  const hours = Array.from(code!.matchAll(/(?:ttl|stableFor): '(\d+)h'/g), ([, digits]) => Number(digits));
  const seconds = hours.reduce((sum, each) => sum + each * 3_600, 0);
  const [rule] = codeOf(text, 'txt');
  expect(rule).toContain(`http.request.uri, ${seconds}, http.request.timestamp.sec, ${'?verify='.length})`);
  expect(rule).toContain('len(http.request.uri.args["verify"][0]) gt 0');
  const source = readFileSync(join(root, 'src/schemes/cloudflare-waf.ts'), 'utf8').replaceAll(/^ \* /gm, '');
  expect(source).toContain(rule);
});
