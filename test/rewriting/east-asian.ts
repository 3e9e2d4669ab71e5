/**
 * Characters of the East Asian encodings, as bytes: found by asking the platform's decoder. Where that knows a private
 * character, the decoder of a browser may know none.
 */

export const encodings = ['shift_jis', 'gbk', 'gb18030', 'big5', 'euc-kr', 'euc-jp'] as const;
export type Encoding = (typeof encodings)[number];

/** Second bytes that are ASCII symbols. */
const symbols = '@[\\]^_`{|}~';

export interface Characters {
  /** Every character of two bytes whose second is an ASCII symbol, by that symbol. */
  readonly bySymbol: ReadonlyMap<string, readonly string[]>;
  readonly all: readonly string[];
  /** The bytes of a text that holds only ASCII and these characters. */
  encode(text: string): Buffer;
}

export function charactersOf(encoding: Encoding): Characters {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const bytesOf = new Map<string, readonly number[]>();
  const bySymbol = new Map<string, string[]>();
  const add = (...bytes: number[]): void => {
    const text = decodeOrNothing(decoder, bytes);
    if ([...text].length !== 1 || /[\0-\x9f\ufffd\ue000-\uf8ff]/.test(text) || bytesOf.has(text)) return;
    bytesOf.set(text, bytes);
    const symbol = String.fromCharCode(bytes[1]!);
    if (symbols.includes(symbol)) bySymbol.set(symbol, [...(bySymbol.get(symbol) ?? []), text]);
  };
  for (let lead = 0x81; lead < 0xff; lead++) for (let trail = 0x40; trail < 0xff; trail++) add(lead, trail);
  if (encoding === 'gb18030')
    for (let third = 0x81; third < 0xff; third++)
      for (let last = 0x30; last < 0x3a; last++) add(0x81, last, third, last);
  return {
    bySymbol,
    all: [...bytesOf.keys()],
    encode: (text) =>
      Buffer.from(
        [...text].flatMap((character) => {
          const code = character.codePointAt(0)!;
          const bytes = code < 0x80 ? [code] : bytesOf.get(character);
          if (bytes === undefined) throw new RangeError(`${encoding} has no ${character}`);
          return bytes;
        }),
      ),
  };
}

function decodeOrNothing(decoder: InstanceType<typeof TextDecoder>, bytes: readonly number[]): string {
  try {
    return decoder.decode(Uint8Array.from(bytes));
  } catch {
    return '';
  }
}
