/**
 * Says of each image URL of a page whether a visitor sees the image, and if not, why, and what to change. It knows no
 * network: what the page's answer was comes as plain values.
 */
import type { Configuration } from '../../options/configuration.ts';
import { resolve } from '../../signer/resolve.ts';
import { epochSeconds } from '../../signing/expiry.ts';
import { explain } from './explain.ts';
import type { Explanation, Finding } from './explanation.ts';
import type { PageUrl } from './page-urls.ts';
import { SearchBudget } from './search.ts';
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

/** Half a second: enough for some hundred URLs whose signature nothing explains, and for far more that are nearly right. */
const maxMacsOfPage = 100_000;

export function verdictsOf(
  urls: readonly PageUrl[],
  facts: PageFacts,
  signer: unknown,
  configuration: Configuration,
): Verdict[] {
  const budget = new SearchBudget(maxMacsOfPage);
  const explanations = new Map<string, Explanation>(); // a URL may stand in several places
  const explained = urls.map((found) => {
    const explanation = explanations.get(found.url) ?? explain(found.url, { signer }, budget);
    explanations.set(found.url, explanation);
    return { found, ...explanation };
  });
  const hasSigned = explained.some(({ ok, expiresAt }) => ok && expiresAt !== undefined);
  return explained.map(({ found, ok, expiresAt, findings }): Verdict => {
    if (ok) return validVerdict(found, expiresAt, facts, findings);
    const failure = findings.find(({ kind }) => kind === 'failure');
    // Whatever token is in a stored URL, the middleware has not seen it.
    const isUnsigned =
      failure === undefined || failure.code === 'missing-signature' || failure.code === 'under-from';
    const { code, message, fix } = isUnsigned
      ? unsignedReason(found, facts, hasSigned, configuration)
      : failure;
    return { ...found, outcome: found.isLoaded ? 'dead' : 'note', code, message, fix, expiresAt };
  });
}

function validVerdict(
  found: PageUrl,
  expiresAt: number | undefined,
  { now, lifetime }: PageFacts,
  findings: readonly Finding[],
): Verdict {
  if (expiresAt === undefined)
    return { ...found, outcome: 'ok', code: 'always-public', message: 'Always public: it needs no token.' };
  const left = expiresAt - epochSeconds(now);
  if (lifetime > left) {
    return {
      ...found,
      outcome: found.isLoaded ? 'dead' : 'note',
      code: 'outlived',
      message: `Caches may keep the page for ${durationInWords(lifetime)}, and the image expires in ${durationInWords(left)}.`,
      fix: 'Let imageSigner be the last to set Cache-Control, or give the page a shorter lifetime at the CDN.',
      expiresAt,
    };
  }
  const older = findings.find(({ code }) => code === 'older-key');
  const until = `Signed until ${instantInWords(expiresAt)}, for ${durationInWords(left)}.`;
  return {
    ...found,
    outcome: 'ok',
    code: older?.code ?? 'signed',
    message: older === undefined ? until : `${until} ${older.message}`,
    fix: older?.fix,
    expiresAt,
  };
}

type Reason = Pick<Verdict, 'code' | 'message' | 'fix'>;

function unsignedReason(
  found: PageUrl,
  { passed, passedStyles, isPersonal, howToAskAsMember, rewritesJson }: PageFacts,
  hasSigned: boolean,
  configuration: Configuration,
): Reason {
  if (typeof resolve(found.url, configuration) !== 'object') {
    return { code: 'not-a-delivery-url', message: 'It is not a delivery URL that may be signed.' };
  }
  if (!found.isLoaded) {
    return {
      code: 'text',
      message: 'Not signed, since it is text or a form value here: no image is loaded by it.',
    };
  }
  if (passed !== undefined) return { code: 'response-left-alone', message: passed[0], fix: passed[1] };
  if (found.isCss && passedStyles !== undefined)
    return { code: 'style-hash', message: passedStyles[0], fix: passedStyles[1] };
  if (!found.isRead) return unreadReason(found);
  if (found.place === 'JSON' && rewritesJson !== true) {
    return {
      code: 'json-not-rewritten',
      message: 'Not signed: JSON is only rewritten if you say so.',
      fix: 'Set rewrite: { json: true }. Name members that hold HTML or Markdown (image-signer/markdown) by the option `fields`.',
    };
  }
  if (hasSigned) {
    return {
      code: 'not-authorized',
      message: 'Not signed, while other images of the page are.',
      fix: 'Does `authorize` return true for this image? Is it put into the page after imageSigner, by a script of the CDN perhaps?',
    };
  }
  return {
    code: 'page-not-rewritten',
    message: 'Not signed, and nor is any other image of the page.',
    fix: isPersonal
      ? `Does \`authorize\` refuse every image, since nobody is signed in here? ${howToAskAsMember} Otherwise install imageSigner before the routes: app.use(imageSigner(…)). Does \`skip\` leave this page alone?`
      : `Install imageSigner before the routes: app.use(imageSigner(…)). Does \`skip\` leave this page alone, or does \`authorize\` refuse every image? ${howToAskAsMember}`,
  };
}

/** For a place that the middleware does not read by its defaults. */
function unreadReason({ place, isPart }: PageUrl): Reason {
  if (isPart) {
    return {
      code: 'json-not-rewritten',
      message: 'Not signed: it is a part of a longer string.',
      fix: 'Name the member that holds HTML or Markdown (image-signer/markdown) by the option `fields`. A response of JSON also needs rewrite: { json: true }.',
    };
  }
  if (place === 'feed' || place === 'text') {
    return {
      code: 'feed-not-rewritten',
      message: 'Not signed: feeds and text are not rewritten.',
      fix: 'Sign the URLs in the view with signImage(), or set rewrite: { locals: true }.',
    };
  }
  if (place.startsWith('<script')) {
    return {
      code: 'script-not-rewritten',
      message: 'Not signed: scripts are not rewritten, and images that a script makes are broken.',
      fix: 'Put the data into <script type="application/json">, or sign it with signImage() or rewrite: { locals: true }.',
    };
  }
  const [, attribute] = /^<\S+ (\S+)>$/.exec(place) ?? [];
  return {
    code: 'attribute-not-rewritten',
    message: 'Not signed: imageSigner does not read this place.',
    fix:
      attribute === undefined
        ? 'Sign the URL with signImage().'
        : `Name the attribute: attributes: { '${attribute}': 'url' }.`,
  };
}
