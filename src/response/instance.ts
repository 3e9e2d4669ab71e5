/** One `app.use(imageSigner(...))`: what was configured, and whether another one would change anything. */
import type { MiddlewareConfiguration, Viewing } from '../options/configuration.ts';
import { parseMiddleware } from '../options/parse.ts';
import { coreOf, SignerCore } from '../signer/core.ts';
import { Reporter } from '../signer/events.ts';
import { PageMemo } from '../signer/page-cache.ts';
import type { EpochSeconds } from '../signing/expiry.ts';
import { createTagSuffix } from './entity-tag.ts';

export interface Mount {
  readonly core: SignerCore;
  readonly viewing: Viewing;
  readonly configuration: MiddlewareConfiguration;
  readonly reporter: Reporter;
  /** What an entity tag is bound to at an instant. */
  readonly suffixAt: (now: EpochSeconds) => string;
  /** What is known of pages at an instant. */
  readonly pagesAt: (now: EpochSeconds) => PageMemo;
}

/**
 * Makes a mount of what the user wrote.
 * @throws ImageSignerError INVALID_OPTION
 */
export function createMount(options: unknown): Mount {
  const { signer, configuration, viewing, own } = parseMiddleware('imageSigner', options, coreOf);
  const core = signer ?? new SignerCore(configuration);
  const suffixAt = createTagSuffix(core, viewing, own);
  let pages: PageMemo | undefined;
  const pagesAt = (now: EpochSeconds): PageMemo => {
    const suffix = suffixAt(now);
    if (!pages?.holdsFor(suffix)) pages = new PageMemo(suffix);
    return pages;
  };
  return { core, viewing, configuration: own, reporter: new Reporter(viewing.report), suffixAt, pagesAt };
}

export function isSameMount(a: Mount, b: Mount): boolean {
  if (a === b) return true;
  const [one, other] = [a.configuration, b.configuration];
  return (
    a.core.configuration.fingerprint === b.core.configuration.fingerprint &&
    a.core.configuration.now === b.core.configuration.now &&
    a.viewing.authorize === b.viewing.authorize &&
    a.viewing.deniedVariant === b.viewing.deniedVariant &&
    a.viewing.report === b.viewing.report &&
    one.html === other.html &&
    one.json === other.json &&
    one.headers === other.headers &&
    one.locals === other.locals &&
    one.skip === other.skip &&
    JSON.stringify([...one.extraTargets]) === JSON.stringify([...other.extraTargets])
  );
}
