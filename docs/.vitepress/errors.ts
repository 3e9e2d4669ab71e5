/**
 * What every code, reason and warning means, and how to fix it. `npm run generate -- errors` makes docs/errors.md of it. The
 * compiler asks for an entry when the package learns a new code.
 * Longer than most files: nearly all of it is sentences.
 */
import type { ImageSignerErrorCode } from '../../src/errors.ts';
import type { ImageSignerEvent, PassReason, RefusalReason, SkipReason } from '../../src/options/events.ts';
import type { FindingCode } from '../../src/tools/diagnosis/explanation.ts';

/** The cells of a row, in Markdown. */
type Entry = readonly [meaning: string, fix: string];

const thrown: Readonly<Record<ImageSignerErrorCode, Entry>> = {
  INVALID_OPTION: [
    'An option or argument is missing, unknown or malformed.',
    'Read `error.option` (`variants.card.ttl`) and the message.',
  ],
  NOT_A_DELIVERY_URL: [
    '`signImage` or `signSrcset` got neither a URL under a base nor an image id. Text with `://` or a leading `/` counts as a URL.',
    'Pass one of the two. In a view, the text is returned unchanged.',
  ],
  ACCOUNT_NOT_ALLOWED: [
    'The account hash, first in the path, is not in `accountHash`.',
    'Add it, or leave the URL unsigned.',
  ],
  ACCOUNT_REQUIRED: [
    'You signed an image id, but `accountHash` is not set.',
    'Set it (Cloudflare shows it under Images), or pass a delivery URL.',
  ],
  VARIANT_REQUIRED: [
    'An image id needs a variant. `signSrcset` needs candidates, or variants with a `width`.',
    'Pass the variant second, or set `variants: { thumb: { width: 320 } }`.',
  ],
  VARIANT_NOT_ALLOWED: [
    'The variant is not in `variants`.',
    'Add it if it may be signed. Other [schemes](schemes.md) have no variants.',
  ],
  SCHEME_FAILED: [
    'Your own scheme threw, or broke a [rule](own-scheme.md). `error.cause` is what `sign` threw.',
    'Run `checkScheme` from `image-signer/testing`.',
  ],
  KEY_UNAVAILABLE: [
    'The function `key` (or `credentials`) has returned nothing yet; `error.cause` says why. Requests wait for it, and get `503` if it fails.',
    'Await `signer.ready()` before the first `signImage`.',
  ],
};

