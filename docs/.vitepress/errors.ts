/**
 * What every code, reason and warning means, and what to do about it. `npm run generate -- errors` makes docs/errors.md of it. The
 * compiler asks for an entry when the package learns a new code.
 * Longer than most files: nearly all of it is sentences.
 */
import type { ImageSignerErrorCode } from '../../src/errors.ts';
import type { ImageSignerEvent, PassReason, RefusalReason, SkipReason } from '../../src/options/events.ts';
import type { FindingCode } from '../../src/tools/diagnosis/explanation.ts';

/** In Markdown; `more` is a list or a paragraph that follows. */
type Entry = readonly [meaning: string, fix: string, more?: string];

const thrown: Readonly<Record<ImageSignerErrorCode, Entry>> = {
  INVALID_OPTION: [
    'An option or an argument is missing, unknown or malformed.',
    '`error.option` names it (`variants.card.ttl`); the message says what was expected and what came. It never shows a key.',
  ],
  NOT_A_DELIVERY_URL: [
    '`signImage` or `signSrcset` got neither a URL under a base of `delivery` nor an image id. Text with `://`, or with a `/` in front, counts as a URL. A [scheme](schemes.md) expects its `url`, or an id under `prefixes` without a slash in front.',
    'Pass one of these. A view gets the text back.',
  ],
  ACCOUNT_NOT_ALLOWED: [
    'The account hash, first in the path, is not in `accountHash`.',
    'Add it, or leave the URL unsigned.',
  ],
  ACCOUNT_REQUIRED: [
    'An image id was signed without `accountHash`.',
    'Set it (Cloudflare shows it under Images), or pass a delivery URL.',
  ],
  VARIANT_REQUIRED: [
    'An image id came without a variant, or `signSrcset` has no candidates and no variant a `width`.',
    'Pass the variant as second argument, or set `variants: { thumb: { width: 320 } }`.',
  ],
  VARIANT_NOT_ALLOWED: [
    'The variant is not in `variants`.',
    'Add it if it may be signed. A [scheme](schemes.md) takes none; in a list with `cloudflareImages`, pass options of a call as third argument.',
  ],
  SCHEME_FAILED: [
    '`match`, `strip` or `sign` of a scheme of your own threw, or broke its [rules](own-scheme.md); `error.cause` is what `sign` threw.',
    '`checkScheme` of `image-signer/testing` finds the rule and the URL.',
  ],
  KEY_UNAVAILABLE: [
    'The function `key` (or `credentials` of `s3`) has given nothing yet; `error.cause` says why, if it failed.',
    'Await `signer.ready()` before the first `signImage`.',
    'Middleware, guard and endpoint wait. If it fails, they pass this error on with `status` 503 (`next` in Express; error handlers of Koa, Fastify, Hono), or answer `503` (fetch, bare servers). The next request asks again.',
  ],
};

