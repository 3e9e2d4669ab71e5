/** Rewrites a page with the package, and reports where its image URLs are and what happened to them. */
import type { PassReason } from '../../../../src/options/events.ts';
import { passed } from '../../../../src/options/warnings.ts';
import { noExtraTargets } from '../../../../src/rewriting/options.ts';
import { htmlBody } from '../../../../src/signer/bodies.ts';
import { coreOf } from '../../../../src/signer/core.ts';
import type { Signer } from '../../../../src/signer/index.ts';
import { Reporter } from '../../../../src/signer/reporter.ts';
import { type Block, blocksOf, type Mark } from './blocks.ts';
import { type Kind, type Outcome, outcomeOf, staysInTemplate } from './outcome.ts';
import { occurrencesIn, type UnreadUrl, unreadUrlsOf } from './unread.ts';
import { urlPlacesOf } from './url-places.ts';

export interface Row extends Outcome {
  /** Without a token. */
  readonly url: string;
  /** The place in the page, such as `<textarea>`; undefined if it is not known. */
  readonly place?: string | undefined;
  count: number;
}

export interface RewrittenPage {
  readonly text: string;
  readonly blocks: readonly Block[];
  /** One row per URL and outcome, in page order. */
  readonly rows: readonly Row[];
  readonly counts: Readonly<Record<Kind, number>>;
  /** Sentences about parts of the page that were left unchanged. */
  readonly notes: readonly string[];
}

/** @throws ImageSignerError if the clock cannot be trusted */
export function rewritePage(html: string, signer: Signer): RewrittenPage {
  const core = coreOf(signer)!; // it is a signer
  const page = Buffer.from(html, 'utf8');
  const reasons = new Set<PassReason>();
  const reporter = new Reporter((event) => {
    if (event.type === 'passed') reasons.add(event.reason);
  });
  const found: [from: string, to: string][] = [];
  const response = core.beginResponse(core.configuration.access, undefined, reporter);
  const rewritten = htmlBody(response, {
    extraTargets: noExtraTargets,
    rewritesCss: true,
    charset: 'utf-8',
    onUrl: (url, mapped) => found.push([url, mapped ?? url]),
  }).end(page);

  const read = urlPlacesOf(rewritten, core.reportingPrefilter) ?? [];
  const stays = (index: number): boolean => read[index]?.place === undefined;
  const isAligned =
    read.length === found.length &&
    read.every(({ url }, index) => url === found[index]![stays(index) ? 0 : 1]);
  const rows = new Rows();
  const marks: Mark[] = [];
  // Most pages have none.
  let unread: Map<string, UnreadUrl> | undefined;
  const markUnread = (from: number, to: number): void => {
    for (const { start, end, text: url } of occurrencesIn(rewritten, core.reportingPrefilter, from, to)) {
      unread ??= unreadUrlsOf(page, signer);
      const outcome = unread.get(signer.unsignImage(url));
      if (outcome === undefined) continue;
      rows.add(outcome.url, outcome);
      marks.push({ start, end, kind: 'unread' });
    }
  };
  let at = 0;
  for (const [index, [from, to]] of found.entries()) {
    const place = isAligned ? read[index]!.place : undefined;
    const outcome = isAligned && stays(index) && from !== to ? staysInTemplate : outcomeOf(from, to, signer);
    if (place !== undefined) {
      markUnread(at, place.start);
      at = place.end;
    }
    if (outcome === undefined) continue;
    rows.add(signer.unsignImage(from), outcome);
    if (place !== undefined) marks.push({ ...place, kind: outcome.kind });
  }
  if (isAligned) markUnread(at, rewritten.length);

  const text = rewritten.toString('utf8');
  return {
    text,
    blocks: blocksOf(rewritten, text, marks),
    rows: rows.list,
    counts: rows.counts,
    notes: [...reasons].map((reason) => `The page ${passed[reason].join('. ')}.`),
  };
}

class Rows {
  readonly #rows: Map<string, Row> = new Map();
  readonly counts: Record<Kind, number> = { signed: 0, kept: 0, public: 0, skipped: 0, unread: 0 };

  add(url: string, outcome: Outcome | UnreadUrl): void {
    this.counts[outcome.kind]++;
    const key = `${outcome.kind} ${url} ${outcome.message}`;
    const row = this.#rows.get(key);
    if (row === undefined) this.#rows.set(key, { ...outcome, url, count: 1 });
    else row.count++;
  }

  get list(): Row[] {
    return [...this.#rows.values()];
  }
}
