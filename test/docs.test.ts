/** The guides: every link within the project leads somewhere, and the commands of the guide to troubleshooting run. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { slugOf } from '../docs/.vitepress/slug.ts';
import { imageSigner, type SignerOptions } from '../src/index.ts';
import { runCommand } from './support/package/command-line.ts';
import { base, url } from './support/samples.ts';
import { withSite } from './support/servers/frameworks.ts';

const root = join(import.meta.dirname, '..');
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !/^(?:\.vitepress|reference\/api)\//.test(name)) // generated, and checked by the site
    .map((name) => join('docs', name)),
];
/** How a page of the site, which holds nothing but `docs`, links to other files of the project. */
const onGitHub = /\]\(https:\/\/github\.com\/image-signer\/image-signer\/(?:blob|tree)\/main\/([^)\s]*)/g;

function read(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

/** The sections of a page, which the site names as GitHub does, and the rows of a table that have an id. */
function anchorsOf(page: string): Set<string> {
  const withoutCode = page.replaceAll(/^```.*?^```$/gms, '');
  const anchors = new Set(Array.from(withoutCode.matchAll(/<a id="([^"]+)">/g), ([, id]) => id!));
  for (const [, heading] of withoutCode.matchAll(/^#+ (.+)$/gm)) {
    const anchor = slugOf(heading!.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1'));
    let name = anchor;
    for (let count = 1; anchors.has(name); count++) name = `${anchor}-${count}`;
    anchors.add(name);
  }
  return anchors;
}

describe('every link within the project leads somewhere', () => {
  test.each(pages)('%s', (page) => {
    const text = read(page).replaceAll(/^```.*?^```$/gms, '');
    const dead = Array.from(
      text.replaceAll(onGitHub, '](/$1').matchAll(/\]\((?!https?:|mailto:)([^)\s]*)\)/g),
      ([, target]) => target!,
    ).filter((target) => {
      const [path = '', anchor] = target.split('#');
      const from = path.startsWith('/') ? '' : dirname(page);
      const file = path === '' ? join(root, page) : join(root, from, decodeURIComponent(path));
      if (!existsSync(file)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).has(anchor);
    });
    expect(dead).toEqual([]);
  });
});

describe('the commands of docs/troubleshooting.md run', () => {
  const lines = Array.from(
    read('docs/troubleshooting.md').matchAll(/^```sh\n(.*?)^```$/gms),
    ([, code]) => code!,
  ).flatMap((code) =>
    code
      .replaceAll(/\\\n\s*/g, '')
      .trim()
      .split('\n'),
  );

  test('they are all found', () => {
    expect(lines.map((line) => line.split(' ')[1])).toEqual(['check', 'check', 'explain']);
  });

  test.each(lines)('%s', async (line) => {
    const folder = mkdtempSync(join(tmpdir(), 'image-signer-docs-'));
    const config = join(folder, 'options.json');
    const { now: _, ...others } = base;
    const options: SignerOptions = { ...others, variants: ['thumb'] };
    writeFileSync(config, JSON.stringify(options));
    const sign = imageSigner(options);
    const cookies: (string | undefined)[] = [];
    const listener: RequestListener = (request, response) =>
      sign(request, response, () => {
        cookies.push(request.headers.cookie);
        response.setHeader('Content-Type', 'text/html');
        response.end(`<img src="${url()}"><p data-hero="${url('large')}">`);
      });
    const site = withSite(listener, (port) => {
      const words = Array.from(line.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, plain]) => quoted ?? plain!);
      // A page of this machine stands for the shop. No image is requested: none of Cloudflare's is ours to ask for.
      const own = words
        .slice(1)
        .filter((argument) => argument !== '--images')
        .map((argument) => argument.replace('https://shop.example', `http://127.0.0.1:${port}`))
        .map((argument) => (argument === 'image-signer.config.mjs' ? config : argument));
      return runCommand(line.includes(' check ') ? [...own, '--allow-private'] : own);
    });
    const { code, stdout, stderr } = await site.finally(() => rmSync(folder, { recursive: true }));
    expect(code, stderr).toBe(1);
    if (line.includes(' check ')) expect(stdout).toMatch(/^broken 1 image URL.*\n.*\nok {5}1 image URL/m);
    else expect(stdout).toContain('truncated-signature');
    const sent = line.includes('Cookie') ? 'session=abc' : undefined;
    expect(cookies).toEqual(line.includes(' check ') ? [sent] : []);
  });
});

describe('files that pages name are there', () => {
  const namesIn = (text: string, pattern: RegExp): string[] =>
    Array.from(new Set(Array.from(text.matchAll(pattern), ([, name]) => name!))).sort();

  test.each(['docs/threat-model.md', 'docs/project/protections.md'])('%s: tests', (page) => {
    const rows = read(page)
      .split('## Protections not to regress')
      .at(-1)!
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) => line.split('|').at(-2)!);
    const names = namesIn(rows.join('\n'), /`([a-z0-9-]+(?:\/[a-z0-9-]+)+)`/g);
    expect(names.length).toBeGreaterThan(20);
    const missing = names.filter((name) =>
      [`test/${name}.test.ts`, `test/${name}.ts`].every((file) => !existsSync(join(root, file))),
    );
    expect(missing).toEqual([]);
  });

  test.each(['docs/project/mutation.md', 'CONTRIBUTING.md', 'docs/project/decisions/0001-signed-string.md'])(
    '%s: sources',
    (page) => {
      const names = namesIn(read(page), /`((?:[\w-]+\/)+[\w.-]+\.ts)`/g);
      expect(names.length).toBeGreaterThan(0);
      const missing = names.filter((name) => !['', 'src'].some((from) => existsSync(join(root, from, name))));
      expect(missing).toEqual([]);
    },
  );
});
