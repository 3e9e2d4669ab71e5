/**
 * The two inner loops in WebAssembly SIMD, written in AssemblyScript: the search for the prefilter's literals, and the
 * skipping of markup that holds none. Where there is no SIMD the scanner reads such markup itself, to the same result.
 *
 * Longer than most files: it is compiled on its own, and its functions share one memory.
 *
 * Loads reach beyond the end of the input. What they find there is compared, but never decides a result.
 */

/** Layout of the memory. `instance.ts` has the same numbers. */
const countsStart: i32 = 0;
const literalsStart: i32 = 4096;
const literalSize: i32 = 512;

/** The names of the elements that are open in an `svg`. */
const openSvgStart: i32 = 2048;
const maxOpenSvg: i32 = 32;

const maxHeldBytes: i32 = 65536;

/** A literal: its length, where its two rarest letters are, and its text, in lower case. */
@unmanaged
class Literal {
  length: i32;
  firstProbe: i32;
  secondProbe: i32;
}
const textOffset: i32 = 12;

@inline
function literalAt(index: i32): Literal {
  return changetype<Literal>(<usize>(literalsStart + index * literalSize));
}

@inline
function textByte(literal: Literal, index: i32): i32 {
  return <i32>load<u8>(changetype<usize>(literal) + textOffset + index);
}

@inline
function isLetter(byte: i32): bool {
  return <u32>((byte | 0x20) - 0x61) < 26;
}

function matches(literal: Literal, at: i32): bool {
  for (let i = 0; i < literal.length; i++) {
    const expected = textByte(literal, i);
    const byte = <i32>load<u8>(at + i);
    if ((isLetter(expected) ? byte | 0x20 : byte) != expected) return false;
  }
  return true;
}

/** Marks those of 16 places at which a literal may begin. */
@inline
function candidates(at: i32, first: i32, firstByte: v128, second: i32, secondByte: v128): v128 {
  const space = i8x16.splat(0x20);
  const hasFirst = i8x16.eq(v128.or(v128.load(at + first), space), firstByte);
  const hasSecond = i8x16.eq(v128.or(v128.load(at + second), space), secondByte);
  return v128.and(hasFirst, hasSecond);
}

@inline
function bits(marks: v128, shift: u64): u64 {
  return (<u64>i8x16.bitmask(marks)) << shift;
}

/** The index of the first place in [from, to) at which the whole literal is; `to` if there is none. */
function nextOf(literal: Literal, from: i32, to: i32): i32 {
  const first = literal.firstProbe;
  const second = literal.secondProbe;
  const firstByte = i8x16.splat(<i8>(textByte(literal, first) | 0x20));
  const secondByte = i8x16.splat(<i8>(textByte(literal, second) | 0x20));
  const last = to - literal.length;
  for (let at = from; at <= last; at += 64) {
    const a = candidates(at, first, firstByte, second, secondByte);
    const b = candidates(at + 16, first, firstByte, second, secondByte);
    const c = candidates(at + 32, first, firstByte, second, secondByte);
    const d = candidates(at + 48, first, firstByte, second, secondByte);
    if (!v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) continue;
    for (let found = bits(a, 0) | bits(b, 16) | bits(c, 32) | bits(d, 48); found != 0; found &= found - 1) {
      const place = at + <i32>ctz(found);
      if (place > last) return to;
      if (matches(literal, place)) return place;
    }
  }
  return to;
}

/** So far all literals are searched for before the next stretch begins: a page full of one is not searched for another. */
const stretch: i32 = 1024;

/** The index of the first of the literals in [from, to); `to` if there is none. */
export function nextLiteral(from: i32, to: i32, count: i32): i32 {
  if (count == 1) return nextOf(literalAt(0), from, to);
  for (let start = from; start < to; start += stretch) {
    let nearest = to;
    for (let index = 0; index < count; index++) {
      const literal = literalAt(index);
      // A literal belongs to the stretch in which it begins.
      const end = min(min(start + stretch + literal.length - 1, nearest + literal.length - 1), to);
      const found = nextOf(literal, start, end);
      if (found < end) nearest = min(nearest, found);
    }
    if (nearest < to) return nearest;
  }
  return to;
}

/** 32 bytes at a time: how often a loop runs is then easy to guess for the processor. */
@inline
function indexOf(at: i32, to: i32, byte: v128): i32 {
  for (; at < to; at += 32) {
    const found =
      <u32>i8x16.bitmask(i8x16.eq(v128.load(at), byte)) |
      (<u32>i8x16.bitmask(i8x16.eq(v128.load(at + 16), byte)) << 16);
    if (found) return min(at + <i32>ctz(found), to);
  }
  return to;
}

