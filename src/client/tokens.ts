/** The tokens of the built-in schemes, as far as a page has to know them: when one ends, and the URL without it. */

/** JSON, encoded: of a JSON Web Token, of a delegation, or of a policy of CloudFront, which has `_` for the padding and `~` for `/`. */
const json = /\beyJ[\w~-]+/g;

/**
 * Parameters that have other values in the next token, by their names, or by what they hold where an app may name them; and the
 * signature and the expiry in a path of imgproxy. What ends a URL in CSS or in `srcset` is no part of a value, nor is a fragment.
 */
export const token: RegExp =
  /([?&](?:exp(?:ires|iry)?|sig(?:nature)?|key(?:-pair-id|name|id)|token|policy|md5|ik-.|(?:x-[ag]\w+|vercel)-[\w-]+|se|s(?==\w{32}\b)|\w+(?==(?:exp=|eyJ|\d{10}-)))=|\/(?=[\w-]{43}\/exp:\d))([\w-]{43}\/exp:\d+|[^&#'(),\\]*)/gi;
/** Those of a scheme of an app, by what they hold. */
const ownToken = /([?&][\w-]+=)(\d{10,}|[^&#'(),\\]{20,})/g;

/** What is not of the alphabets of values, each of which is a part of the next. */
const beyond = [/\D/, /[^\da-f]/, /[^\w+/=.:~-]/];

function read(pattern: RegExp, text: string): string {
  return pattern.exec(text)?.[1] ?? '';
}

/** @returns in Unix seconds; 0 or NaN for a URL without a token, or with one that does not say when it ends */
export function readEnd(url: string): number {
  const time = read(/\b(?:se|expiry|Date)=([^&]+)/, url).replace(/%3A|\W/g, '');
  return (
    +read(/\b(?:exp|[Ee]xpires|ik-t|until)[=:](\d{10})/, url) ||
    Date.parse(time.replace(/(....)(..)(..T..)(..)/, '$1-$2-$3:$4:')) / 1000 + +read(/-Expires=(\d+)/, url) ||
    +read(/(?:exp|Time|Until)":(\d{10})/, `${url.match(json)?.map(decode)}`)
  );
}

function decode(text: string): string {
  try {
    return atob(text.replace(/-/g, '+').replace(/_+$/, '').replace(/[_~]/g, '/'));
  } catch {
    return '';
  }
}

/**
 * Cuts the values of a token out. Their length and alphabet stand in their place, within `<` and `>`, which no URL has: what is
 * typed looks like no URL of an image whose signature has another form, nor does the end of one host become the middle of another.
 * @returns a text to compare by, and no URL: all tokens of an image leave the same
 */
export function formOf(url: string): string {
  return url.replace(url.search(token) < 0 ? ownToken : token, (_, name: string, value: string) => {
    // Base64 is percent-encoded here and there.
    const text = value.replace(/%\w\w/g, '+');
    return `${name}<${beyond.filter((each) => each.test(text)).length},${text.length}>`;
  });
}
