/** `image-signer check`: which images of a page does a visitor see, and why not the others? */
import { allowsByHash } from '../../../http/eligibility.ts';
import type { Configuration } from '../../../options/configuration.ts';
import { coreOf } from '../../../signer/core.ts';
import { epochSeconds } from '../../../signing/expiry.ts';
import { redactUrl } from '../../../url/redaction.ts';
import { remainingLifetime } from '../../diagnosis/freshness.ts';
import { type OtherImages, otherImagesOf } from '../../diagnosis/other-images.ts';
import { type BodyKind, pageUrlsOf } from '../../diagnosis/page-urls.ts';
import { type PageFacts, type Verdict, verdictsOf } from '../../diagnosis/page-verdicts.ts';
import { durationInWords } from '../../diagnosis/time-words.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { askForImages } from '../image-requests.ts';
import { Mistake } from '../mistake.ts';
import { signerOptions } from '../option-table.ts';
import { noImageLine, otherImagesLine } from '../other-images-text.ts';
import {
  defaultLimits,
  fetchPage,
  type PageLimits,
  type PageRequest,
  type PageResponse,
} from '../page-client.ts';
import { toReadable, unreadableEncoding } from '../page-encoding.ts';
import { isPrivate } from '../private-addresses.ts';
import { setUpSigner } from '../signer-setup.ts';

/** @param limits - of each response */
export function createCheckCommand(limits: PageLimits): Command {
  return {
    name: 'check',
    summary: 'says which images of a page stay dark, and why',
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
  const { signer } = await setUpSigner(invocation, { ttl: '1d' });
  const { configuration } = coreOf(signer)!; // it is a signer
  const response = await fetchPage(url, request);
  const now = configuration.now();
  const facts: PageFacts = {
    now,
    lifetime: remainingLifetime(response.headers, epochSeconds(now)),
    passed: passedReason(response),
    passedStyles: passedStyleReason(response),
    isPersonal: /\b(?:private|no-cache|no-store)\b/i.test(response.headers.get('cache-control') ?? ''),
  };
  const body = toReadable(response);
  const kind = kindOf(response);
  const urls = pageUrlsOf(body, kind, configuration);
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

function kindOf({ headers }: PageResponse): BodyKind {
  const type = (headers.get('content-type') ?? 'text/html').split(';', 1)[0]!.trim().toLowerCase();
  if (type === 'text/html' || type === 'application/xhtml+xml') return 'html';
  if (/^application\/(?:[\w.-]+\+)?json$/.test(type)) return 'json';
  return /xml$/.test(type) ? 'feed' : 'text';
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
    const images = verdicts.map(({ url: image, place, outcome, code, message, mend, expiresAt }) => ({
      url: redactUrl(image),
      place,
      outcome,
      code,
      message,
      mend,
      expiresAt,
    }));
    return answer.json({ url, status, lifetime, dead, images, others: others.hosts });
  }
  for (const { outcome, place, url: image, message, mend } of verdicts) {
    const style = outcome === 'ok' ? 'green' : outcome === 'dead' ? 'red' : 'dim';
    await answer.line({ style, text: outcome.padEnd(4) }, ` ${place} ${redactUrl(image)}`);
    await answer.line({ style: 'dim', text: `     ${message}${mend === undefined ? '' : ` ${mend}`}` });
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

/** Without the password that a URL may contain. */
function shownUrl(text: string): string {
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return redactUrl(url.href);
}

/** What is wrong, and how to mend it. */
type PassedReason = readonly [message: string, mend: string];

/** Why the middleware leaves the response alone, as far as its header fields and its first bytes show. */
function passedReason(response: PageResponse): PassedReason | undefined {
  const { status, headers } = response;
  if (/\bno-transform\b/i.test(headers.get('cache-control') ?? '')) {
    return [
      'Not signed: Cache-Control says no-transform, which forbids to change the page.',
      'Leave no-transform out for pages with images.',
    ];
  }
  if (status === 206 || headers.has('content-range'))
    return ['Not signed: the response is a part of a page.', 'Answer 200 with the whole page.'];
  if (/^application\/xhtml\+xml/i.test(headers.get('content-type') ?? ''))
    return ['Not signed: XHTML is not rewritten.', 'Send the page as text/html.'];
  if (unreadableEncoding(response) !== undefined)
    return ['Not signed: this character encoding is not read.', 'Send the page in UTF-8.'];
  return undefined;
}

/** Why it leaves the CSS of the response alone. */
function passedStyleReason({ headers }: PageResponse): PassedReason | undefined {
  if (!allowsByHash(headers.get('content-security-policy') ?? '', 'style-src')) return undefined;
  return [
    'Not signed: Content-Security-Policy allows styles by hash, and a browser would block a style that has changed.',
    'Allow styles by nonce, or put the image into an <img>.',
  ];
}
