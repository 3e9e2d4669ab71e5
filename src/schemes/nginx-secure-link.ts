/** `nginxSecureLink`: images that nginx protects with its `secure_link` module. */
import * as v from 'valibot';
import { Secret } from '../signing/digests.ts';
import { percentDecode } from '../url/percent-encoding.ts';
import { asName, expected, expectedSecret } from '../validation/message.ts';
import { textLike } from '../validation/schema.ts';
import type { Scheme, SchemeImage, SecretOption } from './definition.ts';
import { normalSpelling } from './normal-spelling.ts';
import { parameters, type QueryOptions, readSchemeOptions, storeEntries, url } from './options.ts';
import { createQueryScheme } from './query-scheme.ts';
import { textKey } from './secrets.ts';
import { onlyParameter } from './url-parts.ts';
import { termsOfExpiry } from './verify-by-signing.ts';

/** The options of `nginxSecureLink`. */
export interface NginxSecureLinkOptions extends QueryOptions {
  /**
   * Where nginx serves the images, or a list: `https://photos.example/private`, or a path such as `/private`. The path must be
   * the one that nginx sees.
   */
  readonly url: string | readonly string[];
  /**
   * The secret in `secure_link_md5`; a list, of which the first signs; or a function. The type allows `undefined` only for
   * environment variables.
   */
  readonly key: SecretOption<string> | undefined;
  /**
   * The expression of `secure_link_md5`, with `$key` instead of the secret. nginx computes its MD5.
   * @default '$secure_link_expires$uri $key'
   */
  readonly expression?: string | undefined;
  /**
   * The names of the token's parameters, in the order of `secure_link $arg_md5,$arg_expires`.
   * @default ['md5', 'expires']
   */
  readonly token?: readonly [md5: string, expires: string] | undefined;
}

/** nginx has variables only for arguments with such names. */
const argument = (name: string) =>
  textLike(/^\w{1,32}$/, 'the name of an argument', `For example, '${name}', for $arg_${name}.`, asName);

const argumentNames = v.pipe(
  v.strictTuple(
    [argument('md5'), argument('expires')],
    expected('the names of two arguments', "For example, ['md5', 'expires'].", asName),
  ),
  v.check(
    ([md5, expires]) => md5.toLowerCase() !== expires.toLowerCase(),
    () => 'expected two different names, got one twice. nginx ignores the case of argument names.',
  ),
);

type Part = string | { readonly variable: string };

const example = "Write it as in nginx.conf, such as '$secure_link_expires$uri $key'";

/** Variables of the visitor's request. Messages show only these names: any other may be part of a secret with a `$`. */
const visitorVariables: ReadonlySet<string> = new Set([
  ...['remote_addr', 'binary_remote_addr', 'remote_port', 'remote_user', 'realip_remote_addr'],
  ...['http_user_agent', 'http_referer', 'http_cookie', 'http_host', 'http_x_forwarded_for'],
  ...['http_x_real_ip', 'args', 'query_string', 'request', 'request_uri', 'request_method', 'host'],
  ...['scheme', 'server_port'],
]);

/** It can contain a second secret of the site: never show it. */
const expression = v.pipe(
  v.string(expectedSecret('the expression of secure_link_md5', `${example}.`)),
  v.rawCheck(({ dataset, addIssue }) => {
    const problem = dataset.typed && problemOf(dataset.value, partsOf(dataset.value));
    if (problem) addIssue({ message: expectedSecret(...problem)({ input: dataset.value }) });
  }),
);