const unsigned: Readonly<Record<SkipReason | RefusalReason, Entry>> = {
  'variant-not-allowed': [
    'The variant is not in `variants`.',
    'Add it. Instead of a flexible variant (`w=400,h=300`), create a named one.',
  ],
  'account-not-allowed': [
    'The account hash, first in the path, is not in `accountHash`.',
    'Add it if the account is yours.',
  ],
  'not-under-delivery': [
    'The URL looks like one of Cloudflare Images, but is under no base of `delivery`.',
    'If the host is yours, add the base that the event names. A path matches no absolute URL: list both.',
  ],
  'encoded-path': [
    'The path is not encoded as `new URL()` does it (`a%2Cb` for `a,b`), usually by `encodeURIComponent`.',
    'Pass the plain id (`id` of the event) to `signImage`.',
  ],
  'variant-missing': [
    'The URL ends with the image id.',
    'Add the variant: `<base>/<account hash>/<image id>/<variant>`.',
  ],
  'trailing-slash': ['The URL ends with a slash, which would be signed too.', 'Remove it.'],
  'too-many-parameters': [
    'The query has more than 64 parameters or 2,048 characters.',
    'Remove what the image does not need.',
  ],
  'object-name': [
    'A server could read the [object name](schemes.md#names-of-objects) as another path, which the token would open.',
    'See the [list of problems](#problems-with-object-names).',
  ],
  'parameter-not-allowed': [
    'The URL was signed without a query parameter that [`parameters`](schemes.md#what-a-query-may-ask-for-parameters) does not list. Reported once per name.',
    "If anyone may choose its value, add it: `parameters: ['v', 'size']`.",
  ],
  'not-a-delivery-url': [
    'Page: the path is malformed, or the [scheme](schemes.md#which-one) excludes the URL (`prefixes`). View: other text came back unchanged. Guard: the path is not an image, so it answered `404`.',
    'Write the URL as `signImage` does.',
  ],
  'scheme-failed': [
    'Your own scheme threw, or returned something other than a URL of the same image under its base.',
    'See [SCHEME_FAILED](#scheme_failed).',
  ],
  'white-space-in-url': [
    'A value in JSON, `data-*` or `locals` has white space in its path, so it [counts as text](how-it-works/what-is-rewritten.md#one-url-or-a-text).',
    'If it is a URL, write `%20`, or use `encodeURI()`.',
  ],
  'markup-in-script': [
    'In a JSON or template script, the URL has a bare `<` or `>`, which can decide where the script ends.',
    'Write `\\u003c` in JSON, `&lt;` in a template, or `%3C`; or sign the URL in the data (`rewrite.json`, `signData`).',
  ],
  'not-authorized': [
    '`authorize` did not return `true`.',
    'Return `true`, not a truthy value, to allow the image.',
  ],
  'authorize-threw': ['`authorize` threw, which counts as a refusal.', 'Catch the error inside it.'],
  'authorize-not-synchronous': [
    '`authorize` returned a promise, which counts as a refusal.',
    'Query the database in an earlier middleware.',
  ],
  'missing-signature': [
    'The URL has no token. If it is in your page, the page was not rewritten.',
    'Install `imageSigner` before the route. Is the type rewritten? Did a script add the URL?',
  ],
  'malformed-signature': [
    '`exp` (whole seconds) or `sig` (64 lower-case hexadecimal digits, last) is missing, duplicated or malformed.',
    '`explainUrl(url, options)` says what is wrong.',
  ],
  'bad-signature': [
    'Another key made this signature, or the URL changed after signing.',
    'List older keys too. `explainUrl(url, options)` tries the usual mistakes.',
  ],
  expired: [
    'The signature is correct, but has expired: a cache keeps pages too long, or the app stores signed URLs.',
    '[Configure caches](caching.md); store URLs without tokens.',
  ],
  'untrusted-clock': [
    'The clock is more than a day behind the start of the process, or broken. Nothing is signed or accepted.',
    'Correct the clock, or the option `now`.',
  ],
};

