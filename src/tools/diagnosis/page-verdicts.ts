/**
 * Says for every image URL of a page whether a visitor sees the image, and if not, why, and what to change. It knows no
 * network: the response arrives as plain values.
 */
import type { Configuration } from '../../options/configuration.ts';
import { resolve } from '../../signer/resolve.ts';
import { epochSeconds } from '../../signing/expiry.ts';
import { explain } from './explain.ts';
import type { Explanation } from './explanation.ts';
import type { PageUrl } from './page-urls.ts';
import type { SearchBudget } from './signature.ts';
import { durationInWords, instantInWords } from './time-words.ts';

/** What the response of a page says about all of its URLs. */
export interface PageFacts {
  /** In milliseconds. */
  readonly now: number;
  /** How long caches may still keep the page, in seconds. */
  readonly lifetime: number;
  /** Why the middleware leaves such a response alone, and how to fix it; undefined if it does not. */
  readonly passed: readonly [message: string, fix: string] | undefined;
  /** Whether Cache-Control says `private`, `no-cache` or `no-store`, as for a page that depends on the viewer. */
  readonly isPersonal: boolean;
  /** A sentence that says how to get the page as a signed-in viewer. */
  readonly howToAskAsMember: string;
  /** Why the middleware leaves the CSS of such a response alone, as in `passed`; undefined if it does not. */
  readonly passedStyles: readonly [message: string, fix: string] | undefined;
  /** Whether the options turn on the rewriting of JSON, which is off by default. */
  readonly rewritesJson?: boolean | undefined;
}

export interface Verdict extends PageUrl {
  /** `dead`: a visitor does not see the image, or it expires before caches drop the page. `note`: it loads no image. */
  readonly outcome: 'ok' | 'dead' | 'note';
  readonly code: string;
  readonly message: string;
  readonly fix?: string | undefined;
  /** In Unix seconds. */
  readonly expiresAt?: number | undefined;
}

type Reason = readonly [code: string, message: string, fix?: string];

/** Half a second: enough for a few hundred unexplained signatures, and for far more that are nearly right. */
const maxMacsOfPage = 100_000;

export function verdictsOf(
  urls: readonly PageUrl[],
  facts: PageFacts,
  configuration: Configuration,
): Verdict[] {
  const budget: SearchBudget = { left: maxMacsOfPage };
  const explanations = new Map<string, Explanation>(); // a URL may be in several places
  for (const { url } of urls)
    if (!explanations.has(url)) explanations.set(url, explain(url, configuration, budget));
  const hasSigned = [...explanations.values()].some(({ ok, expiresAt }) => ok && expiresAt !== undefined);
  return urls.map((found): Verdict => {
    const explanation = explanations.get(found.url)!;
    const [code, message, fix] = explanation.ok
      ? okReason(explanation, facts)
      : brokenReason(found, explanation, facts, hasSigned, configuration);
    const isSeen = explanation.ok && code !== 'outlived';
    const outcome = isSeen ? 'ok' : found.isLoaded ? 'dead' : 'note';
    return { ...found, outcome, code, message, fix, expiresAt: explanation.expiresAt };
  });
}

function okReason({ expiresAt, findings }: Explanation, { now, lifetime }: PageFacts): Reason {
  if (expiresAt === undefined) return ['always-public', 'Always public: it needs no token.'];
  const seconds = expiresAt - epochSeconds(now);
  const left = durationInWords(seconds);
  if (lifetime > seconds) {
    return [
      'outlived',
      `Caches may keep the page for ${durationInWords(lifetime)}, but the image expires in ${left}.`,
      'Let imageSigner be the last to set Cache-Control, or give the page a shorter lifetime at the CDN.',
    ];
  }
  const until = `Signed until ${instantInWords(expiresAt)}, for ${left}.`;
  const older = findings.find(({ code }) => code === 'older-key');
  return older === undefined ? ['signed', until] : [older.code, `${until} ${older.message}`, older.fix];
}

/** By their codes. */
const unread = {
  'json-not-rewritten': [
    'Not signed: JSON is rewritten only with rewrite: { json: true }, and longer strings only if `fields` names them.',
    'Set rewrite: { json: true }. Name members that hold HTML or Markdown in `fields`.',
  ],
  'feed-not-rewritten': [
    'Not signed: feeds and text are not rewritten.',
    'Sign the URLs in the view with signImage(), or set rewrite: { locals: true }.',
  ],
  'script-not-rewritten': [
    'Not signed: scripts are not rewritten, so images that a script makes are broken.',
    'Move it into <script type="application/json">, or sign it with signImage() or rewrite: { locals: true }.',
  ],
} as const;

function brokenReason(
  found: PageUrl,
  { findings }: Explanation,
  facts: PageFacts,
  hasSigned: boolean,
  configuration: Configuration,
): Reason {
  const failure = findings.find(({ kind }) => kind === 'failure')!; // without one, the URL verifies
  // The middleware has not seen the token of a stored URL.
  if (failure.code !== 'missing-signature' && failure.code !== 'under-from')
    return [failure.code, failure.message, failure.fix];
  if (typeof resolve(found.url, configuration) !== 'object')
    return ['not-a-delivery-url', 'This is not a delivery URL that may be signed.'];
  if (!found.isLoaded) return ['text', 'Not signed: here it is text or a form value, and loads no image.'];
  const { passed, passedStyles, isPersonal, howToAskAsMember, rewritesJson } = facts;
  if (passed !== undefined) return ['response-left-alone', ...passed];
  if (found.isCss && passedStyles !== undefined) return ['style-hash', ...passedStyles];
  if (!found.isRead) return unreadReason(found);
  if (found.place === 'JSON' && rewritesJson !== true) return reasonAt('json-not-rewritten');
  if (hasSigned) {
    const fix = 'Does `authorize` return true for it? Does a CDN add it to the page after imageSigner?';
    return ['not-authorized', 'Not signed, unlike other images of the page.', fix];
  }
  const install =
    'Install imageSigner before the routes: app.use(imageSigner(…)). Does `skip` leave this page alone?';
  const refused = `Does \`authorize\` refuse every image${isPersonal ? ', since nobody is signed in here' : ''}? ${howToAskAsMember}`;
  const fix = isPersonal ? `${refused} Otherwise: ${install}` : `${install} ${refused}`;
  return ['page-not-rewritten', 'Not signed, like every other image of the page.', fix];
}

/** For a place that the middleware does not read by default. */
function unreadReason({ place, isPart }: PageUrl): Reason {
  if (isPart) return reasonAt('json-not-rewritten');
  if (place === 'feed' || place === 'text') return reasonAt('feed-not-rewritten');
  if (place.startsWith('<script')) return reasonAt('script-not-rewritten');
  const [, name] = /^<\S+ (\S+)>$/.exec(place) ?? [];
  const fix = name ? `Name the attribute: attributes: { '${name}': 'url' }.` : 'Use signImage().';
  return ['attribute-not-rewritten', 'Not signed: imageSigner does not read this place.', fix];
}

function reasonAt(code: keyof typeof unread): Reason {
  return [code, ...unread[code]];
}
