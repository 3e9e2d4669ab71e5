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

/** Whose images a signer signs. A sentence uses the terms of these stores alone. */
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

/** What happened, after the URL or the request; and how to fix it. */
type Sentences = readonly [what: string, fix: string];

/** Sentences that are the same for each store, or depend on it. */
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
    'Add the variant if it may be signed. A flexible variant (w=400) cannot be signed at all',
  ],
  'account-not-allowed': [
    'was not signed: its account is not in `accountHash`',
    'The account hash is the first part of the path: add it to `accountHash` if the account is yours',
  ],
  'not-under-delivery': [
    'was not signed: no base of `delivery` matches it',
    'If it is yours, add its base to `delivery`',
  ],
  'encoded-path': [
    'was not signed: its path is percent-encoded in another way than Cloudflare signs it',
    'Write the image id as `new URL()` does, or call signImage() with the id as plain text',
  ],
  'variant-missing': [
    'was not signed: it ends with the image id',
    'Add the variant: <base>/<account hash>/<image id>/<variant>',
  ],
  'trailing-slash': ['was not signed: it ends with a slash', 'Remove the slash'],
  'too-many-parameters': [
    'was not signed: its query is too long',
    'Remove the parameters that the image does not need: 64, and 2048 characters, are the limits',
  ],
  'object-name': [
    'was not signed, for the name of its object',
    `See the page of the scheme in ${schemePages}`,
  ],
  'parameter-not-allowed': [
    'was signed without a parameter: `parameters` of its scheme does not list it',
    'If the store needs the parameter, and whoever writes into your pages may choose its value, add it to `parameters`',
  ],
  'not-a-delivery-url': (stores) => [
    `was not signed: it is no delivery URL that may be signed${shape(stores)}`,
    `${stores.hasOthers ? `In a page, compare it with \`url\` and \`prefixes\` of its scheme, or with the spellings that the scheme's page in ${schemePages} names. ` : ''}Call a helper with a delivery URL or an image id; anything else comes back as it is`,
  ],
  'not-authorized': [
    'was not signed: `authorize` did not return true',
    'If this viewer may see the image, `authorize` has to return true for it',
  ],
  'authorize-threw': [
    'was not signed: `authorize` threw',
    'Catch the error in `authorize`, and return true or false',
  ],
  'scheme-failed': [
    'was not signed: its scheme threw, or returned something other than a URL under its base',
    'Hold the scheme to the rules with checkScheme of image-signer/testing',
  ],
  'white-space-in-url': [
    'was not signed: with white space in it, the value is a text',
    'If it is a URL, write %20 for each space, or encode the path with encodeURI()',
  ],
  'markup-in-script': [
    'was not signed: a bare < or > in a script may decide where the script ends',
    'In JSON write \\u003c for < and \\u003e for >, in a template &lt; and &gt;, or %3C and %3E in any URL; where the template computes the URL (<%= id %>), sign the whole one in its data, with signData()',
  ],
  'authorize-not-synchronous': [
    'was not signed: `authorize` returned a promise',
    'Do what takes time in an earlier middleware, and let `authorize` read the result from the request',
  ],
};

export const passed: Readonly<Record<PassReason, Sentences>> = {
  'too-long': [
    'has a tag, CSS token, JSON string or event of more than 64 KiB, which was left as it is',
    'Make it shorter, or sign the URLs in it with signImage()',
  ],
  encoding: [
    'was left as it is: its Content-Encoding cannot be decoded here',
    'Compress the response after imageSigner, or with gzip, br or deflate',
  ],
  charset: ['was left as it is: its character encoding cannot be read', 'Send the page in UTF-8'],
  'corrupt-body': [
    'has a body that is not what its Content-Encoding says',
    'Set Content-Encoding only for a body that is encoded',
  ],
  'no-transform': [
    'was left as it is: Cache-Control says no-transform',
    'Leave no-transform out, or sign the URLs of the page with signImage()',
  ],
  'partial-content': [
    'was left as it is: it is a part of a page',
    'Answer 200 with the whole page: images in a part of it cannot be signed',
  ],
  'style-hash': [
    'has CSS that was left as it is: Content-Security-Policy allows styles by their hash',
    'Use a nonce, or sign the URLs in the CSS with signImage() before you compute the hash',
  ],
  header: [
    'has a Link header that was left as it is: Node.js does not accept it once it is signed',
    'Write characters that are not ASCII percent-encoded',
  ],
  'script-state': [
    'has a script with image URLs, which are not signed: images that the script makes are broken',
    'Put the data into <script type="application/json">, or sign it with signImage()',
  ],
  'unread-type': [
    'is a text that is not rewritten, and its image URLs have no token: these images are broken',
    'Sign the URLs in it with signImage()',
  ],
  'markup-in-json': [
    'has HTML or Markdown in a string of JSON, and its image URLs have no token: these images are broken',
    "Name the member in `fields`, such as fields: { content: 'html' }, or with markdown of 'image-signer/markdown'",
  ],
  'unused-base': [
    'of the signer is in none of a hundred pages with images',
    'Compare it with the URLs of your pages',
  ],
  'is-public-threw': [
    'was treated as private: `isPublic` threw',
    'Catch the error in `isPublic`, and return true or false',
  ],
  'is-public-not-synchronous': [
    'was treated as private: `isPublic` returned a promise',
    'Keep what it needs to know in memory, and return true or false',
  ],
  'sharp-missing': [
    'could not be made: sharp is not installed. Originals go out in the place of variants, and nothing in the place of always public ones',
    'Install it beside image-signer (npm install sharp), in production too',
  ],
  'skip-threw': ['was rewritten: `skip` threw', 'Catch the error in `skip`, and return true or false'],
  'skip-not-synchronous': [
    'was rewritten: `skip` returned a promise',
    'Do what takes time in an earlier middleware, and let `skip` read the result from the request',
  ],
  'late-authorize': [
    'asked `authorize` after its headers had been sent, and a shared cache may keep it',
    'Call signImage() and signSrcset() before the first byte, or send `Cache-Control: private` with the headers',
  ],
  'skip-not-boolean': [
    'was rewritten: `skip` returned something other than true or false',
    'Return true, as Boolean(…) gives it, to leave the response alone',
  ],
  'late-ttl': [
    'has an image that expires before caches drop the page: it was signed after the headers were sent',
    'Call signImage() before the first byte is sent, or with a longer ttl',
  ],
  'too-many-signatures': [
    'has more new images than one response may sign, so some of them went out without a token, and no cache may store it',
    'Show fewer images at once, or raise `maxSignatures` of the scheme',
  ],
  'too-many-encoded': [
    'was left as it is: too many pages that came encoded are open',
    'Compress the pages after imageSigner, or find out why they stay open for so long',
  ],
  'encoded-above': [
    'came encoded from middleware that stands behind imageSigner, so it is decoded and encoded again',
    'Mount imageSigner after compression: app.use(compression()) comes first',
  ],
  interrupted: [
    'lost its end: another middleware took the methods of imageSigner off within the page',
    'Mount imageSigner before that middleware, or behind it',
  ],
  'internal-error': [
    'was left unsigned from some point on: the clock cannot be right, or image-signer has a bug',
    'Check the clock and the option `now`; if they are right, please report it',
  ],
};

export const refused: Readonly<Record<RefusalReason, Wording>> = {
  'not-a-delivery-url': (stores) => [
    `was refused: it is no delivery URL, spelled as it is signed${shape(stores)}`,
    `Compare the path with ${optionsOfBases(stores)}; explainUrl() of image-signer/diagnosis tells the difference`,
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
    'Is the page that contains it signed? imageSigner has to be installed before its route',
  ],
  'malformed-signature': ({ hasOthers }) => [
    hasOthers
      ? 'was refused: a part of its token is missing, doubled, or in another form than the store reads'
      : 'was refused: its `exp` or `sig` is missing, doubled, or in another form than Cloudflare writes it',
    'explainUrl() of image-signer/diagnosis tells what is wrong with it',
  ],
  'bad-signature': [
    'was refused: no key of the signer made its signature',
    'Do all servers have the same keys? Has the URL been changed after signing? explainUrl() of image-signer/diagnosis tries the usual mistakes',
  ],
  expired: [
    'was refused: its time is over',
    'Is a page kept for longer than the ttl? https://github.com/image-signer/image-signer/blob/main/docs/caching.md says what to set',
  ],
  'not-authorized': [
    'was not signed by the endpoint: `authorize` did not return true',
    'If this viewer may see the image, `authorize` has to return true for it',
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

/** Said once, instead of all that would follow. @param count - how many were shown */
export function lastWarning(count: number): Warning {
  return warning(
    'more-warnings',
    `${count} warnings were shown, and no more will be in this process. To hear all, pass report: (event) => console.warn(event).`,
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
      if (event.deniedVariant !== undefined) return undefined; // as the app has said
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
        `${page}two imageSigner middlewares with different options handle this response, and the later one's options hold. Install one of them, or give both the same options.`,
      );
    case 'rewritten':
      return undefined;
    case 'key-unavailable':
      return warning(event.type, keyWarning(event, stores));
    case 'key-ends-early':
      return warning(
        event.type,
        `The credentials of ${event.scheme} end before the ttl is over, and the URLs with them. Use credentials that last longer, or a shorter ttl.`,
      );
    case 'stored-token': {
      const place = event.place === undefined ? '' : ` in ${event.place}`;
      return warning(
        event.type,
        `${page}${event.url}${place} came with an old token, so the app stores signed URLs. In a page it gets a new one; elsewhere the image breaks when it expires. Call unsignImage() or unsignText() of the signer before you save.`,
      );
    }
    case 'installed-late':
      return warning(
        event.type,
        `The route ${event.route} stands before imageSigner, so its images are not signed. Move app.use(imageSigner(…)) above the routes.`,
      );
  }
}

