/** The configuration and caches of one `imageSigner(options)` call, shared by all responses. */
import { PageCache, WithinStep } from '../caches/page-cache.ts';
import { type TagSuffixes, tagSuffix } from '../http/conditional-requests.ts';
import type { AccessRules, Configuration, MiddlewareConfiguration } from '../options/configuration.ts';
import type { PassReason } from '../options/events.ts';
import { parseMiddleware } from '../options/parse.ts';
import { swallowRejection } from '../rejection.ts';
import { serializeTargets } from '../rewriting/options.ts';
import type { BoundScheme } from '../schemes/bound.ts';
import { coreOf, SigningCore } from '../signer/core.ts';
import type { Reporter } from '../signer/reporter.ts';
import type { EpochSeconds } from '../signing/expiry.ts';
import { maxTranscodingMemory } from '../text/limits.ts';
import { essenceOf } from '../text/mime-type.ts';
import { escapeInvisible } from '../url/redaction.ts';
import { version } from '../version.ts';
import { UnusedBases } from './unused-bases.ts';

export interface Instance {
  readonly core: SigningCore;
  readonly access: AccessRules;
  readonly configuration: MiddlewareConfiguration;
  /** Reports a script that may contain URLs, once; undefined after that, and if nobody listens. */
  readonly onScriptState: ((reporter: Reporter) => void) | undefined;
  /** Reports HTML in JSON that `fields` would have read, once; undefined after that, in production, and if nobody listens. */
  readonly onMarkupInJson: ((reporter: Reporter, member: string | undefined) => void) | undefined;
  /** Reports a page that middleware above ours has encoded, once; undefined after that, in production, and if nobody listens. */
  readonly onEncodedAbove: ((reporter: Reporter) => void) | undefined;
  /** Looks for bases that no page uses; undefined when it is done, in production, and if nobody listens. */
  readonly unusedBases: UnusedBases | undefined;
  /** Reports a text that is not rewritten and contains URLs; undefined in production, and if nobody listens. */
  readonly unreadTypes: UnreadTypes | undefined;
  /** The suffixes of entity tags at an instant. */
  readonly tagSuffixesAt: (now: EpochSeconds) => TagSuffixes;
  /** The page cache whose entries are valid at an instant. */
  readonly pagesAt: (now: EpochSeconds) => PageCache;
  /**
   * Reserves memory for the decoder and encoder of an open page.
   * @param heldMemory - in bytes
   * @returns a function that releases the memory, and can be called more than once; undefined if too much would be in use
   */
  readonly beginTranscoding: (heldMemory: number) => (() => void) | undefined;
}

/** @throws ImageSignerError INVALID_OPTION */
export function createInstance(options: unknown): Instance {
  const { signer, configuration, access, own } = parseMiddleware('imageSigner', options, coreOf);
  const core = signer ?? new SigningCore(configuration);
  const suffixesAt = createTagSuffixes(core, access, own);
  const pages = new WithinStep(() => new PageCache(core.configuration.memory.pages));
  let transcodingMemory = 0;
  const beginTranscoding = (heldMemory: number): (() => void) | undefined => {
    if (transcodingMemory + heldMemory > maxTranscodingMemory) return undefined;
    transcodingMemory += heldMemory;
    let held = heldMemory;
    return () => {
      transcodingMemory -= held;
      held = 0;
    };
  };
  let reportsScriptState = access.report !== undefined;
  const onScriptState = (reporter: Reporter): void => {
    if (reportsScriptState) reporter.report({ type: 'passed', reason: 'script-state' });
    reportsScriptState = false;
  };
  let watches: Watches | undefined;
  try {
    // As in `resolveReport`: production bundlers drop the code that is called here.
    if (process.env.NODE_ENV !== 'production') watches = createWatches(configuration, access, own);
  } catch {
    watches = createWatches(configuration, access, own);
  }
  let reportsMarkupInJson = watches !== undefined;
  const onMarkupInJson = (reporter: Reporter, member: string | undefined): void => {
    if (!reportsMarkupInJson) return;
    reportsMarkupInJson = false;
    reporter.report({
      type: 'passed',
      reason: 'markup-in-json',
      ...(member !== undefined && { member }),
    });
  };
  let reportsEncodedAbove = watches !== undefined;
  const onEncodedAbove = (reporter: Reporter): void => {
    reportsEncodedAbove = false;
    reporter.report({ type: 'passed', reason: 'encoded-above' });
  };
  return {
    core,
    access,
    configuration: own,
    unreadTypes: watches?.unreadTypes,
    get onScriptState() {
      return reportsScriptState ? onScriptState : undefined;
    },
    get onMarkupInJson() {
      return reportsMarkupInJson ? onMarkupInJson : undefined;
    },
    get onEncodedAbove() {
      return reportsEncodedAbove ? onEncodedAbove : undefined;
    },
    get unusedBases() {
      return watches?.bases?.isDone === false ? watches.bases : undefined;
    },
    tagSuffixesAt: suffixesAt,
    pagesAt: (now) => pages.at(core.stepAt(now)),
    beginTranscoding,
  };
}

