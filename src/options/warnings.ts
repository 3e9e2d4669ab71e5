/**
 * The sentences of the warnings in development: what was left alone, and how to fix it. `docs/errors.md` has a section
 * for each reason; a test compares both.
 * Longer than most files: nearly all of it is sentences.
 */
import { ImageSignerError } from '../errors.ts';
import type { Definition } from '../schemes/definition.ts';
import { type NameProblem, nameProblems } from '../schemes/object-name.ts';
import { redactError } from '../url/redaction.ts';
import type { ImageSignerEvent, PassReason, RefusalReason, SkipReason } from './events.ts';

export interface Warning {
  /** The reason of the event, or its type: the name of a section in the docs. */
  readonly code: string;
  readonly message: string;
}

const docs = 'https://github.com/image-signer/image-signer/blob/main/docs/errors.md';

/** The stores whose images a signer signs: a sentence uses only the terms of these stores. */
export interface Stores {
  /** Cloudflare Images, whose URLs name an account and a variant. */
  readonly hasCloudflareImages: boolean;
  /** Any other. */
  readonly hasOthers: boolean;
}

export function storesOf(definitions: readonly Pick<Definition, 'variants'>[]): Stores {
  return {
    hasCloudflareImages: definitions.some(({ variants }) => variants !== undefined),
    hasOthers: definitions.some(({ variants }) => variants === undefined),
  };
}

/** What happened, to follow the URL or the request, and how to fix it. */
type Sentences = readonly [what: string, fix: string];

/** Sentences that are the same for all stores, or depend on them. */
type Wording = Sentences | ((stores: Stores) => Sentences);

const schemePages = 'https://github.com/image-signer/image-signer/tree/main/docs/schemes';

/** Follows "a delivery URL". */
function shape({ hasCloudflareImages, hasOthers }: Stores): string {
  const of = hasOthers ? 'of Cloudflare Images: ' : '';
  return hasCloudflareImages ? ` (${of}<base>/<account hash>/<image id>/<variant>)` : '';
}