const unsigned: Readonly<Record<SkipReason | RefusalReason, Entry>> = {
  'variant-not-allowed': [
    'The variant is not in `variants`.',
    'Add it. A flexible variant (`w=400,h=300`) cannot be listed, since Cloudflare serves those of public images only: create a named one.',
  ],
  'account-not-allowed': [
    'The account, first in the path, is not in `accountHash`: images of other accounts are not signed.',
    'Add it if it is yours.',
  ],
  'not-under-delivery': [
    'The URL looks like one of Cloudflare Images, but begins with no entry of `delivery`. A path (`/cdn-cgi/imagedelivery`) matches no absolute URL: list both if the site has both.',
    'Add the base (`delivery` of the event), but only if the host is yours.',
    'Other [schemes](schemes.md) do not report it: what is not under `url`, which may be a [list](schemes/s3.md#two-spellings-of-a-url), stays plain, and `explainUrl` says `not-a-delivery-url`.',
  ],
  'encoded-path': [
    'The path is encoded in another way than `new URL()` does (`a%2Cb` for `a,b`), usually by `encodeURIComponent`. Cloudflare signs one spelling alone.',
    "Write the id (`id` of the event) plainly: `signImage('a,b', 'thumb')` encodes it.",
  ],
  'variant-missing': [
    'The URL ends with the image id.',
    'Add the variant: `<base>/<account hash>/<image id>/<variant>`.',
  ],
  'trailing-slash': ['The URL ends with a slash, which would be signed too.', 'Remove it.'],
  'too-many-parameters': [
    'The query has more than 64 parameters, or more than 2,048 characters.',
    'Remove what the image does not need.',
  ],
  'object-name': [
    'A server on the way could read the [name of the object](schemes.md#names-of-objects) as another path, which the token would open.',
    'By `problem` of the event:',
    `- \`encoded-slash\`: \`%2F\`, also after another decoding. Write \`/\`, or pass plain text: \`signImage('uploads/a.jpg')\`. Rename an object whose name holds \`%2F\`.
- \`dot-segment\`: \`.\` or \`..\`, after one or two decodings. Leave it out, or rename.
- \`backslash\`, \`control-character\`: rename.
- \`not-utf-8\`: write \`caf%C3%A9\` for \`caf%E9\`.
- \`trailing-slash\`: remove it.
- \`plain-names-only\`: under a path of the site, or with \`plainNames\`: \`#\`, \`?\`, \`^\`, \`%\` before two hexadecimal digits, \`//\`, a URL in front, a space at an end. Rename, or deliver from a host of its own.
- \`bare-plus\`: stores read \`+\` in different ways. Write \`%2B\`.
- \`wildcard\`: CloudFront takes \`*\` for any text. Write \`%2A\`.
- \`empty-segment\`: nginx and Cloudflare merge \`//\`. Rename, or remove a slash.
- \`trailing-digit\`: Bunny and ImageKit could read it into the expiry. Rename; at ImageKit write \`/tr:w-300/a.jpg\` for \`/a.jpg?tr=w-300\`.
- \`more-readings\`: [Bunny's page](schemes/bunny.md#names-that-are-not-signed) says how to write it.
- \`edge-token-character\`: \`~\`, or in an acl token \`*\`, \`?\`, \`!\`. Rename, or use \`kind: 'url'\`, which takes all but \`~\`.`,
  ],
  'parameter-not-allowed': [
    'The URL was signed without `parameter`, which [`parameters`](schemes.md#what-a-query-may-ask-for-parameters) of its scheme does not list. Reported once a name.',
    "If everybody may choose its value, add it: `parameters: ['v', 'size']`.",
  ],
  'not-a-delivery-url': [
    'In a page: an empty or dot segment, a backslash, a control character, or what the [scheme](schemes.md#which-one) excludes, such as by `prefixes`. In a view: a helper got something else, which came back. At the guard: no image; the client got `404`.',
    'Write the URL as `signImage` does.',
  ],
  'scheme-failed': [
    'A scheme of your own threw, or returned something other than a URL under its base. This URL stays plain.',
    'See [SCHEME_FAILED](#scheme_failed).',
  ],
  'white-space-in-url': [
    'A value in JSON, `data-*` or `locals` would be an image URL but for white space in its path, so it is [taken for a text](how-it-works/what-is-rewritten.md#one-url-or-a-text).',
    'If it is a URL, write `%20`, or use `encodeURI()`.',
  ],
  'markup-in-script': [
    'In a script of JSON or a template, the URL holds a bare `<` or `>`, which may decide where the script ends.',
    'Write `\\u003c` and `\\u003e` in JSON, `&lt;` and `&gt;` in a template, or `%3C` and `%3E`. A URL that a template computes (`<%= id %>`): sign it in the data, with `rewrite.json` or `signData`.',
  ],
  'not-authorized': [
    '`authorize` did not return `true`; the URL went out plain, or as `deniedVariant`.',
    'Return `true`, not a truthy value, if this viewer may see the image.',
  ],
  'authorize-threw': ['`authorize` threw, which counts as a no.', 'Catch the error in it.'],
  'authorize-not-synchronous': [
    '`authorize` returned a promise, which counts as a no. (That of the endpoint may return one.)',
    'Ask the database in an earlier middleware, and let `authorize` read the result.',
  ],
  'missing-signature': [
    'The URL has neither `exp` nor `sig`. If it stands in your page, that was not rewritten.',
    'Install `imageSigner` before the route. Is the type rewritten (`rewrite.json`)? Did a script put the URL there?',
  ],
  'malformed-signature': [
    '`exp` (whole seconds) or `sig` (64 lower-case hexadecimal digits, last) is missing, doubled or malformed; or the token is of another version or store (AWS signature version 2).',
    '`explainUrl(url, options)` says what is wrong.',
  ],
  'bad-signature': [
    'No key of the signer made this signature: it is by another key, or the URL was changed after signing (parameter, variant, encoding).',
    'List older keys too; `explainUrl(url, options)` tries the usual mistakes.',
  ],
  expired: [
    'The signature is right, but its time is over: a cache keeps pages for too long, or the app stores signed URLs.',
    '[Configure caches](caching.md); store URLs without tokens (`unsignImage`).',
  ],
  'untrusted-clock': [
    'The clock shows more than a day before the process began. Nothing is signed or accepted.',
    'Correct the clock, or the option `now`.',
  ],
};

