/** The docs site. It loads nothing from another host: it has its own fonts, styles, scripts and search index. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DefaultTheme, defineConfig, type UserConfig } from 'vitepress';
import { describe, writeMarkdownPages } from './markdown-pages.ts';
import { search } from './search.ts';
import { nav, projectSidebar, sidebar } from './sidebar.ts';
import { slugOf } from './slug.ts';

/** From Simple Icons (CC0). Given as SVG, because VitePress fetches an icon that is only named from another host. */
const gitHubMark =
  '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 .297c-6.63 0-12 5.373-12 12c0 5.303 3.438 9.8 8.205 11.385c.6.113.82-.258.82-.577c0-.285-.01-1.04-.015-2.04c-3.338.724-4.042-1.61-4.042-1.61C4.422 18.07 3.633 17.7 3.633 17.7c-1.087-.744.084-.729.084-.729c1.205.084 1.838 1.236 1.838 1.236c1.07 1.835 2.809 1.305 3.495.998c.108-.776.417-1.305.76-1.605c-2.665-.3-5.466-1.332-5.466-5.93c0-1.31.465-2.38 1.235-3.22c-.135-.303-.54-1.523.105-3.176c0 0 1.005-.322 3.3 1.23c.96-.267 1.98-.399 3-.405c1.02.006 2.04.138 3 .405c2.28-1.552 3.285-1.23 3.285-1.23c.645 1.653.24 2.873.12 3.176c.765.84 1.23 1.91 1.23 3.22c0 4.61-2.805 5.625-5.475 5.92c.42.36.81 1.096.81 2.22c0 1.606-.015 2.896-.015 3.286c0 .315.21.69.825.57C20.565 22.092 24 17.592 24 12.297c0-6.627-5.373-12-12-12"/></svg>';

const config: UserConfig<DefaultTheme.Config> = defineConfig({
  lang: 'en',
  title: 'image-signer',
  description:
    'Signs private image URLs in everything that an Express, Koa, Hono, Fastify or fetch app sends.',
  head: [
    ['link', { rel: 'icon', type: 'image/svg+xml', href: '/logo.svg' }],
    ['link', { rel: 'icon', type: 'image/png', sizes: '48x48', href: '/favicon.png' }],
    ['link', { rel: 'apple-touch-icon', href: '/apple-touch-icon.png' }],
    ['meta', { name: 'theme-color', content: '#f7f4ee', media: '(prefers-color-scheme: light)' }],
    ['meta', { name: 'theme-color', content: '#14151a', media: '(prefers-color-scheme: dark)' }],
  ],
  transformPageData(page, { siteConfig }) {
    const description = describe(readFileSync(join(siteConfig.srcDir, page.filePath), 'utf8'));
    return page.relativePath === 'index.md' || description === '' ? {} : { description };
  },
  transformHead: ({ page, siteConfig }) =>
    page === '404.md'
      ? []
      : [['link', { rel: 'alternate', type: 'text/markdown', href: `${siteConfig.site.base}${page}` }]],
  buildEnd: writeMarkdownPages,
  vite: {
    // The playground runs the package in the browser.
    resolve: { alias: { 'node:crypto': join(import.meta.dirname, 'theme/playground/runtime/crypto.ts') } },
    // es2022 has private methods; what esbuild writes instead for older browsers takes twice the time.
    // The largest file is the search index, which a browser loads when somebody searches.
    build: { target: 'es2022', chunkSizeWarningLimit: 1000 },
  },
  markdown: {
    anchor: { slugify: slugOf },
    languageAlias: { ejs: 'html', haproxy: 'ini', vcl: 'c' }, // Shiki does not know these
  },
  themeConfig: {
    logo: { src: '/logo.svg', alt: '' },
    nav,
    sidebar: { '/project/': projectSidebar, '/': sidebar },
    outline: [2, 3],
    search: { provider: 'local', options: search },
    socialLinks: [
      {
        icon: { svg: gitHubMark },
        link: 'https://github.com/image-signer/image-signer',
        ariaLabel: 'GitHub',
      },
    ],
    footer: { message: 'MIT licence' },
  },
});

export default config;