/** @param stores - those of the signer */
export function sentencesOf(wording: Wording, stores: Stores): Sentences {
  return typeof wording === 'function' ? wording(stores) : wording;
}

/** What a function of the app threw stands in brackets behind what happened. */
function withError({ error }: { readonly error?: unknown }, [what, fix]: Sentences): Sentences {
  return [error === undefined ? what : `${what} (${redactError(error)})`, fix];
}

function passedSubject({ page, reason, base }: Passed): string {
  if (base !== undefined) return `The base ${base}`;
  // Outside of a request.
  return page ?? (reason === 'sharp-missing' ? 'An image' : 'A page');
}

/** A guarded request is one for the URL itself: its path is named once. */
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
      `Name the member in \`fields\`: fields: { '${member}': 'html' }, or with markdown of 'image-signer/markdown'`,
    ];
  if (hosts !== undefined && hosts.length > 0) {
    const where = `these have images of ${hosts.join(', ')}`;
    return [`${what}: ${where}`, `If yours are among them, correct ${optionsOfBases(stores)}`];
  }
  if (reason !== 'unread-type' || !/json/.test(contentType ?? '')) return [what, fix];
  return [
    'is JSON, and its image URLs went out without a token: these images are broken',
    'Set `rewrite: { json: true }`, and name the members that hold HTML or Markdown in `fields`',
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
    return `Write the image id as \`new URL()\` does, or call signImage() with the id ${id}`;
  if (parameter !== undefined)
    return `If the store needs it, and whoever writes into your pages may choose its value, add '${parameter}' to \`parameters\``;
  return delivery === undefined ? undefined : `If it is yours, add '${delivery}' to \`delivery\``;
}

/** Of the app's own errors nothing is shown: they might contain a key. */
function keyWarning(
  { error, hasKey }: { readonly error: unknown; readonly hasKey: boolean },
  { hasOthers }: Stores,
): string {
  const why = error instanceof ImageSignerError ? ` ${error.message}` : '';
  const effect = hasKey ? 'The last keys that it gave stay in use' : 'Requests get 503 until it gives one';
  const source = hasOthers ? 'A function that gives keys' : 'The function `key`';
  return `${source} has failed.${why} ${effect}. Pass \`report\` to get its error.`;
}

function sentence(subject: string, [what, fix]: Sentences): string {
  return `${subject} ${what}. ${fix}.`;
}

function warning(code: string, message: string): Warning {
  return { code, message: `${message} See ${docs}#${code}` };
}
