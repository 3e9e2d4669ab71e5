/**
 * Finds the image that a URL names, even if its spelling does not verify: it corrects one mistake after the other. It knows
 * no tokens and no keys, and every step takes linear time.
 */
import {
  type DeliveryBase,
  type DeliveryMatch,
  explainUnmatched,
  isSpelledAsSigned,
  matchDelivery,
} from '../../schemes/cloudflare-images/delivery-url.ts';
import type { CloudflareSetup } from '../../schemes/cloudflare-images/scheme.ts';
import { isUnder } from '../../url/base.ts';
import { encodeSegment } from '../../url/canonical.ts';
import { percentDecode } from '../../url/percent-encoding.ts';
import { parseReference } from '../../url/reference.ts';
import { isPlainPath } from '../../validation/base.ts';
import { asBase, describe } from '../../validation/message.ts';
import { type Finding, finding, shown } from './explanation.ts';

export const cloudflareHost = 'imagedelivery.net';
/** Where Cloudflare delivers images on the domain of a site. */
export const cloudflarePath = '/cdn-cgi/imagedelivery';
/** Wrangler's simulator delivers images here, without an account hash. */
export const simulatorPath = '/__cf_local/imagedelivery';

export interface Located {
  /** Undefined if no image was found. */
  readonly match: DeliveryMatch | undefined;
  readonly findings: readonly Finding[];
}

/** A mistake, and the text to look at next: undefined if the intention is unclear. */
interface Correction {
  readonly finding: Finding;
  readonly text?: string;
  readonly bases?: readonly DeliveryBase[];
}

/** More than the kinds of mistakes that can be corrected: each occurs once. */
const maxCorrections = 8;

export function locate(given: string, setup: CloudflareSetup): Located {
  const findings: Finding[] = [];
  let text: string | undefined = given;
  let { bases } = setup;
  for (let i = 0; i < maxCorrections && text !== undefined; i++) {
    const match = matchDelivery(text, bases);
    if (typeof match === 'object') {
      const message = 'The path has characters that browsers percent-encode, but it is verified as written.';
      if (!isSpelledAsSigned(match)) findings.push(finding('unencoded-path', message));
      return { match, findings };
    }
    const next: Correction = match === undefined ? correctBase(text, bases, setup) : correctPath(text, bases);
    findings.push(next.finding);
    ({ text, bases = bases } = next);
  }
  return { match: undefined, findings };
}

/** The URL is under no base: its scheme is unknown, or its beginning is not in `delivery`. */
function correctBase(text: string, bases: readonly DeliveryBase[], setup: CloudflareSetup): Correction {
  const withScheme = correctScheme(text, setup.bases);
  if (withScheme !== text) {
    const message = 'The URL begins with neither `https://` nor `http://`.';
    return { finding: finding('other-scheme', message), text: withScheme };
  }
  const base = bases === setup.bases ? guessBase(text, setup) : undefined;
  if (base === undefined) return { finding: unknownPlace(text) };
  const listed = bases.map((each) => describe(each.text, asBase)).join(', ');
  const message = `The URL is under no base of \`delivery\`, which has ${listed}.`;
  const fix = `If images are there, add ${describe(base.text, asBase)} to \`delivery\`. Otherwise correct the URL.`;
  return { finding: finding('not-under-delivery', message, fix), text, bases: [base] };
}

/** `imagedelivery.net/…`, `https:/host/…` and `ftp://host/…` with `https://`. */
function correctScheme(text: string, bases: readonly DeliveryBase[]): string {
  const [scheme, name, slashes] = /^([a-z][a-z\d+.-]{0,20}):(\/\/?)/i.exec(text) ?? [];
  if (scheme !== undefined) {
    const isHttp = /^https?$/i.test(name!);
    return isHttp === (slashes === '//') ? text : `https://${text.slice(scheme.length)}`;
  }
  const [host = ''] = text.toLowerCase().split('/', 1);
  const hosts = [cloudflareHost, ...bases.map(({ authority }) => authority)];
  return hosts.includes(host) ? `https://${text}` : text;
}

