/**
 * The site as Markdown, for programs that read it: every page beside its HTML (`/guides/express.md`), `llms.txt` with a line
 * for every page, and `llms-full.txt` with all their text (https://llmstxt.org).
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DefaultTheme, SiteConfig } from 'vitepress';
import { sidebar } from './sidebar.ts';

/** @returns the page without the syntax that only the site understands */
export function plainMarkdown(source: string): string {
  return source
    .replace(/^---\n.*?\n---\n/s, '')
    .replaceAll(/^<script setup>\n.*?^<\/script>\n/gms, '')
    .replaceAll(/\{\.[\w-]+\}/g, '')
    .replaceAll(/<!--figure [^>]*-->|<!--\/-->/g, '')
    .replaceAll(/^(?::::.*|<\/?(?:[A-Z]\w*|div|section|main|p|a)\b[^>]*>)\n/gm, '')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trimStart()
    .replace(/^<!--.*?-->\s*/s, '');
}

/** @returns the page's first sentence as text, for search engines and `llms.txt` */
export function describe(source: string): string {
  const text = plainMarkdown(source).replaceAll(/^```.*?^```$/gms, '');
  const paragraph = /^(?![#|<!:\s>-])[^\n]+/m.exec(text)?.[0] ?? '';
  const plain = paragraph.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[*`]/g, '');
  return /^.*?[.?!](?=\s|$)/.exec(plain)?.[0] ?? plain;
}

export function writeMarkdownPages({ pages, srcDir, outDir, site }: SiteConfig<DefaultTheme.Config>): void {
  const texts = new Map(pages.map((page) => [page, readFileSync(join(srcDir, page), 'utf8')]));
  for (const [page, text] of texts) {
    mkdirSync(dirname(join(outDir, page)), { recursive: true });
    writeFileSync(join(outDir, page), plainMarkdown(text));
  }
  const list = (items: readonly DefaultTheme.SidebarItem[]): string[] =>
    items.flatMap(({ text, link, items: below }) => {
      if (link === undefined) return list(below ?? []);
      const page = `${link.slice(1).replace(/\/$/, '/index')}.md`;
      return [`- [${text}](${site.base}${page}): ${describe(texts.get(page)!)}`];
    });
  const head = `# ${site.title}\n\n> ${site.description}`;
  const parts = sidebar.map(({ text, items }) => `## ${text}\n\n${list(items!).join('\n')}`);
  writeFileSync(join(outDir, 'llms.txt'), `${[head, ...parts].join('\n\n')}\n`);
  const whole = Array.from(texts)
    .filter(([page]) => !/^(?:project|reference\/api)\//.test(page))
    .map(([page, text]) => `<!-- ${site.base}${page} -->\n\n${plainMarkdown(text)}`);
  writeFileSync(join(outDir, 'llms-full.txt'), [head, ...whole].join('\n\n'));
}
