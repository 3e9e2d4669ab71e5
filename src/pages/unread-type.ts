/** Watches a text that is not rewritten, such as a feed or an SVG file, for URLs of images: it reports the first, once. */
import { isUnreadText } from '../http/eligibility.ts';
import type { BodyWatch } from '../http/rewrite-policy.ts';
import type { Reporter } from '../signer/events.ts';
import type { Instance } from './instance.ts';

interface Target {
  readonly reporter: Reporter;
  readonly shortestOwnTtl: number;
  readonly isPersonal: boolean;
}

/** @returns undefined for a type that is read, or that is no text, and where nobody listens */
export function watchUnreadType(
  type: string,
  target: Target,
  { onUnreadType, core, configuration }: Instance,
): BodyWatch | undefined {
  if (onUnreadType === undefined || !isUnreadText(type, configuration)) return undefined;
  return core.watchText(() => {
    const { isPersonal, shortestOwnTtl, reporter } = target;
    // The app calls the helpers for this response, so it knows of its images; `authorize` may have refused one.
    if (!isPersonal && shortestOwnTtl === Infinity) onUnreadType(reporter);
  });
}