/**
 * Guesses the base of a URL that is under none of `delivery`: the entry to add, which also allows explaining the rest. It
 * guesses only for Cloudflare's own places, and if the path has an account hash.
 */
function guessBase(text: string, { accounts }: CloudflareSetup): DeliveryBase | undefined {
  const reference = parseReference(text);
  if (reference === undefined) return undefined;
  const isPath = reference.authority === 0;
  const authority = isPath ? undefined : text.slice(reference.authority, reference.path).toLowerCase();
  // `delivery` takes no credentials.
  if (authority !== undefined && !/^[\w.-]+(?::\d+)?$/.test(authority)) return undefined;
  const segments = text.slice(reference.path, reference.query).split('/');
  // Account hashes have 22 characters of base64url.
  const account = segments.findIndex((each) => accounts?.has(each) || /^[\w-]{22}$/.test(each));
  const isCloudflare = text.startsWith(`${cloudflarePath}/`, reference.path);
  if (account < 0 && !isCloudflare && authority !== cloudflareHost) return undefined;
  const path = isCloudflare ? cloudflarePath : segments.slice(0, Math.max(account, 0)).join('/');
  if (!isPlainPath(path)) return undefined;
  const base = isPath ? path || '/' : `https://${authority}${path}`;
  return { text: base, authority, path, accountHash: undefined };
}

function unknownPlace(text: string): Finding {
  const reference = parseReference(text);
  if (reference === undefined) {
    return /^(?:https?:)?\/|^https?:/i.test(text)
      ? finding('not-canonical', 'The URL has a backslash or a control character, or lacks a host.')
      : finding('not-a-delivery-url', 'This is neither a URL with a scheme nor a path that begins with `/`.');
  }
  const message = 'The URL is under no base of `delivery`, and does not look like an image of Cloudflare.';
  if (!text.startsWith(`${simulatorPath}/`, reference.path)) return finding('not-a-delivery-url', message);
  return finding('local-simulator', "The URL is from wrangler's local simulator, whose key is public.");
}

/** The URL is under a base, but its path or its query does not match. */
function correctPath(text: string, bases: readonly DeliveryBase[]): Correction {
  const reference = parseReference(text)!; // `matchDelivery` has parsed it, and found the base
  const base = bases.find((each) => isUnder(each, text, reference))!;
  const start = reference.path + base.path.length;
  const path = text.slice(start, reference.query);
  const at = (correct: string): string => text.slice(0, start) + correct + text.slice(reference.query);
  const { reason, id } = { id: '', ...explainUnmatched(text, bases) };
  if (reason === 'too-many-parameters') {
    const message = 'The query has more than 64 parameters, or more than 2048 characters.';
    return { finding: finding(reason, message), text: text.slice(0, reference.query) };
  }
  const bare = path.replace(/\/$/, '');
  const segments = bare.split('/').slice(1);
  const shape = `${base.accountHash === undefined ? '/<account hash>' : ''}/<image id>/<variant>`;
  if (segments.length < shape.split('/').length - 1) {
    const message = `An image URL ends in ${shape}. This one has ${segments.length || 'none'} of these parts.`;
    return { finding: finding('variant-missing', message) };
  }
  if (reason === 'trailing-slash')
    return { finding: finding(reason, 'The path ends with a slash, after the variant.'), text: at(bare) };
  const once = path.replaceAll(/%25(?=[\da-f]{2})/gi, '%');
  if (once !== path) {
    const message = 'The path is percent-encoded twice: it has `%25` before two digits.';
    return { finding: finding('double-encoded', message), text: at(once) };
  }
  if (reason === 'encoded-path') {
    const message =
      'The path encodes characters that are signed unencoded. Often `encodeURIComponent` does that.';
    const fix = `Pass the plain id ${shown(id)} to \`signImage\`: it encodes the id as Cloudflare does.`;
    const plain = segments.map(percentDecode).join('/').split('/');
    return { finding: finding(reason, message, fix), text: at(`/${plain.map(encodeSegment).join('/')}`) };
  }
  const message = 'The path has an empty segment, `.` or `..`, or an impossible image id.';
  return { finding: finding('not-canonical', message) };
}
