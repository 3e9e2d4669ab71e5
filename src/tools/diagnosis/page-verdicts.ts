/**
 * Says of each image URL of a page whether a visitor sees the image, and if not, why, and what to change. It knows no
 * network: what the page's answer was comes as plain values.
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
  /** In seconds: how long caches may keep the page from now on. */
  readonly lifetime: number;
  /** Why the middleware leaves such a response alone, in a sentence with how to fix it; undefined if it does not. */
  readonly passed: readonly [message: string, fix: string] | undefined;
  /** Whether Cache-Control says `private`, `no-cache` or `no-store`, as it does for a page that depends on the viewer. */
  readonly isPersonal: boolean;
  /** How to get the page as a viewer who is signed in, as a sentence. */
  readonly howToAskAsMember: string;
  /** Why the middleware leaves the CSS of such a response alone, as in `passed`; undefined if it does not. */
  readonly passedStyles: readonly [message: string, fix: string] | undefined;
  /** Whether the options say that the middleware rewrites JSON, which it does not by default. */
  readonly rewritesJson?: boolean | undefined;
}

export interface Verdict extends PageUrl {
  /** `dead`: a visitor does not see the image, or will not before caches drop the page. `note`: no image is loaded by it. */
  readonly outcome: 'ok' | 'dead' | 'note';
  readonly code: string;
  readonly message: string;
  readonly fix?: string | undefined;
  /** In Unix seconds. */
  readonly expiresAt?: number | undefined;
}

type Reason = readonly [code: string, message: string, fix?: string];

/** Half a second: enough for some hundred URLs whose signature nothing explains, and for far more that are nearly right. */
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
      `Caches may keep the page for ${durationInWords(lifetime)}, and the image expires in ${left}.`,
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
    'Not signed: JSON is only rewritten if you say so, and within a longer string only in `fields`.',
    'Set rewrite: { json: true }. Name members that hold HTML or Markdown in `fields`.',
  ],
  'feed-not-rewritten': [
    'Not signed: feeds and text are not rewritten.',
    'Sign the URLs in the view with signImage(), or set rewrite: { locals: true }.',
  ],
  'script-not-rewritten': [
    'Not signed: scripts are not rewritten, and images that a script makes are broken.',
    'Put it into <script type="application/json">, or sign it: signImage(), or rewrite: { locals: true }.',
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
  // Whatever token is in a stored URL, the middleware has not seen it.
  if (failure.code !== 'missing-signature' && failure.code !== 'under-from')
    return [failure.code, failure.message, failure.fix];
  if (typeof resolve(found.url, configuration) !== 'object')
    return ['not-a-delivery-url', 'It is not a delivery URL that may be signed.'];
  if (!found.isLoaded)
    return ['text', 'Not signed, since it is text or a form value here: no image is loaded by it.'];
  const { passed, passedStyles, isPersonal, howToAskAsMember, rewritesJson } = facts;
  if (passed !== undefined) return ['response-left-alone', ...passed];
  if (found.isCss && passedStyles !== undefined) return ['style-hash', ...passedStyles];
  if (!found.isRead) return unreadReason(found);
  if (found.place === 'JSON' && rewritesJson !== true) return reasonAt('json-not-rewritten');
  if (hasSigned) {
    const fix = 'Does `authorize` return true for it? Is it put into the page after imageSigner, by a CDN?';
    return ['not-authorized', 'Not signed, while other images of the page are.', fix];
  }
  const install =
    'Install imageSigner before the routes: app.use(imageSigner(…)). Does `skip` leave this page alone?';
  const refused = `Does \`authorize\` refuse every image${isPersonal ? ', since nobody is signed in here' : ''}? ${howToAskAsMember}`;
  const fix = isPersonal ? `${refused} Otherwise: ${install}` : `${install} ${refused}`;
  return ['page-not-rewritten', 'Not signed, and nor is any other image of the page.', fix];
}

/** For a place that the middleware does not read by its defaults. */
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
