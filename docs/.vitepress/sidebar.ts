/** Every page of the site, in the order in which a reader needs them. */
import type { DefaultTheme } from 'vitepress';

function page(text: string, path: string): DefaultTheme.SidebarItem {
  return { text, link: `/${path}` };
}

function group(
  text: string,
  items: DefaultTheme.SidebarItem[],
  collapsed?: boolean,
): DefaultTheme.SidebarItem {
  return collapsed === undefined ? { text, items } : { text, items, collapsed };
}

const start = group('Start', [
  page('What a private image is', 'start/private-images'),
  page('Your first signed page', 'start/first-signed-page'),
  page('Your store', 'start/your-store'),
  page('Who may see what', 'start/who-may-see-what'),
  page('See that it works', 'start/check-it-works'),
]);

const guides = group('Guides', [
  group(
    'Servers',
    [
      page('Express', 'guides/express'),
      page('Koa', 'guides/koa'),
      page('Hono', 'guides/hono'),
      page('Fastify', 'guides/fastify'),
      page('Workers', 'guides/workers'),
      page('Any site: WordPress, Rails, Django, Laravel', 'guides/any-site'),
    ],
    false,
  ),
  group(
    'Frameworks',
    [
      page('Which framework needs what', 'frameworks'),
      page('React', 'guides/react'),
      page('React Router', 'guides/react-router'),
      page('Next.js', 'guides/nextjs'),
      page('Vue', 'guides/vue'),
      page('Nuxt', 'guides/nuxt'),
      page('SvelteKit', 'guides/sveltekit'),
      page('Astro', 'guides/astro'),
      page('Inertia', 'guides/inertia'),
      page('NestJS', 'guides/nestjs'),
      page('Strapi', 'guides/strapi'),
      page('Payload', 'guides/payload'),
      page('Directus', 'guides/directus'),
    ],
    false,
  ),
  group(
    'Tasks',
    [
      page('Lazy loading', 'guides/lazy-loading'),
      page('Pages that stay open', 'guides/open-pages'),
      page('Social cards', 'guides/social-cards'),
      page('Feeds', 'guides/feeds'),
      page('Mail', 'guides/mail'),
      page('Infinite scroll', 'guides/infinite-scroll'),
      page('Streams', 'guides/streams'),
      page('A paywall with a blurred preview', 'guides/paywall'),
      page('Loaders, resolvers, hooks, queues and mail', 'guides/data'),
      page('Editors, forms and chat', 'guides/editors'),
      page('Broken images in old posts', 'guides/stored-urls'),
      page('Private images on your own machine', 'guides/local-delivery'),
      page('Deliver images yourself', 'guides/deliver-images'),
      page('Write a scheme', 'own-scheme'),
    ],
    false,
  ),
  group(
    'Operation',
    [
      page('Test your app', 'guides/testing'),
      page('Roll out', 'guides/roll-out'),
      page('Rotate keys', 'key-rotation'),
      page('Logs and metrics', 'monitoring'),
    ],
    false,
  ),
]);

const howItWorks = group('How it works', [
  page('The signed URL', 'how-it-works/signed-url'),
  page('What is rewritten', 'how-it-works/what-is-rewritten'),
  page('Caching', 'caching'),
  page('Threat model', 'threat-model'),
  page('Scaling', 'scaling'),
  page('What it costs', 'performance'),
]);

