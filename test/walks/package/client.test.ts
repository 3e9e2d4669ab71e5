/** The client for pages in browsers, as it is published: small, alone in its file, and harmless on a server. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientSubpaths, maxClientBytes } from '../../support/package/entries.ts';
import { PackedPackage } from '../../support/package/projects.ts';

let packed: PackedPackage;
beforeAll(() => {
  packed = new PackedPackage();
});
afterAll(() => packed.remove());

const files = ['dist/client.js', 'dist/client.global.js'];

test('package.json names a module with types, and a script', () => {
  const manifest = JSON.parse(readFileSync(join(packed.folder, 'package.json'), 'utf8'));
  expect(clientSubpaths.map((subpath) => manifest.exports[subpath])).toEqual([
    { types: './dist/client.d.ts', default: './dist/client.js' },
    { types: './dist/client.global.d.ts', default: './dist/client.global.js' },
  ]);
  const ofClient = packed.files.filter((file) => /^dist\/client\b/.test(file));
  expect(ofClient).toEqual(['dist/client.d.ts', 'dist/client.global.d.ts', ...files.toSorted()]);
});

describe.each(files)('%s', (file) => {
  test(`has ${maxClientBytes} bytes at most, gzipped`, () => {
    const code = readFileSync(join(packed.folder, file));
    expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(maxClientBytes);
  });

  test('imports nothing, and exports one function at most', async () => {
    const { metafile } = await build({
      entryPoints: [join(packed.folder, file)],
      bundle: true,
      write: false,
      metafile: true,
      outdir: 'unused',
      format: 'esm',
      packages: 'external',
    });
    const [output] = Object.values(metafile.outputs);
    expect(Object.keys(output!.inputs)).toHaveLength(1);
    expect(output!.imports).toEqual([]);
    expect(output!.exports).toEqual(file === 'dist/client.js' ? ['keepImagesFresh'] : []);
  });
});

test('bundlers keep the script where an app imports it for its effect, and drop the module where nothing uses it', async () => {
  const sizeOf = async (subpath: string): Promise<number> => {
    const { outputFiles, warnings } = await build({
      stdin: {
        contents: `import 'image-signer/${subpath}';`,
        resolveDir: packed.createProject('module', {}).path,
      },
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      logLevel: 'silent', // it warns of the import that it drops
    });
    expect(warnings).toHaveLength(subpath === 'client' ? 1 : 0);
    return outputFiles[0]!.contents.length;
  };
  expect(await sizeOf('client.global.js')).toBeGreaterThan(100);
  expect(await sizeOf('client')).toBe(0);
});

test.each(['module', 'commonjs'] as const)(
  'a server of type %s may load and call it: nothing happens, and nothing keeps the process',
  async (type) => {
    const project = packed.createProject(type, {});
    project.writeProgram('program.js', {
      imports: { 'image-signer/client': '{ keepImagesFresh }' },
      body: `
const fresh = keepImagesFresh({ endpoint: '/sign', observe: true });
fresh.stop();
fresh.stop();
console.log(Object.keys(keepImagesFresh()).join());
`,
    });
    expect((await project.run('program.js')).stdout).toBe('stop\n');
  },
);

describe('its types', () => {
  test.each([{ module: 'nodenext' }, { module: 'esnext', moduleResolution: 'bundler' }])(
    'need those of browsers alone: %j',
    (compilerOptions) => {
      const project = packed.createProject('module', {});
      const program = {
        title: '',
        packages: {},
        imports: { 'image-signer/client': '{ keepImagesFresh, type FreshImages, type FreshImagesOptions }' },
        body: `
const options: FreshImagesOptions = {
  endpoint: '/sign',
  margin: 30,
  observe: true,
  root: document.body,
  endOf: (url) => Number(new URL(url).searchParams.get('until')),
};
export const fresh: FreshImages = keepImagesFresh(options);
fresh.stop() satisfies void;
keepImagesFresh({ renew: async (urls) => new Map(urls.map((url) => [url, url + '?new'])) });
keepImagesFresh({ root: document.createElement('div').attachShadow({ mode: 'open' }) });
// @ts-expect-error seconds
keepImagesFresh({ margin: '30s' });
// @ts-expect-error an option of the server
keepImagesFresh({ ttl: '1d' });
`,
      };
      const browser = { lib: ['es2022', 'dom'], types: [] };
      expect(() => project.compile('program', program, { ...browser, ...compilerOptions })).not.toThrow();
    },
  );
});
