/**
 * Says in one sentence why a request gets no image, from the findings of `explainUrl`, and draws it for people who look at a page.
 * The delivery loads it only with `explain`, since it tells more than a stranger should know.
 */
import type { IncomingMessage } from 'node:http';
import type { Configuration } from '../options/configuration.ts';
import { resolve } from '../signer/resolve.ts';
import { explain as explainUrl } from '../tools/diagnosis/explain.ts';
import type { Explanation, FailureCode, Finding } from '../tools/diagnosis/explanation.ts';
import { redactUrl } from '../url/redaction.ts';
import { placeholderPicture, type RefusalKind, type RefusalWords, refusalPicture } from './drawings.ts';
import { parseAccept } from './picture-kind.ts';
import type { DrawRefusal } from './refusal.ts';
import { standardPaths } from './targets.ts';

type Words = readonly [kind: RefusalKind, title: string, sentence: string];

/** By status: why an image is not delivered although its URL is fine. */
const missing: ReadonlyMap<number, Words> = new Map<number, Words>([
  [404, ['missing', 'No such image', 'The folder has no image with this name, or several.']],
  [413, ['missing', 'Too large', 'The image has more pixels than the delivery allows.']],
  [415, ['missing', 'Not an image', 'The file with this name is not an image that can be shown.']],
  [
    501,
    [
      'missing',
      'Not made',
      'The variant cannot be made: sharp is not installed, or an SVG cannot be blurred.',
    ],
  ],
]);

type Wording = readonly [kind: RefusalKind, title: string, sentence?: string];

/** For codes without a sentence here, the finding has one. */
const wordings: Readonly<Partial<Record<FailureCode, Wording>>> = {
  expired: ['expired', 'Expired'],
  'untrusted-clock': ['expired', 'Wrong clock'],
  'missing-signature': ['unsigned', 'No token', 'The URL has no token: is the page signed?'],
  'unknown-signature': [
    'key',
    'Wrong key',
    'It was signed with another key, or changed after it was signed.',
  ],
  'variant-not-allowed': ['forbidden', 'Unknown variant'],
  'flexible-variant': ['forbidden', 'Flexible variant'],
  'account-not-allowed': ['forbidden', 'Other account'],
};

/** These are about the signature: it was made in another way, or for another URL. */
const isAboutSigning = /^(?:signed|key|parameter|plain|other-digest|variant-changed)/;
const isAboutToken = /(?:signature|expiry|token)/;

/** What the options `explain` and `placeholder` do. */
export function createDrawRefusal(
  configuration: Configuration,
  { explain, placeholder }: { readonly explain: boolean; readonly placeholder: boolean },
): DrawRefusal {
  return ({ status, reason, target, image, picture }, request) => {
    if (!takesDrawings(request)) return undefined;
    if (placeholder && reason === 'not-found' && image !== undefined)
      return { status: 200, svg: placeholderPicture({ ...image, ...picture }) };
    // A later request gets an image that is busy now, and a wrong method is not about the image.
    if (!explain || reason === 'busy' || reason === 'method') return undefined;
    return { status, svg: refusalPicture(wordsOf(target, status, configuration)) };
  };
}

/** Programs that send a bare `*\/*` might take the drawing for the image. */
function takesDrawings({ headers }: IncomingMessage): boolean {
  const ranges = parseAccept(headers.accept ?? '');
  return (ranges.get('image/svg+xml') ?? ranges.get('image/*') ?? 0) > 0;
}

/** @param status - of the refusal */
export function wordsOf(target: string, status: number, configuration: Configuration): RefusalWords {
  const explanation = explainUrl(urlOf(target, configuration), configuration);
  const why = explanation.image && missing.get(status);
  const [kind, title, sentence] = why ?? wordingOf(explanation);
  return { kind, title, sentence, image: labelOf(explanation) };
}

function wordingOf({ findings }: Explanation): Words {
  const failure = findings.find((finding) => finding.kind === 'failure');
  if (failure === undefined) return ['forbidden', 'Refused', 'The delivery refuses this image.'];
  const [kind, title, sentence = firstSentence(failure)] =
    wordings[failure.code as FailureCode] ?? otherWording(failure);
  return [kind, title, sentence];
}

function otherWording({ code }: Finding): Wording {
  if (isAboutSigning.test(code)) return ['key', 'Signed wrongly'];
  return isAboutToken.test(code) ? ['key', 'Broken token'] : ['missing', 'No image URL'];
}

/** Without parentheses and code marks. */
function firstSentence({ message }: Finding): string {
  const [sentence = message] = message.replace(/ \([^)]*\)/g, '').split(/(?<=[.!?]) (?=[A-Z])/, 1);
  return sentence.replaceAll('`', '');
}

/** Redacted, since a key may have been pasted into the URL. */
function labelOf({ image }: Explanation): string | undefined {
  if (image === undefined) return undefined;
  const { variant } = image as { readonly variant?: string };
  const name = variant === undefined ? '' : ` · ${redactUrl(`/-/${variant}`).slice('/-/'.length)}`;
  return redactUrl(image.id) + name;
}

/** The target as a URL under a base of the signer, as `explainUrl` needs it. */
function urlOf(target: string, configuration: Configuration): string {
  const bases = configuration.schemes.flatMap(({ namedBases }) => namedBases);
  const urls = bases.flatMap(({ text, authority, path }) => [
    `${authority === undefined ? '' : new URL(text, 'https://host').origin}${target}`,
    ...[path, ...standardPaths]
      .filter((each) => target.startsWith(`${each}/`))
      .map((each) => `${text}${target.slice(each.length)}`),
  ]);
  const isKnown = (url: string): boolean => typeof resolve(url, configuration) === 'object';
  return urls.find(isKnown) ?? urls.find((url) => resolve(url, configuration) !== 'unknown') ?? target;
}
