/**
 * The package's entries, and the programs that people write with them. A new entry or framework is a row here; what
 * is checked of each stands in `test/walks/package/tarball.test.ts`.
 */
import { base, url } from '../samples.ts';

export interface PackageEntry {
  /** As in `exports` of package.json. */
  readonly subpath: '.' | `./${string}`;
  /** Bytes of its code and of all that it reaches, minified for production: 3 % above what they are. */
  readonly maxBytes: number;
}

/** Those for servers, in both module systems. */
export const packageEntries: readonly PackageEntry[] = [
  { subpath: '.', maxBytes: 280_700 },
  { subpath: './koa', maxBytes: 282_700 },
  { subpath: './fetch', maxBytes: 259_500 },
  { subpath: './hono', maxBytes: 260_000 },
  { subpath: './fastify', maxBytes: 285_600 },
  { subpath: './markdown', maxBytes: 18_900 },
  { subpath: './schemes', maxBytes: 105_600 },
  { subpath: './testing', maxBytes: 226_700 },
  { subpath: './diagnosis', maxBytes: 112_000 },
  { subpath: './delivery', maxBytes: 207_000 },
];

const common = [
  'Candidates',
  'CloudflareImages',
  'DataOptions',
  'DeliveryImage',
  'Duration',
  'HelperOptions',
  'HtmlRewriter',
  'ImageGuardOptions',
  'ImageSignerError',
  'ImageSignerErrorCode',
  'ImageSignerEvent',
  'ImageSignerOptions',
  'RewriteHtmlOptions',
  'SchemeImage',
  'SignDataOptions',
  'SignOptions',
  'SignedImage',
  'Signer',
  'SignerOptions',
  'SigningEndpointOptions',
  'VariantPolicy',
  'Verification',
  'createSigner',
  'defineConfig',
  'imageGuard',
  'imageSigner',
  'signingEndpoint',
];

/** What an app can import of each entry, values and types; of `schemes` the values. */
export const exportedNames: Readonly<Record<string, readonly string[]>> = {
  '.': [...common, 'Endpoint', 'Middleware', 'ViewerRequest'],
  './koa': [...common, 'ViewerContext'],
  './hono': common,
  './fastify': [...common, 'AnyImage'],
  './fetch': [...common, 'FetchHandler', 'FetchHelpers', 'GuardedHandler'],
  './delivery': [
    'DeliveredImage',
    'Delivery',
    'ImageDeliveryOptions',
    'ImageSignerError',
    'ImageSignerErrorCode',
    'ImageSignerEvent',
    'VariantPolicy',
    'imageDelivery',
  ],
  './diagnosis': [
    'ExplainOptions',
    'Explanation',
    'FailureCode',
    'Finding',
    'FindingCode',
    'HintCode',
    'explainUrl',
  ],
  './markdown': ['TextReader', 'markdown'],
  './testing': [
    'OracleExamples',
    'PageImage',
    'SchemeExamples',
    'checkScheme',
    'expectSignedImages',
    'imagesIn',
  ],
  './schemes': [
    'azureBlob',
    'bunny',
    'cloudFront',
    'cloudflareImages',
    'cloudflareWaf',
    'defineScheme',
    'edgeAuth',
    'gcs',
    'googleCdn',
    'imageKit',
    'imgix',
    'imgproxy',
    'jwt',
    'nginxSecureLink',
    's3',
    'sanity',
    'vercelBlob',
  ],
  './client': ['FreshImages', 'FreshImagesOptions', 'keepImagesFresh'],
};

/** Types begin with a capital. */
export const isValue = (name: string): boolean => /^[a-z]|^ImageSignerError$/.test(name);

/** The client for pages in browsers, as in `exports` of package.json: a module and a script, without CommonJS. */
export const clientSubpaths: readonly string[] = ['./client', './client.global.js'];
/** Of each of the two, gzipped: what the documentation promises. */
export const maxClientBytes = 3_072;

export const maxPackedBytes = 720_000;
export const maxUnpackedBytes = 2_600_000;

/** What an app pays in production that imports one thing: minified, and gzipped where it says so. */
export const bundleBudgets: readonly {
  readonly from: string;
  readonly name: string;
  readonly isGzipped?: boolean;
  readonly maxBytes: number;
}[] = [
  { from: 'image-signer', name: 'ImageSignerError', isGzipped: true, maxBytes: 7_000 },
  { from: 'image-signer/schemes', name: 's3', isGzipped: true, maxBytes: 24_000 },
  // Of these, the table of character references is 7,500.
  { from: 'image-signer', name: 'createSigner', isGzipped: true, maxBytes: 80_000 },
  { from: 'image-signer', name: 'imageSigner', isGzipped: true, maxBytes: 100_000 },
  { from: 'image-signer/fetch', name: 'imageSigner', isGzipped: true, maxBytes: 94_000 },
];