const leftAlone: Readonly<Record<Exclude<PassReason, RefusalReason>, Entry>> = {
  'too-long': [
    'A tag, CSS token, JSON string, event or part exceeds 64 KiB, or texts are nested over eight deep. After SVG over 256 deep, nothing is signed.',
    'Shorten it, or sign its URLs with `signImage()`.',
  ],
  encoding: [
    'The body has several content encodings, or one unknown to this runtime.',
    'Compress after signing, or with gzip, br or deflate.',
  ],
  charset: ['The page is in UTF-16, UTF-32, UTF-7 or ISO-2022-JP.', 'Send it in UTF-8.'],
  'corrupt-body': [
    'The body is not what `Content-Encoding` says. It was sent unchanged, or cut off.',
    'Set the header only for encoded bodies.',
  ],
  'no-transform': [
    '`Cache-Control: no-transform` forbids changing the body (RFC 9111, 5.2.2.6).',
    'Remove it, or sign the URLs with `signImage()`.',
  ],
  'partial-content': [
    'The response is part of a page (`206` or `Content-Range`).',
    'Answer `200` with the whole page.',
  ],
  'style-hash': [
    '`Content-Security-Policy` allows styles by hash, which signing would change, so the CSS stays unsigned.',
    'Use a nonce, or hash after signing.',
  ],
  header: ['Node.js rejected the signed `Link` header.', 'Percent-encode its non-ASCII characters.'],
  'script-state': [
    "A script that is not rewritten, such as a framework's state, holds unsigned URLs.",
    'Use `<script type="application/json">`, or see [Frameworks](frameworks.md).',
  ],
  'unread-type': [
    'A text that is not rewritten holds unsigned URLs, so these images are broken. Never reported in Workers.',
    'See the [list of types](#types-that-are-not-rewritten).',
  ],
  'markup-in-json': [
    'HTML or Markdown in a JSON string (`member`) holds unsigned URLs, so these images are broken.',
    "Name it in [`fields`](reference/options.md#fields): `fields: { content: 'html' }`. If it is shown as text, ignore this.",
  ],
  'unused-base': [
    'A hundred pages with images had no URL under this base. `hosts` lists where their images are.',
    'If one of these hosts is yours, replace the base. [`check`](cli.md#check) says more.',
  ],
  'is-public-threw': [
    '`isPublic` threw, so the image needed a token.',
    'Catch the error inside it; return true or false.',
  ],
  'is-public-not-synchronous': [
    '`isPublic` returned a promise, which counts as false.',
    'Keep its data in memory.',
  ],
  'sharp-missing': [
    'Without sharp, `imageDelivery` sends originals instead of variants, and `501` for always public ones.',
    '`npm install sharp`, not as a `devDependency`.',
  ],
  'skip-threw': ['`skip` threw, so the response was rewritten.', 'Catch the error inside it.'],
  'skip-not-synchronous': [
    '`skip` returned a promise, which counts as false.',
    'Decide in an earlier middleware.',
  ],
  'late-authorize': [
    'A helper asked `authorize` after headers that let shared caches keep the response, and others see it.',
    'Call helpers before the first byte, or send `Cache-Control: private`.',
  ],
  'too-many-signatures': [
    'The response has more new images than `maxSignatures` (usually 4,096). The rest stay unsigned, and the page is `no-store` if its headers were not sent yet.',
    'Show fewer images, raise `maxSignatures`, or give `cloudFront` a `policy`.',
  ],
  'skip-not-boolean': [
    '`skip` returned a truthy value, but only `true` leaves a response alone.',
    'Return `Boolean(…)` of it.',
  ],
  'late-ttl': [
    'After the headers, `signImage` made a URL that expires before caches drop the page.',
    'Call it before the first byte, or with a longer ttl.',
  ],
  'too-many-encoded': [
    'Too many encoded pages were streaming, so this one was sent unsigned and uncached. The limit is 2,000 pages in gzip or deflate, 500 in br or zstd (fetch: 800, 500).',
    'Compress after signing, or set a timeout for slow clients in a proxy.',
  ],
  'encoded-above': [
    'Middleware installed after `imageSigner` encoded the page, so it is encoded twice.',
    'Install `imageSigner` later: `app.use(compression())` comes first.',
  ],
  interrupted: [
    'Another middleware removed the hooks of `imageSigner` within a page. Some bytes (`bytes`) were never sent.',
    'Install `imageSigner` on its other side.',
  ],
  'internal-error': [
    'The package has a bug. The rest of the page is unsigned.',
    '[Report the bug](https://github.com/image-signer/image-signer/issues), with its `error`.',
  ],
};

type OtherEvent = Exclude<ImageSignerEvent['type'], 'skipped' | 'passed' | 'refused' | 'rewritten'>;

const others: Readonly<Record<OtherEvent | 'more-warnings', Entry>> = {
  'installed-late': [
    'In Express 5, a route comes before `imageSigner`, so its responses are not signed.',
    'Move `app.use(imageSigner(…))` above that route.',
  ],
  'installed-twice': [
    'Two `imageSigner` middlewares with different options handle one response. The later one wins.',
    'Install one, or give both the same options.',
  ],
  'more-warnings': ['20 warnings were shown, and no more follow.', 'Pass `report` to receive every event.'],
  'key-unavailable': [
    'A function (`key`, `credentials`) threw, took ten seconds, or returned no valid secret: see `error`. It is called again after 1 to 30 seconds. With `hasKey`, the last keys stay in use.',
    'See [Rotating keys](key-rotation.md#from-a-secret-manager).',
  ],
  'key-ends-early': [
    'Credentials end at `endsAt` (Unix seconds), before the ttl does. URLs and cached pages expire with them.',
    'Use longer or fresher credentials, or a shorter ttl.',
  ],
  'stored-token': [
    'A page or data held a token that has expired, or is older than one step (`stableFor`): a form, an editor or the app saved it. The visitor got a new token; a feed or mail would break. A cache below the middleware can cause a false alarm.',
    'Before you save, call `signer.unsignText(text)` ([editors](guides/editors.md)). Run stored text through it once.',
  ],
};

