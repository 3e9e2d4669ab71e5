/** The docs site. It loads nothing from another host: fonts, styles, scripts and the search index are its own. */
import { type DefaultTheme, defineConfig, type UserConfig } from 'vitepress';
import { nav, projectSidebar, sidebar } from './sidebar.ts';
import { slugOf } from './slug.ts';

/** From Simple Icons (CC0). As a picture, since VitePress asks another host for an icon that is only named. */
const gitHubMark =
  '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 .297c-6.63 0-12 5.373-12 12c0 5.303 3.438 9.8 8.205 11.385c.6.113.82-.258.82-.577c0-.285-.01-1.04-.015-2.04c-3.338.724-4.042-1.61-4.042-1.61C4.422 18.07 3.633 17.7 3.633 17.7c-1.087-.744.084-.729.084-.729c1.205.084 1.838 1.236 1.838 1.236c1.07 1.835 2.809 1.305 3.495.998c.108-.776.417-1.305.76-1.605c-2.665-.3-5.466-1.332-5.466-5.93c0-1.31.465-2.38 1.235-3.22c-.135-.303-.54-1.523.105-3.176c0 0 1.005-.322 3.3 1.23c.96-.267 1.98-.399 3-.405c1.02.006 2.04.138 3 .405c2.28-1.552 3.285-1.23 3.285-1.23c.645 1.653.24 2.873.12 3.176c.765.84 1.23 1.91 1.23 3.22c0 4.61-2.805 5.625-5.475 5.92c.42.36.81 1.096.81 2.22c0 1.606-.015 2.896-.015 3.286c0 .315.21.69.825.57C20.565 22.092 24 17.592 24 12.297c0-6.627-5.373-12-12-12"/></svg>';

/** Seven links and the sidebar are wider than a small screen. The last three are in the sidebar, too. */
const narrowNav =
  '@media (min-width: 768px) and (max-width: 1279px) { .VPNavBarMenuLink:nth-of-type(n + 5) { display: none } }';

/** In the page itself: without one a browser asks the host for `/favicon.ico`, wherever the site lies on it. */
const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="2" y="2" width="28" height="28" rx="7" fill="#b23c2b"/><path d="M7 22l7-9 4 5 2.500-3L25 22z" fill="#fbf6ec"/></svg>',
)}`;

const config: UserConfig<DefaultTheme.Config> = defineConfig({
  lang: 'en',
  title: 'image-signer',
  description: 'Signs private image URLs in every page of an Express, Koa, Hono, Fastify or fetch site.',
  head: [
    ['style', {}, narrowNav],
    ['link', { rel: 'icon', href: icon }],
  ],
  markdown: {
    anchor: { slugify: slugOf },
    languageAlias: { ejs: 'html', haproxy: 'ini', vcl: 'c' }, // which Shiki does not know
  },
  themeConfig: {
    nav,
    sidebar: { '/project/': projectSidebar, '/': sidebar },
    outline: [2, 3],
    search: {
      provider: 'local',
      options: {
        _render(source, env, markdown) {
          const html = markdown.render(source, env);
          const isHidden = env.relativePath.startsWith('project/') || env.frontmatter?.['search'] === false;
          return isHidden ? '' : html;
        },
      },
    },
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
