/**
 * What of a text may stand in a message or an event: it may be a key. Both sides of each bound, and what a shop calls
 * its variants, folders and parameters.
 */
import { describe, expect, test } from 'vitest';
import { isSafeName, isSafePath, redactError, redactUrl } from '../../src/url/redaction.ts';
import { key, url } from '../support/samples.ts';

describe('a name', () => {
  test.each([
    // shorter than a key
    ['', true],
    ['thumb', true],
    ['größe', true],
    ['日本', true],
    ['my hero', true],
    ['a.b,c:d=e-f_g/h', true],
    ['fifteen-letters', true],
    ['sixteen-letters-', false],
    ['correct-horse-battery', false],
    // characters that no name has
    ['a@b', false],
    ['a+b', false],
    ["it's", false],
    ['a(b)', false],
    ['a%b', false],
    ['a\u200bb', false],
    ['a\u3164b', false],
    ['a\tb', false],
    // digits among letters
    ['w320', true],
    ['320w', true],
    ['320w2', true],
    ['w2x', false],
    ['w22x', false],
    ['w-2-x', true],
    // five digits
    ['a1234', true],
    ['a12345', false],
    ['1-2-3-4', true],
    ['1-2-3-4-5', false],
    // three changes of case
    ['aBcD', true],
    ['aBcDe', true],
    ['aBcDeF', false],
    ['ABCDEF', true],
    // as long as a key, of known words
    ['data-hero-image-large', true],
    ['productCardLarge', true],
    ['PRODUCT_CARD_LARGE', true],
    ['product card large retina', true],
    ['productCardLarges', false],
    ['productcardlarge', false],
    ['product-card-largé', false],
    ['width=400,quality=85,format=auto', true],
    // what stores read in a query
    ['response-content-disposition', true],
    ['response-content-encoding', true],
    ['response-content-language', true],
    ['response-cache-control', true],
    ['response-content-type', true],
    ['response-expires', true],
    // seven digits
    ['width=1234,height=567', true],
    ['width=1234,height=5678', false],
    ['12345678-product-card', false],
    ['1234567-product-card', true],
    ['product-card-~large', false],
  ])('%j: %s', (text, isShowable) => {
    expect(isSafeName(text)).toBe(isShowable);
  });

  test.each(['thumb', 'Card', 'hero'])('%s repeated is shown however often', (word) => {
    expect(isSafeName(Array(40).fill(word).join('-'))).toBe(true);
  });
});

describe('a path', () => {
  test.each([
    ['', true],
    ['/images', true],
    ['/cdn-cgi/imagedelivery', true],
    ['/images/products/large/product-card', true],
    ['/caf%C3%A9', true],
    ['/a.b~c*d_e', true],
    ['/größe', true],
    ['images', true],
    // what is left without known words is as long as a key
    ['/abcdefghijklmn', true],
    ['/abcdefghijklmno', false],
    ['/images/abcdefghijklmn/products', true],
    ['/images/abcdefghijklmno/products', false],
    ['/abcdefg/hijklmn', false],
    ['/abcdefg/hijklm', true],
    // it looks generated
    ['/k3y', false],
    ['/images/k3y', false],
    ['/b12345', false],
    ['/b1234', true],
    ['/1234567', true],
    ['/12345678', false],
    ['/aBcDeF', false],
    // characters that no path has
    ['/a@b', false],
    ['/a b', false],
    ['/a?b', false],
    ['/a\u200bb', false],
    ['/a\u3164b', false],
  ])('%j: %s', (path, isShowable) => {
    expect(isSafePath(path)).toBe(isShowable);
  });
});

