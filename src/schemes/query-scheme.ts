/** What all schemes have in common whose token is parameters of the query. It knows no particular store. */
import type { Base } from '../url/base.ts';
import {
  createScheme,
  type Definition,
  type FoundImage,
  type MatchedImage,
  type Scheme,
  type SignTerms,
  type UrlParts,
} from './definition.ts';
import { nameProblemOf } from './object-name.ts';
import type { HeldSecret, Secrets } from './secrets.ts';
import { matchPath, mostSpecificFirst, partsOf, placeOf, withoutParameters, withQuery } from './url-parts.ts';
import { type TokenTerms, verifyBySigning } from './verify-by-signing.ts';
import type { UrlPlace } from './written-url.ts';

type Respell = (text: string) => string;

/** A store whose token is parameters of the query. */
export interface QueryStore<S extends HeldSecret, Name extends string, Found extends object>
  extends Pick<
    Definition,
    | 'bases'
    | 'from'
    | 'prefixes'
    | 'nameProblem'
    | 'encodeSegment'
    | 'readsParameter'
    | 'longestLife'
    | 'maxSignatures'
    | 'plainNames'
    | 'hasFixedLife'
    | 'hasFreePath'
    | 'opensMore'
    | 'isForeign'
  > {
  readonly name: Name;
  readonly secrets: Secrets<S>;
  /** Everything else that decides a token, or which images have one, for the fingerprint. */
  readonly settings?: readonly unknown[];
  isTokenParameter(name: string): boolean;
  /** Which other parameters are signed: their names, or a function; all if undefined. */
  readonly parameters?: readonly string[] | ((name: string) => boolean) | undefined;
  /** Spells the path after the base as the store signs it. Idempotent. */
  readonly respell?: Respell | undefined;
  /** Spells the other parameters as the store signs them. Never called for an empty query; idempotent. */
  readonly respellQuery?: Respell | undefined;
  /**
   * @param base - of the URL, for a store that signs what follows it
   * @returns the parameters of the token, percent-encoded, without a leading separator
   */
  sign(parts: UrlParts, terms: SignTerms, secret: S, base: Base | undefined): string;
  /**
   * Called for a URL with at least one token parameter. Undefined for a store whose tokens contain no expiry: only the store
   * can verify those.
   */
  readonly readTerms?: ((url: string) => TokenTerms) | undefined;
  /**
   * For a key pair: a secret with which `sign` returns the URL's own signature if that is valid. Signing again would cost a
   * millisecond for every URL that a stranger invents.
   */
  verifier?(secret: S, url: string): S;
  /** Narrows the images that are signed, or adds to what `authorize` receives; undefined for an image that is not signed. */
  readonly match?: ((parts: UrlParts) => Found | undefined) | undefined;
  /** Where the image's path is, for a store whose paths can begin with something else. @default after the base */
  placeOfImage?(url: string, place: UrlPlace): UrlPlace;
}

export function createQueryScheme<S extends HeldSecret, Name extends string, Found extends object = object>(
  store: QueryStore<S, Name, Found>,
): Scheme<FoundImage<Name, Found>> {
  const { respell, respellQuery, sign, readTerms, verifier, match, placeOfImage } = store;
  const { name, bases, prefixes, parameters, secrets, isTokenParameter, nameProblem } = store;
  const isForeign = store.isForeign === true;
  const signsParameter = typeof parameters === 'object' ? isOneOf(parameters) : parameters;
  const ordered = mostSpecificFirst(bases);
  const respelled = respelling(respell, respellQuery);
  const strip = (url: string): string => withoutParameters(url, isTokenParameter);
  const signWith = (url: string, terms: SignTerms, secret: S, place = placeOf(url, ordered)): string => {
    const spelled = place === undefined ? url : (respelled?.(url, place) ?? url);
    const parts = partsOf(spelled, place);
    // A lone `?` is left out: the signed text has none either.
    const unsigned = parts.query === '' && spelled.endsWith('?') ? spelled.slice(0, -1) : spelled;
    return withQuery(unsigned, sign(parts, terms, secret, place?.base));
  };
  const scheme = createScheme<MatchedImage, Name>({
    // One by one: other members of the options may be secret, and a scheme's members can be printed.
    name,
    bases,
    prefixes,
    secrets,
    isTokenParameter,
    nameProblem,
    isForeign,
    signsParameter,
    from: store.from,
    encodeSegment: store.encodeSegment,
    readsParameter: store.readsParameter,
    longestLife: store.longestLife,
    maxSignatures: store.maxSignatures,
    plainNames: store.plainNames,
    hasFixedLife: store.hasFixedLife,
    hasFreePath: store.hasFreePath,
    opensMore: store.opensMore,
    fingerprint: JSON.stringify([prefixes, parameters, store.settings]),
    match(given, writtenAt) {
      let url = given;
      let place = writtenAt;
      // The result of an app's `respell` is checked, not the path before it.
      if (isForeign && respelled !== undefined) {
        try {
          url = respelled(strip(given), writtenAt);
        } catch {
          return 'scheme-failed'; // as written, the path may have a second URL, or name something else to the store
        }
        place = placeAgain(url, writtenAt);
        if (nameProblemOf(url.slice(place.path, place.query), store.plainNames === true) !== undefined)
          return undefined;
      }
      if (nameProblem?.(url, place) !== undefined) return undefined;
      const image = matchPath(url, placeOfImage?.(url, place) ?? place, prefixes);
      if (image === undefined || match === undefined) return image;
      const found = match(partsOf(strip(url), place));
      return found && { ...found, id: image.id };
    },
    strip,
    sign: (url, terms, place) => signWith(url, terms, secrets.newest(), place),
    verify:
      readTerms &&
      ((url, now, place) => {
        const tried = verifier ? secrets.all().map((each) => verifier(each, url)) : secrets.all();
        const signAgain = (bare: string, terms: SignTerms, secret: S) => signWith(bare, terms, secret, place);
        try {
          return verifyBySigning(url, now, tried, { strip, sign: signAgain, readTerms });
        } catch {
          // An app's function threw for a URL that a stranger has made up.
          return { ok: false, reason: 'bad-signature' };
        }
      }),
    isLimited: (prefixes ?? store.opensMore) !== undefined || (isForeign && match !== undefined),
  });
  return scheme as Scheme<FoundImage<Name, Found>>; // its images have what the store's `match` has found
}

/** Makes a function that respells path and query; undefined for a store that signs them as written. */
function respelling(
  respell: Respell = asWritten,
  respellQuery: Respell = asWritten,
): ((url: string, place: UrlPlace) => string) | undefined {
  if (respell === asWritten && respellQuery === asWritten) return undefined;
  return (url, { path: start }) => {
    const question = url.indexOf('?', start);
    const path = url.slice(start, question < 0 ? url.length : question);
    const query = question < 0 ? '' : url.slice(question + 1);
    const ownPath = respell(path);
    const ownQuery = query && respellQuery(query);
    if (ownPath === path && ownQuery === query) return url; // usual, and comparing costs less than a new string
    return `${url.slice(0, start)}${ownPath}${question < 0 ? '' : '?'}${ownQuery}`;
  };
}

function placeAgain(url: string, place: UrlPlace): UrlPlace {
  const question = url.indexOf('?', place.path);
  return { ...place, query: question < 0 ? url.length : question };
}

function isOneOf(names: readonly string[]): (name: string) => boolean {
  const all = new Set(names);
  return (name) => all.has(name);
}

function asWritten(text: string): string {
  return text;
}