const leftAlone: Readonly<Record<PassReason, Entry>> = {
  'too-long': [
    'A tag, CSS token, JSON string, event or part that names its length has more than 64 KiB, or texts are nested more than eight deep. The rest was rewritten.',
    'Make it shorter, or sign its URLs with `signImage()`.',
  ],
  encoding: [
    'The body has several content encodings, or one that this runtime cannot decode.',
    'Compress after signing (`compression` works on both sides), with gzip, br or deflate.',
  ],
  charset: ['The page is in UTF-16, UTF-32, UTF-7 or ISO-2022-JP.', 'Send it in UTF-8.'],
  'corrupt-body': [
    'The body is not what `Content-Encoding` says. It went out as it came, or was cut off at the error.',
    'Set the header for encoded bodies only.',
  ],
  'no-transform': [
    '`Cache-Control: no-transform` forbids to change the body (RFC 9111, 5.2.2.6).',
    'Leave it out, or sign the URLs with `signImage()`.',
  ],
  'partial-content': [
    'The response is a part of a page (`206`, or `Content-Range`).',
    'Answer `200` with the whole page.',
  ],
  'style-hash': [
    '`Content-Security-Policy` allows styles by hash, which a signed URL would change: the CSS was left alone.',
    'Use a nonce, or sign before you compute the hash.',
  ],
  header: ['Node.js did not accept the signed `Link` header.', 'Percent-encode what is not ASCII in it.'],
  'script-state': [
    'A script that is not rewritten, such as the state that a framework hydrates, holds URLs without tokens. Reported once a middleware.',
    'Use `<script type="application/json">`, or sign them: [Frameworks](frameworks.md).',
  ],
  'unread-type': [
    'A text that is not rewritten holds URLs without tokens: these images are broken. Reported in development, once a middleware and once for JSON (see `contentType`); not in Workers.',
    'By its type:',
    `- **JSON**: set [\`rewrite: { json: true }\`](reference/options.md#rewrite), and name members with HTML or Markdown in \`fields\`.
- **Feeds, mail**: see [feeds](guides/feeds.md), [mail](guides/mail.md).
- **CSS**: use a \`<style>\` of the page, or a handler that calls \`signImage()\`. Shared caches may not keep it longer than its tokens.
- **SVG, XHTML, others**: call \`signImage()\` where the text is made.
- Signed elsewhere, such as by the [endpoint](reference/endpoint.md)? Ignore it.`,
  ],
  'markup-in-json': [
    'A string of JSON holds HTML or Markdown, whose URLs have no token: these images are broken. Reported in development, once a middleware, with the name of the `member`.',
    "Name the member in [`fields`](reference/options.md#fields): `fields: { content: 'html' }`, or `content: markdown` of `image-signer/markdown`.",
    'In a text that is shown as it is, such as a code sample, nothing is wrong.',
  ],
  'unused-base': [
    'A hundred pages with images had no URL under a base of `delivery` (or `url` of a scheme). `hosts` are those that they have images of. Reported in development, once a base.',
    'Are the images at one of these hosts? Then put it in the place of the base. `image-signer check` with the URL of a page [says more](cli.md#check).',
  ],
  'is-public-threw': [
    '`isPublic` threw. The image needed a token.',
    'Catch the error in it; return true or false.',
  ],
  'is-public-not-synchronous': [
    '`isPublic` returned a promise, which counts as a no.',
    'Keep what it needs to know in memory.',
  ],
  'sharp-missing': [
    '`imageDelivery` sends originals for variants, and `501` for always public ones. Reported once.',
    '`npm install sharp`, and not as a `devDependency`.',
  ],
  'skip-threw': ['`skip` threw, so the response was rewritten.', 'Catch the error in it.'],
  'skip-not-synchronous': [
    '`skip` returned a promise, which counts as false.',
    'Decide in an earlier middleware, and let `skip` read the result.',
  ],
  'late-authorize': [
    'A helper asked `authorize` after headers that let a shared cache keep the response: others could get these URLs. Reported once a response.',
    'Call `signImage` and `signSrcset` before the first byte, or send `Cache-Control: private`.',
  ],
  'too-many-signatures': [
    'The response has more new images than `maxSignatures` (4,096, unless the scheme says otherwise). The rest stayed plain, and the page `no-store`; the next response signs more. Reported once a response.',
    'Show fewer, raise `maxSignatures`, or give `cloudFront` a `policy`: one signature opens a folder.',
    'A token that has to be verified counts; cached ones and calls of `signImage` do not. If headers were out, a cache may keep the page. Look for a text of strangers full of URLs.',
  ],
  'skip-not-boolean': [
    '`skip` returned something truthy; only `true` leaves a response alone.',
    'Return `Boolean(…)` of it.',
  ],
  'late-ttl': [
    'After the headers were sent, `signImage` made a URL that expires before caches drop the page. Reported once a response.',
    'Call it before the first byte, or with a longer ttl.',
  ],
  'too-many-encoded': [
    'Too many encoded pages were streaming, so this one went out unsigned and uncached. A middleware may use 256 MiB: 2,000 pages in gzip or deflate, 500 in br or zstd (fetch: 800, 500).',
    'Compress after signing. If clients hold pages open, set a timeout in a proxy (`server.requestTimeout` does not end a slow download).',
    'Pages passed to `end` whole do not count. A `Response` dropped unread counts until it is garbage-collected.',
  ],
  'encoded-above': [
    'A page came encoded from middleware that is mounted after `imageSigner`, such as `compression`: it is decoded, signed and encoded again, which takes milliseconds. Reported in development, once a middleware.',
    'Mount `imageSigner` after it: `app.use(compression())` first.',
  ],
  interrupted: [
    'Another middleware took the methods of `imageSigner` off within a page. What was held back of it, `bytes`, never went out.',
    'Mount `imageSigner` on the other side of that middleware.',
  ],
  'internal-error': [
    'The [clock cannot be right](#untrusted-clock), or the package has a bug. The rest of the page is unsigned and uncached.',
    'Check the clock, or [report it](https://github.com/image-signer/image-signer/issues).',
  ],
};