/** What a project has in its `node_modules` besides the package: name -> folder of this repository's `node_modules`. */
export type Packages = Readonly<Record<string, string>>;

export interface Program {
  readonly title: string;
  readonly packages: Packages;
  /** What is imported or required -> what it is called, or what is taken out of it. */
  readonly imports: Readonly<Record<string, string>>;
  /** Prints the page of `pageOf` with its images signed, as JSON. */
  readonly body: string;
}

/** As they stand in a program. */
export const options: string = `{ key: '${base.key}', ttl: '1d', variants: ['thumb', 'card'], now: () => ${base.now!()} }`;
export const page: string = `<img src="${url()}"><img src="${url('card')}">`;

/** Asks a server for its page once, and ends it. */
export const printPage: string = `
  server.once('listening', async () => {
    const response = await fetch(\`http://127.0.0.1:\${server.address().port}/\`);
    console.log(JSON.stringify(await response.text()));
    server.close();
  });
`;

const express = `
const options = ${options};
const app = express();
app.use(imageSigner(options));
app.get('/', (_, response) => void response.send('${page}'));
const server = app.listen(0, '127.0.0.1');
${printPage}
`;

const koa = `
const options = ${options};
const app = new Koa();
app.use(imageSigner(options));
app.use((ctx) => {
  ctx.type = 'html';
  ctx.body = '${page}';
});
const server = app.listen(0, '127.0.0.1');
${printPage}
`;

const fetching = `
const options = ${options};
const handler = () => new Response('${page}', { headers: { 'Content-Type': 'text/html' } });
const answer = imageSigner(options)(new Request('https://shop.example/'), handler);
answer.then((response) => response.text()).then((text) => console.log(JSON.stringify(text)));
`;

const hono = `
const options = ${options};
const app = new Hono();
app.use(imageSigner(options));
app.get('/', (context) => context.html('${page}'));
Promise.resolve(app.request('/')).then((response) => response.text()).then((text) => console.log(JSON.stringify(text)));
`;

const fastify = `
const options = ${options};
const app = fastify();
app.register(imageSigner, options);
app.get('/', (_request, reply) => reply.type('text/html').send('${page}'));
app.inject('/').then((response) => console.log(JSON.stringify(response.body)));
`;

/** Run by Node.js as they are, in both module systems. */
export const programs: readonly Program[] = [
  {
    title: 'without a framework',
    packages: {},
    imports: { 'image-signer': '{ createSigner }' },
    body: `console.log(JSON.stringify(createSigner(${options}).rewriteHtml('${page}')));`,
  },
  {
    title: 'node:http',
    packages: {},
    imports: { 'image-signer': '{ imageSigner }', 'node:http': '{ createServer }' },
    body: `
const sign = imageSigner(${options});
const server = createServer((request, response) => {
  sign(request, response, () => response.setHeader('Content-Type', 'text/html').end('${page}'));
}).listen(0, '127.0.0.1');
${printPage}
`,
  },
  program(
    'Express 4',
    { express: 'express4' },
    { 'image-signer': '{ imageSigner }', express: 'express' },
    express,
  ),
  program(
    'Express 5',
    { express: 'express' },
    { 'image-signer': '{ imageSigner }', express: 'express' },
    express,
  ),
  program('Koa 2', { koa: 'koa2' }, { 'image-signer/koa': '{ imageSigner }', koa: 'Koa' }, koa),
  program('Koa 3', { koa: 'koa' }, { 'image-signer/koa': '{ imageSigner }', koa: 'Koa' }, koa),
  program('fetch', {}, { 'image-signer/fetch': '{ imageSigner }' }, fetching),
  program('Hono', { hono: 'hono' }, { 'image-signer/hono': '{ imageSigner }', hono: '{ Hono }' }, hono),
  program(
    'Fastify',
    { fastify: 'fastify' },
    { 'image-signer/fastify': '{ imageSigner }', fastify: '{ fastify }' },
    fastify,
  ),
];

function program(title: string, packages: Packages, imports: Program['imports'], body: string): Program {
  return { title, packages, imports, body };
}

/** How the same program is mounted once more, by the copy that the other module system has. */
export const mountedTwice: readonly (Program & { readonly entry: string; readonly twice: string })[] =
  programs
    .filter(({ title }) => ['Express 5', 'Koa 2', 'Koa 3', 'fetch'].includes(title))
    .map((each) => {
      const [entry] = Object.keys(each.imports) as [string];
      const twice =
        entry === 'image-signer/fetch'
          ? each.body.replace(', handler)', ', (request) => copy(options)(request, handler))')
          : each.body.replace('app.use(', 'app.use(copy(options));\napp.use(');
      return { ...each, entry, twice };
    });