const reference = group('Reference', [
  page('Options', 'reference/options'),
  page('Helpers', 'reference/helpers'),
  page('Guard', 'reference/guard'),
  page('Signing endpoint', 'reference/endpoint'),
  page('Delivery', 'reference/delivery'),
  page('Events', 'reference/events'),
  page('Entry points', 'reference/entry-points'),
  page('Verified against', 'verified'),
  page('Errors', 'errors'),
  page('Command', 'cli'),
  group(
    'Schemes',
    [
      page('Which scheme', 'schemes'),
      page('s3', 'schemes/s3'),
      page('cloudFront', 'schemes/cloud-front'),
      page('bunny', 'schemes/bunny'),
      page('cloudflareWaf', 'schemes/cloudflare-waf'),
      page('azureBlob', 'schemes/azure-blob'),
      page('gcs', 'schemes/gcs'),
      page('googleCdn', 'schemes/google-cdn'),
      page('imageKit', 'schemes/image-kit'),
      page('imgix', 'schemes/imgix'),
      page('imgproxy', 'schemes/imgproxy'),
      page('nginxSecureLink', 'schemes/nginx-secure-link'),
      page('edgeAuth', 'schemes/edge-auth'),
      page('jwt', 'schemes/jwt'),
      page('sanity', 'schemes/sanity'),
      page('vercelBlob', 'schemes/vercel-blob'),
    ],
    true,
  ),
  group(
    'API',
    [
      page('All imports', 'reference/api/'),
      page('image-signer', 'reference/api/image-signer'),
      page('image-signer/koa', 'reference/api/image-signer/koa'),
      page('image-signer/fastify', 'reference/api/image-signer/fastify'),
      page('image-signer/hono', 'reference/api/image-signer/hono'),
      page('image-signer/fetch', 'reference/api/image-signer/fetch'),
      page('image-signer/schemes', 'reference/api/image-signer/schemes'),
      page('image-signer/testing', 'reference/api/image-signer/testing'),
      page('image-signer/diagnosis', 'reference/api/image-signer/diagnosis'),
      page('image-signer/client', 'reference/api/image-signer/client'),
      page('image-signer/delivery', 'reference/api/image-signer/delivery'),
    ],
    true,
  ),
]);

export const sidebar: DefaultTheme.SidebarItem[] = [
  start,
  guides,
  howItWorks,
  reference,
  page('Troubleshooting', 'troubleshooting'),
  page('Compared', 'compared'),
  page('Playground', 'playground'),
];

/** Pages for people who change the package: not in the navigation or the search of its users. */
export const projectSidebar: DefaultTheme.SidebarItem[] = [
  group('The project', [
    page('Recipes for changes', 'project/recipes'),
    page('Protections', 'project/protections'),
    page('Mutation tests', 'project/mutation'),
  ]),
  group('Decisions', [
    page('All decisions', 'project/decisions/'),
    page('1. The signed string', 'project/decisions/0001-signed-string'),
    page('2. Expiry in steps', 'project/decisions/0002-expiry-steps'),
    page('3. Unreadable input', 'project/decisions/0003-unreadable-input'),
    page('4. Interception', 'project/decisions/0004-interception'),
    page('5. The MAC', 'project/decisions/0005-mac'),
    page('6. Dependencies', 'project/decisions/0006-dependencies'),
    page('7. Prefilter and value cache', 'project/decisions/0007-prefilter-and-value-cache'),
    page('8. Page cache', 'project/decisions/0008-page-cache'),
    page('9. tsup', 'project/decisions/0009-tsup'),
    page('10. Schemes', 'project/decisions/0010-schemes'),
    page('11. WebAssembly', 'project/decisions/0011-webassembly'),
    page('12. Markdown', 'project/decisions/0012-markdown'),
    page('13. Options', 'project/decisions/0013-options'),
  ]),
];

export const nav: DefaultTheme.NavItemWithLink[] = [
  { text: 'Start', link: '/start/private-images', activeMatch: '^/start/' },
  { text: 'Guides', link: '/guides/express', activeMatch: '^/guides/|^/frameworks' },
  { text: 'How it works', link: '/how-it-works/signed-url', activeMatch: '^/how-it-works/' },
  { text: 'Reference', link: '/reference/options', activeMatch: '^/reference/|^/schemes' },
  { text: 'Troubleshooting', link: '/troubleshooting' },
  { text: 'Compared', link: '/compared' },
  { text: 'Playground', link: '/playground' },
];
