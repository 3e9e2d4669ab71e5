/** Pages that arrive chunk by chunk at the same time share tables: each comes out as it does alone. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSigner, type HtmlRewriter } from '../../src/index.ts';
import { cutAt, rewriteInChunks } from '../support/generators/chunks.ts';
import { foreignDocument } from '../support/generators/foreign-pages.ts';
import { nastyDocument } from '../support/generators/nasty-documents.ts';
import { base, url } from '../support/samples.ts';
import { runs, seed } from '../support/seed.ts';

const image = `<img src=${url()}>`;
/** An end tag closes the `svg` only if its element is known to be open around it: then the `textarea` is text. */
const probeAfter = (name: string): string => `<svg><g></${name}><textarea>${image}</textarea></svg>${image}`;

/** Pages within a page, which are read while it is: one that ends with its place, and one that goes on behind a chunk. */
const around: Readonly<Record<string, (page: Buffer) => Buffer>> = {
  nothing: (page) => page,
  elements: (page) => join('<table><tr><td><b>', page, probeAfter('table')),
  srcdoc: (page) =>
    join(`<div><b><iframe srcdoc="`, Buffer.from(escaped(page)), `"></iframe>${probeAfter('div')}`),
  'JSON with HTML': (page) =>
    join(
      '<p><a><script type=application/json>',
      Buffer.from(JSON.stringify({ content: page.toString() }).replaceAll('<', '\\u003c')),
      `</script>${probeAfter('a')}`,
    ),
  noscript: (page) => join('<ul><li><noscript>', page, `</noscript>${probeAfter('ul')}`),
};

const pages = fc.array(
  fc.record({
    seed: fc.nat(),
    make: fc.constantFrom(nastyDocument, foreignDocument, plainDocument),
    place: fc.constantFrom(...Object.keys(around)),
    cuts: fc.array(fc.nat(), { maxLength: 12 }),
    /** The client goes away after so many chunks. */
    leavesAfter: fc.option(fc.nat(12), { freq: 4 }),
  }),
  { minLength: 2, maxLength: 6 },
);

test('pages that are written in turn come out as each does alone', () => {
  const signer = createSigner({ ...base, authorize: allowAfterAnotherPage });
  const options = { fields: { content: 'html' } } as const;
  fc.assert(
    fc.property(pages, fc.array(fc.nat(), { maxLength: 80 }), (made, order) => {
      const visits = made.map(({ make, seed: each, place, cuts, leavesAfter }) => {
        const chunks = cutAt(cuts, around[place]!(make(each)));
        const alone = rewriteInChunks(signer.htmlRewriter(options), chunks);
        return { alone, chunks: chunks.slice(0, leavesAfter ?? undefined), out: [] as Buffer[], leavesAfter };
      });
      const open = visits.map((visit) => ({ ...visit, rewriter: signer.htmlRewriter(options), at: 0 }));
      const turns = [...order];
      while (open.length > 0) {
        const index = (turns.shift() ?? 0) % open.length;
        const visit = open[index]!;
        if (visit.at < visit.chunks.length) write(visit.rewriter, visit.chunks[visit.at++]!, visit.out);
        else {
          if (visit.leavesAfter === null) visit.out.push(Buffer.from(visit.rewriter.end()));
          open.splice(index, 1);
        }
      }
      for (const { alone, out, leavesAfter } of visits) {
        const whole = Buffer.concat(out);
        expect(whole.toString()).toBe(
          (leavesAfter === null ? alone : alone.subarray(0, whole.length)).toString(),
        );
      }
    }),
    { numRuns: runs(0.12), seed },
  );

  /** An app's function that is called in the middle of a page, and rewrites another one. */
  function allowAfterAnotherPage(): boolean {
    const other = createSigner(base);
    const half = other.htmlRewriter();
    half.write(Buffer.from(`<i><u>${probeAfter('u')}<table>`)); // and is never ended
    other.rewriteHtml(`<h1><div>${probeAfter('h1')}`);
    return true;
  }
});

function plainDocument(each: number): Buffer {
  return Buffer.from(`<h1>Album</h1><p>${image.repeat(each % 4)}<p>`);
}

/** The chunk is overwritten after use, as apps may do. */
function write(rewriter: HtmlRewriter, chunk: Uint8Array, out: Buffer[]): void {
  const own = Buffer.from(chunk);
  out.push(Buffer.from(rewriter.write(own)));
  own.fill(0x3c);
}

function join(...parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}

function escaped(page: Buffer): string {
  return page.toString().replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}