/**
 * The index of the first byte of a class. A byte is in the class if the table has it where its low four bits point to; what
 * fills the other places of the table has other low bits.
 */
@inline
function indexOfClass(at: i32, to: i32, table: v128): i32 {
  const low = i8x16.splat(0x0f);
  for (; at < to; at += 16) {
    const bytes = v128.load(at);
    const found = i8x16.bitmask(i8x16.eq(i8x16.swizzle(table, v128.and(bytes, low)), bytes));
    if (found) return min(at + ctz(found), to);
  }
  return to;
}

@inline
function isSpace(byte: i32): bool {
  return byte == 0x20 || byte == 0x0a || byte == 0x09 || byte == 0x0d || byte == 0x0c;
}

/** Names as numbers: eight letters, the first one in the lowest byte. */
const style: u64 = 0x656c797473;
const title: u64 = 0x656c746974;
const script: u64 = 0x747069726373;
const iframe: u64 = 0x656d61726669;
const svg: u64 = 0x677673;
const xmp: u64 = 0x706d78;
const math: u64 = 0x6874616d;
const noembed: u64 = 0x6465626d656f6e;
const textarea: u64 = 0x6165726174786574;
const noframes: u64 = 0x73656d6172666f6e;
const noscript: u64 = 0x7470697263736f6e;
const plainTextHead: u64 = 0x65746e69616c70 | (<u64>0x78 << 56);

/** How the rest is tokenized after a start tag. */
const asMarkup: i32 = 0;
const asRawText: i32 = 1;
const asSvg: i32 = 2;
const byScanner: i32 = 3;

const allLetters: u64 = 0x2020202020202020;

/** @param length - from 1 to 8 */
@inline
function nameAt(start: i32, length: i32): u64 {
  return (load<u64>(start) | allLetters) & (<u64>-1 >> <u64>(64 - length * 8));
}

/** Other than markup where `switchesTokenizer` is true. */
@inline
function tokenizerAfter(nameStart: i32, length: i32): i32 {
  if (length < 3 || length > 9) return asMarkup;
  const name = nameAt(nameStart, min(length, 8));
  if (length == 3) return name == svg ? asSvg : name == xmp ? asRawText : asMarkup;
  if (length == 4) return name == math ? byScanner : asMarkup;
  if (length == 5) return name == style || name == title ? asRawText : asMarkup;
  if (length == 6) return name == script || name == iframe ? asRawText : asMarkup;
  if (length == 7) return name == noembed ? asRawText : asMarkup;
  if (length == 8) {
    if (name == textarea || name == noframes) return asRawText;
    return name == noscript ? byScanner : asMarkup;
  }
  return name == plainTextHead && (load<u8>(nameStart + 8) | 0x20) == 0x74 ? byScanner : asMarkup;
}

/** A name as a number; 0 for one that is longer, but for the two gradients, whose numbers no other name has. */
function svgNameAt(start: i32, length: i32): u64 {
  if (length <= 8) return nameAt(start, length);
  if (length != 14 || nameAt(start + 6, 8) != gradient) return 0;
  return nameAt(start, 6) | (<u64>1 << 56);
}
const gradient: u64 = 0x746e656964617267;

/** Elements of SVG that only hold one another and text, as numbers. In `title` and `desc` a start tag would be HTML. */
function isPlainInSvg(name: u64): bool {
  return (
    name == 0x68746170 || // path
    name == 0x67 || // g
    name == 0x657375 || // use
    name == title ||
    name == 0x6c6f626d7973 || // symbol
    name == 0x656c63726963 || // circle
    name == 0x74636572 || // rect
    name == 0x6e6f67796c6f70 || // polygon
    name == 0x73666564 || // defs
    name == 0x656e696c || // line
    name == 0x657370696c6c65 || // ellipse
    name == 0x656e696c796c6f70 || // polyline
    name == 0x706f7473 || // stop
    name == 0x6b73616d || // mask
    name == 0x74786574 || // text
    name == 0x6e61707374 || // tspan
    name == 0x6874617070696c63 || // clippath
    name == 0x01007261656e696c || // lineargradient
    name == 0x01006c6169646172 || // radialgradient
    name == svg ||
    name == desc
  );
}
const desc: u64 = 0x63736564;

