/**
 * The expression of nginx's `secure_link_md5`: how it is written, what it is made of, and which ones are refused because a
 * token would say two things, or because only nginx knows what is signed.
 */
import * as v from 'valibot';
import { expectedSecret } from '../validation/message.ts';
import type { Schema } from '../validation/schema.ts';

/** The text that is hashed, in two halves: the secret stands between them. */
export interface SecureLinkExpression {
  /** As it was given. It may hold a second secret of the site: never show it. */
  readonly text: string;
  /** @param uri - as nginx's `$uri` has it: decoded @param exp - in Unix seconds */
  before(uri: string, exp: number): string;
  after(uri: string, exp: number): string;
}

type Part = { readonly text: string } | { readonly variable: string };

const signed = ['secure_link_expires', 'uri', 'secret'] as const;

const example = "Write it as in nginx.conf, such as '$secure_link_expires$uri $secret'";

/** Only names of this list are shown: another one may be a part of a secret that holds a `$`. */
const visitorVariables: ReadonlySet<string> = new Set([
  ...['remote_addr', 'binary_remote_addr', 'remote_port', 'remote_user', 'realip_remote_addr'],
  ...[
    'http_user_agent',
    'http_referer',
    'http_cookie',
    'http_host',
    'http_x_forwarded_for',
    'http_x_real_ip',
  ],
  ...['args', 'query_string', 'request', 'request_uri', 'request_method', 'host', 'scheme', 'server_port'],
]);

/** The option `expression`. */
export const expression: Schema<SecureLinkExpression> = v.pipe(
  v.string(expectedSecret('the expression of secure_link_md5', `${example}.`)),
  v.check(
    (text) => problemOf(text) === undefined,
    ({ input }) => expectedSecret(...problemOf(input as string)!)({ input }),
  ),
  v.transform(compile),
);

/** What is expected, and how to fix it; undefined for an expression that can be signed. */
function problemOf(text: string): readonly [what: string, hint: string] | undefined {
  if (/^\s*secure_link_md5\s|^(["']).*\1;?$/s.test(text))
    return ['the expression alone, without secure_link_md5 and quotes', `${example}.`];
  if (text.includes('\\'))
    return ['an expression without a backslash', 'nginx.conf takes it for the beginning of an escape.'];
  const parts = partsOf(text);
  const names = parts.flatMap((part) => ('variable' in part ? part.variable : []));
  if (names.filter((name) => name === 'secret').length !== 1)
    return ['$secret once, in the place of the secret', `${example}; the secret is an option of its own.`];
  const ofVisitor = names.find((name) => visitorVariables.has(name));
  if (ofVisitor !== undefined)
    return [
      `an expression without $${ofVisitor}`,
      'nginx takes its value from the request for the image, which nobody knows when the URL is signed. Take it out of nginx.conf as well.',
    ];
  if (names.some((name) => !(signed as readonly string[]).includes(name)) || hasLoneDollar(parts))
    return [
      'no variables but $secure_link_expires, $uri and $secret',
      'What is fixed in nginx.conf, such as the name of the server, is written as text.',
    ];
  if (names.length !== signed.length || new Set(names).size !== signed.length)
    return ['each of $secure_link_expires and $uri once', `${example}: a token is for one path, and ends.`];
  return hasOneReading(parts)
    ? undefined
    : [
        '$secure_link_expires before $uri, or something else than digits between them',
        'Digits at the end of a name could be the first ones of the expiry, and one token would open two images.',
      ];
}

/** As nginx reads it: `$name` or `${name}`, without case. */
function partsOf(text: string): readonly Part[] {
  return Array.from(text.matchAll(/\$(?:\{(\w+)\}|(\w+))|[^$]+|\$/g), ([whole, braced, bare]) => {
    const name = braced ?? bare;
    return name === undefined ? { text: whole } : { variable: name.toLowerCase() };
  });
}

function hasLoneDollar(parts: readonly Part[]): boolean {
  return parts.some((part) => 'text' in part && part.text === '$');
}

/**
 * A path begins with `/` and ends with anything, digits included; an expiry has digits alone. So an expiry that comes first
 * ends where the digits and what follows them end, whatever the path is. One that comes last begins behind the last character
 * before it that is no digit: that has to be one of the expression, since a secret may consist of digits.
 *
 * Where the secret stands does not matter. An MD5 can be continued behind what was hashed, but only by bytes of which some
 * are NUL, and nginx answers `400` to those.
 */
function hasOneReading(parts: readonly Part[]): boolean {
  const at = (name: string): number =>
    parts.findIndex((part) => 'variable' in part && part.variable === name);
  const [uri, expires] = [at('uri'), at('secure_link_expires')];
  const between = parts.slice(uri, expires);
  return expires < uri || between.some((part) => 'text' in part && /\D/.test(part.text));
}

function compile(text: string): SecureLinkExpression {
  const parts = partsOf(text);
  const secret = parts.findIndex((part) => 'variable' in part && part.variable === 'secret');
  return { text, before: filled(parts.slice(0, secret)), after: filled(parts.slice(secret + 1)) };
}

function filled(parts: readonly Part[]): (uri: string, exp: number) => string {
  return (uri, exp) => {
    let text = '';
    for (const part of parts) text += 'text' in part ? part.text : part.variable === 'uri' ? uri : exp;
    return text;
  };
}
