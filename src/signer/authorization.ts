/** Asks the option `authorize`, once for each image, variant and base of a response. */
import { copyOf } from '../bounded-cache.ts';
import type { AccessRules } from '../options/configuration.ts';
import type { SkipReason } from '../options/events.ts';
import { swallowRejection } from '../rejection.ts';
import type { ResolvedImage } from '../schemes/bound.ts';
import type { SchemeImage } from '../schemes/definition.ts';
import { maxCachedImages } from '../text/limits.ts';
import type { Reporter } from './reporter.ts';

/**
 * Bounds the cache of results, in characters of keys: room for some 10,000 images with URLs of usual length, while a
 * page of long ones cannot fill the memory.
 */
const maxCachedKeys = 1024 * 1024;

/** Who gets a response, and who gets its events. */
export interface Asker {
  readonly access: AccessRules;
  readonly reporter: Reporter;
  /** Passed to `authorize`: the framework's request or context, or the `request` of `rewriteHtml`. */
  readonly request: unknown;
}

export class Authorization {
  readonly #asker: Asker;
  /** Created when needed: most apps have no `authorize`, and a page that is streamed may be in memory for long. */
  #allowed: Map<string, boolean> | undefined;
  #allowedLength = 0;

  constructor(asker: Asker) {
    this.#asker = asker;
  }

  /** Whether what the response holds depends on who gets it. */
  get hasAsked(): boolean {
    return this.#allowed !== undefined;
  }

  /** What stands in the place of a URL that this viewer may not get; undefined if they may. */
  refused(resolved: ResolvedImage): string | undefined {
    if (this.#allows(resolved)) return undefined;
    const { deniedVariant } = this.#asker.access;
    return deniedVariant === undefined ? resolved.bare : resolved.inPublicVariant(deniedVariant);
  }

  /** Anything but `true` refuses, and each refusal is reported. */
  #allows(resolved: ResolvedImage): boolean {
    const { key } = resolved;
    this.#allowed ??= new Map();
    const known = this.#allowed.get(key);
    if (known !== undefined) return known;
    const image = resolved.image();
    const refusal = this.#ask(image);
    if (refusal !== undefined)
      this.#asker.reporter.skipped(image.url, refusal.reason, {
        deniedVariant: refusal.reason === 'not-authorized' ? this.#standIn(resolved) : undefined,
        error: refusal.error,
      });
    if (this.#allowed.size < maxCachedImages && this.#allowedLength + key.length <= maxCachedKeys) {
      this.#allowed.set(copyOf(key), refusal === undefined);
      this.#allowedLength += key.length;
    }
    return refusal === undefined;
  }

  /** The name of the variant that a refused image gets; undefined for an image without variants. */
  #standIn(resolved: ResolvedImage): string | undefined {
    const { deniedVariant } = this.#asker.access;
    if (deniedVariant === undefined || resolved.inPublicVariant(deniedVariant) === resolved.bare)
      return undefined;
    return deniedVariant;
  }

  #ask(image: SchemeImage): { readonly reason: SkipReason; readonly error?: unknown } | undefined {
    const { access, request } = this.#asker;
    try {
      // `request` has the type that the app's `authorize` expects; the adapter takes care of that.
      const result: unknown = access.authorize?.(image, request);
      if (result === true) return undefined;
      return { reason: swallowRejection(result) ? 'authorize-not-synchronous' : 'not-authorized' };
    } catch (error) {
      return { reason: 'authorize-threw', error };
    }
  }
}
