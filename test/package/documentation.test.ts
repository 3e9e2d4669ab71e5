/** The documentation as an editor shows it: read from the built declarations by TypeScript's language service. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Hover, readHeaderComments, readHovers, toWords } from '../support/package-hovers.ts';
import { PackedPackage } from '../support/package-projects.ts';

let packed: PackedPackage;
let hovers: readonly Hover[];
beforeAll(() => {
  packed = new PackedPackage();
  hovers = readHovers();
});
afterAll(() => packed.remove());

function placesOf(faulty: (hover: Hover) => boolean): string[] {
  return hovers.filter(faulty).map(({ place }) => place);
}

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

test('no type, function, option or member is without words', () => {
  expect(placesOf(({ words }) => words.trim() === '')).toEqual([]);
});

test('every option that may be left out says what holds then', () => {
  expect(placesOf(({ kind, tags }) => kind === 'option' && tags['default'] === undefined)).toEqual([]);
});

test('every function has an example', () => {
  expect(placesOf(({ kind, tags }) => kind === 'function' && tags['example'] === undefined)).toEqual([]);
});

test('no hover shows what the head of a source file says', () => {
  const heads = readHeaderComments();
  expect(heads.length).toBeGreaterThan(50);
  expect(placesOf(({ words }) => heads.some((head) => toWords(words).includes(head)))).toEqual([]);
});

/** What examples leave out, by the entry point that they are written for. */
const contexts = {
  '': {
    declarations: `import type { Express } from 'express';
type Entry = typeof import('image-signer');
type Names = 'thumb' | 'card';
declare global {
  const app: Express;
  const signer: import('image-signer').Signer<Names>;
  const imageDelivery: typeof import('image-signer/delivery').imageDelivery;
  const createServer: typeof import('node:http').createServer;
  const createReadStream: typeof import('node:fs').createReadStream;
  const secretOf: (name: string) => Promise<string>;
  const imagesOf: (viewer: unknown) => Promise<ReadonlySet<string>>;
  const bunny: typeof import('image-signer/schemes').bunny;
  const markdown: typeof import('image-signer/markdown').markdown;
}`,
    types:
      'DeliveryImage, Endpoint, ImageGuardOptions, ImageSignerError, ImageSignerOptions, Middleware, SchemeImage, SignerOptions, SigningEndpointOptions, ViewerRequest',
    values: 'createSigner, imageGuard, imageSigner, signingEndpoint',
  },
  '/koa': {
    declarations: `declare global {
  const app: import('koa');
  const mount: typeof import('koa-mount');
  const signer: import('image-signer/koa').Signer<'thumb' | 'card'>;
  const imagesOf: (viewer: unknown) => Promise<ReadonlySet<string>>;
  const bunny: typeof import('image-signer/schemes').bunny;
  const markdown: typeof import('image-signer/markdown').markdown;
}
export {};`,
    types: 'ImageGuardOptions, ImageSignerOptions, SignerOptions, SigningEndpointOptions, ViewerContext',
    values: 'createSigner, imageGuard, imageSigner, signingEndpoint',
  },
  '/fetch': {
    declarations: `declare global {
  const signer: import('image-signer/fetch').Signer<'thumb' | 'card'>;
  const imagesOf: (viewer: unknown) => Promise<ReadonlySet<string>>;
  const bunny: typeof import('image-signer/schemes').bunny;
  const markdown: typeof import('image-signer/markdown').markdown;
}
export {};`,
    types:
      'FetchHandler, FetchHelpers, GuardedHandler, ImageGuardOptions, ImageSignerOptions, SignedImage, SignerOptions, SigningEndpointOptions',
    values: 'createSigner, imageGuard, imageSigner, signingEndpoint',
  },
  '/hono': {
    declarations: `declare global {
  const app: import('hono').Hono;
  const signer: import('image-signer/hono').Signer<'thumb' | 'card'>;
  const imagesOf: (viewer: unknown) => Promise<ReadonlySet<string>>;
  const bunny: typeof import('image-signer/schemes').bunny;
  const markdown: typeof import('image-signer/markdown').markdown;
}
export {};`,
    types: 'ImageGuardOptions, ImageSignerOptions, SignedImage, SignerOptions, SigningEndpointOptions',
    values: 'createSigner, imageGuard, imageSigner, signingEndpoint',
  },
  '/fastify': {
    declarations: `declare global {
  const app: import('fastify').FastifyInstance;
  const signer: import('image-signer/fastify').Signer<'thumb' | 'card'>;
  const imagesOf: (viewer: unknown) => Promise<ReadonlySet<string>>;
  const bunny: typeof import('image-signer/schemes').bunny;
  const markdown: typeof import('image-signer/markdown').markdown;
}
export {};`,
    types: 'ImageGuardOptions, ImageSignerOptions, SignerOptions, SigningEndpointOptions',
    values: 'createSigner, imageGuard, imageSigner, signingEndpoint',
  },
  '/schemes': {
    declarations: `declare global {
  const app: import('express').Express;
  const imageSigner: typeof import('image-signer').imageSigner;
  const mayRead: (request: unknown, id: string) => boolean;
  const endOfWeek: () => number;
  const issueSignedToken: (options: object) => Promise<import('image-signer/schemes').VercelDelegation>;
}
export {};`,
    types: 'Scheme, SchemeDefinition',
    values:
      'azureBlob, bunny, cloudflareImages, cloudflareWaf, cloudFront, defineScheme, edgeAuth, gcs, googleCdn, imageKit, imgix, imgproxy, jwt, nginxSecureLink, s3, sanity, vercelBlob',
  },
  '/testing': {
    declarations: `declare global {
  const test: (title: string, run: () => void) => void;
  const myCdn: (key: string) => import('image-signer/schemes').Scheme;
  const key: string;
  const html: string;
  const signer: import('image-signer').Signer<'thumb' | 'card'>;
}
export {};`,
    types: 'OracleExamples, PageImage, SchemeExamples',
    values: 'checkScheme, expectSignedImages, imagesIn',
  },
  '/delivery': {
    declarations: `declare global {
  const signer: import('image-signer').Signer<'thumb' | 'card'>;
}
export {};`,
    types: 'ImageDeliveryOptions',
    values: 'imageDelivery',
  },
  '/diagnosis': {
    declarations: `declare global {
  const signer: import('image-signer').Signer<'thumb' | 'card'>;
}
export {};`,
    types: 'Explanation, ExplainOptions',
    values: 'explainUrl',
  },
  '/markdown': {
    declarations: `declare global {
  const signer: import('image-signer').Signer<'thumb' | 'card'>;
}
export {};`,
    types: 'TextReader',
    values: 'markdown',
  },
  '/client': {
    compilerOptions: { lib: ['es2022', 'dom', 'dom.iterable'], types: [] },
    declarations: 'export {};',
    types: 'FreshImages, FreshImagesOptions',
    values: 'keepImagesFresh',
  },
};

