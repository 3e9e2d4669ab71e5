/** Figures in pages: written by `npm run bench -- figures`, and those of `docs/figures.json` in every page that shows one. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { benches, commandOf } from './bench/figure-benches.ts';
import { type FiguresFile, figuresIn, fillInFigures, valuesOf } from './bench/figure-marks.ts';
import { listPages, readPage } from './support/package/documents.ts';
import { root } from './support/root.ts';

const pages = ['README.md', ...listPages()];
const file = JSON.parse(readPage('docs/figures.json')) as FiguresFile;
const values = valuesOf(file);

describe('a figure is written into a page', () => {
  const some = new Map([
    ['html.real', '512'],
    ['machine.node', '22.1.0'],
  ]);

  test.each([
    ['reads <!--figure html.real-->485<!--/--> MB/s', 'reads <!--figure html.real-->512<!--/--> MB/s'],
    ['| **<!--figure html.real--><!--/-->** |', '| **<!--figure html.real-->512<!--/-->** |'],
    [
      '<!--figure html.real-->1<!--/-->, <!--figure machine.node-->20<!--/-->',
      '<!--figure html.real-->512<!--/-->, <!--figure machine.node-->22.1.0<!--/-->',
    ],
    ['none, and <!-- another comment -->', 'none, and <!-- another comment -->'],
  ])('%s', (before, after) => {
    expect(fillInFigures(before, some)).toBe(after);
    expect(fillInFigures(after, some)).toBe(after);
  });

  test('unless nobody measured it', () => {
    expect(() => fillInFigures('<!--figure html.gone-->1<!--/-->', some)).toThrow('html.gone');
  });

  test.each(['<!--figure html.real-->485', '485<!--/-->', '<!--figure html.real-->4\n85<!--/-->'])(
    'unless its mark is not complete: %j',
    (page) => {
      expect(() => fillInFigures(page, some)).toThrow('not complete');
    },
  );
});

test('a benchmark hands its figures over, and prints alone without a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'image-signer-figures-'));
  const lines = join(folder, 'figures.jsonl');
  const code = `import { giveFigure } from './test/bench/give-figure.ts';
giveFigure(['http', 'Koa, behind another', 'page'], 0.7, 2, 'of the processor time');
giveFigure(['start', 'import'], 49.6, 0, 'ms');`;
  for (const FIGURES of ['', lines]) {
    const env = { ...process.env, FIGURES };
    execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], { env });
  }
  const written = readFileSync(lines, 'utf8').trim().split('\n');
  rmSync(folder, { recursive: true });
  expect(written.map((line) => JSON.parse(line) as unknown)).toEqual([
    { id: 'http.koa-behind-another.page', value: '0.70', unit: 'of the processor time' },
    { id: 'start.import', value: '50', unit: 'ms' },
  ]);
});

describe('docs/figures.json', () => {
  test('names the command of each figure', () => {
    for (const { name } of benches)
      expect(existsSync(join(root, `test/bench/${name}.bench.ts`)), name).toBe(true);
    expect(file.runs.map(({ name, command }) => ({ name, command }))).toEqual(
      benches.map((bench) => ({ name: bench.name, command: commandOf(bench) })),
    );
  });

  test('has each figure once', () => {
    const ids = file.runs.flatMap(({ figures }) => Object.keys(figures));
    expect(new Set(ids).size).toBe(ids.length);
    for (const { figures } of file.runs)
      for (const [id, { value, unit }] of Object.entries(figures)) {
        expect(Number(value), id).toBeGreaterThan(0);
        expect(unit, id).not.toBe('');
      }
  });
});

describe('pages show the figures that were measured', () => {
  test.each(pages)('%s', (page) => {
    expect(fillInFigures(readPage(page), values)).toBe(readPage(page));
  });

  test('and name the command in the same page', () => {
    for (const page of pages) {
      const text = readPage(page);
      for (const id of figuresIn(text)) {
        const command = file.runs.find(({ figures }) => id in figures)?.command;
        if (command === undefined) continue; // of the machine
        const script = command.slice(command.indexOf('npm run'));
        expect(text.search(new RegExp(`[\`\\s]${script}\``)), `${page}: ${id}`).toBeGreaterThan(0);
      }
    }
  });

  test('the page about costs has those of every benchmark', () => {
    const shown = figuresIn(readPage('docs/performance.md'));
    const missing = file.runs.filter(({ figures }) => !shown.some((id) => id in figures));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });
});