export const skipped: Readonly<Record<SkipReason, Wording>> = {
  'variant-not-allowed': [
    'was not signed: its variant is not in `variants`',
    'Add the variant if it may be signed. Flexible variants (w=400) cannot be signed',
  ],
  'account-not-allowed': [
    'was not signed: its account is not in `accountHash`',
    'If the account is yours, add the first part of the path to `accountHash`',
  ],
  'not-under-delivery': [
    'was not signed: no base of `delivery` matches it',
    'If it is yours, add its base to `delivery`',
  ],
  'encoded-path': [
    'was not signed: its path is not percent-encoded as Cloudflare signs it',
    'Encode the image id as `new URL()` does, or pass the plain id to signImage()',
  ],
  'variant-missing': [
    'was not signed: it ends with the image id',
    'Add the variant: <base>/<account hash>/<image id>/<variant>',
  ],
  'trailing-slash': ['was not signed: it ends with a slash', 'Remove the slash'],
  'too-many-parameters': [
    'was not signed: its query is too long',
    'Remove parameters that the image does not need. The limits are 64 parameters and 2048 characters',
  ],
  'object-name': [
    'was not signed, because of the name of its object',
    `See the page of the scheme in ${schemePages}`,
  ],
  'parameter-not-allowed': [
    'was signed without a parameter that its scheme does not list in `parameters`',
    'Add it there if the store needs it, and anybody who writes into your pages may choose its value',
  ],
  'not-a-delivery-url': (stores) => [
    `was not signed: it isn't a delivery URL that may be signed${shape(stores)}`,
    `${stores.hasOthers ? `In a page, compare it with \`url\` and \`prefixes\` of its scheme, and with the spellings on the scheme's page in ${schemePages}. ` : ''}Pass a delivery URL or an image id to a helper; it returns anything else unchanged`,
  ],
  'not-authorized': [
    'was not signed: `authorize` did not return true',
    'If this viewer may see the image, `authorize` must return true',
  ],
  'authorize-threw': [
    'was not signed: `authorize` threw',
    'Catch the error in `authorize`, and return true or false',
  ],
  'scheme-failed': [
    'was not signed: its scheme threw, or returned something other than a URL of the same image',
    'Test the scheme with checkScheme() of image-signer/testing',
  ],
  'white-space-in-url': [
    'was not signed: a value with white space in it counts as text',
    'If it is a URL, write spaces as %20, or encode the path with encodeURI()',
  ],
  'markup-in-script': [
    'was not signed: an unescaped < or > in a script may decide where the script ends',
    'Escape it: \\u003c and \\u003e in JSON, &lt; and &gt; in a template, %3C and %3E in any URL. If the template computes the URL (<%= id %>), sign the whole URL in its data with signData()',
  ],
  'authorize-not-synchronous': [
    'was not signed: `authorize` returned a promise',
    'Do the asynchronous work in an earlier middleware, and let `authorize` read the result from the request',
  ],
};

export const passed: Readonly<Record<PassReason, Sentences>> = {
  'too-long': [
    'has a tag, CSS token, JSON string or event of more than 64 KiB, which stays unsigned',
    'Make it shorter, or sign its URLs with signImage()',
  ],
  encoding: [
    'was not rewritten: its Content-Encoding cannot be decoded here',
    'Compress the response after imageSigner has run, or with gzip, br or deflate',
  ],
  charset: ['was not rewritten: its character encoding is not supported', 'Send the page in UTF-8'],
  'corrupt-body': [
    'has a body that does not match its Content-Encoding',
    'Set Content-Encoding only if the body is encoded',
  ],
  'no-transform': [
    'was not rewritten: Cache-Control says no-transform',
    'Remove no-transform, or sign the URLs of the page with signImage()',
  ],
  'partial-content': [
    'was not rewritten: it is only a part of a page',
    'Answer 200 with the whole page: images in a part of a page cannot be signed',
  ],
  'style-hash': [
    'has CSS that was not rewritten: Content-Security-Policy allows styles by their hash',
    'Use a nonce, or sign the URLs in the CSS with signImage() before you compute the hash',
  ],
  header: [
    'has a Link header that was not signed: Node.js does not accept the signed value',
    'Percent-encode characters that are not ASCII',
  ],
  'script-state': [
    'has a script with unsigned image URLs: images that the script creates are broken',
    'Put the data into <script type="application/json">, or sign the URLs with signImage()',
  ],
  'unread-type': [
    'has image URLs without a token, since its content type is not rewritten: these images are broken',
    'Sign its URLs with signImage()',
  ],
  'markup-in-json': [
    'has HTML or Markdown in a JSON string, with image URLs without a token: these images are broken',
    "Name the member in `fields`, such as fields: { content: 'html' }; for Markdown, import { markdown } from 'image-signer/markdown'",
  ],
  'unused-base': [
    'of the signer is in none of the first hundred pages with images',
    'Compare it with the image URLs in your pages',
  ],
  'is-public-threw': [
    'was treated as private: `isPublic` threw',
    'Catch the error in `isPublic`, and return true or false',
  ],
  'is-public-not-synchronous': [
    'was treated as private: `isPublic` returned a promise',
    'Keep the data that it needs in memory, and return true or false',
  ],
  'sharp-missing': [
    'could not be resized: sharp is not installed. The delivery sends originals instead of variants, and refuses always public variants',
    'Run npm install sharp, and install it in production too',
  ],
  'skip-threw': ['was rewritten: `skip` threw', 'Catch the error in `skip`, and return true or false'],
  'skip-not-synchronous': [
    'was rewritten: `skip` returned a promise',
    'Do the asynchronous work in an earlier middleware, and let `skip` read the result from the request',
  ],
  'late-authorize': [
    'called `authorize` after its headers were sent, and a shared cache may keep it',
    'Call signImage() and signSrcset() before you send the first byte, or send `Cache-Control: private`',
  ],
  'skip-not-boolean': [
    'was rewritten: `skip` returned something other than true or false',
    'To leave the response alone, return true, for example with Boolean(…)',
  ],
  'late-ttl': [
    'has an image that expires before caches drop the page: it was signed after the headers were sent',
    'Call signImage() before you send the first byte, or with a longer ttl',
  ],
  'too-many-signatures': [
    'has more new images than one response may sign. Some have no token, and caches must not store it',
    'Show fewer images at once, or raise `maxSignatures` of the scheme',
  ],
  'too-many-encoded': [
    'was not rewritten: too many pages that arrived encoded are still open',
    'Compress the pages after imageSigner has run, or find out why they stay open for so long',
  ],
  'encoded-above': [
    'arrived encoded from middleware that is installed after imageSigner, so it is decoded and encoded again',
    'Install imageSigner after compression: app.use(compression()) comes first',
  ],
  interrupted: [
    'lost its end: in the middle of the page, another middleware removed the methods of imageSigner',
    'Move imageSigner to the other side of that middleware',
  ],
  'untrusted-clock': [
    'is unsigned: the clock is more than a day behind the start of the process, or not a clock at all',
    'Check the clock and the option `now`',
  ],
  'internal-error': [
    'is unsigned from some point on: image-signer has a bug',
    'Please report the bug; the option `report` receives the error',
  ],
};

export const refused: Readonly<Record<RefusalReason, Wording>> = {
  'not-a-delivery-url': (stores) => [
    `was refused: it isn't a delivery URL as it is signed${shape(stores)}`,
    `Compare the path with ${optionsOfBases(stores)}; explainUrl() of image-signer/diagnosis shows the difference`,
  ],
  'account-not-allowed': [
    'was refused: its account is not in `accountHash`',
    'Add the account hash, or change the URL',
  ],
  'variant-not-allowed': [
    'was refused: its variant is not in `variants`',
    'Add the variant, or change the URL',
  ],
  'missing-signature': [
    'was refused: it has no token',
    'If a page contains it, install imageSigner before the route of that page',
  ],
  'malformed-signature': ({ hasOthers }) => [
    hasOthers
      ? 'was refused: a part of its token is missing, repeated or malformed'
      : 'was refused: its `exp` or `sig` is missing, repeated or malformed',
    'Call explainUrl() of image-signer/diagnosis to see what is wrong',
  ],
  'bad-signature': [
    'was refused: no key of the signer made its signature',
    'Do all servers have the same keys? Has the URL been changed after signing? explainUrl() of image-signer/diagnosis tries the usual mistakes',
  ],
  expired: [
    'was refused: its token has expired',
    'Is a page cached for longer than the ttl? See https://github.com/image-signer/image-signer/blob/main/docs/caching.md',
  ],
  'not-authorized': [
    'was not signed by the endpoint: `authorize` did not return true',
    'If this viewer may see the image, `authorize` must return true',
  ],
  'authorize-threw': [
    'was not signed by the endpoint: `authorize` threw, or its promise was rejected',
    'Catch the error in `authorize`, and return true or false',
  ],
  'untrusted-clock': [
    'was refused: the clock is more than a day behind the start of the process',
    'Check the clock and the option `now`',
  ],
};

