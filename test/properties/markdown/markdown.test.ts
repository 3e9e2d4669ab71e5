/** A rewrite of Markdown never changes the tree, whatever a stranger has put into a destination. */

import fc from 'fast-check';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { expect, test } from 'vitest';
import { markdown } from '../../../src/markdown.ts';
import { expectedOf, type Site, sites } from '../../support/generators/hostile-sites.ts';
import { pick, randoms } from '../../support/generators/random.ts';
import { url } from '../../support/samples.ts';
import { runs } from '../../support/seed.ts';

const documents = runs(1.5);
const several = (random: () => number, most: number, make: () => string, between = ''): string =>
  Array.from({ length: Math.floor(random() * (most + 1)) }, make).join(between);

const pieces = [
  ...['(', ')', '(', ')', '(1)', '\\(', '\\)', '<', '\\<', '>', '<img/src=x/onerror=alert(1)>'],
  ...['&amp;', '&', '#60;', 'lt;', '&lt;', 'amp;', '&#40;', '&#41;', '&#32;', 'x3c;', 'copy;'],
  ...['[x](y)', '](', '[', ']', '`', '*', '_', '!', '~', '"', "'", '|', 'a', '1', '=', ':', '/'],
];
const parameters = [
  'exp',
  'sig',
  'exp=',
  'sig=',
  'exp=1',
  'exp=(1',
  'sig=1)',
  `sig=${'0'.repeat(64)}`,
  'a=',
  'b',
  '',
];

function destination(random: () => number): string {
  const soup = (most: number): string => several(random, most, () => pick(random, pieces));
  const parameter = (): string => pick(random, parameters) + soup(2);
  const query = several(random, 4, parameter, pick(random, ['&', '&', '&amp;', '\\&']));
  const fragment = random() < 0.5 ? `#${soup(3)}` : '';
  return `${url(pick(random, ['thumb', 'preview']))}?${query}${fragment}`;
}

/** A space at the end, which a browser would strip, is percent-encoded once a token before it is gone. */
function comparable(value: string): string {
  return value.replace(/ $/, '%20');
}

interface Node {
  readonly type: string;
  readonly url?: string;
  readonly value?: string;
  readonly children?: readonly Node[];
}

/** The nodes in order, each with what it holds; each URL as `map` makes it. */
function nodesOf(text: string, map: (url: string) => string): string[] {
  const nodes: string[] = [];
  const visit = ({ type, url: found, value = '', children = [] }: Node): void => {
    nodes.push(`${type} ${found === undefined ? value : map(found)}`);
    for (const child of children) visit(child);
  };
  visit(fromMarkdown(text) as Node);
  return nodes;
}

/** Whether the text is one link, image or definition, with at most the site's own link behind it. */
function isMeant([, block = '', first = '', ...rest]: readonly string[]): boolean {
  if (block.startsWith('definition ')) return [first, ...rest].join() === 'paragraph ,linkReference ,text a';
  return (
    /^(?:image|link) https:/.test(first) && rest.filter((node) => node !== 'link c').join() in whatFollows
  );
}

const whatFollows: Readonly<Record<string, true>> = {
  '': true,
  'text a': true,
  'text a,text  ,text b': true,
};

function rewritten({ signer }: Site, text: string): string {
  const before = '<script type="application/json">';
  const page = `${before}${JSON.stringify({ body: text }).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e')}</script>`;
  const out = signer.rewriteHtml(page, { fields: { body: markdown } });
  return JSON.parse(out.slice(before.length, -'</script>'.length)).body;
}

test(`${documents} documents with a hostile URL keep their tree`, { timeout: 240_000 }, () => {
  let meant = 0;
  fc.assert(
    fc.property(randoms, (random) => {
      const [before, after] = pick(random, [
        ['![a](', ')'],
        ['![a](<', '>)'],
        ['![a](', ' "title")'],
        ['[a](', ') [b](c)'],
        ['[a]: ', '\n\n[a]'],
      ] as const);
      const text = `${before}${destination(random)}${after}`;
      const nodes = nodesOf(text, (each) => each);
      // Of other texts the site has escaped the URL wrongly: it ends before, or is no destination at all.
      if (!isMeant(nodes)) return;
      meant++;
      const site = pick(random, sites);
      const out = rewritten(site, text);
      const wanted = nodesOf(text, (each) => comparable(expectedOf(site, each)));
      expect(nodesOf(out, comparable), `${text}\n${out}`).toEqual(wanted);
    }),
    { numRuns: documents },
  );
  expect(meant).toBeGreaterThan(documents / 10);
});

/** What begins a cell in a row of a table: a `|` without a backslash. */
function cellsOf(row: string): number {
  return row.replaceAll(/\\[!-/:-@[-`{-~]/g, '').split('|').length;
}

test(`${documents} rows of tables keep their cells, and these their tree`, { timeout: 240_000 }, () => {
  let meant = 0;
  fc.assert(
    fc.property(randoms, (random) => {
      const row = `| ![a](${destination(random).replaceAll('|', '\\|')}) | c |`;
      // The backslashes go before a cell is read.
      const inCells = (text: string): string => text.slice(2, -' | c |'.length).replaceAll('\\|', '|');
      if (cellsOf(row) !== 4 || !isMeant(nodesOf(inCells(row), (each) => each))) return;
      meant++;
      const site = pick(random, sites);
      const out = rewritten(site, row);
      expect(cellsOf(out), `${row}\n${out}`).toBe(4);
      const wanted = nodesOf(inCells(row), (each) => comparable(expectedOf(site, each)));
      expect(nodesOf(inCells(out), comparable), `${row}\n${out}`).toEqual(wanted);
    }),
    { numRuns: documents },
  );
  expect(meant).toBeGreaterThan(documents / 10);
});
