/** `nginxSecureLink`: images that nginx serves behind its `secure_link` module. */
import * as v from 'valibot';
import { Secret } from '../signing/digests.ts';
import { percentDecode } from '../url/percent-encoding.ts';
import { invalidOption } from '../validation/message.ts';
import type { Scheme, SchemeImage, SecretOption } from './definition.ts';
import { expression } from './nginx-expression.ts';
import { normalSpelling } from './normal-spelling.ts';
import type { NameProblem } from './object-name.ts';
import {
  parameterName,
  parameters,
  readSchemeOptions,
  type StoreOptions,
  storeEntries,
  url,
} from './options.ts';
import { createQueryScheme } from './query-scheme.ts';
import { textKey } from './secrets.ts';
import { onlyParameter, withoutParameters } from './url-parts.ts';
import { termsOfExpiry } from './verify-by-signing.ts';
import type { UrlPlace } from './written-url.ts';

/** The options of `nginxSecureLink`. */
export interface NginxSecureLinkOptions extends StoreOptions {
  /**
   * Where nginx serves the images, or a list: `https://photos.example/private`, or a path such as `/private`. Its path is the
   * one that nginx sees.
   */
  readonly url: string | readonly string[];
  /**
   * The secret in `secure_link_md5`; a list, of which the first signs; or a function. `undefined` is that of an environment
   * variable that is not set.
   */
  readonly secret: SecretOption<string> | undefined;
  /**
   * The expression of `secure_link_md5`, with `$secret` in the place of the secret. nginx computes an MD5 of it.
   * @default '$secure_link_expires$uri $secret'
   */
  readonly expression?: string | undefined;
  /** The first argument in `secure_link $arg_md5,$arg_expires`. @default 'md5' */
  readonly md5Argument?: string | undefined;
  /** The second one. @default 'expires' */
  readonly expiresArgument?: string | undefined;
  /**
   * Parameters that stay on a URL, by name. nginx does not sign them: whoever has the URL may change them. All others are
   * taken off.
   * @default names that tell versions of an image apart: v, ver, t, ts, updatedAt, w, h, q, width, height, quality, format,
   *   fit, dpr, auto
   */
  readonly parameters?: string | readonly string[] | undefined;
}

/** nginx has no variable for an argument of another name. */
const argument = (name: string) =>
  v.optional(parameterName(`Such as '${name}', for $arg_${name}.`, /^\w{1,32}$/), name);

/** `$uri` has every character as itself, however the URL spells it: one spelling is given out for each name. */
const respell: (path: string) => string = normalSpelling('/');

/**
 * Images that nginx serves itself, from a disk or from a store behind it, with `secure_link` and `secure_link_md5`. The
 * parameters `md5` and `expires` go to the end of the query. nginx answers `403` to a URL without a token and `410` to one
 * that has expired, if its configuration is that of `docs/schemes/nginx-secure-link.md`.
 *
 * nginx signs the path as it has decoded it, and merges slashes first: names with an empty segment are not signed.
 * @returns a scheme for the option `scheme`
 * @throws ImageSignerError INVALID_OPTION, with `option`; also for an expression with a variable of the visitor's request, such
 *   as `$remote_addr`, and for one of which the end of the path could be read as the beginning of the expiry
 * @see nginx, "Module ngx_http_secure_link_module" (https://nginx.org/en/docs/http/ngx_http_secure_link_module.html)
 * @example
 * ```ts
 * const scheme = nginxSecureLink({
 *   url: 'https://photos.example/private',
 *   secret: process.env.SECURE_LINK_SECRET,
 *   prefixes: 'uploads/',
 * });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 */
export function nginxSecureLink(options: NginxSecureLinkOptions): Scheme<SchemeImage<'nginx-secure-link'>> {
  const { md5Argument: first = 'md5', expiresArgument: second = 'expires' } = Object(options);
  const names = new Set([first, second].map((name) => String(name).toLowerCase()));
  // nginx compares the names of arguments without case.
  const isToken = (name: string): boolean => names.has(name.toLowerCase());
  const {
    url: bases,
    secret: secrets,
    expression: signed,
    md5Argument,
    expiresArgument,
    ...given
  } = readSchemeOptions(
    'nginxSecureLink',
    {
      url,
      secret: textKey('secret', 'the secret of secure_link_md5', 'It stands in nginx.conf.'),
      expression: v.optional(expression, '$secure_link_expires$uri $secret'),
      md5Argument: argument('md5'),
      expiresArgument: argument('expires'),
      ...storeEntries,
      parameters: parameters(isToken),
    },
    options,
  );
  if (names.size < 2)
    throw invalidOption(
      'expiresArgument',
      'expected another name than that of `md5Argument`: nginx takes the first argument of a name, without case.',
    );
  const kept = new Set(given.parameters);
  return createQueryScheme({
    name: 'nginx-secure-link',
    bases,
    ...given,
    secrets,
    settings: [new Secret(signed.text).fingerprint, md5Argument, expiresArgument, given.parameters],
    isTokenParameter: isToken,
    signsParameter: (name) => kept.has(name),
    readsParameter: () => false,
    nameProblem,
    respell,
    sign({ path }, { exp }, { key }) {
      const uri = percentDecode(path);
      const md5 = key.hashAround('md5', signed.before(uri, exp), signed.after(uri, exp), 'base64url');
      return `${md5Argument}=${md5}&${expiresArgument}=${exp}`;
    },
    readTerms: (url) =>
      withoutParameters(url, isToken) === url
        ? 'missing'
        : termsOfExpiry(onlyParameter(url, expiresArgument)),
  });
}

/** nginx sees `a/b` for `a//b`, unless it has `merge_slashes off`: the token of one would open the other. */
function nameProblem(url: string, { path, query }: UrlPlace): NameProblem | undefined {
  return url.slice(path, query).includes('//') ? 'empty-segment' : undefined;
}
