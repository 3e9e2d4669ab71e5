/** The documentation as an editor shows it: read from the built declarations by TypeScript's language service. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportedNames, isValue } from '../../support/package/entries.ts';
import { PackedPackage } from '../../support/package/projects.ts';
import { type Hover, readHovers } from './hovers.ts';

let packed: PackedPackage;
let hovers: readonly Hover[];
beforeAll(() => {
  packed = new PackedPackage();
  hovers = readHovers();
});
afterAll(() => packed.remove());

test('the functions and the options are among what is read', () => {
  const places = hovers.map(({ place }) => place.replace(/^[^:]*: /, ''));
  expect(places).toEqual(
    expect.arrayContaining([
      'imageSigner',
      'imageGuard',
      'signingEndpoint',
      'createSigner',
      'GuardOptions.mode',
    ]),
  );
  expect(hovers.filter(({ kind }) => kind === 'function')).toHaveLength(50);
});

/** What examples leave out, by the entry point that they are written for, beside a signer, and what each may import. */
const declared: Readonly<Record<string, string>> = {
  '': `
  const app: import('express').Express;
  const createServer: typeof import('node:http').createServer;
  const createReadStream: typeof import('node:fs').createReadStream;
  const secretOf: (name: string) => Promise<string>;
  const imageDelivery: typeof import('image-signer/delivery').imageDelivery;`,
  '/koa': `
  const app: import('koa');
  const mount: typeof import('koa-mount');`,
  '/fetch': '',
  '/hono': "const app: import('hono').Hono;",
  '/fastify': "const app: import('fastify').FastifyInstance;",
  '/schemes': `
  const app: import('express').Express;
  const imageSigner: typeof import('image-signer').imageSigner;
  const mayRead: (request: unknown, id: string) => boolean;
  const endOfWeek: () => number;
  const issueSignedToken: (options: object) => Promise<import('image-signer/schemes').VercelDelegation>;`,
  '/testing': `
  const test: (title: string, run: () => void) => void;
  const myCdn: (key: string) => import('image-signer/schemes').Scheme;
  const key: string;
  const html: string;`,
  '/delivery': '',
  '/diagnosis': '',
  '/markdown': '',
  '/client': '',
};

test.each(Object.entries(declared))('the examples of image-signer%s compile', (subpath, more) => {
  const isClient = subpath === '/client';
  const file = isClient ? 'client.d.ts' : `${subpath.slice(1)}.d.cts`;
  const isOwn = (place: string): boolean =>
    subpath === ''
      ? !Object.keys(declared).some((each) => each !== '' && place.startsWith(`${each.slice(1)}.d.`))
      : place.startsWith(`${file}:`);
  const examples = hovers
    .filter(({ place }) => isOwn(place))
    .flatMap(({ place, tags }) => (tags['example'] ?? []).map((text) => ({ place, text })));
  expect(examples.length).toBeGreaterThan(0);
  const types = ['express', 'node', 'koa', 'koa-mount', 'koa-static'].map((name) => `@types/${name}`);
  const packages = ['express', 'koa', 'koa-mount', 'koa-static', 'hono', 'fastify', ...types];
  const project = packed.createProject('module', Object.fromEntries(packages.map((name) => [name, name])));
  const adapter = ['/koa', '/fetch', '/hono', '/fastify'].includes(subpath) ? subpath : '';
  const context = `
  const signer: import('image-signer${adapter}').Signer<'thumb' | 'card'>;
  const imagesOf: (viewer: unknown) => Promise<ReadonlySet<string>>;
  const bunny: typeof import('image-signer/schemes').bunny;
  const markdown: typeof import('image-signer/markdown').markdown;
  ${more}`;
  project.write('context.ts', `declare global {${isClient ? '' : context}}\nexport {};\n`);
  const names = exportedNames[subpath === '' ? '.' : `.${subpath}`]!;
  const head = `import { ${names.filter(isValue)} } from 'image-signer${subpath}';
import type { ${subpath === '/schemes' ? 'Scheme, SchemeDefinition' : names.filter((name) => !isValue(name))} } from 'image-signer${subpath}';
`;
  const programs = examples.map(({ place, text }, index) => {
    const code = /^```ts\n([\s\S]*)\n```$/.exec(text.trim())?.[1];
    expect(code, place).toBeDefined();
    const imports = code!.includes("from 'image-signer") ? '' : head;
    project.write(`example-${index}.ts`, `// ${place}\n${imports}${code}\nexport {};\n`);
    return `import './example-${index}.js';`;
  });
  const body = ["import './context.js';", ...programs].join('\n');
  project.compile(
    'all',
    { title: '', packages: {}, imports: {}, body },
    {
      module: 'nodenext',
      esModuleInterop: true,
      skipLibCheck: true,
      noEmit: true,
      ...(isClient && { lib: ['es2022', 'dom', 'dom.iterable'], types: [] }),
    },
  );
});
