/** Computes the suffix of entity tags from everything that determines the tokens of a page. */
import { tagSuffix } from '../http/validators.ts';
import type { AccessPolicy, MiddlewareConfiguration } from '../options/configuration.ts';
import { serializeTargets } from '../rewriting/targets.ts';
import { generationOf } from '../schemes/bound.ts';
import type { SignerCore } from '../signer/core.ts';
import { type EpochSeconds, expiriesAt } from '../signing/expiry.ts';
import { version } from '../version.ts';

/** @returns a function from an instant to the suffix; it caches the suffix of the current step */
export function createTagSuffix(
  core: SignerCore,
  access: AccessPolicy,
  { html, json, headers, locals, extraTargets }: MiddlewareConfiguration,
): (now: EpochSeconds) => string {
  const { configuration } = core;
  const { policies, schemes } = configuration;
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
  let suffix = '';
  return (now) => {
    const current = `${generationOf(schemes)} ${expiriesAt(now, policies)}`;
    if (suffix === '' || current !== steps) {
      steps = current;
      const state = JSON.stringify([configuration.fingerprint, options, steps]);
      suffix = tagSuffix(schemes[0]!.shortMac(`entity tag ${state}`)); // there is at least one
    }
    return suffix;
  };
}