function optionsOfBases({ hasCloudflareImages, hasOthers }: Stores): string {
  const names = [
    ...(hasCloudflareImages ? ['`delivery`'] : []),
    ...(hasOthers ? ['`url` of the scheme'] : []),
  ];
  return names.join(' or ');
}

/** Shown once, instead of all later warnings. @param count - how many were shown */
export function lastWarning(count: number): Warning {
  return warning(
    'more-warnings',
    `${count} warnings were shown, and this process shows no more. To see all events, pass report: (event) => console.warn(event).`,
  );
}

/**
 * @param stores - those of the signer
 * @returns undefined for an event that needs no attention
 */
export function warningOf(event: ImageSignerEvent, stores: Stores): Warning | undefined {
  const page = event.page === undefined ? '' : `${event.page}: `;
  switch (event.type) {
    case 'skipped': {
      if (event.deniedVariant !== undefined) return undefined; // what the app asked for
      if (event.problem !== undefined) return nameWarning(`${page}${event.url}`, event.reason, event.problem);
      const [what, fix] = withError(event, sentencesOf(skipped[event.reason], stores));
      const hint = hintOf(event) ?? fix;
      return warning(event.reason, `${page}${event.url} ${what}. ${hint}.`);
    }
    case 'passed':
      return warning(
        event.reason,
        sentence(passedSubject(event), withError(event, passedSentences(event, stores))),
      );
    case 'refused':
      return warning(
        event.reason,
        sentence(refusedSubject(event), withError(event, sentencesOf(refused[event.reason], stores))),
      );
    case 'installed-twice':
      return warning(
        event.type,
        `${page}two imageSigner middlewares with different options handle this response, and the later one's options apply. Install only one, or give both the same options.`,
      );
    case 'rewritten':
      return undefined;
    case 'key-unavailable':
      return warning(event.type, keyWarning(event, stores));
    case 'key-ends-early':
      return warning(
        event.type,
        `The credentials of ${event.scheme} expire before the ttl is over, and the URLs expire with them. Use credentials that last longer, or a shorter ttl.`,
      );
    case 'stored-token': {
      const place = event.place === undefined ? '' : ` in ${event.place}`;
      return warning(
        event.type,
        `${page}${event.url}${place} has an old token, so the app stores signed URLs. In a page it gets a new token; elsewhere the image breaks when the token expires. Call unsignImage() or unsignText() of the signer before you save.`,
      );
    }
    case 'installed-late':
      return warning(
        event.type,
        `The route ${event.route} is registered before imageSigner, so its images are not signed. Move app.use(imageSigner(…)) above the routes.`,
      );
  }
}

