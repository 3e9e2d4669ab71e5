/** What docs/caching.md shows of nginx and Varnish is what the proxies are tested with. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const guide = read('../../../docs/caching.md');

test.each([
  ['nginx', '../proxies/nginx.conf.template'],
  ['vcl', '../proxies/varnish.vcl.template'],
])('every line of its %s stands in %s, in that order', (language, template) => {
  const [, block = ''] = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(guide) ?? [];
  const shown = linesOf(block);
  expect(shown.length).toBeGreaterThan(5);
  const tested = linesOf(read(template));
  let from = 0;
  for (const line of shown) {
    const at = tested.indexOf(line, from);
    expect(at, `${line} in ${template}`).not.toBe(-1);
    from = at + 1;
  }
});

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
