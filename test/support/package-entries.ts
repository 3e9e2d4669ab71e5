/**
 * The package's entries, and the programs that people write with them. A new entry or framework is a row here; what
 * is checked of each stands in `test/package/tarball.test.ts`.
 */
import { base, url } from './samples.ts';

export interface PackageEntry {
  /** As in `exports` of package.json. */
  readonly subpath: '.' | `./${string}`;
  /** What it exports besides types, sorted. */
  readonly names: readonly string[];
  /** Bytes of its code and of all that it reaches within the package, minified: a tenth above what they are. */
  readonly maxBytes: number;
}

export const packageEntries: readonly PackageEntry[] = [
  {
    subpath: '.',
    names: ['ImageSignerError', 'createSigner', 'imageGuard', 'imageSigner', 'signingEndpoint'],
    maxBytes: 155_000, // 141,000
  },
  {
    subpath: './koa',
    names: ['ImageSignerError', 'createSigner', 'imageGuard', 'imageSigner', 'signingEndpoint'],
    maxBytes: 155_000, // 140,520
  },
  {
    subpath: './fetch',
    names: ['ImageSignerError', 'createSigner', 'imageSigner', 'signingEndpoint'],
    maxBytes: 140_000,
  },
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

const options = `{ key: '${base.key}', ttl: '1d', variants: ['thumb', 'card'], now: () => ${base.now!()} }`;
export const page: string = `<img src="${url()}"><img src="${url('card')}">`;

/** Asks a server for its page once, and ends it. */
const printPage = `
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
  {
    title: 'Express 4',
    packages: { express: 'express4' },
    imports: { 'image-signer': '{ imageSigner }', express: 'express' },
    body: express,
  },
  {
    title: 'Express 5',
    packages: { express: 'express' },
    imports: { 'image-signer': '{ imageSigner }', express: 'express' },
    body: express,
  },
];

/** The same in TypeScript: what is right has a type, and what is wrong has none. */
export const typedPrograms: readonly Program[] = [
  {
    title: 'node:http',
    packages: { '@types/node': '@types/node' },
    imports: {
      'image-signer':
        '{ createSigner, ImageSignerError, imageSigner, type ImageSignerErrorCode, type Middleware }',
      'node:http': '{ createServer, type IncomingMessage }',
      'node:net': 'type { AddressInfo }',
    },
    body: `
export const sign: Middleware = imageSigner(${options});
export const signer = createSigner(${options});
export function codeOf(error: unknown): ImageSignerErrorCode | undefined {
  return error instanceof ImageSignerError ? error.code : undefined;
}
// @ts-expect-error a variant that is not on the list
export const unknownVariant = (): string => signer.signImage('x', 'hero');
// @ts-expect-error no ttl
export const noTtl = (): unknown => imageSigner({ key: 'k', variants: ['thumb'] });

const server = createServer((request: IncomingMessage & Partial<Express.Request>, response) => {
  sign(request, response, () => {
    const card: string | undefined = request.signImage?.('${url('card')}');
    response.setHeader('Content-Type', 'text/html');
    response.end(\`<img src="${url()}"><img src="\${card?.replace('&', '&amp;')}">\`);
  });
}).listen(0, '127.0.0.1');
${printPage.replace('server.address().port', '(server.address() as AddressInfo).port')}
`,
  },
  {
    title: 'Express 5',
    packages: { express: 'express', '@types/express': '@types/express', '@types/node': '@types/node' },
    imports: {
      'image-signer': '{ createSigner, imageGuard, imageSigner }',
      express: 'express',
      'node:net': 'type { AddressInfo }',
    },
    body: `
const signer = createSigner(${options});
const app = express();
app.use(imageSigner({ signer, authorize: (_image, request: express.Request) => request.ip !== undefined }));
app.use('/images', imageGuard({ signer }));
app.get('/', (request, response) => {
  const card: string = request.signImage('${url('card')}');
  const none: unknown = response.locals.signImage?.(null);
  const passed: string | undefined = request.signedImage?.image.id;
  // @ts-expect-error a ttl in words
  const noLife = (): string => request.signImage('x', 'card', { ttl: '1 day' });
  if (request.query['never']) return void response.send(noLife());
  response.send(\`<img src="${url()}"><img src="\${card.replace('&', '&amp;')}">\${none ?? passed ?? ''}\`);
});
const server = app.listen(0, '127.0.0.1');
${printPage.replace('server.address().port', '(server.address() as AddressInfo).port')}
`,
  },
];
