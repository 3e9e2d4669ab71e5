/**
 * Says why a request gets no image, and draws it, to people who look at a page. The delivery loads it only if it explains: it
 * tells more than a stranger should know.
 */
import type { IncomingMessage } from 'node:http';
import type { Configuration } from '../options/configuration.ts';
import { resolve } from '../signer/resolve.ts';
import { placeholderPicture } from './placeholder-picture.ts';
import type { DeliveryReason, Drawing, DrawRefusal, Refusal } from './refusal.ts';
import { type RefusalWords, refusalPicture } from './refusal-picture.ts';
import { type MissingReason, refusalOf } from './refusal-reason.ts';

/** The paths of imagedelivery.net, and of a custom domain, which every delivery takes. */
const standardPaths: readonly string[] = ['/cdn-cgi/imagedelivery', ''];

/** What the options `explain` and `placeholder` do. */
export function createDrawRefusal(
  configuration: Configuration,
  { explains, placeholders }: { readonly explains: boolean; readonly placeholders: boolean },
): DrawRefusal {
  return (refusal, request) => {
    if (!takesDrawings(request)) return undefined;
    const placeholder = placeholders ? drawPlaceholder(refusal) : undefined;
    if (placeholder !== undefined || !explains) return placeholder;
    const { status, reason, target } = refusal;
    // It is delivered to whoever asks later, or in another way.
    if (reason === 'busy' || reason === 'method') return undefined;
    return {
      status,
      svg: refusalPicture(wordsOf(target, isMissing(reason) ? reason : undefined, configuration)),
    };
  };
}

/** @param why - for a target that is in order */
export function wordsOf(
  target: string,
  why: MissingReason | undefined,
  configuration: Configuration,
): RefusalWords {
  return refusalOf(configuration, urlOf(target, configuration), why);
}

/** @returns undefined if something else is wrong than that the picture is missing */
function drawPlaceholder({ reason, image, picture }: Refusal): Drawing | undefined {
  if (reason !== 'not-found' || image === undefined) return undefined;
  const { variant } = image as { readonly variant?: string };
  return { status: 200, svg: placeholderPicture({ id: image.id, variant, ...picture }) };
}

/** Programs that send a bare `*\/*` might take the drawing for the image. */
function takesDrawings({ headers }: IncomingMessage): boolean {
  return /(?:^|,)\s*image\/(?:\*|svg\+xml)\s*(?:;(?!\s*q=0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)/i.test(
    (headers.accept ?? '').slice(0, 1_024),
  );
}

function isMissing(reason: DeliveryReason): reason is MissingReason {
  return (
    reason === 'not-found' || reason === 'broken' || reason === 'too-large' || reason === 'original-only'
  );
}

/** The target as a URL under a base of the signer, which is as `explainUrl` knows images. */
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
