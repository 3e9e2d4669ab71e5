/** Schemes whose token is parameters of the query: all that they have in common. It knows no store. */
import type { Base, FromBase } from '../url/base.ts';
import {
  createScheme,
  type FoundImage,
  type MatchedImage,
  type Scheme,
  type SignTerms,
  type UrlParts,
} from './definition.ts';
import { type NameProblem, nameProblemOf } from './object-name.ts';
import type { HeldSecret, Secrets } from './secrets.ts';
import { matchPath, mostSpecificFirst, partsOf, placeOf, withoutParameters, withQuery } from './url-parts.ts';
import { type TokenTerms, verifyBySigning } from './verify-by-signing.ts';
import type { UrlPlace } from './written-url.ts';

interface Respelling {
  /** Spells the path after the base as the store signs it. Spelled twice it is the same. */
  readonly respell?: ((path: string) => string) | undefined;
  /** Spells the author's query as the store signs it; it is not empty. Spelled twice it is the same. */
  readonly respellQuery?: ((query: string) => string) | undefined;
}

/** A store whose token is parameters of the query. */
export interface QueryStore<S extends HeldSecret, Name extends string, Found extends object>
  extends Respelling {
  readonly name: Name;
  readonly bases: readonly Base[];
  readonly from: readonly FromBase[] | undefined;
  readonly prefixes: readonly string[] | undefined;
  readonly secrets: Secrets<S>;
  /** What else decides a token or which images have one, for a fingerprint. */
  readonly settings?: readonly unknown[];
  isTokenParameter(name: string): boolean;
  /** Whether a parameter of the author's is signed. One that is not is taken off. Undefined: all are. */
  readonly signsParameter?: ((name: string) => boolean) | undefined;
  /** The names of those that are, as an option gives them. */
  readonly parameters?: readonly string[] | ((name: string) => boolean) | undefined;
  /**
   * @param base - that of the URL, for a store that signs what follows it
   * @returns the parameters of the token, percent-encoded, without a separator before them
   */
  sign(parts: UrlParts, terms: SignTerms, secret: S, base: Base | undefined): string;
  /** @param url - with a parameter of a token at least */
  readTerms(url: string): TokenTerms;
  /**
   * For a key pair: the secret with which `sign` gives the URL's own signature if it is right. To sign again would cost a
   * millisecond for every URL that a stranger invents.
   */
  verifier?(secret: S, url: string): S;
  /** Narrows the images that are signed, or adds to what `authorize` gets; undefined for one that is not signed. */
  readonly match?: ((parts: UrlParts) => Found | undefined) | undefined;
  /** Where the path of the image is, for a store whose path may begin with something else. @default behind the base */
  placeOfImage?(url: string, place: UrlPlace): UrlPlace;
  nameProblem?(url: string, place: UrlPlace): NameProblem | undefined;
  encodeSegment?(text: string): string;
  readonly longestLife?: number | undefined;
  readonly maxSignatures?: number | undefined;
  readonly plainNames?: boolean | undefined;
  readonly hasFreePath?: boolean | undefined;
  /** Why `authorize` cannot limit what a token opens. What it opens is an allowlist then. */
  readonly opensMore?: string | undefined;
  readonly readsParameter?: ((name: string) => boolean) | undefined;
  readonly isForeign?: boolean;
}

