/** One `app.use(imageSigner(...))`: what was configured, and whether another one would change anything. */
import type { AccessPolicy, MiddlewareConfiguration } from '../options/configuration.ts';
import { parseMiddleware } from '../options/parse.ts';
import { coreOf, SignerCore } from '../signer/core.ts';
import { Reporter } from '../signer/events.ts';
import { PageCache } from '../signer/page-cache.ts';
import type { EpochSeconds } from '../signing/expiry.ts';
import { createTagSuffix } from './entity-tag.ts';

export interface Instance {
  readonly core: SignerCore;
  readonly access: AccessPolicy;
  readonly configuration: MiddlewareConfiguration;
  readonly reporter: Reporter;
  /** What an entity tag is bound to at an instant. */
  readonly tagSuffixAt: (now: EpochSeconds) => string;
  /** What is known of pages at an instant. */
  readonly pagesAt: (now: EpochSeconds) => PageCache;
}

/**
 * Makes a mount of what the user wrote.
 * @throws ImageSignerError INVALID_OPTION
 */
export function createInstance(options: unknown): Instance {
  const { signer, configuration, access, own } = parseMiddleware('imageSigner', options, coreOf);
  const core = signer ?? new SignerCore(configuration);
  const suffixAt = createTagSuffix(core, access, own);
  let pages: PageCache | undefined;
  const pagesAt = (now: EpochSeconds): PageCache => {
    const suffix = suffixAt(now);
    if (!pages?.isBoundTo(suffix)) pages = new PageCache(suffix);
    return pages;
  };
  return {
    core,
    access,
    configuration: own,
    reporter: new Reporter(access.report),
    tagSuffixAt: suffixAt,
    pagesAt,
  };
}

export function isSameInstance(a: Instance, b: Instance): boolean {
  if (a === b) return true;
  const [one, other] = [a.configuration, b.configuration];
  return (
    a.core.configuration.fingerprint === b.core.configuration.fingerprint &&
    a.core.configuration.now === b.core.configuration.now &&
    a.access.authorize === b.access.authorize &&
    a.access.deniedVariant === b.access.deniedVariant &&
    a.access.report === b.access.report &&
    one.html === other.html &&
    one.json === other.json &&
    one.headers === other.headers &&
    one.locals === other.locals &&
    one.skip === other.skip &&
    JSON.stringify([...one.extraTargets]) === JSON.stringify([...other.extraTargets])
  );
}
