/**
 * Says in one sentence why an image is refused, out of what `explainUrl` finds. It is for developers: the delivery loads it
 * only if it explains, since it tells more than a stranger should know.
 */
import type { Configuration } from '../options/configuration.ts';
import { explainBy } from '../tools/diagnosis/explain.ts';
import type { Explanation, FailureCode, Finding } from '../tools/diagnosis/explanation.ts';
import { redactUrl } from '../url/redaction.ts';
import type { RefusalKind, RefusalWords } from './refusal-picture.ts';

/** Why an image whose URL is in order is not delivered. */
export type MissingReason = 'not-found' | 'broken' | 'too-large' | 'original-only';

type Words = readonly [kind: RefusalKind, title: string, sentence: string];

const missing: Readonly<Record<MissingReason, Words>> = {
  'not-found': ['missing', 'No such image', 'The folder has no image of this name, or several of them.'],
  broken: ['missing', 'Not an image', 'The file of this name is no image that can be shown.'],
  'too-large': ['missing', 'Too large', 'The image has more pixels than the delivery takes.'],
  'original-only': [
    'missing',
    'Not made',
    'An always public variant is never the original: sharp is not installed, or an SVG cannot be blurred.',
  ],
};

type Wording = readonly [kind: RefusalKind, title: string, sentence?: string];

/** Codes that have no sentence here say it themselves. */
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

/** Of these the signature is at fault: it was made by another recipe, or of another URL. */
const isAboutSigning = /^(?:signed|key|parameter|plain|other-digest|variant-changed)/;
const isAboutToken = /(?:signature|expiry|token)/;

/**
 * @param url - as the signer knows it, under one of its bases
 * @param why - for a URL that is in order; left out if the token, or what the URL names, is refused
 */
export function refusalOf(configuration: Configuration, url: string, why?: MissingReason): RefusalWords {
  const explanation = explainBy(configuration, url);
  const [kind, title, sentence] =
    why === undefined || explanation.image === undefined ? wordsOf(explanation) : missing[why];
  return { kind, title, sentence, image: labelOf(explanation) };
}

function wordsOf({ findings }: Explanation): Words {
  const failure = findings.find((finding) => finding.kind === 'failure');
  if (failure === undefined) return ['forbidden', 'Refused', 'The delivery refuses this image.'];
  const [kind, title, sentence = firstSentence(failure)] =
    wordings[failure.code as FailureCode] ?? otherWords(failure);
  return [kind, title, sentence];
}

function otherWords({ code }: Finding): Wording {
  if (isAboutSigning.test(code)) return ['key', 'Signed wrongly'];
  return isAboutToken.test(code) ? ['key', 'Broken token'] : ['missing', 'No image URL'];
}

/** Without what stands in parentheses, and without the marks of code. */
function firstSentence({ message }: Finding): string {
  const [sentence = message] = message.replace(/ \([^)]*\)/g, '').split(/(?<=[.!?]) (?=[A-Z])/, 1);
  return sentence.replaceAll('`', '');
}

/** Without what may be a key that was pasted into the URL. */
function labelOf({ image }: Explanation): string | undefined {
  if (image === undefined) return undefined;
  const variant = 'variant' in image && typeof image.variant === 'string' ? image.variant : undefined;
  if (variant === undefined) return redactUrl(image.id);
  const [id, name] = [redactUrl(image.id), redactUrl(`/-/${variant}`).slice('/-/'.length)];
  return `${id} · ${name}`;
}