const findings: Readonly<Record<Exclude<FindingCode, SkipReason | RefusalReason>, Entry>> = {
  'under-from': [
    'The URL is under a base of `from`, where images are [stored](guides/stored-urls.md), not delivered.',
    'Let `imageSigner` rewrite the page, or call `signImage`.',
  ],
  'not-a-url': ['`explainUrl` got something other than text.', 'Pass text: `url.href`.'],
  'url-too-long': [
    'The URL has more than 16,384 characters.',
    'Look for data in a parameter, or for text pasted along with it.',
  ],
  'key-in-url': [
    'The URL contains a whole key, so nothing else is explained.',
    'Make a new key, and remove this one: anyone may know it.',
  ],
  'stray-characters': [
    'Quotes, punctuation or white space surround the URL.',
    'Copy it without them; in text, write `<URL>`.',
  ],
  'html-escaped': [
    'The query has `&amp;` for `&`: it was copied from the page source, or escaped twice.',
    'Copy it from the network panel, or escape it once.',
  ],
  'double-encoded': [
    'The URL, query or path is encoded twice (`https%3A%2F%2F…`, `%252C`).',
    'Decode parameters before use. `signImage` encodes once.',
  ],
  'second-question-mark': [
    '`?exp=…` was appended to a URL that has a query.',
    'Append with `&`, or use `URL.searchParams`, before signing.',
  ],
  'other-scheme': [
    'The URL lacks `https://`; a proxy may have merged slashes.',
    'Write `https://` before the host.',
  ],
  'local-simulator': [
    "The URL or signature is from wrangler's simulator, whose key is public.",
    "Sign with the dashboard's key.",
  ],
  'not-canonical': [
    'The path has an empty or dot segment, a backslash, a control character or an [impossible image id](how-it-works/signed-url.md#what-an-image-id-may-hold).',
    'Write `/<account hash>/<image id>/<variant>`.',
  ],
  'unencoded-path': [
    'The path has characters, such as a space or `é`, that browsers percent-encode.',
    'Let `signImage` write the URL, or use `new URL(…)`.',
  ],
  'flexible-variant': [
    'The variant consists of options (`w=400,h=300`), which works only for public images.',
    'Create a named variant, and add it to `variants`.',
  ],
  'missing-expiry': ['The URL has `sig` but no `exp`, and would never expire.', 'Add `exp` before signing.'],
  'duplicate-expiry': [
    'The URL has more than one `exp`: it was signed twice.',
    'Remove the old token first: `unsignImage`.',
  ],
  'duplicate-signature': [
    'The URL has more than one `sig`: it was signed twice.',
    'Remove the old token first: `unsignImage`.',
  ],
  'signature-not-last': [
    'Parameters follow `sig`: they were sorted, or added after signing.',
    'Put `sig` at the end.',
  ],
  'encoded-token': [
    '`exp`, `sig` or their values are percent-encoded.',
    'Write them plainly: letters and digits.',
  ],
  'malformed-expiry': [
    '`exp` is not a whole number of seconds.',
    'Write `Math.floor(date.getTime() / 1000)`.',
  ],
  'expiry-in-milliseconds': [
    '`exp` is in milliseconds, as from `Date.now()`.',
    'Divide by 1000 and round down before signing.',
  ],
  'expiry-is-duration': [
    '`exp` is a small number, such as 3600: the ttl without the current time.',
    'Write `Math.floor(Date.now() / 1000) + ttl`.',
  ],
  'truncated-signature': [
    'The signature has fewer than 64 digits.',
    'Copy the whole URL; widen the database column to 2,048 characters.',
  ],
  'uppercase-signature': ['The signature has upper-case digits.', 'Write them in lower case.'],
  'base64-signature': ['The signature is in base64 or base64url.', "Write hexadecimal: `digest('hex')`."],
  'signed-base-path': [
    'The signed text includes the path before the account hash (`/cdn-cgi/imagedelivery`).',
    'Remove it before signing.',
  ],
  'signed-whole-url': ['The signed text includes scheme and host.', 'Sign only path and query.'],
  'signed-without-query': [
    'Only the path was signed, as for URLs that never expire.',
    'Append `?exp=<expiry>` before signing.',
  ],
  'signed-other-separator': [
    "Path and expiry were joined with another service's separator.",
    'Sign `<path>?exp=<expiry>`.',
  ],
  'signed-joined-parts': [
    'Image id, variant and expiry were joined without `/` or `?exp=`.',
    'Sign `/<account hash>/<image id>/<variant>?exp=<expiry>`.',
  ],
  'signed-without-account': [
    'The signed text lacks the account hash.',
    'Begin with it. If your URLs leave it out, set `delivery: { base, accountHash }`.',
  ],
  'signed-without-leading-slash': ['The signed text lacks its first slash.', 'Begin with `/`.'],
  'signed-decoded-path': ['The path was signed before it was encoded.', 'Sign it as it is in the URL.'],
  'signed-old-signature': [
    'The signed text includes an older `sig`.',
    'Remove `exp` and `sig` first: `unsignImage`.',
  ],
  'plain-hash': [
    'The signature is a SHA-256 without HMAC, which can be forged.',
    "Use `createHmac('sha256', key)`.",
  ],
  'other-digest': ['The signature is an HMAC with SHA-1 or SHA-512.', 'Use SHA-256.'],
  'key-hex-decoded': ['The key was decoded from hexadecimal.', 'Use its text, as UTF-8.'],
  'key-base64-decoded': ['The key was decoded from base64.', 'Use its text, as UTF-8.'],
  'key-with-white-space': [
    'The key has a line end (`echo` writes one, `printf` does not) or a space.',
    'Trim it where you sign.',
  ],
  'key-in-quotes': [
    'The key has quotes, which some `.env` readers and Docker keep.',
    'Remove them where you sign.',
  ],
  'parameter-added': [
    'Parameters (`utm_source`, `fbclid`, `v`) were added after signing. The whole query is signed.',
    'Add them before, or not at all.',
  ],
  'parameters-reordered': [
    'The parameters were signed in another order.',
    'Keep the order. Look for a proxy or library that sorts them.',
  ],
  'parameters-reencoded': [
    'The parameters were signed in another encoding (`%20` instead of `+`).',
    'Send exactly what was signed.',
  ],
  'variant-changed': ['The signature is for another variant.', 'Sign every variant, or use `signSrcset`.'],
  'unknown-signature': [
    'Most often another key made the signature. Tokens that a scheme cannot verify get this too.',
    "Compare the key's length and hash on both machines, then the signed text with `signedText`.",
  ],
  'older-key': [
    'A hint: an older key in the list made the signature.',
    'Sign again before you remove that key.',
  ],
  'custom-id': [
    'A hint: the id is not a UUID. Images with custom ids cannot be private at Cloudflare.',
    "Use Cloudflare's id.",
  ],
  'token-on-public-variant': [
    'A hint: the variant is always public, but the URL has a token.',
    'Leave the token out, so that visitors share one URL.',
  ],
};

