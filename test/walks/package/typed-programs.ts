/** The programs of the package's users in TypeScript: what is right has a type, and what is wrong has none. */
import { options, type Program, page, printPage } from '../../support/package/entries.ts';
import { url } from '../../support/samples.ts';

/** Compiled first, under what else its own world asks for. */
export interface TypedProgram extends Program {
  readonly compilerOptions?: object;
}

/** What the programs leave to `test/types` is what the compiler refuses, but for one mistake in each. */
const listen = `
const server = app.listen(0, '127.0.0.1');
${printPage.replace('server.address().port', '(server.address() as AddressInfo).port')}
`;

export const typedPrograms: readonly TypedProgram[] = [
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

const app = createServer((request: IncomingMessage & Partial<Express.Request>, response) => {
  sign(request, response, () => {
    const card: string | undefined = request.signImage?.('${url('card')}');
    response.setHeader('Content-Type', 'text/html');
    response.end(\`<img src="${url()}"><img src="\${card?.replace('&', '&amp;')}">\`);
  });
});
${listen}`,
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
  response.send(\`<img src="${url()}"><img src="\${card.replace('&', '&amp;')}">\${none ?? passed ?? ''}\`);
});
${listen}`,
  },
  {
    title: 'schemes in Express 5',
    packages: { express: 'express', '@types/express': '@types/express', '@types/node': '@types/node' },
    imports: {
      'image-signer':
        '{ createSigner, defineConfig, imageSigner, signingEndpoint, type DeliveryImage, type SchemeImage }',
      'image-signer/schemes': '{ bunny, cloudflareImages, imgproxy }',
      express: 'express',
      'node:net': 'type { AddressInfo }',
    },
    body: `
const { ttl, now, ...own } = ${options} as const;
const files = bunny({ url: 'https://b.example', key: 'k', prefixes: 'uploads/' });
const resized = imgproxy({ url: 'https://p.example', key: 'ab', salt: 'cd' });
const signer = createSigner({
  scheme: [cloudflareImages(own), files, resized],
  ttl,
  now,
  authorize: (image, request: express.Request) =>
    image.scheme === 'imgproxy'
      ? image.options !== ''
      : image.scheme === 'bunny' || (image.variant !== '' && request.ip !== undefined),
});
export const mayView = (image: DeliveryImage | SchemeImage<'bunny'>): boolean =>
  image.scheme === 'bunny' || image.accountHash !== '';
export const endpoint = (): unknown => signingEndpoint({ scheme: files, ttl, authorize: async (image) => mayView(image) });
// As of a configuration file: declarations name its type.
export const bare = defineConfig({ ...own, ttl, authorize: (image) => image.variant !== '' });
export const ofFiles = defineConfig({ scheme: files, ttl, authorize: (image, request) => image.scheme === 'bunny' && request.method === 'GET' });
export const ofSigner = defineConfig({ signer, rewrite: { json: true } });
export const shared = (): unknown => [imageSigner(bare), imageSigner(ofFiles), imageSigner(ofSigner)];
// @ts-expect-error a variant is Cloudflare's
export const wrong = (): unknown => imageSigner({ signer, authorize: (image) => image.variant === 'thumb' });
const app = express();
app.use(imageSigner({ signer }));
app.get('/', (_request, response) => void response.send('${page}'));
${listen}`,
  },
  {
    title: 'schemes in Hono',
    packages: { hono: 'hono', '@types/node': '@types/node' },
    imports: {
      'image-signer/hono': '{ defineConfig, imageSigner }',
      'image-signer/schemes': '{ cloudflareImages, defineScheme }',
      hono: '{ Hono }',
    },
    body: `
const { ttl, now, ...given } = ${options} as const;
const own = defineScheme({
  name: 'own',
  url: 'https://own.example',
  match: (url) => (url.endsWith('.jpg') ? { id: url, owner: 7 } : undefined),
  strip: (url) => url,
  sign: (url, { exp }) => \`\${url}?\${exp}\`,
  fingerprint: 'own',
});
export const config = defineConfig({ scheme: own, ttl, authorize: (image, c) => image.owner === 7 && c.req.path === '/' });
export const shared = (): unknown => imageSigner(config);
const app = new Hono();
app.use(
  imageSigner({
    scheme: [cloudflareImages(given), own],
    ttl,
    now,
    authorize: (image, c) => (image.scheme === 'own' ? image.owner === 7 : image.variant !== '') && c.req.path === '/',
  }),
);
app.get('/', (c) => c.html('${page}'));
// @ts-expect-error only images of the own scheme have an owner
export const wrong = (): unknown => imageSigner({ scheme: [cloudflareImages(given), own], ttl, authorize: (image) => image.owner === 7 });
void Promise.resolve(app.request('/')).then((response) => response.text()).then((text) => console.log(JSON.stringify(text)));
`,
  },
  {
    title: 'Koa',
    packages: { koa: 'koa', '@types/koa': '@types/koa', '@types/node': '@types/node' },
    imports: {
      'image-signer': '{ createSigner, imageGuard as imageGuardOfExpress }',
      'image-signer/koa':
        '{ createSigner as createKoaSigner, defineConfig, imageGuard, imageSigner, signingEndpoint }',
      'image-signer/fetch': '{ imageSigner as imageSignerOfFetch }',
      koa: 'Koa',
      'node:net': 'type { AddressInfo }',
    },
    body: `
const signer = createSigner(${options});
export const guard: Koa.Middleware = imageGuard({ signer });
export const others: unknown = [imageGuardOfExpress({ signer: createKoaSigner(${options}) }), imageSignerOfFetch({ signer })];
export const endpoint: Koa.Middleware = signingEndpoint({ signer, authorize: async (_image, ctx) => ctx.ip !== '' });
export const config = defineConfig({ ...${options}, skip: (ctx) => ctx.path === '/never' });
export const shared: Koa.Middleware = imageSigner(config);
const app = new Koa();
app.use(imageSigner({ signer, authorize: (_image, ctx) => ctx.ip !== '', skip: (ctx) => ctx.path === '/never' }));
app.use((ctx) => {
  const card: string = ctx.signImage('${url('card')}');
  const passed: string | undefined = ctx.state.signedImage?.image.id;
  ctx.type = 'html';
  ctx.body = \`<img src="${url()}"><img src="\${card.replace('&', '&amp;')}">\${passed ?? ''}\`;
});
// @ts-expect-error a variant that is not on the list
export const unknownVariant = (): string => signer.signImage('x', 'hero');
${listen}`,
  },
  {
    title: 'fetch, without the types of Node.js',
    packages: {},
    compilerOptions: { lib: ['es2022', 'webworker'], types: [] },
    imports: {
      'image-signer/fetch':
        '{ createSigner, defineConfig, ImageSignerError, imageSigner, signingEndpoint, type FetchHandler, type ImageSignerErrorCode }',
    },
    body: `
export const signer = createSigner(${options});
const sign = imageSigner({ signer, authorize: (_image, request) => request.method === 'GET' });
const endpoint = signingEndpoint({ signer, path: '/sign', authorize: async (_image, request) => request.bodyUsed });
export const config = defineConfig({ signer, skip: (request) => request.method === 'PUT' });
export const shared = imageSigner(config);
const handler: FetchHandler = () => new Response('${page}', { headers: { 'Content-Type': 'text/html' } });
export function codeOf(error: unknown): ImageSignerErrorCode | undefined {
  return error instanceof ImageSignerError ? error.code : undefined;
}
// @ts-expect-error a variant that is not on the list
export const unknownVariant = (): string => signer.signImage('x', 'hero');
// @ts-expect-error the request is that of the fetch standard
export const foreign = (): unknown => imageSigner({ signer, skip: (request) => request.socket === undefined });

const answer: Promise<Response> = endpoint(new Request('https://shop.example/'), (asked) => sign(asked, handler));
void answer.then((response) => response.text()).then((text) => console.log(JSON.stringify(text)));
`,
  },
];