/** @param stores - those of the signer */
export function sentencesOf(wording: Wording, stores: Stores): Sentences {
  return typeof wording === 'function' ? wording(stores) : wording;
}

/** Adds the error of the app's function in parentheses. */
function withError({ error }: { readonly error?: unknown }, [what, fix]: Sentences): Sentences {
  return [error === undefined ? what : `${what} (${redactError(error)})`, fix];
}

function passedSubject({ page, reason, base }: Passed): string {
  if (base !== undefined) return `The base ${base}`;
  // Outside of a request.
  return page ?? (reason === 'sharp-missing' ? 'An image' : 'A page');
}

/** A guarded request asks for the URL itself, so the path appears only once. */
function refusedSubject({ page, url }: { readonly page?: string; readonly url: string }): string {
  if (page === undefined) return url;
  return page.endsWith(` ${url.split('?', 1)[0]}`) ? page : `${page}: ${url}`;
}

type Passed = Extract<ImageSignerEvent, { type: 'passed' }>;

function passedSentences({ reason, contentType, member, hosts }: Passed, stores: Stores): Sentences {
  const [what, fix] = passed[reason];
  if (member !== undefined)
    return [
      what,
      `Name the member in \`fields\`: fields: { '${member}': 'html' }; for Markdown, import { markdown } from 'image-signer/markdown'`,
    ];
  if (hosts !== undefined && hosts.length > 0) {
    const where = `these have images from ${hosts.join(', ')}`;
    return [`${what}: ${where}`, `If some of these are yours, correct ${optionsOfBases(stores)}`];
  }
  if (reason !== 'unread-type' || !/json/.test(contentType ?? '')) return [what, fix];
  return [
    'is JSON with image URLs without a token: these images are broken',
    'Set `rewrite: { json: true }`, and name members with HTML or Markdown in `fields`',
  ];
}

function nameWarning(subject: string, code: string, problem: NameProblem): Warning {
  const [what, fix] = nameProblems[problem];
  return warning(code, sentence(subject, [`was not signed: ${what}`, fix]));
}

function hintOf({
  id,
  delivery,
  parameter,
}: Extract<ImageSignerEvent, { type: 'skipped' }>): string | undefined {
  if (id !== undefined)
    return `Encode the image id as \`new URL()\` does, or pass the id ${id} to signImage()`;
  if (parameter !== undefined)
    return `Add '${parameter}' to \`parameters\` if the store needs it, and anybody who writes into your pages may choose its value`;
  return delivery === undefined ? undefined : `If it is yours, add '${delivery}' to \`delivery\``;
}

/** Shows nothing of the app's own errors: they might contain a key. */
function keyWarning(
  { error, hasKey }: { readonly error: unknown; readonly hasKey: boolean },
  { hasOthers }: Stores,
): string {
  const why = error instanceof ImageSignerError ? ` ${error.message}` : '';
  const effect = hasKey ? 'The last keys stay in use' : 'Requests get 503 until it returns a key';
  const source = hasOthers ? 'A function for keys' : 'The `key` function';
  return `${source} failed.${why} ${effect}. Pass \`report\` to receive its error.`;
}

function sentence(subject: string, [what, fix]: Sentences): string {
  return `${subject} ${what}. ${fix}.`;
}

function warning(code: string, message: string): Warning {
  return { code, message: `${message} See ${docs}#${code}` };
}
