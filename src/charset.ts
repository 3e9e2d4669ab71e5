/** Classifies encoding labels (WHATWG Encoding Standard, 4.2 "Names and labels"). It decodes nothing. */

/**
 * Labels of encodings in which an ASCII byte that is not part of a multi-byte character always is that ASCII character:
 * all encodings of the table in 4.2 except UTF-16BE/LE, ISO-2022-JP and replacement. Rare labels are left out. A page
 * with such a label is still rewritten, but `CharsetWatch` looks for the escape sequences of ISO-2022-JP first.
 */
const asciiCompatible: RegExp = /* @__PURE__ */ new RegExp(
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

/**
 * The labels in 4.2 of UTF-16BE/LE, of ISO-2022-JP and of replacement (ISO-2022-CN, ISO-2022-KR, HZ). Besides, names in
 * IANA's "Character Sets" registry that no browser knows: UTF-7, UTF-32 and their aliases.
 */
const unreadable =
  /^(?:x-)?(?:utf-?(?:16|32|7)|ucs-|iso-10646-|unicode(?:$|f)|csunicode|csutf(?!8)|iso-2022-|csiso2022|hz-)/;

/**
 * Labels of UTF-16BE/LE. A browser that finds one in a `<meta>` uses UTF-8, since it could not have read the `<meta>`
 * in UTF-16 (WHATWG HTML, 13.2.3.2 "prescan a byte stream to determine its encoding").
 */
const utf16 = /^(?:utf-16|ucs-2|iso-10646-|unicode|csunicode)/;

/** Whether every browser knows the label, as that of an encoding in which ASCII bytes are ASCII characters. */
export function isAsciiCompatible(label: string): boolean {
  return asciiCompatible.test(normalize(label));
}

/** Whether the label names an encoding in which a byte below 0x80 need not be an ASCII character. */
export function isUnreadable(label: string): boolean {
  return unreadable.test(normalize(label).replaceAll(/["' ]/g, ''));
}

/**
 * Whether a page can be rewritten if a `<meta>` gives this label. Undefined for a label that is not listed here: a
 * browser may not know it either, and then looks for another `<meta>`.
 */
export function classifyMetaLabel(label: string): 'readable' | 'unreadable' | undefined {
  const name = normalize(label);
  if (isAsciiCompatible(name) || utf16.test(name)) return 'readable';
  return /^(?:iso-2022-|csiso2022|hz-)/.test(name) ? 'unreadable' : undefined;
}

function normalize(label: string): string {
  // The lookbehind keeps this linear: otherwise the search starts again at every character of long whitespace.
  return label.replaceAll(/^[\t\n\f\r ]+|(?<![\t\n\f\r ])[\t\n\f\r ]+$/g, '').toLowerCase();
}
