/** `image-signer check`: shows which images of a page a visitor sees, and why not the others. */
import type { Configuration } from '../../../options/configuration.ts';
import { coreOf } from '../../../signer/core.ts';
import { redactUrl } from '../../../url/redaction.ts';
import { asBase, asNumber, describe } from '../../../validation/message.ts';
import { otherImagesOf, pageLinksOf } from '../../diagnosis/page-elsewhere.ts';
import { pageUrlsOf } from '../../diagnosis/page-urls.ts';
import { verdictsOf } from '../../diagnosis/page-verdicts.ts';
import { type CheckedPage, isMissed, shownUrl, writeCauses, writePage } from '../check-report.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { askForImages } from '../image-requests.ts';
import { Mistake } from '../mistake.ts';
import { signerOptions } from '../option-table.ts';
import {
  defaultLimits,
  fetchPage,
  mayBeLoopback,
  type PageLimits,
  type PageRequest,
} from '../page-client.ts';
import { factsOf, kindOf, toReadable } from '../page-facts.ts';
import { isPrivate } from '../private-addresses.ts';
import { type Setup, setUpSigner } from '../signer-setup.ts';

/** More pages would take longer than anybody waits. */
const maxCrawled = 1_000;

/** @param limits - of each response */
export function createCheckCommand(limits: PageLimits): Command {
  return {
    name: 'check',
    summary: 'shows which images of a page are broken, and why',
    operands: '<page URL>…',
    about: [
      'Fetches pages as a browser would, and shows which image URLs are signed, when they expire, and',
      'what to change if a visitor would not see the image: one paragraph per cause. With --images, it',
      'also requests every image. The exit code is 1 if a visitor would see a broken image, or if a page',
      'has images on other hosts, but none under a base of the options.',
    ],
    examples: [
      'image-signer check --config image-signer.config.mjs https://shop.example/',
      "image-signer check --variants thumb --images --header 'Cookie: session=abc' https://shop.example/account",
    ],
    options: [...signerOptions, 'header', 'images', 'crawl', 'watch', 'allow-private', 'json'],
    run: (invocation) => check(invocation, limits),
  };
}

export const checkCommand: Command = createCheckCommand(defaultLimits);

async function check(invocation: Invocation, limits: PageLimits): Promise<ExitCode> {
  const { operands, options } = invocation;
  const most = crawlLimit(options.text('crawl')) ?? operands.length;
  // `localhost:3000` parses as a URL with the scheme `localhost:`.
  if (operands.length === 0 || !operands.every((url) => URL.canParse(url) && url.includes('://')))
    throw new Mistake(
      'Give one or more page URLs that begin with http:// or https://: image-signer check https://shop.example/',
    );
  const headers = headersOf(options.list('header') ?? []);
  const requestFor = (url: string): PageRequest => ({
    method: 'GET',
    headers,
    headersOrigin: new URL(url).origin,
    loopbackOrigins: [new URL(url).origin],
    accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    isRefused: options.has('allow-private') ? () => false : isPrivate,
    limits,
  });
  const setup = await setUpSigner(invocation, { ttl: '1d' });
  const checkAll = async (): Promise<ExitCode> => {
    const checked = await checkPages(invocation, setup, requestFor, Math.max(most, operands.length));
    return checked.some((page) => isMissed(page) || hasBroken(page)) ? 1 : 0;
  };
  if (!options.has('watch')) return checkAll();
  return watch(invocation, checkAll);
}

/** @throws Mistake */
function crawlLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,3}$/.test(text) && Number(text) <= maxCrawled) return Number(text);
  const got = describe(text, (given) => asNumber(given) ?? asBase(given));
  throw new Mistake(`--crawl expected a number of pages, ${maxCrawled} at most, got ${got}. Use --crawl 50`);
}

/**
 * Checks the given pages, and with `--crawl` those that they link to.
 * @param most - how many pages
 */
