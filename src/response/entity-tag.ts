/** Computes the suffix of entity tags from everything that determines the tokens of a page. */
import { tagSuffix } from '../http/validators.ts';
import type { AccessPolicy, MiddlewareConfiguration } from '../options/configuration.ts';
import { serializeTargets } from '../rewriting/targets.ts';
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
  const signed = [...configuration.variants.values()].filter(({ alwaysPublic }) => !alwaysPublic);
  const options = [
    version,
    configuration.fingerprint,
    access.deniedVariant ?? null,
    html,
    json,
    headers,
    locals,
    serializeTargets(extraTargets),
  ];
  const { keys } = configuration;
  let steps = '';
  let generation = keys.generation;
  let suffix = '';
  return (now) => {
    const current = expiriesAt(now, signed);
    if (suffix === '' || current !== steps || generation !== keys.generation) {
      steps = current;
      generation = keys.generation;
      suffix = tagSuffix(keys.shortMac(`entity tag ${JSON.stringify([options, steps])}`));
    }
    return suffix;
  };
}
