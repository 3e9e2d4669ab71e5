/** Every page of the site in three parts, in the order in which a reader needs them. */
import type { DefaultTheme } from 'vitepress';

export type SidebarItem = DefaultTheme.SidebarItem;

function page(text: string, path: string): SidebarItem {
  return { text, link: `/${path}` };
}

function group(text: string, items: SidebarItem[], collapsed?: boolean): SidebarItem {
  return collapsed === undefined ? { text, items } : { text, items, collapsed };
}

const start = group('Start', [
  page('Your first signed page', 'start/first-signed-page'),
  page('What a private image is', 'start/private-images'),
  page('Your store', 'start/your-store'),
  page('Who may see what', 'start/who-may-see-what'),
  page('See that it works', 'start/check-it-works'),
]);

const guides = group('Guides', [
  group(
    'Your store',
    [
      page('Which store, which scheme', 'schemes'),
      page('S3, R2, MinIO, B2, Spaces', 'schemes/s3'),
      page('Azure Blob', 'schemes/azure-blob'),
      page('Google Cloud Storage', 'schemes/gcs'),
      page('Vercel Blob', 'schemes/vercel-blob'),
      page('Sanity', 'schemes/sanity'),
      page('CloudFront', 'schemes/cloud-front'),
      page('Bunny', 'schemes/bunny'),
      page('Google Cloud CDN', 'schemes/google-cdn'),
      page('Akamai, Cloudinary, Uploadcare', 'schemes/edge-auth'),
      page('imgix', 'schemes/imgix'),
      page('ImageKit', 'schemes/image-kit'),
      page('imgproxy', 'schemes/imgproxy'),
      page('nginx', 'schemes/nginx-secure-link'),
      page('Cloudflare WAF', 'schemes/cloudflare-waf'),
      page('JWT, Contentful', 'schemes/jwt'),
      page('A scheme of your own', 'own-scheme'),
      page('Deliver images yourself', 'guides/deliver-images'),
      page('Private images on your own machine', 'guides/local-delivery'),
    ],
    true,
  ),
  group(
    'Your server or framework',
    [
      page('Express', 'guides/express'),
      page('Koa', 'guides/koa'),
      page('Hono', 'guides/hono'),
      page('Fastify', 'guides/fastify'),
      page('Workers', 'guides/workers'),
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
    ],
    true,
  ),
  group(
    'Your CMS, or any site',
    [
      page('WordPress, Rails, Django, Laravel', 'guides/any-site'),
      page('Strapi', 'guides/strapi'),
      page('Payload', 'guides/payload'),
      page('Directus', 'guides/directus'),
      page('Editors, forms and chat', 'guides/editors'),
      page('Broken images in old posts', 'guides/stored-urls'),
    ],
    true,
  ),
  group(
    'Your task',
    [
      page('Images for some viewers only', 'guides/paywall'),
      page('Loaders, resolvers, hooks and queues', 'guides/data'),
      page('Lazy loading', 'guides/lazy-loading'),
      page('Infinite scroll', 'guides/infinite-scroll'),
      page('Pages that stay open', 'guides/open-pages'),
      page('Streams', 'guides/streams'),
      page('Social cards', 'guides/social-cards'),
      page('Feeds', 'guides/feeds'),
      page('Mail', 'guides/mail'),
      page('Test your app', 'guides/testing'),
      page('Roll out', 'guides/roll-out'),
      page('Rotate keys', 'key-rotation'),
      page('Logs and metrics', 'monitoring'),
    ],
    true,
  ),
  page('Something is broken', 'troubleshooting'),
  page('Playground', 'playground'),
  page('Compared', 'compared'),
]);

const reference = group('Reference', [
  page('Options', 'reference/options'),
  page('Helpers', 'reference/helpers'),
  page('Errors', 'errors'),
  page('Events', 'reference/events'),
  page('Command', 'cli'),
  group(
    'More of the package',
    [
      page('Entry points', 'reference/entry-points'),
      page('Guard', 'reference/guard'),
      page('Signing endpoint', 'reference/endpoint'),
      page('Delivery', 'reference/delivery'),
    ],
    true,
  ),
  group(
    'How it works',
    [
      page('The signed URL', 'how-it-works/signed-url'),
      page('What is rewritten', 'how-it-works/what-is-rewritten'),
      page('Caching', 'caching'),
      page('Scaling', 'scaling'),
      page('What it costs', 'performance'),
      page('Threat model', 'threat-model'),
      page('Verified against', 'verified'),
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
      page('image-signer/markdown', 'reference/api/image-signer/markdown'),
      page('image-signer/schemes', 'reference/api/image-signer/schemes'),
      page('image-signer/testing', 'reference/api/image-signer/testing'),
      page('image-signer/diagnosis', 'reference/api/image-signer/diagnosis'),
      page('image-signer/client', 'reference/api/image-signer/client'),
      page('image-signer/delivery', 'reference/api/image-signer/delivery'),
    ],
    true,
  ),
]);

export const sidebar: SidebarItem[] = [start, guides, reference];

/** Pages for contributors. Navigation and search leave them out. */
export const projectSidebar: SidebarItem[] = [
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

const ofGuides =
  '/guides/|/schemes|/own-scheme|/frameworks|/key-rotation|/monitoring|/troubleshooting|/playground|/compared';
const ofReference =
  '/reference/|/errors|/cli|/how-it-works/|/caching|/scaling|/performance|/threat-model|/verified';

export const nav: DefaultTheme.NavItemWithLink[] = [
  { text: 'Get started', link: '/start/first-signed-page', activeMatch: '^/start/' },
  { text: 'Guides', link: '/guides/express', activeMatch: `^(?:${ofGuides})` },
  { text: 'Reference', link: '/reference/options', activeMatch: `^(?:${ofReference})` },
];
