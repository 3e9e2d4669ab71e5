/**
 * Makes findings: each code has its way to fix it here. What a message shows of a URL goes through `shown`, or through
 * the descriptions of `validation/message.ts`: no signature, nothing that may be a key, and no invisible character.
 */
import { redactUrl } from '../../url/redaction.ts';
import type { Finding, FindingCode, HintCode } from './explanation.ts';

const hints: Readonly<Record<HintCode, true>> = {
  'older-key': true,
  'custom-id': true,
  'token-on-public-variant': true,
};

/** Plain strings: a bundler keeps template literals, even if nothing uses them. */
const fixes: Readonly<Record<FindingCode, string>> = {
  'not-a-url': 'Pass the URL as text.',
  'url-too-long': 'Look for what made it so long: a delivery URL has some hundred characters.',
  'key-in-url': 'Make a new key in the dashboard, and take this one out of the option `key`.',
  'stray-characters': 'Take them off where the URL is put into text.',
  'html-escaped': 'Decode the character references before the URL leaves the HTML.',
  'double-encoded': 'Percent-encode it once, or not at all: what `signImage` returns is encoded already.',
  'second-question-mark': 'Add parameters with `&` if the URL has a query, and before it is signed.',
  'not-a-delivery-url':
    'Add the beginning of the URL to the option `delivery`, if images are delivered there.',
  'other-scheme': 'Write `https://` before the host.',
  'not-under-delivery': 'Add the beginning of the URL to the option `delivery`.',
  'under-from': 'Sign it: `signImage` and the middleware put the base of the delivery in its place.',
  'local-simulator': 'Sign for Cloudflare with the key of the dashboard: `signImage` does.',
  'not-canonical': 'Write the path as `/<account hash>/<image id>/<variant>`, as `signImage` does.',
  'object-name': 'Rename the object, or write its name in another way.',
  'encoded-path': 'Pass the plain id to `signImage`: it encodes what has to be encoded.',
  'unencoded-path': 'Write the path as `URL` does. Let `signImage` write the URL.',
  'trailing-slash': 'Take the slash off the end of the path.',
  'variant-missing': 'Add the variant: `/<account hash>/<image id>/<variant>`.',
  'too-many-parameters': 'Take out the parameters that the image does not need.',
  'account-not-allowed': 'Correct the account hash, or add it to the option `accountHash`.',
  'variant-not-allowed': 'Correct the variant, or add it to the option `variants`.',
  'flexible-variant': 'Create a named variant at Cloudflare, and add it to the option `variants`.',
  'missing-signature': 'Sign the URL: with `signImage`, or by the middleware.',
  'missing-expiry':
    'Add `exp` before signing. Cloudflare takes URLs that never expire; this package does not.',
  'duplicate-expiry': 'Remove an old `exp` before signing: `unsignImage` does.',
  'duplicate-signature': 'Remove an old `sig` before signing: `unsignImage` does.',
  'signature-not-last': 'Put `sig` at the end, after all that is signed.',
  'encoded-token': 'Write `exp`, `sig` and their values without percent-encoding.',
  'malformed-expiry': 'Write `exp` in whole Unix seconds: `Math.floor(date.getTime() / 1000)`.',
  'expiry-in-milliseconds': 'Write and sign `exp` in seconds: divide by 1000, and round down.',
  'expiry-is-duration': 'Add the duration to the present: `Math.floor(Date.now() / 1000) + seconds`.',
  'malformed-signature': 'Write HMAC-SHA256 as 64 lower-case hexadecimal digits.',
  'truncated-signature': 'Copy the whole URL, or widen the field that stores it.',
  'uppercase-signature': 'Write the digits in lower case.',
  'base64-signature': "Write the signature in hexadecimal: `digest('hex')`.",
  'signed-base-path': 'Take off what stands before the account hash. Sign `signedText` instead.',
  'signed-whole-url': 'Take off the scheme and the host. Sign `signedText` instead.',
  'signed-without-query': 'Append `?exp=<expiry>` before signing. Sign `signedText` instead.',
  'signed-other-separator': 'Join path and expiry by `?exp=`. Sign `signedText` instead.',
  'signed-joined-parts': 'Sign `signedText` instead.',
  'signed-without-account':
    'Begin with the account hash, even if the URL leaves it out. Sign `signedText` instead.',
  'signed-without-leading-slash': 'Begin with a slash. Sign `signedText` instead.',
  'signed-decoded-path': 'Sign the path as it stands in the URL. Sign `signedText` instead.',
  'signed-old-signature': 'Remove an old `exp` and `sig` before signing: `unsignImage` does.',
  'plain-hash': 'Compute an HMAC with the key: a plain hash of a key and a text can be forged.',
  'other-digest': 'Compute the HMAC with SHA-256.',
  'key-hex-decoded': "Use the key's text, as UTF-8.",
  'key-base64-decoded': "Use the key's text, as UTF-8.",
  'key-with-white-space': 'Trim the key where the signing program reads it.',
  'key-in-quotes': 'Take the quotes off the key where the signing program reads it.',
  'parameter-added': 'Add parameters before signing, or not at all.',
  'parameters-reordered': 'Keep the order of the parameters after signing. Sign `signedText` instead.',
  'parameters-reencoded': 'Send exactly the characters that were signed. Sign `signedText` instead.',
  'variant-changed': 'Sign each variant for itself: `signImage(image, variant)`.',
  'unknown-signature': 'Compare the key and `signedText` with those of the program that signed.',
  expired: 'Sign the URL again. If pages live longer than their images, set a longer `ttl`.',
  'untrusted-clock': "Correct the machine's clock, or what the option `now` returns.",
  'older-key': 'Sign it again before that key is taken out of the list.',
  'custom-id': 'For a private image, use the id that Cloudflare gives it.',
  'token-on-public-variant': 'Leave the token out, so that caches can share the image.',
};

/** @param fix - in the place of the code's own */
export function finding(code: FindingCode, message: string, fix: string = fixes[code]): Finding {
  return { code, kind: Object.hasOwn(hints, code) ? 'hint' : 'failure', message, fix };
}

/** A text of the URL in quotes, for a message; it may be an image id, but no parameter. */
export function shown(text: string): string {
  return `'${redactUrl(text, 200)}'`;
}
