/** Random Markdown that names images: documents as people write them, and soups of markers. The same seed, the same text. */
import { randomFrom } from '../../support/generators/random.ts';
import { accountHash } from '../../support/samples.ts';

/** The URL of the image with this number. */
export function numberedUrl(number: number): string {
  return `https://imagedelivery.net/${accountHash}/i${number}/thumb`;
}

class Writer {
  readonly #random: () => number;
  #urls = 0;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  readonly chance = (share: number): boolean => this.#random() < share;
  readonly pick = <Item>(items: readonly Item[]): Item => items[Math.floor(this.#random() * items.length)]!;
  readonly several = (least: number, most: number, make: () => string, between: string): string =>
    Array.from({ length: least + Math.floor(this.#random() * (most - least + 1)) }, make).join(between);

  /** The next image. */
  readonly url = (): string => numberedUrl(++this.#urls);
}

/** A document as people write them. */
export function markdownDocument(seed: number): string {
  const writer = new Writer(seed);
  const { chance, pick, several, url } = writer;
  const words = (): string =>
    several(
      1,
      3,
      () =>
        pick([
          ...'word *soft* **loud** a_b_c ~~no~~ é “so”'.split(' '),
          'cats & dogs',
          '1 < 2',
          '\\*',
          'a\\',
        ]),
      ' ',
    );
  const label = (): string =>
    pick(['a', 'b', 'Long Label', 'long\nlabel', 'É', 'é', 'x\\]y', '1', 'ẞ', 'ss']);
  const note = (): string => pick(['1', 'n', 'N', 'é', 'long-one']);
  const title = (): string => pick(['', '', ` "t"`, ` 't'`, ` (t)`, '\n"t"', ` "a\\"b"`, ' "u\nv"', ' "u']);
  const destination = (): string =>
    pick([
      url,
      url,
      () => `<${url()}>`,
      () => url().replaceAll('-', '\\-').replace('/i', '&#47;i'),
      () => `${url()}?a=1&amp;c=1#(b)`,
      () => `<${url()}#a b>`,
    ])();
  const image = (): string => `![${words()}](${destination()}${title()})`;
  // micromark does not escape tags in `alt`, where CommonMark has text alone.
  const description = (depth: number): string =>
    several(
      1,
      3,
      () =>
        pick([
          words,
          code,
          reference,
          autolink,
          footnote,
          image,
          () => `[${description(depth + 1)}](${destination()})`,
        ])(),
      ' ',
    );
  const link = (): string => `[${inline(1)}](${destination()}${title()})`;
  const reference = (): string =>
    pick([
      () => `[${words()}][${label()}]`,
      () => `![${label()}]`,
      () => `[${label()}][]`,
      () => `[${label()}]`,
      () => `![${words()}] [${label()}]`,
    ])();
  const tag = (): string =>
    pick([
      () => `<img src="${url()}" alt="a">`,
      () => `<a href='${url()}'>x</a>`,
      () => `<!-- ![a](${url()}) -->`,
      () => `<!-- <img src="${url()}"> -->`,
      () => `<b title="![a](${url()})">x</b>`,
      () => `<img src=\n  "${url()}">`,
      () => `<br/>`,
      () => `<img src="${url()}"`,
      () => '<?x ?>',
      () => `<span>![a](${url()})</span>`,
    ])();
  const code = (): string =>
    pick([
      () => `\`![a](${url()})\``,
      () => `\`\` \` <img src="${url()}"> \`\``,
      () => '`',
      () => `\`<a href="${url()}">\``,
    ])();
  const autolink = (): string =>
    pick([
      () => `<${url()}>`,
      url,
      () => `(${url()})`,
      () => `${url()}.`,
      () => `see ${url()}, or`,
      () => `[${url()}]`,
      () => `${url()}#a(b))`,
      () => `**${url()}**`,
      () => `<x@example.org>`,
      () => `\\${url()}`,
      () => `${url()}&lt;`,
      () => `“${url()}”`,
    ])();
  const footnote = (): string => `${pick(['', '!'])}[^${note()}]`;
  function inline(depth: number): string {
    const simple = [words, words, words, code, reference, autolink, footnote, tag];
    return several(
      1,
      4,
      () =>
        pick(
          depth > 2
            ? simple
            : [
                ...simple,
                image,
                image,
                link,
                () => `[![${description(depth)}](${destination()})](${destination()})`,
                () => `![${description(depth)}](${destination()})`,
              ],
        )(),
      pick([' ', ' ', '\n', '']),
    );
  }
  const definition = (): string => `[${label()}]:${pick([' ', ' ', '\n', ''])}${destination()}${title()}`;
  const fence = (): string => {
    const mark = pick(['```', '~~~', '````', '  ```']);
    return `${mark}${pick(['', 'md', ' js x'])}\n${several(0, 4, () => pick([() => `![a](${url()})`, () => `> ![a](${url()})`, () => `- ![a](${url()})`, () => `1. [a](${url()})`, () => '', () => `<img src="${url()}">`, () => '```', () => `[a]: ${url()}`, () => `    ![a](${url()})`])(), '\n')}\n${chance(0.9) ? mark.trim() : ''}`;
  };
  const html = (): string =>
    pick([
      () => `<div>\n![a](${url()})\n<img src="${url()}">\n</div>`,
      () => `<div>\n\n![a](${url()})\n\n</div>`,
      () => `<!-- ![a](${url()})\n\n<img src="${url()}">\n-->`,
      () => `<!-- x -->${pick(['', ' '])}\n${definition()}`,
      () => `<pre>\n![a](${url()})\n\n<a href="${url()}">x</a>\n</pre>`,
      () => `<span>\n![a](${url()})\n</span>`,
      () => `<img src="${url()}">\n![a](${url()})`,
      () => `<details><summary>x</summary>\n\n${inline(2)}\n\n</details>`,
      () => `<!DOCTYPE html>\n![a](${url()})`,
      () => `<?php\n![a](${url()})\n\n?>`,
      () => `</p>\n[a](${url()})`,
      () => `<a href="${url()}"\n>x</a>`,
      () => `<img\nsrc=${'"'}${url()}${'"'}\n>`,
    ])();
  const table = (): string => {
    const cell = (): string =>
      pick([
        words,
        () => image().replaceAll('\n', ' '),
        () => code(),
        autolink,
        () => `[a\\|b](${url()})`,
        () => tag().replaceAll('\n', ' '),
        () => footnote(),
      ])().replaceAll('\n', ' ');
    const row = (): string =>
      pick([() => `| ${several(1, 3, cell, ' | ')} |`, () => several(2, 3, cell, ' | ')])();
    return `${pick(['| a | b |\n|---|---|', 'a | b\n:- | -:', '| a |\n| - |', '| a | b |\n|---|'])}\n${several(0, 3, row, '\n')}`;
  };
  const indented = (): string => `    ![a](${url()})\n${pick(['', '\n    - x', '  y'])}`;
  const heading = (): string =>
    pick([
      () => `# ${inline(1).replaceAll('\n', ' ')}`,
      () => `${inline(1)}\n===`,
      () => `${inline(1)}\n---`,
      () => `## ${words()} ##`,
    ])();
  const prefixed = (text: string, first: string, rest: string): string =>
    text
      .split('\n')
      .map(
        (line, index) =>
          (index === 0
            ? first
            : line === '' && chance(0.8)
              ? ''
              : !line.includes('|') && chance(0.07)
                ? ''
                : rest) + line,
      )
      .join('\n');
  function block(depth: number): string {
    const simple = [
      () => inline(0),
      () => inline(0),
      fence,
      fence,
      html,
      html,
      definition,
      definition,
      table,
      indented,
      heading,
      () => '---',
      () => '***',
    ];
    if (depth > 2) return pick(simple)();
    const list = (): string => {
      const [first, rest] = pick([
        ['- ', '  '],
        ['1. ', '   '],
        ['1) ', '   '],
        ['*   ', '    '],
        ['- [ ] ', '  '],
        ['+\t', '    '],
      ] as const);
      return several(1, 3, () => prefixed(blocks(depth + 1), first, rest), pick(['\n', '\n\n']));
    };
    const quote = (): string => prefixed(blocks(depth + 1), '> ', pick(['> ', '> ', '>', '>\t']));
    if (depth > 0) return pick([...simple, list, list, quote])();
    return pick([...simple, list, list, quote, () => prefixed(blocks(1), `[^${note()}]: `, '    ')])();
  }
  function blocks(depth: number): string {
    return several(1, depth === 0 ? 5 : 2, () => block(depth), pick(['\n\n', '\n\n', '\n']));
  }
  return blocks(0) + pick(['', '\n']);
}

const markers = [
  ...`![a](U) [a](U) [a](<U>) [^a] [ ]( ) ( [a](U &amp; *** [a][b] [a] ![a] a_b_ <U> U ! <!-- --> <b>
    </b> <pre> </pre> | " ' ] ^ _ . ? ; &lt : * ~ é`.split(/\s+/),
  '[a](U "t")',
  '[a]: U\n',
  '[a]: <U> "t"\n',
  '[a]:\nU\n',
  '[^a]: ',
  '`',
  '``',
  '```\n',
  '~~~\n',
  '    ',
  '\n',
  '\n',
  '\n\n',
  '- ',
  '1. ',
  '2. ',
  '> ',
  'text ',
  '\\',
  '[a] (U)',
  '# h\n',
  '\t',
  '[b]: U\n',
  ' U ',
  '<div>\n',
  '<img src="U">',
  '<a href="U">',
  '|---|\n',
  '| a |\n',
  '---\n',
  '===\n',
  ' ',
  '  ',
  '+ ',
  '* ',
  '\u3000',
  '\r',
  '\r\n',
];

const tagLine = /^[ \t>]*<\/?(?:[abe]|br|img|pre|span)\b/;
const indentedLine = /^(?: {4}|[ >]*\t)/;

const delimiterRow = /^([ \t>]*)[|:-][|: -]*$/;
const nestedList = /^[ \t]*(?:(?:>|[-+*]|\d[.)]|\[\^\w+\]:)[ \t]*)+(?:[2-9][.)]|(?:[-+*]|1[.)])[ \t]*$)/;

/**
 * Where micromark 4.0 is not CommonMark: a complete tag does not end a paragraph that goes on without the markers of its
 * containers; a list that does not begin with 1 may follow indented code, and one that does, or that begins with an empty
 * item, may begin in a quote, item or footnote that ends a paragraph; a table may follow one whose containers have ended.
 * And renderers put footnotes behind all else: where a comment in one is left open, it depends on the order what it hides.
 */
export function isDisputed(text: string): boolean {
  const lines = text.split(/\r\n|\r|\n/);
  if (/\[\^[^\]]*\]:/.test(text) && lines.some((line) => /<!--(?!.*-->)/.test(line))) return true;
  const tables = lines.flatMap((line) => delimiterRow.exec(line)?.[1] ?? []);
  if (tables.some((indent, index) => index > 0 && indent !== tables[index - 1])) return true;
  return lines.some((line, index) => {
    const before = lines[index - 1] ?? '';
    if (tagLine.test(line)) return before.trim() !== '' && /^\s*(?:[>*+-]|\d|\[\^)/m.test(text);
    if (delimiterRow.exec(line)?.[1] === '' && !/^[ >]/.test(before) && /^[ >]/.test(lines[index - 2] ?? ''))
      return true;
    if (before.trim() !== '' && nestedList.test(line)) return true;
    return /^[ \t>]*[2-9][.)]/.test(line) && lines.slice(0, index).some((each) => indentedLine.test(each));
  });
}

/** A few markers, as nobody writes them. */
export function markdownSoup(seed: number): string {
  const { pick, several, url } = new Writer(seed);
  return several(1, 14, () => pick(markers).replaceAll('U', url), '');
}
