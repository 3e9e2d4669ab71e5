/**
 * `npm run fuzz -- markdown`: twenty thousand documents of Markdown, and as many soups of markers, of which each destination
 * that micromark renders must be signed, and no other. `SEED` runs the same again, `DOCUMENTS` sets how many. It ends with
 * 1 at the first fault.
 */
import { isDisputed, markdownDocument, markdownSoup } from '../support/markdown-documents.ts';
import { markdownFault } from '../support/markdown-judge.ts';
import { seed } from '../support/seed.ts';

const documents = Number(process.env['DOCUMENTS'] ?? 20_000);

for (let at = seed; at < seed + documents; at++) {
  for (const text of [markdownDocument(at), markdownSoup(at)]) {
    const fault = isDisputed(text) ? undefined : markdownFault(text);
    if (fault === undefined) continue;
    console.error(`document ${at}: ${fault}\n${JSON.stringify(text)}`);
    process.exit(1);
  }
  if ((at - seed + 1) % 5_000 === 0) console.log(`${at - seed + 1} documents`);
}
