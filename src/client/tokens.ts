/** The tokens of the built-in schemes, as far as a page has to know them: when one ends, and the URL without it. */

/** Unix seconds; of milliseconds the first ten digits are the seconds. */
const unixTime = /\b(?:exp|[Ee]xpires|ik-t|until)[=:](\d{10})/;
/** The end, or with a life in seconds the time of issue: `2026-11-29T08:00:00Z`, `20261129T080000Z`. */
const isoTime = /\b(?:se|expiry|Date)=([^&]+)/;
const life = /-Expires=(\d+)/;
/** JSON, encoded: of a JSON Web Token, of a delegation, or of a policy of CloudFront, which has `_` for the padding and `~` for `/`. */
const json = /\beyJ[\w~-]+/g;

/**
 * Parameters that have other values in the next token, by their names, or by what they hold where an app may name them; and the
 * signature and the expiry in a path of imgproxy. What ends a URL in CSS or in `srcset` is no part of a value, nor is a fragment.
 */
const token =
  /([?&])(?:exp(?:ires|iry)?|sig(?:nature)?|key(?:-pair-id|name|id)|token|policy|md5|ik-.|(?:x-[ag]\w+|vercel)-[\w-]+|se|s(?==\w{32}\b)|\w+(?==(?:exp=|eyJ|\d{10}-)))=[^&#\s"'(),\\]*|\/[\w-]{43}\/exp:\d+/gi;

function read(pattern: RegExp, text: string): string {
  return pattern.exec(text)?.[1] ?? '';
}

/** @returns in Unix seconds; 0 or NaN for a URL without a token, or with one that does not say when it ends */
export function readEnd(url: string): number {
  const time = read(isoTime, url).replace(/%3A|\W/g, '');
  return (
    Number(read(unixTime, url)) ||
    Date.parse(time.replace(/(....)(..)(..T..)(..)/, '$1-$2-$3:$4:')) / 1000 + Number(read(life, url)) ||
    Number(read(/(?:exp|Time|Until)":(\d{10})/, url.match(json)?.map(decode).join() ?? ''))
  );
}

function decode(text: string): string {
  try {
    return atob(
      text
        .replace(/-/g, '+')
        .replace(/_{1,2}$/, '')
        .replace(/[_~]/g, '/'),
    );
  } catch {
    return '';
  }
}

/**
 * A URL of `photos.example.co` does not become one of `photos.example.com` when something is taken out of its middle: `|`, which
 * no host has, stands in its place.
 * @returns what all tokens of an image leave of its URL: a text to compare by, and no URL
 */
export function withoutToken(url: string): string {
  return url.replace(token, '$1|');
}
