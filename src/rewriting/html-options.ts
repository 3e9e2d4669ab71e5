/** What a rewriter of HTML needs: how URLs are mapped, and who hears of what is left alone. */
import type { ValueCache } from '../caches/value-cache.ts';
import type { UrlMapping } from './edit-url.ts';
import type { EditText } from './json-rewriter.ts';
import type { LiteralPrefilter } from './literal-prefilter.ts';
import type { ExtraTargets } from './targets.ts';

export interface HtmlRewriterOptions extends UrlMapping {
  /** Whether every response gets the same mapped URL until the expiry's step ends, so that it may be cached. */
  readonly isStable: (url: string) => boolean;
  /** The cache of values; undefined if the mapped URLs may differ between responses. */
  readonly values: ValueCache | undefined;
  /** Called for a value from the cache, instead of `map` for each of its URLs: every one of them is replaced. */
  readonly onCached: (urls: number) => void;
  readonly prefilter: LiteralPrefilter;
  readonly extraTargets: ExtraTargets;
  readonly editText: EditText;
  /** False if a Content-Security-Policy allows styles by their hash, which an edit would change. */
  readonly rewritesCss: boolean;
  readonly hasHashedScripts?: boolean | undefined; // allows scripts by their hash
  readonly onTooLong: () => void;
  /** Called for a script that is not rewritten and may hold URLs; undefined if nobody wants to know. */
  readonly onScriptState: (() => void) | undefined;
  /**
   * Called with a URL, if its text is known, that stays as it is: the source holds a raw `<` or `>` in a script. It has been
   * mapped before.
   */
  readonly onMarkupInScript?: ((url: string | undefined) => void) | undefined;
}