/** At the end: the page begins with its title, also where it is read as Markdown, and `llms.txt` shows its first paragraph. */
const source = '<!-- Made of docs/.vitepress/errors.ts by `npm run generate -- errors`: edit there. -->';

const introduction = `# Errors, reasons and warnings

What a code, a reason or a warning means, and how to fix it. Search the page for the word that you saw.

If images are broken and nothing here fits, see [Troubleshooting](troubleshooting.md).`;

interface Section {
  readonly heading: string;
  readonly text?: string;
  readonly entries: Readonly<Record<string, Entry>>;
  /** Lists that are too long for a cell. */
  readonly below?: string;
}

const sections: readonly Section[] = [
  { heading: 'Errors that are thrown', entries: thrown },
  {
    heading: 'Reasons: a URL was not signed, or was refused',
    text: 'In events of type `skipped` (a page or view) and `refused` (guard, endpoint). `verifyImage` returns some of them too.',
    entries: unsigned,
    below: `### Problems with object names

\`problem\` of an \`object-name\` event is one of these:

- \`encoded-slash\`: the name has \`%2F\`, or would after another decoding. Write \`/\`, or rename the object.
- \`dot-segment\`: the path has \`.\` or \`..\`, also before a \`;\`, or would after decoding. Remove it, or rename.
- \`backslash\`, \`control-character\`: rename.
- \`not-utf-8\`: write \`caf%C3%A9\` instead of \`caf%E9\`.
- \`trailing-slash\`: remove it.
- \`plain-names-only\`: your own site, or \`plainNames\`, excludes \`#\`, \`?\`, \`^\`, \`//\`, \`%41\` and the like, a leading URL, and a space at either end. Rename, or deliver from another host.
- \`bare-plus\`: stores disagree about \`+\`. Write \`%2B\`.
- \`wildcard\`: CloudFront reads \`*\` as any text. Write \`%2A\`.
- \`empty-segment\`: nginx and Cloudflare merge \`//\`. Remove a slash, or rename.
- \`trailing-digit\`: Bunny and ImageKit could read the digit as part of the expiry. Rename; for ImageKit, write \`/tr:w-300/a.jpg\` instead of \`/a.jpg?tr=w-300\`.
- \`more-readings\`: [Bunny's page](schemes/bunny.md#names-that-are-not-signed) says how to write it.
- \`edge-token-character\`: the name has \`~\`, or in an acl token \`*\`, \`?\` or \`!\`. Rename, or use \`kind: 'url'\`, which excludes only \`~\`.`,
  },
  {
    heading: 'Reasons: a response was left as it was',
    text: 'In events of type `passed`. Reported once per response: `late-authorize`, `late-ttl`, `too-many-signatures`. Once per middleware: `script-state`, and in development `unread-type`, `markup-in-json`, `encoded-above`, `unused-base`.',
    entries: leftAlone,
    below: `### Types that are not rewritten

Fixes for \`unread-type\`:

- **JSON**: set [\`rewrite: { json: true }\`](reference/options.md#rewrite), and name members with HTML or Markdown in \`fields\`.
- **Feeds and mail**: see [feeds](guides/feeds.md) and [mail](guides/mail.md).
- **CSS**: use a \`<style>\` in the page, or a handler that calls \`signImage()\`. Shared caches must drop it before its tokens expire.
- **SVG, XHTML and others**: call \`signImage()\` where the text is made.
- If another part signs the URLs, such as the [endpoint](reference/endpoint.md), ignore the event.`,
  },
  { heading: 'Other events and warnings', entries: others },
  {
    heading: 'Findings of explainUrl',
    text: '[`explainUrl(url, options)`](reference/helpers.md#why-does-this-url-not-work) returns them in the order in which to fix them. A hint does not keep a URL from verifying. Some reasons above, such as `expired`, are findings too.',
    entries: findings,
  },
];

/** The whole of docs/errors.md. */
export function errorsPage(): string {
  const parts = sections.flatMap(({ heading, text, entries, below }) =>
    [`## ${heading}`, text, tableOf(entries), below].filter((part) => part !== undefined),
  );
  return `${[introduction, ...parts, source].join('\n\n')}\n`;
}

/** A link to `#<code>` leads to its row; the search of the site makes a section of each. */
function tableOf(entries: Readonly<Record<string, Entry>>): string {
  const rows = Object.entries(entries).map(
    ([code, [meaning, fix]]) => `| <a id="${code.toLowerCase()}"></a>\`${code}\` | ${meaning} | ${fix} |`,
  );
  return ['| code | what it means | how to fix it |', '|---|---|---|', ...rows].join('\n');
}
