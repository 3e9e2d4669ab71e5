/** Judges one document against parse5's DOM: it says what is wrong, or nothing. */
import { type DefaultTreeAdapterMap, html, Parser } from 'parse5';
import type { Signer } from '../../../src/index.ts';
import { cutAt, rewriteInChunks } from '../../support/generators/chunks.ts';
import { ofMarkup } from '../../support/one-url.ts';
import { readPage } from '../../support/oracles/browser-reading.ts';
import { countTokens, signerWith, withoutTokens } from '../../support/samples.ts';

const named = { customProperties: ['--hero'] };
/** Its images stand in no document. */
const stranger = signerWith({ delivery: 'https://nobody.example' });

/** What becomes of a value that a browser reads as a URL. */
function expected(signer: Signer, value: string): string {
  if (!value.includes('://') && !value.startsWith('/')) return value;
  // A NUL in the source, which is a control character there.
  if (value.includes('\uFFFD')) return value;
  try {
    return signer.signImage(value);
  } catch {
    return value;
  }
}

export function faultOf(signer: Signer, page: Buffer, places: readonly number[]): string | undefined {
  const rewritten = (chunks: readonly Uint8Array[], by = signer): Buffer =>
    rewriteInChunks(by.htmlRewriter(named), chunks);
  const out = rewritten([page]);
  const marked = readPage(page.toString(), named);
  const markedAfter = out.equals(page) ? marked : readPage(out.toString(), named);
  const [before, after] = [marked, markedAfter].map((values) =>
    values.map((each) => ofMarkup(each) ?? each),
  ) as [string[], string[]];
  const wanted = before.map((value, index) => {
    const mayStay = ofMarkup(marked[index]!) !== undefined;
    return mayStay && after[index] === value ? value : expected(signer, value);
  });
  if (after.length !== wanted.length) return 'a browser reads other values afterwards';
  for (const [index, value] of wanted.entries()) {
    if (after[index] !== value)
      return `${JSON.stringify(before[index])} became ${JSON.stringify(after[index])}`;
  }
  const changed = wanted.filter((value, index) => value !== before[index]);
  const tokens = countTokens(out.toString('latin1'));
  if (tokens !== changed.length) return `${tokens} tokens for ${changed.length} URLs`;
  const isAsWritten = changed.every((value) => before.includes(signer.unsignImage(value)));
  if (isAsWritten && withoutTokens(out.toString('latin1')) !== page.toString('latin1'))
    return 'other bytes changed';
  if (!out.equals(signer.rewriteHtml(page, named))) return 'as a whole it became something else';
  if (!rewritten([out]).equals(out)) return 'a second rewrite changes it';
  if (!rewritten([page], stranger).equals(page)) return 'a site without an image in it changes it';
  const bytes = page.length < 1_000 ? [...page.keys()] : [];
  for (const cuts of [places, bytes])
    if (!rewritten(cutAt(cuts, page)).equals(out)) return 'in chunks it became something else';
  return undefined;
}

/**
 * Whether a browser opens a formatting element again in a page's SVG or MathML, because the end tag of another element
 * closed it. The package keeps no list of them (docs/project/decisions/0003).
 */
export function reopensFormatting(page: string): boolean {
  const parser = new ReopeningParser();
  parser.tokenizer.write(page, true);
  return parser.hasReopened;
}

class ReopeningParser extends Parser<DefaultTreeAdapterMap> {
  hasReopened = false;

  override _reconstructActiveFormattingElements(): void {
    const { items, stackTop } = this.openElements;
    const isWithin = items
      .slice(0, stackTop + 1)
      .some((each) => 'namespaceURI' in each && each.namespaceURI !== html.NS.HTML);
    super._reconstructActiveFormattingElements();
    if (isWithin && this.openElements.stackTop > stackTop) this.hasReopened = true;
  }
}
