/** Classifies encoding labels (WHATWG Encoding Standard, 4.2 "Names and labels"). It decodes nothing. */

/**
 * The difference between encodings that matters for reading a page: in `shift_jis`, `gbk` (including GB18030) and `big5`, an ASCII
 * byte may be the second byte of a character. In all others, a byte below 0x80 is an ASCII character.
 */
export type Charset = 'utf-8' | 'shift_jis' | 'gbk' | 'big5' | 'other';

/**
 * Labels of encodings in which an ASCII byte that is not part of a multi-byte character always is that ASCII character:
 * all encodings of the table in 4.2 except UTF-16BE/LE, ISO-2022-JP and replacement. Rare labels are left out. A page
 * with such a label is still rewritten, but `CharsetWatch` looks for the escape sequences of ISO-2022-JP first.
 */
const labels: Readonly<Record<Charset, RegExp>> = {
  'utf-8': labelsOf('utf-?8'),
  shift_jis: labelsOf('(?:x-)?sjis', 'shift[-_]jis', 'csshiftjis', 'windows-31j', 'ms932', 'ms_kanji'),
  gbk: labelsOf(
    '(?:x-)?gbk',
    'gb18030',
    '(?:cs)?gb2312',
    'gb_2312(?:-80)?',
    'chinese',
    'csiso58gb231280',
    'iso-ir-58',
  ),
  big5: labelsOf('(?:cn-|cs|x-x-)?big5', 'big5-hkscs'),
  other: labelsOf(
    '(?:us-)?ascii',
    'latin[1-6]',
    'iso-?8859-(?:[1-9]|1[01345])',
    'iso-8859-(?:16|8-i)',
    '(?:windows-|(?:x-)?cp)125[0-8]',
    'windows-(?:874|949)',
    'tis-620',
    '(?:ibm|cp)866',
    'koi8-[ru]',
    'macintosh',
    'x-mac-(?:cyrillic|roman)',
    '(?:x-)?euc-jp',
    'euc-kr',
    'ks_c_5601-1987',
  ),
};

const charsets = Object.keys(labels) as readonly Charset[];

/**
 * Labels of UTF-16BE/LE. A browser that finds one in a `<meta>` uses UTF-8, since it could not have read the `<meta>`
 * in UTF-16 (WHATWG HTML, 13.2.3.2 "prescan a byte stream to determine its encoding").
 */
const utf16 = labelsOf('utf-16(?:be|le)?', 'unicode(?:feff|fffe)?', 'csunicode', 'ucs-2', 'iso-10646-ucs-2');

/** Labels of ISO-2022-JP, and of replacement, for which a browser shows no page at all. */
const stateful = labelsOf('csiso2022(?:jp|kr)', 'iso-2022-(?:jp|kr|cn|cn-ext)', 'hz-gb-2312', 'replacement');

/**
 * Names in IANA's "Character Sets" registry that no browser knows. It reads such a page as if it had no label, and what
 * it shows is no page, unless the label is wrong.
 */
const unknownToBrowsers = labelsOf(
  'utf-7(?:-imap)?',
  'csutf7(?:imap)?',
  'utf-32(?:be|le)?',
  'csutf32(?:be|le)?',
);

/** The encoding with this label. Undefined unless every browser knows it as an ASCII-compatible one. */
export function findCharset(label: string): Charset | undefined {
  const name = normalize(label);
  return charsets.find((charset) => labels[charset].test(name));
}

/**
 * Whether the label names an encoding in which a byte below 0x80 need not be an ASCII character. A label that names
 * nothing, such as `utf-16x`, does not: a browser goes on as if there were none.
 */
export function isUnreadable(label: string): boolean {
  const name = normalize(label);
  return utf16.test(name) || stateful.test(name) || unknownToBrowsers.test(name);
}

/**
 * The encoding of a page in which a `<meta>` gives this label. Undefined for a label that is not listed here: a browser
 * may not know it either, and then looks for another `<meta>`.
 */
export function classifyMetaLabel(label: string): Charset | 'unreadable' | undefined {
  const name = normalize(label);
  if (stateful.test(name)) return 'unreadable';
  return utf16.test(name) ? 'utf-8' : findCharset(name);
}

/** The label by which a `Content-Type` names the encoding that a `<meta>` with this label does; undefined as above. */
export function labelInHeader(label: string): string | undefined {
  const name = normalize(label);
  if (utf16.test(name)) return 'utf-8';
  return findCharset(name) && name;
}

function labelsOf(...patterns: readonly string[]): RegExp {
  return new RegExp(`^(?:${patterns.join('|')})$`);
}

function normalize(label: string): string {
  // The lookbehind keeps this linear: otherwise the search starts again at every character of long whitespace.
  return label.replaceAll(/^[\t\n\f\r ]+|(?<![\t\n\f\r ])[\t\n\f\r ]+$/g, '').toLowerCase();
}