/**
 * The index after a comment (WHATWG HTML, 13.2.5.43 to 13.2.5.51); -1 if it has not ended. The hyphens of `<!--` count for
 * `<!-->` and `<!--->`, but not for `--!>`.
 */
function endOfComment(start: i32, to: i32): i32 {
  const greaterThan = i8x16.splat(0x3e);
  const hyphen = i8x16.splat(0x2d);
  const exclamation = i8x16.splat(0x21);
  for (let at = start; at < to; at += 16) {
    const before = v128.load(at - 1);
    const mayEnd = v128.or(i8x16.eq(before, hyphen), i8x16.eq(before, exclamation));
    let found = <u32>i8x16.bitmask(v128.and(i8x16.eq(v128.load(at), greaterThan), mayEnd));
    for (; found != 0; found &= found - 1) {
      const end = at + <i32>ctz(found);
      if (end >= to) return -1;
      const isBang = load<u8>(end - 1) == 0x21;
      if (isBang ? end - start >= 3 && load<u16>(end - 3) == 0x2d2d : end - start < 2 || load<u8>(end - 2) == 0x2d)
        return end + 1;
    }
  }
  return -1;
}

/**
 * The index of the `<` of an element's end tag; -1 if that has not arrived, or if it may be part of an escaped script: after
 * `<!--`, a `<script` makes the next `</script` part of the text. Whether a `-->` has come before is not asked.
 */
function endOfRawText(nameStart: i32, length: i32, start: i32, to: i32): i32 {
  const lessThan = i8x16.splat(0x3c);
  const slash = i8x16.splat(0x2f);
  const lowerCase = i8x16.splat(0x20);
  const name = nameAt(nameStart, length);
  const isScript = name == script;
  let mayBeEscaped = false;
  let other = i8x16.splat(isScript ? 0x21 : 0x2f);
  let at = start;
  while (at < to) {
    const next = v128.load(at + 1);
    const mayMatter = v128.or(i8x16.eq(next, slash), i8x16.eq(v128.or(next, lowerCase), other));
    let found = <u32>i8x16.bitmask(v128.and(i8x16.eq(v128.load(at), lessThan), mayMatter));
    at += 16;
    for (; found != 0; found &= found - 1) {
      const place = at - 16 + <i32>ctz(found);
      if (place + 2 + length >= to) return -1;
      const second = load<u8>(place + 1);
      if (second == 0x2f) {
        const after = <i32>load<u8>(place + 2 + length);
        if (nameAt(place + 2, length) == name && (isSpace(after) || after == 0x2f || after == 0x3e)) return place;
      } else if (mayBeEscaped) {
        if ((second | 0x20) == 0x73) return -1;
      } else if (second == 0x21 && load<u16>(place + 2) == 0x2d2d) {
        mayBeEscaped = true;
        other = i8x16.splat(0x73);
        at = place + 4;
        break;
      }
    }
  }
  return -1;
}

/** As `add` of `OpenTagCounts`. */
@inline
function count(nameStart: i32, nameEnd: i32, isEndTag: bool): void {
  const first = <i32>load<u8>(nameStart) & 31;
  const last = <i32>load<u8>(nameEnd - 1) & 31;
  const slot = countsStart + ((first + last * 163 + (nameEnd - nameStart) * 97) & 2047);
  const counted = <i32>load<u8>(slot) + (isEndTag ? -1 : 1);
  if (<u32>counted <= 0x7f) store<u8>(slot, <u8>counted);
}

/** As `endOfPlainTag` of `html/tag-end.ts`. */
function endOfPlainTag(nameEnd: i32, to: i32): i32 {
  const equals = i8x16.splat(0x3d);
  const greaterThan = i8x16.splat(0x3e);
  const endsUnquoted = i8x16(0x20, -1, -1, -1, -1, -1, -1, -1, -1, 0x09, 0x0a, -1, 0x0c, 0x0d, 0x3e, 0);
  let at = nameEnd;
  for (let valueEnd = nameEnd; ; valueEnd = at) {
    let found = 0;
    for (; at < to; at += 16) {
      const bytes = v128.load(at);
      found = i8x16.bitmask(v128.or(i8x16.eq(bytes, equals), i8x16.eq(bytes, greaterThan)));
      if (found) break;
    }
    if (at >= to) return -1;
    at += ctz(found);
    if (at >= to) return -1;
    const before = <i32>load<u8>(at - 1);
    if (load<u8>(at) == 0x3e) return at == valueEnd && before == 0x2f ? -1 : at;
    if (at == valueEnd || before == 0x2f || isSpace(before) || at + 1 >= to) return -1;
    at++;
    const first = <i32>load<u8>(at);
    if (first == 0x22 || first == 0x27) at = indexOf(at + 1, to, i8x16.splat(<i8>first)) + 1;
    else if (isSpace(first)) return -1;
    else at = indexOfClass(at, to, endsUnquoted);
  }
  return -1;
}