type OtherEvent = Exclude<ImageSignerEvent['type'], 'skipped' | 'passed' | 'refused' | 'rewritten'>;

const others: Readonly<Record<OtherEvent | 'more-warnings', Entry>> = {
  'installed-late': [
    'In Express 5 a route stands before `imageSigner`, so its responses are not signed.',
    'Move `app.use(imageSigner(…))` above the routes that send images.',
  ],
  'installed-twice': [
    'Two `imageSigner` middlewares with different options handle one response, and those of the later one hold.',
    'Install one, or give both the same options.',
  ],
  'more-warnings': [
    '20 warnings were shown, and no more will be: whoever chooses URLs cannot fill the log.',
    'Pass `report` to hear of every event.',
  ],
  'key-unavailable': [
    'The function `key` (or `credentials`, `delegation`, `secret` of a scheme) threw, took ten seconds, or gave no secret or one that has ended: see `error`. It is asked again after a second, and after twice as long each time, up to 30. With `hasKey` the last keys stay in use; without, requests get `503` with `Retry-After`.',
    'See [Rotating keys](key-rotation.md#from-a-secret-manager).',
  ],
  'key-ends-early': [
    'Credentials of a scheme, such as those of a role for `s3`, end at `endsAt` (Unix seconds), before the ttl is over. No URL outlives them, and pages are kept for a shorter time. Reported once for each.',
    'Use longer or fresher credentials, or a shorter ttl.',
  ],
  'stored-token': [
    'A page or data held a token older than one step (`stableFor`), or expired: a form, an editor or the app saved it. The visitor got a new one; a feed, mail or export breaks. Reported once a minute, with `url`, `place`, `page`.',
    'Before you save, call `signer.unsignImage(url)`, or `signer.unsignText(text)` for HTML and Markdown ([editors](guides/editors.md)); run what is stored through it once.',
    'Not reported: tokens of unknown keys or of `cloudflareWaf`, and valid ones with a `ttl` or `expiresAt` of their own. A false alarm if a cache between app and middleware keeps pages, or visitors send back what an old page showed.',
  ],
};

