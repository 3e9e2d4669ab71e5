/** Takes a whole imgproxy URL apart, once for all that a scheme asks of it. */
import { type ImgproxyPath, isExpiry, readImgproxyPath } from './imgproxy-path.ts';

export interface ImgproxyUrl extends ImgproxyPath {
  /** The URL up to the `/` before the signature. */
  readonly before: string;
  /** The options without the expiries. */
  readonly kept: readonly string[];
  /** From the `/` after the signature to the end of the path, without the expiries. */
  readonly rest: string;
  /** The query, or `''`. */
  readonly after: string;
  /** Whether nothing is left out of `rest`, and nothing put in. */
  readonly isWhole: boolean;
}

/** @param start - offset of the path after the base */
function readUrl(url: string, start: number): ImgproxyUrl {
  const question = url.indexOf('?');
  const end = question < 0 ? url.length : question;
  const { signature, options, source } = readImgproxyPath(url.slice(start, end));
  const kept = options.some(isExpiry) ? options.filter((option) => !isExpiry(option)) : options;
  const isWhole = kept === options && source !== '';
  const rest = isWhole ? url.slice(start + 1 + signature.length, end) : `/${[...kept, source].join('/')}`;
  const [before, after] = [url.slice(0, start), url.slice(end)];
  return { signature, options, source, before, kept, rest, after, isWhole };
}

/** Reads URLs, and remembers the last one: `match`, `strip` and `sign` get the same text one after the other. */
export function createUrlReader(): (url: string, start: number) => ImgproxyUrl {
  let lastUrl: string | undefined;
  let lastStart = 0;
  let last: ImgproxyUrl;
  return (url, start) => {
    if (lastStart === start && lastUrl === url) return last;
    last = readUrl(url, start);
    lastUrl = url;
    lastStart = start;
    return last;
  };
}
