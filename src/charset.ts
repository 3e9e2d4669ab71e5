/** What the names of character sets mean for whoever reads bytes (Encoding Standard, 4.2). It decodes nothing. */

/**
 * The names that pages use for encodings in which a byte of ASCII always is that character, outside a character of
 * several bytes. Rare names are left out: where one is missing, the page is read with more care, and that is all.
 */
const asciiCompatible: RegExp = new RegExp(
  `^(?:${[
    'utf-?8',
    '(?:us-)?ascii',
    'latin[1-6]',
    'iso-?8859-(?:[1-9]|1[01345])',
    'iso-8859-(?:16|8-i)',
    '(?:windows-|(?:x-)?cp)125[0-8]',
    'windows-(?:31j|874|949)',
    'tis-620',
    '(?:ibm|cp)866',
    'koi8-[ru]',
    'macintosh',
    'x-mac-(?:cyrillic|roman)',
    '(?:x-)?(?:gbk|euc-jp|sjis)',
    'gb2312',
    'gb18030',
    'big5(?:-hkscs)?',
    'shift[-_]jis',
    'euc-kr',
    'ks_c_5601-1987',
  ].join('|')})$`,
);

/** Every name that such a set goes by, those included that no browser knows (UTF-7, UTF-32). */
const unreadable =
  /^(?:x-)?(?:utf-?(?:16|32|7)|ucs-|iso-10646-|unicode(?:$|f)|csunicode|csutf(?!8)|iso-2022-|csiso2022|hz-)/;

/** Names of UTF-16. A page whose `<meta>` gives one of them is read as UTF-8: it could not be read otherwise. */
const utf16 = /^(?:utf-16|ucs-2|iso-10646-|unicode|csunicode)/;

/** Whether all browsers know this name, and write ASCII as ASCII under it. */
export function isAsciiCompatible(label: string): boolean {
  return asciiCompatible.test(normalize(label));
}

/** Whether bytes cannot be read under this name without decoding all of them. */
export function isUnreadable(label: string): boolean {
  return unreadable.test(normalize(label).replaceAll(/["' ]/g, ''));
}

/** What a `<meta>` that gives this name makes of its page; undefined where browsers go on looking for another one. */
export function classifyMetaLabel(label: string): 'readable' | 'unreadable' | undefined {
  const name = normalize(label);
  if (isAsciiCompatible(name) || utf16.test(name)) return 'readable';
  return /^(?:iso-2022-|csiso2022|hz-)/.test(name) ? 'unreadable' : undefined;
}

function normalize(label: string): string {
  // Space at the end is looked for from its first character alone, however much of it there is elsewhere.
  return label.replaceAll(/^[\t\n\f\r ]+|(?<![\t\n\f\r ])[\t\n\f\r ]+$/g, '').toLowerCase();
}