describe('a key that was pasted into a URL', () => {
  test.each<[text: string, shown: string]>([
    // fifteen characters, and sixteen
    ['/a/b/abcdefghijklmno', '/a/b/abcdefghijklmno'],
    ['/a/b/abcdefghijklmnop', '/a/b/…'],
    ['/a/b/thumb?v=abcdefghijklmno', '/a/b/thumb?v=abcdefghijklmno'],
    ['/a/b/thumb?v=abcdefghijklmnop', '/a/b/thumb?v=…'],
    ['/a/b/thumb?abcdefghijklmnop=1', '/a/b/thumb?…=1'],
    ['/a/b/thumb#abcdefghijklmnop', '/a/b/thumb#…'],
    ['/a/b/thumb?v=1#abcdefghijklmnop', '/a/b/thumb?v=1#…'],
    ['/a/b/thumb?v=abcdefghijklmnop==&w=1', '/a/b/thumb?v=…&w=1'],
    ['/a/b/thumb?v=abcdefghijklmn==', '/a/b/thumb?v=…'],
    ['/a/b/thumb?v=abcdefghijklm==', '/a/b/thumb?v=abcdefghijklm=='],
    // between semicolons each counts for itself
    ['/a/b/thumb;v=1;abcdefghijklmnop', '/a/b/thumb;v=1;…'],
    ['/a/b/abcdefgh;ijklmnop', '/a/b/abcdefgh;ijklmnop'],
    // where the variant stands, and slashes behind it
    ['/a/b/abcdefghijklmnop//', '/a/b/…//'],
    ['https://x/a/abcdefghijklmnop', 'https://x/a/…'],
    ['https://x/a/abcdefghijklmnop/thumb', 'https://x/a/abcdefghijklmnop/thumb'],
    // one segment is an id or a host, and no variant
    ['/abcdefghijklmnop', '/abcdefghijklmnop'],
    ['https://abcdefghijklmnop', 'https://…'],
    // words of a shop
    ['/a/b/thumbnails-large-card', '/a/b/thumbnails-large-card'],
  ])('%s is shown as %s', (text, shown) => {
    expect(redactUrl(text)).toBe(shown);
  });

  const hex = '0123456789abcdef'.repeat(4);

  test.each<[text: string, shown: string]>([
    // thirty-nine hex digits, and forty
    [`/a/b/thumb?v=1;${hex.slice(0, 39)}`, '/a/b/thumb?v=…'],
    [`/a/${hex.slice(0, 39)}.x;/thumb`, `/a/${hex.slice(0, 39)}.x;/thumb`],
    [`/a/${hex.slice(0, 40)}.x;/thumb`, '/a/….x;/thumb'],
    // a hash for an id, alone in its segment or with an ending of five letters at most
    [`/a/${hex}/thumb`, `/a/${hex}/thumb`],
    [`${hex}/thumb`, `${hex}/thumb`],
    [`/a/${hex}.jpeg/thumb`, `/a/${hex}.jpeg/thumb`],
    [`/a/${hex}.xhtml/thumb`, `/a/${hex}.xhtml/thumb`],
    [`/a/${hex}.xxhtml/thumb`, '/a/….xxhtml/thumb'],
    [`/a/x${hex}/thumb`, '/a/x…/thumb'],
    [`/a/${hex}x/thumb`, '/a/…x/thumb'],
    // behind the name of a signature it is one
    [`/a/sig/${hex}/thumb`, '/a/sig/…/thumb'],
    [`/a/Signature/${hex}/thumb`, '/a/Signature/…/thumb'],
    [`/a/design/${hex}/thumb`, `/a/design/${hex}/thumb`],
    [`/a/sigma/${hex}/thumb`, `/a/sigma/${hex}/thumb`],
    // percent-encoded digits and capitals
    [`/a?v=%30${hex.slice(1)}`, '/a?v=…'],
    [`/a/%66${hex.slice(1)}/thumb`, '/a/…/thumb'],
    [`/a/${hex.toUpperCase()}/thumb`, `/a/${hex.toUpperCase()}/thumb`],
  ])('%s is shown as %s', (text, shown) => {
    expect(redactUrl(text)).toBe(shown);
  });
});

describe('a secret that is no token of an image', () => {
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP';
  test.each<[text: string, shown: string]>([
    // JSON Web Tokens, in a query, a path, a fragment, and a URL within a URL
    [`/reset/${jwt}/confirm`, '/reset/…/confirm'],
    [`https://shop.example/a/${jwt}`, 'https://shop.example/a/…'],
    [`/a?t=${jwt}&w=1`, '/a?t=…&w=1'],
    [`/a?t=short.${jwt}`, '/a?t=…'],
    [`/a#${jwt}`, '/a#…'],
    [`/a?u=/b/${jwt.replaceAll('.', '%2E')}`, '/a?u=…'],
    [`/a?u=/b/${jwt.replaceAll('.', '%252e')}`, '/a?u=…'],
    ['/a/eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.dGFn/b', '/a/…/b'],
    // options of a delivery service, which name an image
    ['/eyJidWNrZXQiOiJhIn0/thumb', '/eyJidWNrZXQiOiJhIn0/thumb'],
    ['/a/eyJidWNrZXQiOiJhIn0.jpg/thumb', '/a/eyJidWNrZXQiOiJhIn0.jpg/thumb'],
    ['/eyjafjallajokull.2010.large.jpg/thumb', '/eyjafjallajokull.2010.large.jpg/thumb'],
    // by their names
    ['/a?X-Key=abc&Signature%3Dabc', '/a?X-Key=…&Signature%3D…'],
    ['/callback?code=4/0AX4', '/callback?code=…'],
    ['/callback?state=xyz&code=abc&w=1', '/callback?state=…&code=…&w=1'],
    ['/a?access_token=abc', '/a?access_token=…'],
    ['/a?accessToken=abc', '/a?accessToken=…'],
    ['/a?api-key=abc', '/a?api-key=…'],
    ['/a?apiKey=abc', '/a?apiKey=…'],
    ['/a?client_secret=abc', '/a?client_secret=…'],
    ['/a?w=1&x_sign=abc', '/a?w=1&x_sign=…'],
    ['/a#access_token=abc&w=1', '/a#access_token=…&w=1'],
    ['/a?u=%2Fb%3Fcode%3Dabc%26w%3D1', '/a?u=…'],
    ['/a?u=/b?code=abc', '/a?u=/b?code=…'],
    ['/a/code=abc/thumb', '/a/code=…/thumb'],
    ['/a;key=abc;w=1/thumb', '/a;key=…;w=1/thumb'],
    ['/a/key=abc?w=1', '/a/key=…?w=1'],
    ['/a?CODE=abc&STATE=x&API_KEY=y', '/a?CODE=…&STATE=…&API_KEY=…'],
    ['/a?apikey=abc&authcode=1&PASSWORD=2', '/a?apikey=…&authcode=…&PASSWORD=…'],
    ['/a?code[]=abc&key%5B%5D=abc', '/a?code[]=…&key%5B%5D=…'],
    ['/a?code=abc%26def123ghi&w=1', '/a?code=…&w=1'],
    // before a host
    ['https://bob:hunter2@shop.example/a', 'https://…@shop.example/a'],
    ['//bob@shop.example/a@b', '//…@shop.example/a@b'],
    // others only end like them
    ['/a?postcode=12345', '/a?postcode=12345'],
    ['/a?estate=1&monkey=2&design=3', '/a?estate=1&monkey=2&design=3'],
    // 32 characters of hex or Base64, alone or in a text
    ['/a?v=0123456789abcdef0123456789abcdef', '/a?v=…'],
    ['/a?v=w,0123456789abcdef0123456789abcdef', '/a?v=…'],
    ['/a?v=AbCd/+EfGhIjKlMnOpQrStUvWxYz01234=', '/a?v=…'],
    ['/a?v=AbCd%2F%2BEfGhIjKlMnOpQrStUvWxYz0123%3D', '/a?v=…'],
  ])('%s is shown as %s', (text, shown) => {
    expect(redactUrl(text)).toBe(shown);
  });
});

