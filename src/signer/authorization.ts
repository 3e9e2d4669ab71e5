/** Calls the option `authorize`, once per response for every image, variant and base. */
import { copyOf } from '../bounded-cache.ts';
import type { AccessRules } from '../options/configuration.ts';
import type { SkipReason } from '../options/events.ts';
import { swallowRejection } from '../rejection.ts';
import type { ResolvedImage } from '../schemes/bound.ts';
import type { SchemeImage } from '../schemes/definition.ts';
import { maxCachedImages } from '../text/limits.ts';
import type { Reporter } from './reporter.ts';

/**
 * Bounds the cache of results, in characters of keys: it holds some 10,000 images with ordinary URLs, and a page with long
 * URLs cannot fill the memory.
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
  /** Created when needed: most apps have no `authorize`, and a streamed page may be in memory for long. */
  #allowed: Map<string, boolean> | undefined;
  #allowedLength = 0;

  constructor(asker: Asker) {
    this.#asker = asker;
  }

  /** Whether the response depends on its viewer. */
  get hasAsked(): boolean {
    return this.#allowed !== undefined;
  }

  /** Replaces a URL that this viewer may not have; undefined if they may. */
  refused(resolved: ResolvedImage): string | undefined {
    if (this.#allows(resolved)) return undefined;
    const { deniedVariant } = this.#asker.access;
    return deniedVariant === undefined ? resolved.bare : resolved.inPublicVariant(deniedVariant);
  }

  /** Anything but `true` refuses, and refusals are reported. */
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
      // The adapter passes the `request` type that the app's `authorize` expects.
      const result: unknown = access.authorize?.(image, request);
      if (result === true) return undefined;
      return { reason: swallowRejection(result) ? 'authorize-not-synchronous' : 'not-authorized' };
    } catch (error) {
      return { reason: 'authorize-threw', error };
    }
  }
}
