/** The docs site builds without a warning, and all of its pages, links and anchors exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from 'htmlparser2';
import { beforeAll, describe, expect, test } from 'vitest';
import { nav, projectSidebar, type SidebarItem, sidebar } from '../../../docs/.vitepress/sidebar.ts';
import { buildSite, type SiteBuild, siteFolder } from './docs-site.ts';

const docs = join(import.meta.dirname, '../../../docs');
const origin = 'https://site.example';

let build: SiteBuild;
beforeAll(async () => {
  build = await buildSite();
}, 300_000);

function filesOf(folder: string, extension: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith(extension),
  );
}

function linksOf(items: readonly SidebarItem[]): string[] {
  return items.flatMap(({ link, items: below = [] }) => [
    ...(link === undefined ? [] : [link]),
    ...linksOf(below),
  ]);
}

interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

function tagsOf(html: string): Tag[] {
  const tags: Tag[] = [];
  const parser = new Parser({ onopentag: (name, attributes) => void tags.push({ name, attributes }) });
  parser.end(html);
  return tags;
}

/** The built pages, by their path. */
function readSite(): Map<string, Tag[]> {
  const pages = filesOf(siteFolder, '.html').map(
    (name) => [`/${name}`, tagsOf(readFileSync(join(siteFolder, name), 'utf8'))] as const,
  );
  return new Map(pages);
}

test('it builds without a warning', () => {
  const usual =
    /^(?:vitepress v.*|The site is in .*|Installing what docs.* needs, once\.|[-✓] (?:building client \+ server bundles|rendering pages)\.\.\.|build complete in .*)$/;
  const lines = build.output.split('\n').map((line) => line.trim());
  expect(lines.filter((line) => line !== '' && !usual.test(line))).toEqual([]);
  expect(build.hasFailed).toBe(false);
});

describe('the sidebar', () => {
  const links = linksOf([...sidebar, ...projectSidebar]).map((link) =>
    link.slice(1).replace(/\/$/, '/index'),
  );

  test('has every page once, and nothing else', () => {
    const pages = filesOf(docs, '.md')
      .filter((name) => !name.startsWith('.vitepress/') && name !== 'index.md')
      .map((name) => name.slice(0, -'.md'.length));
    expect(links.toSorted()).toEqual(pages.toSorted());
  });

  test('has the pages that the navigation opens', () => {
    expect(links).toEqual(expect.arrayContaining(nav.map(({ link }) => (link as string).slice(1))));
  });

  test('begins with the first signed page, which "Get started" opens', () => {
    expect([nav[0]!.text, nav[0]!.link]).toEqual(['Get started', `/${links[0]}`]);
    expect(links[0]).toBe('start/first-signed-page');
  });

  test('has only pages that were built', () => {
    const missing = links.filter((link) => !existsSync(join(siteFolder, `${link}.html`)));
    expect(missing).toEqual([]);
  });
});

test('every link and anchor of the site leads somewhere', () => {
  const site = readSite();
  const idsOf = new Map(
    Array.from(site, ([path, tags]) => [path, new Set(tags.map(({ attributes }) => attributes['id']))]),
  );
  const dead = Array.from(site).flatMap(([path, tags]) =>
    tags
      .filter(({ name, attributes }) => name === 'a' && attributes['href'] !== undefined)
      .map(({ attributes }) => new URL(attributes['href']!, origin + path))
      .filter((url) => url.origin === origin && isDead(url, idsOf))
      .map((url) => `${path}: ${url.pathname}${url.hash}`),
  );
  expect(site.size).toBeGreaterThan(60);
  expect(dead).toEqual([]);
});

describe('for programs that read it', () => {
  const read = (name: string): string => readFileSync(join(siteFolder, name), 'utf8');

  test('every page is beside its HTML as Markdown, without syntax that only the site understands', () => {
    const pages = filesOf(siteFolder, '.html').filter((name) => name !== '404.html');
    const texts = pages.map((name) => [name, read(name.replace(/html$/, 'md'))] as const);
    expect(
      texts.filter(([, text]) => !/^(?:<a id="[^"]*"><\/a>\n+)?# /.test(text)).map(([name]) => name),
    ).toEqual([]);
    expect(
      texts
        .filter(([, text]) => /<!--figure|^:::|^---\nlayout|<script setup/m.test(text))
        .map(([name]) => name),
    ).toEqual([]);
  });

  test('llms.txt has a line for every page of the sidebar, with its first sentence', () => {
    const lines = Array.from(
      read('llms.txt').matchAll(/^- \[.+?\]\(\/(.+?)\.md\): (.+)$/gm),
      ([, page]) => page!,
    );
    expect(lines).toEqual(linksOf(sidebar).map((link) => link.slice(1).replace(/\/$/, '/index')));
    expect(read('llms-full.txt')).toContain('# Who may see what');
  });
});

function isDead({ pathname, hash }: URL, idsOf: Map<string, Set<string | undefined>>): boolean {
  const name = decodeURIComponent(pathname)
    .replace(/\/$/, '/index')
    .replace(/\.html$/, '');
  const ids = idsOf.get(`${name}.html`);
  return ids === undefined || (hash !== '' && !ids.has(decodeURIComponent(hash.slice(1))));
}

describe('nothing comes from another host', () => {
  const loading = new Set(['src', 'srcset', 'poster', 'data', 'action']);

  test('in pages', () => {
    const loaded = Array.from(readSite()).flatMap(([path, tags]) =>
      tags.flatMap(({ name, attributes }) =>
        Object.entries(attributes)
          .filter(([attribute]) => loading.has(attribute) || (name === 'link' && attribute === 'href'))
          .filter(
            ([, value]) => new URL(value, origin + path).origin !== origin && !value.startsWith('data:'),
          )
          .map(([attribute, value]) => `${path}: <${name} ${attribute}="${value}">`),
      ),
    );
    expect(loaded).toEqual([]);
  });

  test('in styles', () => {
    const sheets = filesOf(siteFolder, '.css').map((name) => readFileSync(join(siteFolder, name), 'utf8'));
    const urls = sheets.flatMap((sheet) =>
      Array.from(
        sheet.matchAll(/url\(\s*["']?([^"')]*)|@import\s*["']([^"']*)/g),
        ([, url, file]) => url ?? file!,
      ),
    );
    expect(urls.length).toBeGreaterThan(5);
    expect(urls.filter((url) => !url.startsWith('/assets/') && !url.startsWith('data:'))).toEqual([]);
  });

  test('as an icon: VitePress would fetch one that it does not bundle', () => {
    const icons = Array.from(readSite().values())
      .flat()
      .filter(({ attributes }) => attributes['class']?.includes('vpi-social-'));
    expect(icons).toHaveLength(0);
  });
});
