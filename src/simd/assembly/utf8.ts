/** Text to UTF-8, as `Buffer.from` writes it: half of a surrogate pair on its own becomes U+FFFD. */

/** So many UTF-16 units of a plain text (all ASCII) become bytes at once. */
const block: i32 = 16;

/**
 * @param units - where the UTF-16 units of the text are, the last of which is not the first half of a pair
 * @param to - where the bytes go, three for a unit at most
 * @returns where the bytes end
 */
export function encodeUtf8(units: i32, count: i32, to: i32): i32 {
  const beyondAscii = i16x8.splat(<i16>0xff80);
  const end = units + 2 * count;
  let at = units;
  while (at < end) {
    if (at + 2 * block <= end) {
      const first = v128.load(at);
      const second = v128.load(at, 16);
      if (!v128.any_true(v128.and(v128.or(first, second), beyondAscii))) {
        v128.store(to, i8x16.narrow_i16x8_u(first, second));
        at += 2 * block;
        to += block;
        continue;
      }
    }
    // Up to the end of this block, so that the block behind it is tried as a whole again.
    const stop = min(at + 2 * block, end);
    while (at < stop) {
      const unit = <i32>load<u16>(at);
      at += 2;
      if (unit < 0x80) {
        store<u8>(to, <u8>unit);
        to++;
      } else if (unit < 0x800) {
        store<u8>(to, <u8>(0xc0 | (unit >> 6)));
        store<u8>(to, <u8>(0x80 | (unit & 0x3f)), 1);
        to += 2;
      } else {
        const next = at < end ? <i32>load<u16>(at) : 0;
        if ((unit & 0xfc00) == 0xd800 && (next & 0xfc00) == 0xdc00) {
          const point = 0x10000 + ((unit & 0x3ff) << 10) + (next & 0x3ff);
          at += 2;
          store<u8>(to, <u8>(0xf0 | (point >> 18)));
          store<u8>(to, <u8>(0x80 | ((point >> 12) & 0x3f)), 1);
          store<u8>(to, <u8>(0x80 | ((point >> 6) & 0x3f)), 2);
          store<u8>(to, <u8>(0x80 | (point & 0x3f)), 3);
          to += 4;
        } else {
          const written = (unit & 0xf800) == 0xd800 ? 0xfffd : unit;
          store<u8>(to, <u8>(0xe0 | (written >> 12)));
          store<u8>(to, <u8>(0x80 | ((written >> 6) & 0x3f)), 1);
          store<u8>(to, <u8>(0x80 | (written & 0x3f)), 2);
          to += 3;
        }
      }
    }
  }
  return to;
}
