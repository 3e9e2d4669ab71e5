/** `image-signer rewrite`: signs the images of a page as it streams through, and counts what happens to every URL. */
import { createReadStream } from 'node:fs';
import type { Configuration } from '../../../options/configuration.ts';
import type { ImageSignerEvent } from '../../../options/events.ts';
import { htmlBody } from '../../../signer/bodies.ts';
import { coreOf } from '../../../signer/core.ts';
import { Reporter } from '../../../signer/reporter.ts';
import { resolve, unsign } from '../../../signer/resolve.ts';
import { readTtl } from '../../../signer/sign-options.ts';
import type { BodyTransform } from '../../../text/body-transform.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { Mistake, reasonOf } from '../mistake.ts';
import { signerOptions } from '../option-table.ts';
import { ReaderGone } from '../output.ts';
import { durationOf, optionMistake, type Setup, setUpSigner } from '../signer-setup.ts';

interface PageSummary {
  readonly signed: number;
  /** Already signed by the first key, and valid long enough. */
  readonly kept: number;
  readonly public: number;
  /** By `authorize` of the `--config` file. */
  readonly denied: number;
  /** The number of URLs that were left alone, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** The number of parts of the page that passed unchanged, by reason. */
  readonly passed: Readonly<Record<string, number>>;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

export const rewriteCommand: Command = {
  name: 'rewrite',
  summary: 'signs the images of an HTML page',
  operands: '[file]',
  about: [
    'Signs the image URLs of an HTML page, as the middleware does, and writes the page to standard',
    'output. All other bytes stay unchanged. The page is a file or standard input, and may have any',
    'size, since it streams. Standard error gets a summary.',
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
  if (others.length > 0) throw new Mistake('rewrite takes one file. Run it once per file.');
  if (/^https?:\/\//i.test(file ?? ''))
    throw new Mistake('rewrite takes a file, not a URL. Save the page first, or use image-signer check.');
  if (file !== undefined && file !== '-') return readPage(file);
  if (options.text('key-file') === '-') {
    throw new Mistake('Standard input holds the key (--key-file -), so the page must be a file.');
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

function createRewriter({ options }: Invocation, setup: Setup): PageRewriter {
  const ttl = options.text('ttl');
  try {
    return new PageRewriter(setup, ttl === undefined ? undefined : readTtl(durationOf(ttl)));
  } catch (error) {
    throw optionMistake(error, setup.sources);
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

/** Rewrites one page. */
class PageRewriter {
  readonly #page: BodyTransform;
  readonly #configuration: Configuration;
  readonly #counts: { signed: number; kept: number; public: number; denied: number } = {
    signed: 0,
    kept: 0,
    public: 0,
    denied: 0,
  };
  readonly #skipped: Map<string, number> = new Map();
  readonly #passed: Map<string, number> = new Map();
  #bytesRead = 0;
  #bytesWritten = 0;

  /**
   * @param ttl - in seconds; undefined for the variants' own
   * @throws ImageSignerError INVALID_OPTION if the clock cannot be trusted
   */
  constructor({ signer, access, middleware }: Setup, ttl: number | undefined) {
    const core = coreOf(signer)!; // every signer has one
    this.#configuration = core.configuration;
    // The app's own `report` may log to standard output: the summary says the same.
    const reporter = new Reporter((event) => this.#note(event));
    const response = core.beginResponse(access, undefined, reporter, { ttl });
    this.#page = htmlBody(response, {
      extraTargets: middleware.extraTargets,
      rewritesCss: true,
      charset: undefined,
      onUrl: (url, mapped) => this.#count(url, mapped ?? url),
    });
  }

  write(chunk: Uint8Array): Uint8Array {
    this.#bytesRead += chunk.length;
    return this.#written(this.#page.write(chunk));
  }

  end(): Uint8Array {
    return this.#written(this.#page.end());
  }

  get summary(): PageSummary {
    return {
      ...this.#counts,
      skipped: Object.fromEntries(this.#skipped),
      passed: Object.fromEntries(this.#passed),
      bytesRead: this.#bytesRead,
      bytesWritten: this.#bytesWritten,
    };
  }

  #written(bytes: Uint8Array): Uint8Array {
    this.#bytesWritten += bytes.length;
    return bytes;
  }

  /** `#count` counts skipped URLs: some of them cause an event only once. */
  #note(event: ImageSignerEvent): void {
    if (event.type === 'passed') increment(this.#passed, event.reason);
  }

  #count(from: string, to: string): void {
    const resolved = resolve(from, this.#configuration);
    if (resolved === 'unknown') return;
    if (typeof resolved === 'string') increment(this.#skipped, resolved);
    else if (resolved.lifetime.alwaysPublic) this.#counts.public++;
    else if (unsign(to, this.#configuration) === to) this.#counts.denied++;
    else if (from === to) this.#counts.kept++;
    else this.#counts.signed++;
  }
}

function increment(counts: Map<string, number>, reason: string): void {
  counts.set(reason, (counts.get(reason) ?? 0) + 1);
}