export function createQueryScheme<S extends HeldSecret, Name extends string, Found extends object = object>(
  store: QueryStore<S, Name, Found>,
): Scheme<FoundImage<Name, Found>> {
  const { name, bases, from, prefixes, parameters, secrets, settings, isTokenParameter } = store;
  const listed = Array.isArray(parameters) ? new Set<string>(parameters) : undefined;
  const signsParameter = store.signsParameter ?? (listed && ((each) => listed.has(each)));
  const ordered = mostSpecificFirst(bases);
  const respelled = respelling(store);
  const strip = (url: string): string => withoutParameters(url, isTokenParameter);
  const signWith = (url: string, terms: SignTerms, secret: S, place = placeOf(url, ordered)): string => {
    const spelled = place !== undefined && respelled !== undefined ? respelled(url, place) : url;
    const parts = partsOf(spelled, place);
    // A `?` alone is left out: what is signed has none either.
    const unsigned = parts.query === '' && spelled.endsWith('?') ? spelled.slice(0, -1) : spelled;
    return withQuery(unsigned, store.sign(parts, terms, secret, place?.base));
  };
  const { match, nameProblem, encodeSegment, readsParameter } = store;
  const placeOfImage = store.placeOfImage ?? ((_url, place) => place);
  const scheme = createScheme<MatchedImage, Name>({
    name,
    bases,
    from,
    fingerprint: JSON.stringify([prefixes, parameters, settings]),
    match: (given, writtenAt) => {
      // What an app's `respell` makes of a path is judged as what it is, and not as what it was.
      const isRespelled = store.isForeign === true && respelled !== undefined;
      const url = isRespelled ? respelled(strip(given), writtenAt) : given;
      const place = isRespelled ? placeAgain(url, writtenAt) : writtenAt;
      if (
        isRespelled &&
        nameProblemOf(url.slice(place.path, place.query), store.plainNames === true) !== undefined
      )
        return undefined;
      if (nameProblem?.(url, place) !== undefined) return undefined;
      const image = matchPath(url, placeOfImage(url, place), prefixes);
      if (image === undefined || match === undefined) return image;
      const found = match(partsOf(strip(url), place));
      return found && { ...found, id: image.id };
    },
    isTokenParameter,
    strip,
    sign: (url, terms, place) => signWith(url, terms, secrets.newest(), place),
    verify(url, now, place) {
      const sign = (bare: string, terms: SignTerms, secret: S) => signWith(bare, terms, secret, place);
      const readTerms = (given: string) => (strip(given) === given ? 'missing' : store.readTerms(given));
      const tried = store.verifier ? secrets.all().map((each) => store.verifier!(each, url)) : secrets.all();
      try {
        return verifyBySigning(url, now, tried, { strip, sign, readTerms });
      } catch {
        // A function of the app, for a URL that a stranger has made up.
        return { ok: false, reason: 'bad-signature' };
      }
    },
    secrets,
    isLimited:
      (prefixes ?? store.opensMore) !== undefined || (store.isForeign === true && match !== undefined),
    prefixes,
    ...(signsParameter && { signsParameter }),
    ...(nameProblem && { nameProblem }),
    ...(encodeSegment && { encodeSegment }),
    ...(readsParameter && { readsParameter }),
    ...(store.longestLife !== undefined && { longestLife: store.longestLife }),
    ...(store.maxSignatures !== undefined && { maxSignatures: store.maxSignatures }),
    ...(store.plainNames !== undefined && { plainNames: store.plainNames }),
    ...(store.opensMore !== undefined && { opensMore: store.opensMore }),
    ...(store.hasFreePath !== undefined && { hasFreePath: store.hasFreePath }),
    ...(store.isForeign !== undefined && { isForeign: store.isForeign }),
  });
  return scheme as Scheme<FoundImage<Name, Found>>; // its images have what `match` of the store has found
}

/** Makes a function that spells path and query anew; undefined for a store that signs them as they are written. */
function respelling({
  respell = asWritten,
  respellQuery = asWritten,
}: Respelling): ((url: string, place: UrlPlace) => string) | undefined {
  if (respell === asWritten && respellQuery === asWritten) return undefined;
  return (url, { path }) => {
    const question = url.indexOf('?', path);
    if (question < 0) return url.slice(0, path) + respell(url.slice(path));
    const query = url.slice(question + 1);
    return `${url.slice(0, path)}${respell(url.slice(path, question))}?${query && respellQuery(query)}`;
  };
}

function placeAgain(url: string, place: UrlPlace): UrlPlace {
  const question = url.indexOf('?', place.path);
  return { ...place, query: question < 0 ? url.length : question };
}

function asWritten(text: string): string {
  return text;
}