/** Looks for mistakes of the app, in development. */
interface Watches {
  readonly bases: UnusedBases | undefined;
  readonly unreadTypes: UnreadTypes | undefined;
}

/** @returns undefined if nobody listens */
function createWatches(
  { schemes }: Pick<Configuration, 'schemes'>,
  { report }: AccessRules,
  { html }: MiddlewareConfiguration,
): Watches | undefined {
  if (report === undefined) return undefined;
  return {
    bases: html ? new UnusedBases(schemes, report) : undefined,
    unreadTypes: html ? new UnreadTypes() : undefined,
  };
}

/** Reports JSON once and all other types once: only for JSON there is an option. */
class UnreadTypes {
  readonly #reported: Set<boolean> = new Set();

  isReported(type: string): boolean {
    return this.#reported.has(isJson(type));
  }

  report(type: string, reporter: Reporter): void {
    if (this.isReported(type)) return;
    this.#reported.add(isJson(type));
    reporter.report({ type: 'passed', reason: 'unread-type', contentType: escapeInvisible(essenceOf(type)) });
  }
}

function isJson(type: string): boolean {
  return essenceOf(type).includes('json');
}

/** Whether two instances rewrite every response alike. Functions are compared by identity: their results are unknown. */
export function isSameInstance(a: Instance, b: Instance): boolean {
  if (a === b) return true;
  const [first, second] = [a.configuration, b.configuration];
  return (
    a.core.configuration.fingerprint === b.core.configuration.fingerprint &&
    a.core.configuration.now === b.core.configuration.now &&
    hasSameSchemes(a.core.configuration.schemes, b.core.configuration.schemes) &&
    a.access.authorize === b.access.authorize &&
    a.access.deniedVariant === b.access.deniedVariant &&
    a.access.report === b.access.report &&
    first.html === second.html &&
    first.json === second.json &&
    first.events === second.events &&
    first.headers === second.headers &&
    first.location === second.location &&
    first.locals === second.locals &&
    first.skip === second.skip &&
    serializeTargets(first.extraTargets) === serializeTargets(second.extraTargets)
  );
}

/** The secrets of a function are unknown, and so is what the functions of an app's scheme do. The rest is in the fingerprint. */
function hasSameSchemes(a: readonly BoundScheme[], b: readonly BoundScheme[]): boolean {
  return a.every(({ given }, index) => {
    const other = b[index]?.given;
    return given === other || (!given.isForeign && given.secrets?.source === other?.secrets?.source);
  });
}

/**
 * The suffixes of entity tags depend on everything that determines the tokens of a page.
 * @returns a function from an instant to the suffixes; it caches those of the current step
 */
function createTagSuffixes(
  core: SigningCore,
  access: AccessRules,
  { html, json, events, headers, locals, extraTargets }: MiddlewareConfiguration,
): (now: EpochSeconds) => TagSuffixes {
  const { configuration } = core;
  const options = [
    version,
    access.deniedVariant ?? null,
    html,
    json,
    events,
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

/** Asks the option `skip` whether a response is left alone. Only `true` counts; any other truthy result is reported. */
export function isSkipped(
  { configuration }: Instance,
  skipArguments: readonly unknown[],
  onMistake: (reason: PassReason, error?: unknown) => void,
): boolean {
  const skip = configuration.skip as ((...args: readonly unknown[]) => unknown) | undefined;
  try {
    const answer = skip?.(...skipArguments);
    if (swallowRejection(answer)) onMistake('skip-not-synchronous');
    else if (answer && answer !== true) onMistake('skip-not-boolean');
    return answer === true;
  } catch (error) {
    onMistake('skip-threw', error);
    return false;
  }
}
