/** Pages come out alike whether WebAssembly reads them or not. */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import type { Signer } from '../../../src/index.ts';
import { releaseScratch, takeScratch } from '../../../src/simd/scratch.ts';
import { cutAt, rewriteInChunks } from '../../support/generators/chunks.ts';
import { nastyDocument } from '../../support/generators/nasty-documents.ts';
import { randomFrom, randoms } from '../../support/generators/random.ts';
import { countTokens, signerWith, url } from '../../support/samples.ts';
import { runs, seed } from '../../support/seed.ts';

afterEach(releaseScratch);

/** Keeps the memory from those who rewrite meanwhile. */
function withoutSimd<Result>(run: () => Result): Result {
  takeScratch(Buffer.alloc(0), 0, Buffer.alloc(1));
  try {
    return run();
  } finally {
    releaseScratch();
  }
}

const filler =
  '<section class="card wide"><h2 id=x>A heading</h2><p>Some text that is long enough.</p></section>\n';

const signer = signerWith();

/** A page as it comes out in one piece, and in chunks; both alike without WebAssembly. */
function rewriteBothWays(text: string, random: () => number, cuts: number): string[] {
  const page = Buffer.from(text, 'latin1');
  const places = Array.from({ length: cuts }, () => Math.floor(random() * page.length));
  const rewrite = (): string[] => [
    Buffer.from(signer.rewriteHtml(page)).toString('latin1'),
    rewriteInChunks(signer.htmlRewriter(), cutAt(places, page)).toString('latin1'),
  ];
  const both = rewrite();
  expect(both).toEqual(withoutSimd(rewrite));
  return both;
}

test('documents that browsers find hard, whole and in chunks', () => {
  const part = fc
    .tuple(fc.nat(), fc.nat(8))
    .map(([seed, count]) => nastyDocument(seed).toString('latin1') + filler.repeat(count));
  const page = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(page, randoms, (text, random) => void rewriteBothWays(text, random, 3)),
    { numRuns: runs(2) },
  );
});

test('pages in a legacy encoding, whole and in chunks, around the size that fits twice', () => {
  const random = randomFrom(seed);
  // Both bytes of a character: the second one looks like markup, where the encoding has it.
  const image = `<img alt="\x95\x5c" src="${url('card')}">`;
  const words = ['\x81\x5c', '\xb0\x40', '\xc0\x7c ', image, filler];
  for (const size of [2_000, 40_000, 500_000, 550_000]) {
    for (const charset of ['gbk', 'big5', 'shift_jis', 'utf-8']) {
      const parts = [`<meta charset="${charset}">`];
      for (let length = 0; length < size; length += parts.at(-1)!.length)
        parts.push(words[Math.floor(random() * words.length)]!.repeat(1 + Math.floor(random() * 40)));
      const [whole, inChunks] = rewriteBothWays(parts.join(''), random, 9);
      expect(inChunks).toBe(whole);
      expect(countTokens(whole!)).toBe(parts.join('').split('<img ').length - 1);
    }
  }
});

test('an authorize that rewrites another page meanwhile', () => {
  const inner = signerWith();
  const other = `${filler.repeat(40)}<img src="${url('card')}">`;
  const outer: Signer = signerWith({ authorize: () => countTokens(inner.rewriteHtml(other)) === 1 });
  const image = (_: unknown, index: number): string => `${filler}<img src="${url('thumb', `${index}`)}">`;
  const page = Array.from({ length: 30 }, image).join('');
  expect(countTokens(outer.rewriteHtml(page))).toBe(30);
  expect(outer.rewriteHtml(page)).toBe(inner.rewriteHtml(page));
});

test('an authorize that throws leaves the memory to the next page', () => {
  const authorize = (): never => {
    throw new Error('no database');
  };
  signerWith({ authorize, report: () => {} }).rewriteHtml(`${filler}<img src="${url()}">`);
  expect(takeScratch(Buffer.alloc(0), 0, Buffer.from('free'))).toBeDefined();
});

test('a page that is larger than the memory', () => {
  const page = Buffer.from(`${filler.repeat(6_000)}<img src="${url()}">${filler.repeat(6_000)}`);
  expect(page.length).toBeGreaterThan(1024 * 1024);
  expect(countTokens(Buffer.from(signer.rewriteHtml(page)).toString())).toBe(1);
  const inChunks = rewriteInChunks(signer.htmlRewriter(), cutAt([300_000, 310_000], page));
  expect(inChunks.equals(signer.rewriteHtml(page))).toBe(true);
});

test('a chunk that the app writes to again after it was read', () => {
  const rewriter = signerWith().htmlRewriter();
  const chunk = Buffer.from(`${filler.repeat(10)}<img src="${url()}`);
  const first = Buffer.from(rewriter.write(chunk));
  chunk.fill('x');
  const rest = Buffer.concat([rewriter.write(Buffer.from(`">${filler.repeat(10)}`)), rewriter.end()]);
  expect(countTokens(Buffer.concat([first, rest]).toString())).toBe(1);
});

test('output that is kept while other pages are rewritten', () => {
  const rewriter = signer.htmlRewriter();
  const kept = [
    rewriter.write(Buffer.from(`${filler.repeat(10)}<p class="`)),
    rewriter.write(Buffer.from(`a">${filler.repeat(10)}`)),
    rewriter.end(),
  ];
  const before = Buffer.concat(kept).toString();
  signer.rewriteHtml(Buffer.alloc(100_000, '<b>'));
  expect(Buffer.concat(kept).toString()).toBe(before);
});

test.each([
  ['--jitless', 'has no WebAssembly'],
  ['--wasm-max-mem-pages=1', 'grants no memory'],
])('Node.js with %s, which %s', (flag) => {
  const { outputFiles } = buildSync({
    stdin: {
      contents: `
          import { signerWith } from './test/support/samples.ts';
          console.log(signerWith().rewriteHtml(${JSON.stringify(`${filler.repeat(20)}<img src="${url()}">`)}));
        `,
      resolveDir: fileURLToPath(new URL('../../../', import.meta.url)),
    },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
  });
  const run = (...flags: string[]): string =>
    execFileSync(process.execPath, [...flags, '-'], { input: outputFiles[0]!.text, encoding: 'utf8' });
  const output = run(flag);
  expect(countTokens(output)).toBe(1);
  expect(output).toBe(run());
});