test.each(Object.entries(contexts))('the examples of image-signer%s compile', async (subpath, context) => {
  const own = {
    '/koa': 'koa.d.cts',
    '/fetch': 'fetch.d.cts',
    '/hono': 'hono.d.cts',
    '/fastify': 'fastify.d.cts',
    '/schemes': 'schemes.d.cts',
    '/testing': 'testing.d.cts',
    '/delivery': 'delivery.d.cts',
    '/diagnosis': 'diagnosis.d.cts',
    '/markdown': 'markdown.d.cts',
    '/client': 'client.d.ts',
  };
  const entryOf = (file: string): string => Object.entries(own).find(([, name]) => file === name)?.[0] ?? '';
  const examples = hovers
    .filter(({ place }) => entryOf(place.split(':')[0]!) === subpath)
    .flatMap(({ place, tags }) => (tags['example'] ?? []).map((text) => ({ place, text })));
  expect(examples.length).toBeGreaterThan(0);
  const types = ['express', 'node', 'koa', 'koa-mount', 'koa-static'].map((name) => `@types/${name}`);
  const packages = ['express', 'koa', 'koa-mount', 'koa-static', 'hono', 'fastify', ...types];
  const project = packed.createProject('module', Object.fromEntries(packages.map((name) => [name, name])));
  project.write('context.ts', context.declarations);
  const programs = examples.map(({ place, text }, index) => {
    const code = /^```ts\n([\s\S]*)\n```$/.exec(text.trim())?.[1];
    expect(code, place).toBeDefined();
    const head = code!.includes("from 'image-signer")
      ? ''
      : `import { ${context.values} } from 'image-signer${subpath}';\nimport type { ${context.types} } from 'image-signer${subpath}';\n`;
    const name = `example-${index}`;
    project.write(`${name}.ts`, `// ${place}\n${head}${code}\nexport {};\n`);
    return `import './${name}.js';`;
  });
  const program = {
    title: '',
    packages: {},
    imports: {},
    body: ["import './context.js';", ...programs].join('\n'),
  };
  project.compile('all', program, {
    module: 'nodenext',
    esModuleInterop: true,
    skipLibCheck: true,
    noEmit: true,
    ...('compilerOptions' in context ? context.compilerOptions : {}),
  });
});