async function checkPages(
  invocation: Invocation,
  setup: Setup,
  requestFor: (url: string) => PageRequest,
  most: number,
): Promise<CheckedPage[]> {
  const { operands, options, answer, notes } = invocation;
  const isCrawling = options.has('crawl');
  const checked: CheckedPage[] = [];
  const waiting = new Set(operands.map((url) => new URL(url).href)); // it grows while it is read
  const given = waiting.size;
  const origins = new Set([...waiting].map((url) => new URL(url).origin));
  let count = 0;
  for (const url of waiting) {
    if (++count > most) break;
    if (isCrawling) await notes.progress(`${count} of ${Math.min(most, waiting.size)} pages`);
    try {
      const { page, links } = await checkPage(url, requestFor(url), invocation, setup);
      checked.push(page);
      if (isCrawling) for (const link of links) if (origins.has(new URL(link).origin)) waiting.add(link);
      if (options.has('json')) await answer.json(toJson(page));
    } catch (error) {
      // A link may be broken; a page that was given must exist.
      if (!(error instanceof Mistake) || count <= given) throw error;
      await notes.progress('');
      await notes.line(`${shownUrl(url)}: ${error.message}`);
    }
  }
  if (isCrawling) await notes.progress('');
  if (options.has('json')) return checked;
  await writeCauses(answer, checked);
  for (const page of checked) await writePage(notes, page, options.has('images'));
  return checked;
}

/** The origins of the options' bases, such as that of `image-signer dev`. A path is on the page's own origin. */
function originsOf({ schemes }: Configuration): string[] {
  return schemes
    .flatMap((scheme) => scheme.namedBases.map(({ text }) => text))
    .filter((base) => URL.canParse(base))
    .map((base) => new URL(base).origin);
}

async function checkPage(
  url: string,
  request: PageRequest,
  invocation: Invocation,
  { signer, middleware }: Setup,
): Promise<{ readonly page: CheckedPage; readonly links: readonly string[] }> {
  const { configuration } = coreOf(signer)!; // it is a signer
  const response = await fetchPage(url, request);
  const facts = { ...factsOf(response, configuration.now()), rewritesJson: middleware.json };
  const body = toReadable(response);
  const kind = kindOf(response);
  const urls = pageUrlsOf(body, kind, configuration, middleware.extraTargets);
  const others = otherImagesOf(body, kind, response.url, configuration);
  let verdicts = verdictsOf(urls, facts, configuration);
  if (invocation.options.has('images')) {
    // A page elsewhere, or behind a redirect, must not make us request this machine.
    const isHere = mayBeLoopback(new URL(response.url), request);
    const loopbackOrigins = isHere ? [...request.loopbackOrigins, ...originsOf(configuration)] : [];
    const ofImages = { ...request, loopbackOrigins };
    verdicts = await askForImages(verdicts, response.url, ofImages, configuration, invocation);
  }
  const links = kind === 'html' ? pageLinksOf(body, response.url) : [];
  const { status } = response;
  return {
    page: { url: response.url, status, lifetime: facts.lifetime, verdicts, others, configuration },
    links,
  };
}

/** Checks again after every input line, until the input ends. It survives a server that restarts. */
async function watch({ options, input, notes }: Invocation, run: () => Promise<ExitCode>): Promise<ExitCode> {
  if (options.text('key-file') === '-')
    throw new Mistake(
      'With --watch, standard input reads Enter, and cannot hold the key. Set IMAGES_KEY, or name a file.',
    );
  const tell = async (): Promise<ExitCode> => {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      await notes.line({ style: 'red', text: error.message });
      return 2;
    }
  };
  const ask = (): Promise<void> => notes.line('Press Enter to check again, or Ctrl+C to end.');
  let code = await tell();
  await ask();
  for await (const chunk of input) {
    if (!Buffer.from(chunk).includes('\n')) continue;
    code = await tell();
    await ask();
  }
  return code;
}

function hasBroken({ verdicts }: CheckedPage): boolean {
  return verdicts.some(({ outcome }) => outcome === 'dead');
}

function toJson({ url, status, lifetime, verdicts, others }: CheckedPage): object {
  const images = verdicts.map(({ url: image, place, outcome, code, message, fix, expiresAt }) => ({
    url: redactUrl(image),
    place,
    outcome,
    code,
    message,
    fix,
    expiresAt,
  }));
  const dead = verdicts.filter(({ outcome }) => outcome === 'dead').length;
  return { url: shownUrl(url), status, lifetime, dead, images, others: others.hosts };
}

/** @throws Mistake, which does not show the value: it may be a session */
function headersOf(lines: readonly string[]): [name: string, value: string][] {
  return lines.map((line) => {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    if (colon < 1 || !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
      throw new Mistake("--header takes a name and a value: --header 'Cookie: session=abc'");
    return [name, value];
  });
}