/** What is expected, and how to fix it; undefined for an expression that can be signed. */
function problemOf(text: string, parts: readonly Part[]): [what: string, hint: string] | undefined {
  if (/^\s*secure_link_md5\s|^(["']).*\1;?$/s.test(text))
    return ['only the expression, without secure_link_md5 and quotes', `${example}.`];
  if (text.includes('\\'))
    return ['an expression without a backslash', 'nginx.conf reads it as the beginning of an escape.'];
  const names = parts.flatMap((part) => (typeof part === 'object' ? part.variable : []));
  const count = (name: string): number => names.filter((each) => each === name).length;
  if (count('key') !== 1)
    return ['$key once, instead of the secret', `${example}. The secret is the option \`key\`.`];
  const ofVisitor = names.find((name) => visitorVariables.has(name));
  if (ofVisitor !== undefined)
    return [
      `an expression without $${ofVisitor}`,
      'nginx reads its value from the image request, which is unknown when the URL is signed. Remove it from nginx.conf as well.',
    ];
  const [uris, expiries] = [count('uri'), count('secure_link_expires')];
  if (names.length > uris + expiries + 1 || parts.includes('$'))
    return [
      'only the variables $secure_link_expires, $uri and $key',
      'Write fixed values, such as the name of the server, as text.',
    ];
  if (uris !== 1 || expiries !== 1)
    return ['$secure_link_expires and $uri once each', `${example}: a token needs a path and an expiry.`];
  return hasOneReading(parts)
    ? undefined
    : [
        '$secure_link_expires before $uri, or a character that is not a digit between them',
        'Digits at the end of a name could be read as part of the expiry, and one token would open two images.',
      ];
}

/** As nginx reads it: `$name` or `${name}`, without case. */
function partsOf(text: string): readonly Part[] {
  return Array.from(text.matchAll(/\$(?:\{(\w+)\}|(\w+))|[^$]+|\$/g), ([whole, braced, bare]) => {
    const name = braced ?? bare;
    return name === undefined ? whole : { variable: name.toLowerCase() };
  });
}

function indexOf(parts: readonly Part[], name: string): number {
  return parts.findIndex((part) => typeof part === 'object' && part.variable === name);
}

/**
 * Whether the hashed text can be read in only one way. A path begins with `/` and can end with a digit; an expiry consists of
 * digits. An expiry before the path ends at the first character that is not a digit. An expiry after the path begins after
 * the last such character, which must be a literal of the expression, since the path or the secret can end with digits.
 *
 * The position of the secret does not matter. A length extension of the MD5 needs NUL bytes, and nginx answers those with
 * `400`.
 */
function hasOneReading(parts: readonly Part[]): boolean {
  const [uri, expires] = [indexOf(parts, 'uri'), indexOf(parts, 'secure_link_expires')];
  const between = parts.slice(uri, expires);
  return expires < uri || between.some((part) => typeof part === 'string' && /\D/.test(part));
}

/** A part of the hashed text. @param uri - decoded, like nginx's `$uri` */
function filled(parts: readonly Part[], uri: string, exp: number): string {
  let text = '';
  for (const part of parts) text += typeof part === 'string' ? part : part.variable === 'uri' ? uri : exp;
  return text;
}

/**
 * Images that nginx serves, from its disk or from a store behind it, with `secure_link` and `secure_link_md5`. The parameters
 * `md5` and `expires` are appended to the query. With the configuration in `docs/schemes/nginx-secure-link.md`, nginx answers
 * `403` to a URL without a token and `410` to an expired one.
 *
 * nginx hashes the decoded path, after merging slashes. So names with an empty segment are not signed.
 * @returns a scheme for the option `scheme`
 * @throws ImageSignerError INVALID_OPTION, with `option`; also for an expression with a variable of the visitor's request, such
 *   as `$remote_addr`, or in which the end of the path could be read as the beginning of the expiry
 * @see nginx, "Module ngx_http_secure_link_module" (https://nginx.org/en/docs/http/ngx_http_secure_link_module.html)
 * @example
 * ```ts
 * const scheme = nginxSecureLink({
 *   url: 'https://photos.example/private',
 *   key: process.env.SECURE_LINK_SECRET,
 *   prefixes: 'uploads/',
 * });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 */
export function nginxSecureLink(options: NginxSecureLinkOptions): Scheme<SchemeImage<'nginx-secure-link'>> {
  const { token: names = ['md5', 'expires'] } = Object(options);
  const tokenNames = [names].flat().map((name) => String(name).toLowerCase());
  // nginx compares the names of arguments without case.
  const isToken = (name: string): boolean => tokenNames.includes(name.toLowerCase());
  const entries = {
    url,
    key: textKey('key', 'the secret of secure_link_md5', 'It is in nginx.conf.'),
    expression: v.optional(expression, '$secure_link_expires$uri $key'),
    token: v.optional(argumentNames, ['md5', 'expires']),
    ...storeEntries,
    parameters: parameters(isToken),
  } satisfies Record<keyof NginxSecureLinkOptions, v.GenericSchema>;
  const { url: bases, key: secrets, ...given } = readSchemeOptions('nginxSecureLink', entries, options);
  const [md5, expires] = given.token;
  const parts = partsOf(given.expression);
  const [before, after] = [parts.slice(0, indexOf(parts, 'key')), parts.slice(indexOf(parts, 'key') + 1)];
  return createQueryScheme({
    name: 'nginx-secure-link',
    bases,
    ...given,
    secrets,
    settings: [new Secret(given.expression).fingerprint, given.token],
    isTokenParameter: isToken,
    readsParameter: () => false,
    // nginx reads `a//b` as `a/b`, unless it has `merge_slashes off`: the token of one would open the other.
    nameProblem: (address, { path, query }) =>
      address.slice(path, query).includes('//') ? 'empty-segment' : undefined,
    // `$uri` is decoded, whatever the URL's spelling. So every name is signed in only one spelling.
    respell,
    sign({ path }, { exp }, { key }) {
      const uri = percentDecode(path);
      const hash = key.hashAround('md5', filled(before, uri, exp), filled(after, uri, exp), 'base64url');
      return `${md5}=${hash}&${expires}=${exp}`;
    },
    readTerms: (address) => termsOfExpiry(onlyParameter(address, expires)),
  });
}

const respell: (path: string) => string = normalSpelling('/');