const findings: Readonly<Record<Exclude<FindingCode, SkipReason | RefusalReason>, Entry>> = {
  'under-from': [
    'The URL is under a base of `from`, where images are [stored](guides/stored-urls.md), not delivered. Other findings are about the URL that it becomes.',
    'Let `imageSigner` rewrite the page, or call `signImage`.',
  ],
  'not-a-url': ['`explainUrl` was not given text.', 'Pass text: `url.href`.'],
  'url-too-long': [
    'The URL has more than 16,384 characters: servers refuse it.',
    'Look for data in a parameter, or for what was pasted along.',
  ],
  'key-in-url': [
    'The URL contains a whole key (16 characters or more), so nothing else is explained.',
    'Everybody may know it now: make a new key, and take this one out of `key`.',
  ],
  'stray-characters': [
    'Quotes, brackets, punctuation or white space stand around the URL, as mail and chat programs add.',
    'Write `<URL>` in text, and copy it without them.',
  ],
  'html-escaped': [
    'The query has `&amp;` or `&#38;` for `&`: copied from the source of a page, or escaped twice.',
    'Copy it from the network panel; in a template, escape once.',
  ],
  'double-encoded': [
    'URL, query or path is encoded once too often (`https%3A%2F%2F…`, `%252C`).',
    'Decode parameters before use. What `signImage` returns is encoded already.',
  ],
  'second-question-mark': [
    '`?exp=…` was appended to a URL with a query.',
    'Append with `&`, or use `URL.searchParams`, before signing.',
  ],
  'other-scheme': [
    'The URL begins with neither `https://` nor `http://`; a proxy may have merged slashes.',
    'Write `https://` before the host.',
  ],
  'local-simulator': [
    "URL or signature are of wrangler's simulator (`/__cf_local/imagedelivery/…`), whose key everybody knows. It signs its prefix, and no account hash.",
    'Sign with the key of the dashboard; store no URLs of it.',
  ],
  'not-canonical': [
    'The path has an empty or dot segment, a backslash, a control character or an [impossible image id](how-it-works/signed-url.md#what-an-image-id-may-hold).',
    'Write `/<account hash>/<image id>/<variant>`.',
  ],
  'unencoded-path': [
    'The path holds a space, an `é` or the like. Browsers percent-encode it, and `verifyImage` expects that.',
    'Let `signImage` write the URL, or use `new URL(…).href`.',
  ],
  'flexible-variant': [
    'The variant consists of options (`w=400,h=300`). Cloudflare delivers no private image in one.',
    'Create a named variant with these options, and add it to `variants`.',
  ],
  'missing-expiry': [
    '`sig` without `exp`. Cloudflare accepts URLs that never expire; this package does not.',
    'Add `exp` before signing.',
  ],
  'duplicate-expiry': [
    'More than one `exp`: signed twice, with `append` for `set`.',
    'Remove the old token first: `unsignImage`.',
  ],
  'duplicate-signature': ['More than one `sig`: signed twice.', 'Remove the old token first: `unsignImage`.'],
  'signature-not-last': ['Parameters follow `sig`: sorted, or added after signing.', 'Put `sig` at the end.'],
  'encoded-token': [
    '`exp`, `sig` or their values are percent-encoded.',
    'Write them plainly: letters and digits.',
  ],
  'malformed-expiry': [
    '`exp` is a date in words, a fraction, or has a sign or a leading zero.',
    'Write `Math.floor(date.getTime() / 1000)`.',
  ],
  'expiry-in-milliseconds': [
    '`exp` is in milliseconds, as `Date.now()` gives them.',
    'Divide by 1000, and round down, before signing.',
  ],
  'expiry-is-duration': [
    '`exp` is a small number, such as 3600: the ttl without the present.',
    '`Math.floor(Date.now() / 1000) + ttl`.',
  ],
  'truncated-signature': [
    'The signature has fewer than 64 digits. They are not compared: that would help to guess.',
    'Copy the whole URL; widen the database column to 2,048 characters.',
  ],
  'uppercase-signature': ['The signature has upper-case digits.', 'Turn it to lower case.'],
  'base64-signature': ['The signature is in base64 or base64url.', "Write hexadecimal: `digest('hex')`."],
  'signed-base-path': [
    'What stands before the account hash was signed too (`/cdn-cgi/imagedelivery`).',
    'Take it off before signing.',
  ],
  'signed-whole-url': ['Scheme and host were signed too.', 'Sign path and query only.'],
  'signed-without-query': [
    'The path alone was signed, as for URLs that never expire.',
    'Append `?exp=<expiry>` before signing.',
  ],
  'signed-other-separator': [
    'Path and expiry were joined in the way of another service.',
    'Sign `<path>?exp=<expiry>`.',
  ],
  'signed-joined-parts': [
    'Image id, variant and expiry were joined without `/` or `?exp=`.',
    'Sign `/<account hash>/<image id>/<variant>?exp=<expiry>`.',
  ],
  'signed-without-account': [
    'The signed text lacks the account hash; a rewrite rule leaves it out of the URL alone.',
    'Begin with it. For such URLs, `delivery` takes `{ base, accountHash }`.',
  ],
  'signed-without-leading-slash': ['The signed text lacks its first slash.', 'Begin with `/`.'],
  'signed-decoded-path': ['The path was signed before it was encoded.', 'Sign it as it stands in the URL.'],
  'signed-old-signature': [
    "An older `sig` was signed too; Cloudflare's sample leaves one in the query.",
    'Remove `exp` and `sig` first: `unsignImage`.',
  ],
  'plain-hash': ['A SHA-256 without HMAC, which can be forged.', "Use `createHmac('sha256', key)`."],
  'other-digest': ['An HMAC with SHA-1 or SHA-512.', 'Use SHA-256.'],
  'key-hex-decoded': ['The key was decoded from hexadecimal.', 'Use its text, as UTF-8.'],
  'key-base64-decoded': ['The key was decoded from base64.', 'Use its text, as UTF-8.'],
  'key-with-white-space': [
    'The key was used with a line end or a space: `echo` writes one, `printf` does not.',
    'Trim it where the signing program reads it.',
  ],
  'key-in-quotes': [
    'The key was used with quotes, which some readers of `.env` and `--env-file` of Docker keep.',
    'Take them off where it is read.',
  ],
  'parameter-added': [
    'Parameters came after signing: `utm_source`, `fbclid`, `v`. The whole query is signed.',
    'Add them before, or not at all.',
  ],
  'parameters-reordered': [
    'The parameters were signed in another order; a proxy or library sorted them.',
    'Keep the order.',
  ],
  'parameters-reencoded': [
    'The parameters were signed in another encoding (`%20` for `+`).',
    'Send exactly what was signed.',
  ],
  'variant-changed': [
    'The signature is of another variant.',
    'Sign each: `signImage(image, variant)`, or `signSrcset`.',
  ],
  'unknown-signature': [
    'The signature fits no recipe that `explainUrl` knows; the message lists them. Most often it is another key, such as that of another environment.',
    'Compare length and hash of the key on both machines, then the text with `signedText`.',
    'A [scheme](schemes.md) has no `signedText`: compare the URLs. `cloudflareWaf`, and an own scheme without `verify`, get this for every token.',
  ],
  'older-key': [
    'A hint: another key than the first of the list signed it. The URL is valid as long as that key is listed.',
    'Sign again before you remove it.',
  ],
  'custom-id': [
    'A hint: the id is not a UUID, and Cloudflare has no private images with ids of your own. A delivery of your own may use any.',
    'Use the id that Cloudflare gives.',
  ],
  'token-on-public-variant': [
    'A hint: the variant is always public, and the URL has a token.',
    'Leave it out: visitors then share one URL.',
  ],
};

