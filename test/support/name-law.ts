/**
 * Law: a name that may have a URL is signed as the vendor's code signs it, by its id and by every well-encoded URL, and all
 * other calls agree about it. No other name is signed.
 */
import { asBrowsersSend, encodeName, type Judge } from './name-judges.ts';
import { mayHaveUrl } from './random-names.ts';

/** @returns what is wrong, or undefined */
export async function faultOf(judge: Judge, name: string): Promise<string | undefined> {
  if (!mayHaveUrl(name)) {
    const signed = [name, judge.base + encodeName(name)].find((text) => sign(judge, text));
    return signed === undefined ? undefined : `${signed} is signed`;
  }
  // S3 reads a bare `+` in a path as a space.
  const paths = new Set([encodeName(name), asBrowsersSend(name).replaceAll('+', '%2B')]);
  if ([...paths].some((path) => judge.isUndecided?.(path))) return undefined;
  const fault = await faultOfId(judge, name);
  if (fault !== undefined) return fault;
  for (const path of paths) {
    const found = await faultOfPath(judge, path, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function faultOfId(judge: Judge, name: string): Promise<string | undefined> {
  // A text that is somebody's URL is no id.
  if (/^\/|:\/\/|^(?:https?|wss?|ftp|file|data|blob):/i.test(name)) return undefined;
  const signed = sign(judge, name);
  if (signed === undefined)
    return judge.refuses(asBrowsersSend(name)) && judge.name !== 'cloudFront'
      ? undefined
      : `the id ${name} is not signed`;
  const theirs = (await judge.ofName(name)) ?? (await judge.ofUrl(withoutQuery(signed), name));
  // The SDK of CloudFront leaves a `*` as it is.
  const isExcepted = judge.refuses(encodeName(name));
  if (!isExcepted && !isSame(signed, theirs)) return `the id ${name}: ${signed}, not ${theirs}`;
  return disagreement(judge, withoutQuery(signed), signed, name);
}

async function faultOfPath(judge: Judge, path: string, name: string): Promise<string | undefined> {
  const url = judge.base + path;
  const signed = sign(judge, url);
  if (signed === undefined) return judge.refuses(path) ? undefined : `${url} is not signed`;
  if (judge.refuses(path)) return `${url} is signed`;
  // The SDK of CloudFront encodes a path anew. What counts is that the URL is signed as it is sent.
  const isRespelled = judge.name === 'cloudFront' && path !== encodeName(name);
  const wanted = await judge.ofUrl(url, name);
  if (!isRespelled && !isSame(signed, wanted)) return `${url}: ${signed}, not ${wanted}`;
  return disagreement(judge, url, signed, name);
}

function sign({ signer }: Judge, image: string): string | undefined {
  try {
    return signer.signImage(image);
  } catch {
    return undefined;
  }
}

function withoutQuery(url: string): string {
  return url.split('?', 1)[0]!;
}

/** S3 and Google take parameters in any order, and their SDKs have another one. */
function isSame(signed: string, wanted: string): boolean {
  const parts = (url: string): string => url.split(/[?&]/).toSorted().join('&');
  return signed === wanted || (/X-(?:Amz|Goog)-/.test(wanted) && parts(signed) === parts(wanted));
}

/** What a page, a browser, `unsignImage` and `verifyImage` make of it. @param plain - without the token */
function disagreement(
  { signer, name: store }: Judge,
  plain: string,
  signed: string,
  name: string,
): string | undefined {
  const page = signer.rewriteHtml(`<img src="${plain.replaceAll('&', '&amp;')}">`);
  if (page !== `<img src="${signed.replaceAll('&', '&amp;')}">`) return `a page has ${page}, not ${signed}`;
  if (signer.unsignImage(signed) !== withoutQuery(signed)) return `${signed} keeps its token`;
  const { href } = new URL(signed);
  if (signed !== href) return `a browser asks for ${href}, not ${signed}`;
  if (/[\^|]/.test(withoutQuery(signed))) return `Chromium sends ${signed} in another spelling`;
  if (store === 'cloudflareWaf') return undefined; // its rule alone verifies
  const verification = signer.verifyImage(signed);
  if (!verification.ok) return `${signed} is ${verification.reason}`;
  return verification.image.id === name ? undefined : `${signed} is of ${verification.image.id}, not ${name}`;
}
