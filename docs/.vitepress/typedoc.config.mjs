/** The API reference: one page of Markdown for each import, from the docstrings. VitePress renders it. */
import { Converter, PageEvent, ReflectionKind, UnknownType } from 'typedoc';

const root = 'image-signer';

/** Names each entry point as an app imports it, and not by its file. */
function nameByImport(typedoc) {
  typedoc.converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return;
    reflection.name = reflection.name === 'index' ? root : `${root}/${reflection.name}`;
  });
}

/** Shows how a factory is called, whose type is one of the set that the entry points share. */
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

/** Each entry point repeats what the others export: a search would find everything five times. */
function hideFromSearch(typedoc) {
  typedoc.renderer.on(PageEvent.END, (page) => {
    page.contents = `---\nsearch: false\n---\n\n${page.contents}`;
  });
}

/** What an app imports each entry point for, by what it has. */
const index = `# API

Every export of the package, from its docstrings. [Options](../options.md) and [helpers](../helpers.md) say the same with examples.

## For your server

- [image-signer](image-signer.md) is for Express, Connect and \`node:http\`: the middleware, the guard, the endpoint, and the signer for code without a framework.
- [image-signer/koa](image-signer/koa.md) is the same for Koa, with helpers on \`ctx\`.
- [image-signer/hono](image-signer/hono.md) is the same for Hono, with helpers by \`c.get\`.
- [image-signer/fastify](image-signer/fastify.md) is the same for Fastify, as a plugin.
- [image-signer/fetch](image-signer/fetch.md) is for Workers, Bun, Deno and every handler of a \`Request\`.

## For your data

- [image-signer/markdown](image-signer/markdown.md) reads Markdown in JSON.

## For your store

- [image-signer/schemes](image-signer/schemes.md) has the token formats of S3, Azure Blob, CloudFront and the others, and what a format of your own is made of.
- [image-signer/delivery](image-signer/delivery.md) delivers a folder of pictures yourself, with variants and tokens.

## For a page in the browser

- [image-signer/client](image-signer/client.md) gives new URLs to a page that stays open.

## For tests, and when something is wrong

- [image-signer/testing](image-signer/testing.md) checks the images of your app's answers, and a scheme of your own.
- [image-signer/diagnosis](image-signer/diagnosis.md) says why a URL does not verify.
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
  useHTMLAnchors: true, // VitePress counts headings of one name otherwise than TypeDoc
  disableSources: true,
  excludeExternals: true,
  // `npm run typecheck` looks for errors.
  skipErrorChecking: true,
  treatWarningsAsErrors: true,
  logLevel: 'Warn',
  // Types that an app never names: the options and images that they stand for have a section each.
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