/** At the end: the page begins with its title, also where it is read as Markdown, and `llms.txt` shows its first paragraph. */
const source = '<!-- Made of docs/.vitepress/errors.ts by `npm run generate -- errors`: edit there. -->';

const introduction = `# Errors, reasons and warnings

What a code, a reason or a warning means, and how to fix it. Search the page for the word that you saw:

- [Errors that are thrown](#errors-that-are-thrown) have a \`code\`.
- Events of \`report\` have a reason: [for a URL](#reasons-a-url-was-not-signed-or-was-refused), or [for a response](#reasons-a-response-was-left-as-it-was). There are [a few others](#other-events-and-warnings).
- [\`explainUrl()\`](#findings-of-explainurl) has findings.

In development an app without \`report\` gets events as [process warnings](reference/options.md#report). An image is broken, and nothing here fits? See [troubleshooting](troubleshooting.md).`;

const sections: readonly (readonly [
  heading: string,
  text: string,
  entries: Readonly<Record<string, Entry>>,
])[] = [
  ['Errors that are thrown', '', thrown],
  [
    'Reasons: a URL was not signed, or was refused',
    'Of events of type `skipped` (a page, a view) and `refused` (guard, endpoint). `verifyImage` returns some of them too.',
    unsigned,
  ],
  ['Reasons: a response was left as it was', 'Of events of type `passed`.', leftAlone],
  ['Other events and warnings', '', others],
  [
    'Findings of explainUrl',
    `[\`explainUrl(url, options)\`](reference/helpers.md#why-does-this-url-not-work) of \`image-signer/diagnosis\` returns them in the order in which to fix them. A \`hint\` does not keep a URL from verifying. These reasons are findings too: ${sharedFindings()}.`,
    findings,
  ],
];

function sharedFindings(): string {
  const shared: readonly (FindingCode & (SkipReason | RefusalReason))[] = [
    'not-a-delivery-url',
    'object-name',
    'not-under-delivery',
    'encoded-path',
    'trailing-slash',
    'variant-missing',
    'too-many-parameters',
    'account-not-allowed',
    'variant-not-allowed',
    'missing-signature',
    'malformed-signature',
    'expired',
    'untrusted-clock',
  ];
  return shared.map((code) => `[${code}](#${code})`).join(', ');
}

/** The whole of docs/errors.md. */
export function errorsPage(): string {
  const parts = sections.flatMap(([heading, text, entries]) => [
    `## ${heading}`,
    ...(text === '' ? [] : [text]),
    ...Object.entries(entries).flatMap(([code, entry]) => [`### ${code}`, ...paragraphsOf(entry)]),
  ]);
  return `${[introduction, ...parts, source].join('\n\n')}\n`;
}

function paragraphsOf([meaning, fix, more]: Entry): string[] {
  return [`${meaning} **Fix:** ${fix}`, ...(more === undefined ? [] : [more])];
}
