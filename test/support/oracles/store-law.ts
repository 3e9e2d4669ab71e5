/**
 * Law: a URL of an image is signed as the store's own library signs it; helper, page, browser, verification and `unsignImage`
 * agree about it; and the token is for that image and that time alone.
 */
import { createSigner, type Signer, type SignerOptions } from '../../../src/index.ts';
import { makeScheme, type Options, type SchemeName } from '../schemes/table.ts';

export interface StoreSetup {
  readonly title: string;
  readonly scheme: SchemeName;
  readonly options: Options;
  /** What stands before the name of an image, with a slash at its end. */
  readonly base: string;
}

/** Times in Unix seconds; `id` is the decoded name. */
export type Signed = readonly [url: string, id: string, issuedAt: number, exp: number, signed: string];

export function signerOf(
  setup: Pick<StoreSetup, 'scheme' | 'options'>,
  issuedAt: number,
  ttl = 3_600,
): Signer {
  const scheme = makeScheme(setup.scheme, setup.options);
  const times = { ttl, stableFor: 0, now: () => issuedAt * 1000 };
  const isOpen = setup.options['policy'] !== undefined;
  const asked = !isOpen && { authorize: () => true };
  return createSigner({ scheme, ...times, report: false, ...asked } as unknown as SignerOptions);
}

/** @returns what is wrong, or undefined */
export function storeFault(setup: StoreSetup, [url, id, issuedAt, exp, wanted]: Signed): string | undefined {
  const signer = signerOf(setup, issuedAt, exp - issuedAt);
  const signed = signedBy(signer, url);
  if (signed === undefined || !isSame(signed, wanted)) return `${url} becomes ${signed}, not ${wanted}`;
  if (signedBy(signer, signed) !== signed) return `${signed} is signed anew`;
  const byId = signedBy(signer, id);
  if (byId === undefined && !url.includes('?') && isId(setup, id)) return `the id ${id} is not signed`;
  if (byId !== undefined && !url.includes('?') && pathOf(byId) === pathOf(signed) && byId !== signed)
    return `the id ${id} becomes ${byId}, not ${signed}`;
  const page = signer.rewriteHtml(`<img src="${url.replaceAll('&', '&amp;')}">`);
  if (page !== `<img src="${signed.replaceAll('&', '&amp;')}">`) return `a page has ${page}, not ${signed}`;
  const bare = signer.unsignImage(signed);
  if (bare !== url && !signed.startsWith(bare)) return `${signed} becomes ${bare} without its token`;
  if (bare === signed || signedBy(signer, bare) !== signed) return `${bare} is not what was signed`;
  if (new URL(signed).href !== signed) return `a browser asks for ${new URL(signed).href}, not ${signed}`;
  if (/[\^|]/.test(signed)) return `Chromium sends ${signed} in another spelling`;
  if (setup.scheme === 'cloudflareWaf') return undefined; // its rule alone verifies
  const other = byId === undefined ? undefined : signer.verifyImage(byId);
  if (other !== undefined && !(other.ok && (other.image as { id?: string }).id === id))
    return `${byId} is not of the id ${id}`;
  return verdictFault(signer, signed, id, exp);
}

function verdictFault(signer: Signer, signed: string, id: string, exp: number): string | undefined {
  const verdict = signer.verifyImage(signed, (exp - 1) * 1000);
  if (!verdict.ok) return `${signed} is ${verdict.reason}`;
  const found = [(verdict.image as { id: string }).id, 'expiresAt' in verdict && verdict.expiresAt];
  if (found[0] !== id || found[1] !== exp) return `${signed} is of ${found}, not of ${[id, exp]}`;
  const late = signer.verifyImage(signed, exp * 1000);
  if (late.ok || late.reason !== 'expired') return `${signed} does not expire`;
  const at = pathOf(signed).lastIndexOf('.');
  const changed = signer.verifyImage(`${signed.slice(0, at)}x${signed.slice(at)}`, 0);
  return changed.ok ? `${signed} opens another image` : undefined;
}

export function signedBy({ signImage }: Signer, image: string): string | undefined {
  try {
    return signImage(image);
  } catch {
    return undefined;
  }
}

const pathOf = (url: string): string => url.split('?', 1)[0]!;

/** A text that is somebody's URL is no id. */
function isId({ scheme }: StoreSetup, id: string): boolean {
  if (scheme === 'imgproxy' || scheme === 'cloudflareImages') return false;
  return !/^\/|:\/\/|^(?:https?|wss?|ftp|file|data|blob):/i.test(id);
}

/** S3 and Google take parameters in any order, and their libraries have another one. */
function isSame(signed: string, wanted: string): boolean {
  const parts = (url: string): string => url.split(/[?&]/).toSorted().join('&');
  return signed === wanted || (/X-(?:Amz|Goog)-/.test(wanted) && parts(signed) === parts(wanted));
}
