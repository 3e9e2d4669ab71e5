/** `image-signer check`: which images of a page does a visitor see, and why not the others? */
import type { Configuration } from '../../../options/configuration.ts';
import { coreOf } from '../../../signer/core.ts';
import { redactUrl } from '../../../url/redaction.ts';
import { type OtherImages, otherImagesOf } from '../../diagnosis/other-images.ts';
import { pageUrlsOf } from '../../diagnosis/page-urls.ts';
import { type PageFacts, type Verdict, verdictsOf } from '../../diagnosis/page-verdicts.ts';
import { durationInWords } from '../../diagnosis/time-words.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { askForImages } from '../image-requests.ts';
import { Mistake } from '../mistake.ts';
import { signerOptions } from '../option-table.ts';
import {
  defaultLimits,
  fetchPage,
  type PageLimits,
  type PageRequest,
  type PageResponse,
} from '../page-client.ts';
import { factsOf, kindOf, toReadable } from '../page-facts.ts';
import { isPrivate } from '../private-addresses.ts';
import { setUpSigner } from '../signer-setup.ts';

/** A page may name very many. */
const maxShownHosts = 5;

/** @param limits - of each response */
export function createCheckCommand(limits: PageLimits): Command {
  return {
    name: 'check',
    summary: 'says which images of a page are broken, and why',
    operands: '<page URL>',
    about: [
      'Fetches a page as a browser would, and lists each image URL in it: where it stands, whether it',
      'is signed, when it expires, and what to change if a visitor would not see the image. With --images',
      'it also asks for each image. The exit code is 1 if a visitor would see a dead image, or if all',
      'images of the page are at other places than the options name.',
    ],
    examples: [
      'image-signer check --config image-signer.config.mjs https://shop.example/',
      "image-signer check --variants thumb --images --header 'Cookie: session=abc' https://shop.example/account",
    ],
    options: [...signerOptions, 'header', 'images', 'allow-private', 'json'],
    run: (invocation) => check(invocation, limits),
  };
}

export const checkCommand: Command = createCheckCommand(defaultLimits);

async function check(invocation: Invocation, limits: PageLimits): Promise<ExitCode> {
  const { operands, options } = invocation;
  const [url] = operands;
  if (url === undefined || operands.length > 1 || !URL.canParse(url))
    throw new Mistake('Give the URL of one page: image-signer check https://shop.example/');
  const request: PageRequest = {
    method: 'GET',
    headers: headersOf(options.list('header') ?? []),
    headersOrigin: new URL(url).origin,
    accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    isRefused: options.has('allow-private') ? () => false : isPrivate,
    limits,
  };
  const { signer, middleware } = await setUpSigner(invocation, { ttl: '1d' });
  const { configuration } = coreOf(signer)!; // it is a signer
  const response = await fetchPage(url, request);
  const facts = { ...factsOf(response, configuration.now()), rewritesJson: middleware.json };
  const body = toReadable(response);
  const kind = kindOf(response);
  const urls = pageUrlsOf(body, kind, configuration, middleware.extraTargets);
  const others = otherImagesOf(body, kind, response.url, configuration);
  let verdicts = verdictsOf(urls, facts, signer, configuration);
  if (options.has('images')) verdicts = await askForImages(verdicts, response.url, request, invocation);
  await write(invocation, { response, facts, verdicts, others, configuration });
  const isMissed = verdicts.length === 0 && others.hosts.length > 0;
  return isMissed || verdicts.some(({ outcome }) => outcome === 'dead') ? 1 : 0;
}

/** @throws Mistake, without the value, which may be a session */
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

interface CheckedPage {
  readonly response: PageResponse;
  readonly facts: PageFacts;
  readonly verdicts: readonly Verdict[];
  readonly others: OtherImages;
  readonly configuration: Configuration;
}

async function write(
  { options, answer, notes }: Invocation,
  { response, facts, verdicts, others, configuration }: CheckedPage,
): Promise<void> {
  const { url: address, status } = response;
  const { lifetime } = facts;
  const url = shownUrl(address);
  const dead = verdicts.filter(({ outcome }) => outcome === 'dead').length;
  if (options.has('json')) {
    const images = verdicts.map(({ url: image, place, outcome, code, message, fix, expiresAt }) => ({
      url: redactUrl(image),
      place,
      outcome,
      code,
      message,
      fix,
      expiresAt,
    }));
    return answer.json({ url, status, lifetime, dead, images, others: others.hosts });
  }
  for (const { outcome, place, url: image, message, fix } of verdicts) {
    const style = outcome === 'ok' ? 'green' : outcome === 'dead' ? 'red' : 'dim';
    await answer.line({ style, text: outcome.padEnd(4) }, ` ${place} ${redactUrl(image)}`);
    await answer.line({ style: 'dim', text: `     ${message}${fix === undefined ? '' : ` ${fix}`}` });
  }
  const kept =
    lifetime === 0
      ? 'no cache may keep the page'
      : `caches may keep the page for ${durationInWords(lifetime)}`;
  const isAsked = options.has('images') || verdicts.every(({ isLoaded }) => !isLoaded);
  const asked = isAsked ? '' : ' The delivery was not asked: add --images.';
  await notes.line(`${status} ${url}: ${verdicts.length} image URLs, ${dead} dead; ${kept}.${asked}`);
  if (others.hosts.length === 0) return;
  const text = verdicts.length === 0 ? noImageLine(others, configuration) : otherImagesLine(others);
  await notes.line(verdicts.length === 0 ? { style: 'red', text } : text);
}

/** For a page with images of which none is under a base: that reads as all good otherwise. */
function noImageLine({ hosts, hint }: OtherImages, { schemes, variants }: Configuration): string {
  const bases = schemes.flatMap((scheme) => scheme.namedBases.map(({ text }) => text));
  const add =
    variants.size === 0
      ? 'Are they yours? Compare `url` of the scheme.'
      : 'Are they yours? Add --delivery <base>, or `delivery` to the file of --config.';
  return `No image URL of ${listed(bases)} in this page. It names images at: ${listedHosts(hosts)}. ${hint ?? add}`;
}

/** For a page that has images under a base as well. */
function otherImagesLine({ hosts, hint }: OtherImages): string {
  const count = hosts.reduce((sum, each) => sum + each.count, 0);
  const text = `${count} other image ${count === 1 ? 'URL' : 'URLs'}, under none of the bases: ${listedHosts(hosts)}.`;
  return hint === undefined ? text : `${text} ${hint}`;
}

function listedHosts(hosts: OtherImages['hosts']): string {
  return listed(hosts.map(({ host, count }) => `${host} (${count})`));
}

function listed(names: readonly string[]): string {
  const more = names.length - maxShownHosts;
  return names.slice(0, maxShownHosts).join(', ') + (more > 0 ? `, and ${more} more` : '');
}

/** Without the password that a URL may contain. */
function shownUrl(text: string): string {
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return redactUrl(url.href);
}
