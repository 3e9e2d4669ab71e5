/** How a site writes what a stranger has typed: escapes for each place, spelled in every way that it allows. */

/** What is escaped besides what has to be: a few, of the bases no letters, which might go unseen; or all. */
export type Zeal = 'few' | 'few-in-base' | 'all';

/** One character -> how it is written, given what follows it. */
export type Speller = (character: string, next: string, zeal: Zeal) => string;

/** One kind of escapes, around a URL or around a place that holds one. */
export type Layer = (random: () => number) => Speller;

function codeOf(character: string): number {
  return character.codePointAt(0)!;
}

function mayEscape(character: string, zeal: Zeal, random: () => number): boolean {
  if (zeal === 'all') return true;
  return random() < 0.08 && !(zeal === 'few-in-base' && /[imagedelvryb]/.test(character));
}

/** Character references: with and without semicolons, by name, by number. */
function references(always: RegExp): Layer {
  return (random) => (character, next, zeal) => {
    const needs = always.test(character);
    if (!needs && !mayEscape(character, zeal, random)) return character;
    const code = codeOf(character);
    // What follows is a reference as well: none of them needs its semicolon, and all of them stand open.
    if (zeal === 'all' && next !== '') return `&#${code}`;
    const names: Readonly<Record<string, string>> = {
      '&': '&amp;',
      '<': '&lt;',
      '>': '&gt;',
      '"': '&quot;',
      '/': '&sol;',
      ':': '&colon;',
    };
    const which = random();
    const named = names[character];
    if (named !== undefined && which < 0.5) return named;
    // Without its semicolon a number ends at what is no digit of it.
    if (which < 0.6 && !/^[0-9a-f;]/i.test(next) && next !== '') return `&#${code}`;
    return which < 0.8 ? `&#${code};` : `&#x${code.toString(16)};`;
  };
}

export const inQuotes: Layer = references(/[&"<>]/);
export const inApostrophes: Layer = references(/[&'<>]/);
export const inQuotesBare: Layer = references(/[&"]/);
export const unquoted: Layer = references(/[&"'<>=`\s]/);
export const inText: Layer = references(/[&<>]/);

function css(always: RegExp): Layer {
  return (random) => (character, next, zeal) => {
    if (!always.test(character) && !mayEscape(character, zeal, random)) return character;
    const hex = codeOf(character).toString(16);
    const which = random();
    if (which < 0.3 && !/[0-9a-f\n\r\f<>\]]/i.test(character)) return `\\${character}`;
    if (which < 0.5) return `\\${hex.padStart(6, '0')}${/[\s]/.test(next) ? ' ' : ''}`;
    return /[0-9a-f\s]/i.test(next) || next === '' || which < 0.8 ? `\\${hex} ` : `\\${hex}`;
  };
}

export const cssInQuotes: Layer = css(/["\\<>\]\n]/);
export const cssInApostrophes: Layer = css(/['\\<>\]\n]/);
/** In an attribute, in which a `<` or `>` ends nothing. */
export const cssInApostrophesBare: Layer = css(/['\\\n]/);
export const cssBare: Layer = css(/["'()\\<>\]\s]/);

/** As `encodeURIComponent` writes a URL, and in other ways that mean the same. */
export const percent: Layer = (random) => (character, _next, zeal) => {
  const needs = !/[\w.!~*'()/:?,;@$=-]/.test(character);
  if (!needs && !(/\W/.test(character) && random() < 0.7) && !mayEscape(character, zeal, random))
    return character;
  const escaped = [...Buffer.from(character)]
    .map((byte) => `%${byte.toString(16).padStart(2, '0')}`)
    .join('');
  return random() < 0.5 ? escaped : escaped.toUpperCase();
};

/** For a script whose site escapes what it has to, and no more: `<!--` and `-->` stand there as they are. */
export const jsonInScript: Layer = (random) => {
  const [escaped, bare] = [jsonString(/["\\<>\u2028\u2029\n]/)(random), jsonBare(random)];
  return (character, next, zeal) => {
    const mayEnd = character === '<' && (next === '/' || next === '');
    return (mayEnd || random() < 0.4 ? escaped : bare)(character, next, zeal);
  };
};
/** As `JSON.stringify` writes it, for what is in no script. */
export const jsonBare: Layer = jsonString(/["\\\n]/);

function jsonString(always: RegExp): Layer {
  return (random) => (character, _next, zeal) => {
    if (!always.test(character) && !mayEscape(character, zeal, random)) return character;
    if (random() < 0.4 && /["/]/.test(character)) return `\\${character}`;
    if (random() < 0.4 && character === '\n') return '\\n';
    return [...character.split('')]
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join('');
  };
}

/** Backslashes before punctuation, and character references with their semicolon (CommonMark 0.31, 2.4 and 2.5). */
function markdown(always: RegExp): Layer {
  return (random) => (character, _next, zeal) => {
    if (!always.test(character) && !mayEscape(character, zeal, random)) return character;
    const which = random();
    if (/[!-/:-@[-`{-~]/.test(character) && which < 0.6) return `\\${character}`;
    if (character === '&') return '&amp;';
    const code = codeOf(character);
    return which < 0.8 ? `&#${code};` : `&#x${code.toString(16)};`;
  };
}

export const markdownBare: Layer = markdown(/[&()<>\\\s]/);
export const markdownInBrackets: Layer = markdown(/[&<>\\\n]/);
