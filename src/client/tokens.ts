/** The tokens of the built-in schemes, as far as a page needs to know them: their expiry, and the URL without them. */

/** Encoded JSON: a JSON Web Token, a delegation, or a CloudFront policy, which has `_` for the padding and `~` for `/`. */
const json = /\beyJ[\w~-]+/g;

/**
 * Parameters whose values change with the token, found by name, or by value if an app can name them; and the signature and expiry in
 * an imgproxy path. A value excludes a fragment, and characters that end a URL in CSS or `srcset`.
 */
export const token: RegExp =
  /([?&](?:exp(?:ires|iry)?|sig(?:nature)?|key(?:-pair-id|name|id)|token|policy|md5|ik-.|(?:x-[ag]\w+|vercel)-[\w-]+|se|s(?==\w{32}\b)|\w+(?==(?:exp=|eyJ|\d{10}-)))=|\/(?=[\w-]{43}\/exp:\d))([\w-]{43}\/exp:\d+|[^&#'(),\\]*)/gi;
/** The parameters of an app's own scheme, by their values. */
const ownToken = /([?&][\w-]+=)(\d{10,}|[^&#'(),\\]{20,})/g;

/** Characters outside the alphabets of values; every alphabet includes the one before. */
const beyond = [/\D/, /[^\da-f]/, /[^\w+/=.:~-]/];

function read(pattern: RegExp, text: string): string {
  return pattern.exec(text)?.[1] ?? '';
}

/** @returns Unix seconds; 0 or NaN without a token, or for one without a readable expiry */
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
 * Replaces the values of a token by their length and alphabet, within `<` and `>`, which no URL contains. A typed URL then does not
 * match an image whose signature has another form, and the end of one host does not become the middle of another.
 * @returns a text for comparisons, which isn't a URL: the same for all tokens of an image
 */
export function formOf(url: string): string {
  return url.replace(url.search(token) < 0 ? ownToken : token, (_, name: string, value: string) => {
    // Base64 is sometimes percent-encoded.
    const text = value.replace(/%\w\w/g, '+');
    return `${name}<${beyond.filter((each) => each.test(text)).length},${text.length}>`;
  });
}
