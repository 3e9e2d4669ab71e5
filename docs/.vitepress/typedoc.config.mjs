/** Writes the API reference from the docstrings: one Markdown page per entry point, which VitePress renders. */
import { Converter, PageEvent, ReflectionKind, UnknownType } from 'typedoc';

const root = 'image-signer';

/** Names entry points as an app imports them, not by their files. */
function nameByImport(typedoc) {
  typedoc.converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return;
    reflection.name = reflection.name === 'index' ? root : `${root}/${reflection.name}`;
  });
}

/** Shows the call signature of a factory whose type comes from the set that the entry points share. */
function showCalls(typedoc) {
  typedoc.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Variable) || reflection.type?.type !== 'indexedAccess') return;
    const symbol = context.getSymbolFromReflection(reflection);
    const [signature] = context.checker.getTypeOfSymbol(symbol).getCallSignatures();
    const options = `${reflection.name[0].toUpperCase()}${reflection.name.slice(1)}Options`;
    const returned = context.checker.typeToString(signature.getReturnType());
    reflection.type = new UnknownType(`(options: ${options}) => ${returned}`);
  });
}

/** Entry points repeat each other's exports: a search would find everything five times. */
function hideFromSearch(typedoc) {
  typedoc.renderer.on(PageEvent.END, (page) => {
    page.contents = `---\nsearch: false\n---\n\n${page.contents}`;
  });
}

/** The index lists the entry points by what an app needs. */
const index = `# API

Every export of the package, from its docstrings. [Options](../options.md) and [helpers](../helpers.md) explain the same with examples.

## For your server

- [image-signer](image-signer.md) is for Express, Connect and \`node:http\`: the middleware, the guard, the endpoint, and the signer for code without a framework.
- [image-signer/koa](image-signer/koa.md) is the same for Koa, with helpers on \`ctx\`.
- [image-signer/hono](image-signer/hono.md) is the same for Hono, with helpers through \`c.get\`.
- [image-signer/fastify](image-signer/fastify.md) is the same for Fastify, as a plugin.
- [image-signer/fetch](image-signer/fetch.md) is for Workers, Bun, Deno and any other handler of a \`Request\`.

## For your data

- [image-signer/markdown](image-signer/markdown.md) signs image URLs in Markdown that your JSON contains.

## For your store

- [image-signer/schemes](image-signer/schemes.md) has the token formats of S3, Azure Blob, CloudFront and other stores, and helps you write your own.
- [image-signer/delivery](image-signer/delivery.md) serves a folder of pictures from your own server, with variants and tokens.

## For a page in the browser

- [image-signer/client](image-signer/client.md) fetches new URLs for a page that stays open.

## For tests, and when something is wrong

- [image-signer/testing](image-signer/testing.md) checks the images in your app's responses, and a scheme that you wrote.
- [image-signer/diagnosis](image-signer/diagnosis.md) explains why a URL does not verify.
`;

function writeIndex(typedoc) {
  typedoc.renderer.on(PageEvent.END, (page) => {
    if (page.url === 'index.md') page.contents = index;
  });
}

/** @type {import('typedoc').TypeDocOptions & import('typedoc-plugin-markdown').PluginOptions} */
const options = {
  plugin: ['typedoc-plugin-markdown', nameByImport, showCalls, writeIndex, hideFromSearch],
  tsconfig: 'tsconfig.api.json',
  entryPoints: [
    'index',
    'koa',
    'fastify',
    'hono',
    'fetch',
    'schemes',
    'testing',
    'diagnosis',
    'client',
    'delivery',
    'markdown',
  ].map((name) => `../../src/${name}.ts`),
  sortEntryPoints: false,
  out: '../reference/api',
  cleanOutputDir: true,
  readme: 'none',
  name: 'API reference',
  router: 'module',
  entryFileName: 'index',
  pageTitleTemplates: { module: '{name}' },
  hideBreadcrumbs: true,
  hidePageHeader: true,
  useHTMLAnchors: true, // VitePress and TypeDoc number headings with the same name differently
  disableSources: true,
  excludeExternals: true,
  // `npm run typecheck` finds type errors.
  skipErrorChecking: true,
  treatWarningsAsErrors: true,
  logLevel: 'Warn',
  // Apps never name these types; the options and images behind them have their own sections.
  intentionallyNotExported: [
    'AnySigner',
    'AnySource',
    'DeliveryOption',
    'DeliveryOptions',
    'FoundImage',
    'GcsCredentials',
    'ImageByKey',
    'ImageGuardOptionsFor',
    'ImageOf',
    'ImageSignerOptionsFor',
    'ImageSource',
    'KeyText',
    'Memory',
    'Metadata',
    'NameProblem',
    'Oracle',
    'PassReason',
    'PictureFit',
    'RefusalReason',
    'S3CredentialsAnswer',
    'SignedBy',
    'SignerFor',
    'SignerOptionsFor',
    'SigningEndpointOptionsFor',
    'failures',
    'hints',
    'SkipArguments',
    'SkipReason',
    'VariantsBesideSigner',
    'VerificationFailure',
    '__global.Express.Request',
  ],
};

export default options;