/** Whether a comment begins at the `!`; not if too few bytes are there. */
@inline
function opensComment(exclamation: i32, to: i32): bool {
  return exclamation + 3 <= to && load<u16>(exclamation + 1) == 0x2d2d;
}

const endsName: v128 = i8x16(0x20, -1, -1, -1, -1, -1, -1, -1, -1, 0x09, 0x0a, -1, 0x0c, 0x0d, 0x3e, 0x2f);

/**
 * The index after the end tag of an `svg` that has arrived as a whole and holds only plain shapes and text; -1 for any
 * other, also if a tag is unusual or ends behind the literal. Elements are known by numbers.
 */
function endOfPlainSvg(outermost: u64, start: i32, to: i32, literal: i32): i32 {
  let at = start;
  let depth = 1;
  store<u64>(openSvgStart, outermost);
  for (;;) {
    const lessThan = indexOf(at, to, i8x16.splat(0x3c));
    at = lessThan + 1;
    if (at + 1 >= to) return -1;
    if (load<u8>(at) == 0x21) {
      at = opensComment(at, to) ? endOfComment(at + 3, to) : -1;
      if (at < 0) return -1;
      continue;
    }
    const isEndTag = load<u8>(at) == 0x2f;
    if (isEndTag) at++;
    const first = <i32>load<u8>(at);
    if (!isLetter(first)) {
      if (isEndTag || first == 0x3f) return -1;
      continue;
    }
    const nameStart = at;
    const nameEnd = indexOfClass(at, to, endsName);
    at = nameEnd < to && load<u8>(nameEnd) == 0x3e ? nameEnd : endOfPlainTag(nameEnd, to);
    if (at < 0 || at > literal || at - lessThan >= maxHeldBytes) return -1;
    const name = svgNameAt(nameStart, nameEnd - nameStart);
    const top = load<u64>(openSvgStart + depth * 8 - 8);
    if (isEndTag) {
      if (top != name) return -1;
      depth--;
      if (depth == 0) return at + 1;
    } else {
      if (top == title || top == desc || !isPlainInSvg(name)) return -1;
      if (load<u8>(at - 1) != 0x2f) {
        if (depth == maxOpenSvg) return -1;
        store<u64>(openSvgStart + depth * 8, name);
        depth++;
      }
    }
    at++;
  }
  return -1;
}

/** The index of the `<` that the scanner must read, or `to`. */
export function skipPlainMarkup(from: i32, to: i32, literal: i32): i32 {
  const lessThanSign = i8x16.splat(0x3c);
  let at = from;
  for (;;) {
    const lessThan = indexOf(at, to, lessThanSign);
    if (lessThan + 2 >= to) return lessThan;
    at = lessThan + 1;
    const isEndTag = load<u8>(at) == 0x2f;
    const nameStart = isEndTag ? at + 1 : at;
    const first = <i32>load<u8>(nameStart);
    if (!isLetter(first)) {
      if (isEndTag || first == 0x3f) return lessThan;
      if (first != 0x21) continue; // this `<` is text
      at = opensComment(at, to) ? endOfComment(at + 3, to) : -1;
      if (at < 0) return lessThan;
      continue;
    }
    // No name ends at its first letter: where that is need not be known.
    const nameEnd = indexOfClass(lessThan + 2, to, endsName);
    at = nameEnd < to && load<u8>(nameEnd) == 0x3e ? nameEnd : endOfPlainTag(nameEnd, to);
    if (at < 0 || at > literal || at - lessThan >= maxHeldBytes) return lessThan;
    const text = isEndTag ? asMarkup : tokenizerAfter(nameStart, nameEnd - nameStart);
    if (text == byScanner) return lessThan;
    const isSelfClosing = load<u8>(at - 1) == 0x2f;
    at++;
    if (text == asSvg) {
      if (!isSelfClosing) at = endOfPlainSvg(svg, at, to, literal);
      if (at < 0) return lessThan;
      continue;
    }
    if (text == asRawText) {
      at = endOfRawText(nameStart, nameEnd - nameStart, at, to);
      if (at < 0 || at > literal) return lessThan;
    }
    count(nameStart, nameEnd, isEndTag);
  }
  return to;
}
