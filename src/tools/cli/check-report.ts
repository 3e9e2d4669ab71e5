/** The report of `check` for people: a paragraph per cause with up to three examples, and a line per page. */
import type { Configuration } from '../../options/configuration.ts';
import { redactUrl } from '../../url/redaction.ts';
import type { OtherImages } from '../diagnosis/page-elsewhere.ts';
import type { Verdict } from '../diagnosis/page-verdicts.ts';
import { durationInWords } from '../diagnosis/time-words.ts';
import type { Output, Piece } from './output.ts';

export interface CheckedPage {
  /** After redirects. */
  readonly url: string;
  readonly status: number;
  /** In seconds: how long caches may keep the page. */
  readonly lifetime: number;
  readonly verdicts: readonly Verdict[];
  readonly others: OtherImages;
  readonly configuration: Configuration;
}

const maxExamples = 3;
/** A page may name very many hosts. */
const maxShownHosts = 5;

/** Whether no image of the page is under a base. Images on the page's own host do not count: they are logos. */
export function isMissed({ url, verdicts, others }: CheckedPage): boolean {
  const { host: own } = new URL(url);
  return verdicts.length === 0 && others.hosts.some(({ host }) => host !== own);
}

const labels: Readonly<Record<Verdict['outcome'], Piece>> = {
  dead: { style: 'red', text: 'broken' },
  ok: { style: 'green', text: 'ok    ' },
  note: { style: 'dim', text: 'note  ' },
};

interface Found {
  readonly verdict: Verdict;
  /** The page. */
  readonly url: string;
}

/** Broken images come first, then the most frequent causes. */
export async function writeCauses(answer: Output, pages: readonly CheckedPage[]): Promise<void> {
  for (const found of causesOf(pages)) {
    const { outcome, message, fix } = found[0]!.verdict; // every cause has an image
    const count = `${found.length} image ${found.length === 1 ? 'URL' : 'URLs'}`;
    await answer.line(labels[outcome], ` ${count}. ${message}${fix === undefined ? '' : ` ${fix}`}`);
    for (const { verdict, url } of found.slice(0, maxExamples)) {
      const page = pages.length === 1 ? '' : ` on ${shownUrl(url)}`;
      await answer.line({ style: 'dim', text: `       ${verdict.place} ${redactUrl(verdict.url)}${page}` });
    }
    const more = found.length - maxExamples;
    if (more > 0) await answer.line({ style: 'dim', text: `       and ${more} more` });
  }
}

const order: readonly Verdict['outcome'][] = ['dead', 'note', 'ok'];

function causesOf(pages: readonly CheckedPage[]): Found[][] {
  const causes = new Map<string, Found[]>();
  for (const { url, verdicts } of pages) {
    for (const verdict of verdicts) {
      const key = causeOf(verdict);
      const found = causes.get(key) ?? [];
      found.push({ verdict, url });
      causes.set(key, found);
    }
  }
  const rankOf = ([first]: readonly Found[]): number => order.indexOf(first!.verdict.outcome);
  return [...causes.values()].sort((a, b) => rankOf(a) - rankOf(b) || b.length - a.length);
}

/** One change fixes all images of a cause: they share the code, and the variant, attribute or answer of the delivery. */
function causeOf({ outcome, code, message, fix }: Verdict): string {
  const isOfOneName = code === 'variant-not-allowed' || code === 'attribute-not-rewritten';
  // Only the first sentence: the others contain times.
  const answer = code === 'refused-by-delivery' ? message.split('. ', 1)[0]! : '';
  return [outcome, code, isOfOneName ? `${message} ${fix}` : answer].join(' ');
}

/** @param isAsked - whether the images were requested */
export async function writePage(notes: Output, page: CheckedPage, isAsked: boolean): Promise<void> {
  const { url, status, lifetime, verdicts, others, configuration } = page;
  const broken = verdicts.filter(({ outcome }) => outcome === 'dead').length;
  const kept =
    lifetime === 0
      ? 'no cache may keep the page'
      : `caches may keep the page for ${durationInWords(lifetime)}`;
  const asked =
    isAsked || verdicts.every(({ isLoaded }) => !isLoaded)
      ? ''
      : ' The images were not requested: add --images.';
  await notes.line(
    `${status} ${shownUrl(url)}: ${verdicts.length} image ${verdicts.length === 1 ? 'URL' : 'URLs'}, ${broken} broken; ${kept}.${asked}`,
  );
  if (others.hosts.length === 0) return;
  const text = verdicts.length === 0 ? noImageLine(others, configuration) : otherImagesLine(others);
  await notes.line(isMissed(page) ? { style: 'red', text } : text);
}

/** For a page whose images are all under no base. Without this line, the report would look fine. */
function noImageLine({ hosts, hint }: OtherImages, { schemes, variants }: Configuration): string {
  const bases = schemes.flatMap((scheme) => scheme.namedBases.map(({ text }) => text));
  const add =
    variants.size === 0
      ? 'If they are yours, correct `url` of the scheme.'
      : 'If they are yours, add --delivery <base>, or `delivery` in the file of --config.';
  return `This page has no image URL under ${listed(bases)}. It has images at: ${listedHosts(hosts)}. ${hint ?? add}`;
}

/** For a page that also has images under a base. */
function otherImagesLine({ hosts, hint }: OtherImages): string {
  const count = hosts.reduce((sum, each) => sum + each.count, 0);
  const text = `${count} other image ${count === 1 ? 'URL is' : 'URLs are'} under no base: ${listedHosts(hosts)}.`;
  return hint === undefined ? text : `${text} ${hint}`;
}

function listedHosts(hosts: OtherImages['hosts']): string {
  return listed(hosts.map(({ host, count }) => `${host} (${count})`));
}

function listed(names: readonly string[]): string {
  const more = names.length - maxShownHosts;
  return names.slice(0, maxShownHosts).join(', ') + (more > 0 ? `, and ${more} more` : '');
}

/** Without user name and password. */
export function shownUrl(text: string): string {
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return redactUrl(url.href);
}