describe('a long URL is cut', () => {
  test.each<[text: string, maxLength: number, shown: string]>([
    ['/a/b', 4, '/a/b'],
    ['/a/bc', 4, '/a/b…'],
    // no more is looked at than twice what is shown
    ['/a/b?exp=1&sig=2', 8, '/a/b'],
    ['/a/b?exp=1&sig=2', 7, '/a/b…'],
    ['/a/b?v=abcdefghijklmnop', 30, '/a/b?v=…'],
    ['/a/b?v=abcdefghijklmnop', 8, '/a/b?v=a…'],
  ])('%s to %d: %s', (text, maxLength, shown) => {
    expect(redactUrl(text, maxLength)).toBe(shown);
  });
});

test.each<[text: string, shown: string]>([
  ['/a?b?exp=1', '/a?b?exp=1'],
  ['/a?b?c&exp=1', '/a?b?c'],
  ['?exp=1', ''],
  ['?v=1&&exp=1', '?v=1&'],
])('the token of %s is taken off: %s', (text, shown) => {
  expect(redactUrl(text)).toBe(shown);
});

test.each<[title: string, error: unknown, shown: string]>([
  [
    'a mistake in the code of the app',
    new TypeError("Cannot read properties of undefined (reading 'mayView')"),
    "TypeError: Cannot read properties of undefined (reading 'mayView')",
  ],
  [
    'a call of what is no function',
    new TypeError('req.user.mayView is not a function'),
    'TypeError: req.user.mayView is not a function',
  ],
  ['one without a message', new RangeError(''), 'RangeError'],
  ['a name that forges a line', Object.assign(new Error('no'), { name: 'A\n[error] B' }), 'Error: no'],
  ['several lines', new Error('no\n[error] forged'), 'Error: no'],
  ['what is invisible', new Error('a\u202eb\u001b[2Jc\u2028d'), 'Error: a\\u{202e}b\\u{1b}[2Jc\\u{2028}d'],
  ['a signed URL', new Error(`no ${url()}?exp=9&sig=${'ab'.repeat(32)}`), `Error: no ${url()}`],
  [
    'credentials in a URL',
    new Error('connect postgres://me:secret@db.example/shop failed'),
    'Error: connect postgres://…@db.example/shop failed',
  ],
  ['a key', new Error(`bad key "${key}".`), 'Error: bad key "…".'],
  ['a key in base64', new Error('bad key q83vEjRWeJCrze/+0123+w=='), 'Error: bad key …'],
  ['a key behind its name', new Error('Authorization: Bearer=q83vEjRWeJCrze'), 'Error: Authorization: …'],
  ['another value', 'q83vEjRWeJCrze/+0123+w==', 'a value of type string'],
  ['nothing', null, 'a value of type object'],
])('the error of an app shows what went wrong, and no key or token: %s', (_title, error, shown) => {
  expect(redactError(error)).toBe(shown);
});

test('the error of an app is cut, and never in the middle of a key', () => {
  for (let length = 0; length < 500; length += 7) {
    const text = redactError(new Error(`${'no '.repeat(length / 3)} ${key}${key}`));
    expect(text.length).toBeLessThan(220);
    expect(text).not.toContain(key.slice(0, 4));
  }
});
