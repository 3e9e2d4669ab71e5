/** The API reference: one page of Markdown for each import, from the docstrings. VitePress renders it. */
import { Converter, PageEvent, ReflectionKind } from 'typedoc';

const root = 'image-signer';

/** Names each entry point as an app imports it, and not by its file. */
function nameByImport(typedoc) {
  typedoc.converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return;
    reflection.name = reflection.name === 'index' ? root : `${root}/${reflection.name}`;
  });
}

/** Each entry point repeats what the others export: a search would find everything five times. */
function hideFromSearch(typedoc) {
  typedoc.renderer.on(PageEvent.END, (page) => {
    page.contents = `---\nsearch: false\n---\n\n${page.contents}`;
  });
}

/** @type {import('typedoc').TypeDocOptions & import('typedoc-plugin-markdown').PluginOptions} */
const options = {
  plugin: ['typedoc-plugin-markdown', nameByImport, hideFromSearch],
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
    'AnySignerOptions',
    'AuthorizedSignerOr',
    'CloudflareImages',
    'FoundImage',
    'GcsCredentials',
    'ImageBy',
    'ImageDeliveryOptionsFor',
    'ImageGuardOptionsFor',
    'ImageOf',
    'ImageSignerOptionsFor',
    'KeyText',
    'OneOrMore',
    'Oracle',
    'S3CredentialsAnswer',
    'SignerOr',
    'SigningEndpointOptionsFor',
    'SkipArguments',
    '__global.Express.Request',
  ],
};

export default options;
