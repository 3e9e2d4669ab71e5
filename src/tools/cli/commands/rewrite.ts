/** `image-signer rewrite`: signs the images of a page as it streams through. */
import { createReadStream } from 'node:fs';
import { readTtl } from '../../../signer/sign-options.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { Mistake, reasonOf } from '../mistake.ts';
import { optionMistake } from '../option-mistake.ts';
import { signerOptions } from '../option-table.ts';
import { ReaderGone } from '../output.ts';
import { PageRewriter, type PageSummary } from '../page-rewriter.ts';
import { durationOf, type Setup, setUpSigner } from '../signer-setup.ts';

export const rewriteCommand: Command = {
  name: 'rewrite',
  summary: 'signs the images of an HTML page',
  operands: '[file]',
  about: [
    'Signs the image URLs of an HTML page, as the middleware does, and writes the page to standard',
    'output. All other bytes stay as they are. The page is a file, or comes on standard input, and',
    'streams: its size does not matter. A summary goes to standard error.',
  ],
  examples: [
    'image-signer rewrite --ttl 30d --variants thumb,card newsletter.html > signed.html',
    'curl -s https://shop.example/ | image-signer rewrite --config image-signer.config.mjs --dry-run',
  ],
  options: [...signerOptions, 'ttl', 'stable-for', 'dry-run', 'json'],
  async run(invocation) {
    const page = pageOf(invocation);
    const setup = await setUpSigner(invocation, {});
    const rewriter = createRewriter(invocation, setup);
    const isDry = invocation.options.has('dry-run');
    const emit = (bytes: Uint8Array): Promise<void> =>
      isDry ? Promise.resolve() : invocation.answer.write(bytes);
    for await (const chunk of page) await emit(rewriter.write(chunk));
    await emit(rewriter.end());
    return summarize(invocation, rewriter.summary);
  },
};

function pageOf({ operands, options, input }: Invocation): AsyncIterable<Uint8Array> {
  const [file, ...others] = operands;
  if (others.length > 0) throw new Mistake('rewrite takes one file. Run it once for each.');
  if (file !== undefined && file !== '-') return readPage(file);
  if (options.text('key-file') === '-') {
    throw new Mistake('Standard input holds the key (--key-file -), so the page has to be a file.');
  }
  if (input.isTTY === true && file === undefined) {
    throw new Mistake('Give a file, or the page on standard input.');
  }
  return input;
}

async function* readPage(file: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(file)) yield chunk as Buffer;
  } catch (error) {
    throw new Mistake(`The page cannot be read: ${reasonOf(error)}.`);
  }
}

function createRewriter({ options }: Invocation, { signer, sources }: Setup): PageRewriter {
  const ttl = options.text('ttl');
  try {
    return new PageRewriter(signer, ttl === undefined ? undefined : readTtl(durationOf(ttl)));
  } catch (error) {
    throw optionMistake(error, sources);
  }
}

async function summarize({ options, answer, notes }: Invocation, summary: PageSummary): Promise<ExitCode> {
  // Without the page, the summary is the answer.
  const output = options.has('dry-run') ? answer : notes;
  try {
    if (options.has('json')) await output.json(summary);
    else for (const line of linesOf(summary)) await output.line(line);
  } catch (error) {
    if (!(error instanceof ReaderGone)) throw error;
  }
  return 0;
}

function linesOf({ signed, kept, public: isPublic, denied, skipped, passed }: PageSummary): string[] {
  const counts = (reasons: Readonly<Record<string, number>>): string =>
    Object.entries(reasons)
      .map(([reason, count]) => `${count} ${reason}`)
      .join(', ') || 'none';
  return [
    `URLs signed: ${signed}. Already signed, kept: ${kept}. Always public: ${isPublic}. Denied by authorize: ${denied}.`,
    `URLs left alone: ${counts(skipped)}.`,
    ...(Object.keys(passed).length === 0 ? [] : [`Parts of the page left alone: ${counts(passed)}.`]),
  ];
}
