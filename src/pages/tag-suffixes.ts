/** Computes the suffixes of entity tags from everything that determines the tokens of a page. */
import { type TagSuffixes, tagSuffix } from '../http/conditional-requests.ts';
import type { AccessPolicy, MiddlewareConfiguration } from '../options/configuration.ts';
import { serializeTargets } from '../rewriting/targets.ts';
import type { SignerCore } from '../signer/core.ts';
import type { EpochSeconds } from '../signing/expiry.ts';
import { version } from '../version.ts';

/** @returns a function from an instant to the suffixes; it caches those of the current step */
export function createTagSuffixes(
  core: SignerCore,
  access: AccessPolicy,
  { html, json, headers, locals, extraTargets }: MiddlewareConfiguration,
): (now: EpochSeconds) => TagSuffixes {
  const { configuration } = core;
  const options = [
    version,
    access.deniedVariant ?? null,
    html,
    json,
    headers,
    locals,
    serializeTargets(extraTargets),
  ];
  let steps = '';
  let suffixes: TagSuffixes | undefined;
  return (now) => {
    const current = core.stepAt(now);
    if (suffixes === undefined || current !== steps) {
      steps = current;
      const state = JSON.stringify([configuration.fingerprint, options, steps]);
      const suffixFor = (use: string): string =>
        tagSuffix(configuration.schemes[0]!.shortMac(`${use} ${state}`)); // there is at least one
      suffixes = { weak: suffixFor('weak entity tag'), strong: suffixFor('strong entity tag') };
    }
    return suffixes;
  };
}
