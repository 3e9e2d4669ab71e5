/** From one URL of an image to another one of it: what the edits write, and what they leave as its author spelled it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Edit } from '../../src/text/edit.ts';
import { urlEdits } from '../../src/url/edits.ts';
import { randoms } from '../support/generators/random.ts';
import { runs } from '../support/seed.ts';

function apply(from: string, edits: readonly Edit[]): string {
  let out = '';
  let at = 0;
  for (const { start, end, text } of edits) {
    out += from.slice(at, start) + text;
    at = end;
  }
  return out + from.slice(at);
}

/** The URL with each edit in brackets: what goes, and what comes. */
function marked(from: string, to: string): string {
  const edits = urlEdits(from, to);
  return apply(
    from,
    edits.map((edit) => ({ ...edit, text: `[${from.slice(edit.start, edit.end)}|${edit.text}]` })),
  );
}

describe('what changes, and no more', () => {
  test.each<[title: string, from: string, to: string, edits: string]>([
    ['nothing', '/a/b/c?v=1#top', '/a/b/c?v=1#top', '/a/b/c?v=1#top'],
    ['a token', '/a/b/c', '/a/b/c?exp=1&sig=2', '/a/b/c[|?exp=1&sig=2]'],
    ['a token before a fragment', '/a/b/c#top', '/a/b/c?exp=1&sig=2#top', '/a/b/c[|?exp=1&sig=2]#top'],
    ['a token behind a query', '/a/b/c?v=1', '/a/b/c?v=1&exp=1&sig=2', '/a/b/c?v=1[|&exp=1&sig=2]'],
    ['a token behind an empty query', '/a/b/c?', '/a/b/c?exp=1&sig=2', '/a/b/c?[|exp=1&sig=2]'],
    ['a token that goes', '/a/b/c?exp=1&sig=2', '/a/b/c', '/a/b/c[?exp=1&sig=2|]'],
    ['a token that goes, behind a parameter', '/a?v=1&exp=1&sig=2', '/a?v=1', '/a?v=1[&exp=1&sig=2|]'],
    ['a token that goes, before a parameter', '/a?exp=1&sig=2&v=1', '/a?v=1', '/a?[exp=1&sig=2&|]v=1'],
    [
      'a token that goes, between parameters',
      '/a?v=1&exp=1&w=2&sig=2',
      '/a?v=1&w=2',
      '/a?v=1[&exp=1|]&w=2[&sig=2|]',
    ],
    ['an old token', '/a?exp=1&sig=2', '/a?exp=3&sig=4', '/a?[exp=1&sig=2|exp=3&sig=4]'],
    [
      'an old token before a parameter',
      '/a?exp=1&v=1',
      '/a?v=1&exp=3&sig=4',
      '/a?[exp=1&|]v=1[|&exp=3&sig=4]',
    ],
    ['a space in the path', '/a/b c d/e', '/a/b%20c%20d/e', '/a/b[ |%20]c[ |%20]d/e'],
    ['two characters of the path in a row', '/a/b  c', '/a/b%20%20c', '/a/b[  |%20%20]c'],
    ['bytes of a letter', '/a/\xc3\xa9/c', '/a/%C3%A9/c', '/a/[\xc3\xa9|%C3%A9]/c'],
    ['a low byte', '/a/\x01b', '/a/%01b', '/a/[\x01|%01]b'],
    ['a percent sign that stays', '/a/%20b', '/a/%20b', '/a/%20b'],
    ['the variant', '/a/b/thumb', '/a/b/preview', '/a/b/[thumb|preview]'],
    [
      'the variant, and a token that goes',
      '/a/b/thumb?exp=1&sig=2',
      '/a/b/card',
      '/a/b/[thumb?exp=1&sig=2|card]',
    ],
    ['a longer variant', '/a/b/card', '/a/b/cards', '/a/b/card[|s]'],
    ['a shorter variant', '/a/b/cards', '/a/b/card', '/a/b/card[s|]'],
    ['the middle of the variant', '/a/b/card', '/a/b/cord', '/a/b/c[a|o]rd'],
    ['a parameter written in another way', '/a?v=a b&w=1', '/a?v=a+b&w=1', '/a?v=a[ |+]b&w=1'],
    ['a parameter that gets its sign', '/a?v&w=1', '/a?v=&w=1', '/a?v[|=]&w=1'],
    ['empty parameters', '/a?&&v=1&&', '/a?v=1', '/a?[&&|]v=1[&&|]'],
    ['a fragment', '/a#b c', '/a#b%20c', '/a#b[ |%20]c'],
    ['a question mark in a fragment', '/a#?exp=1', '/a#?exp=1', '/a#?exp=1'],
    ['a question mark in a query', '/a?b?c', '/a?b?c&exp=1', '/a?b?c[|&exp=1]'],
  ])('%s', (_title, from, to, edits) => {
    expect(apply(from, urlEdits(from, to))).toBe(to);
    expect(marked(from, to)).toBe(edits);
  });
});

test('random URLs: the edits make one of the other, in order, and none meets another', () => {
  const written = (each: string): string => (each.includes('=') ? each : `${each}=`).replaceAll(' ', '+');
  fc.assert(
    fc.property(randoms, (random) => {
      const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)]!;
      const some = (list: readonly string[], most: number): string[] =>
        Array.from({ length: Math.floor(random() * (most + 1)) }, () => pick(list));
      const parameters = ['v=1', 'w', '', 'a b', 'exp=1', 'sig=2', '%65xp=3', 'x=\xc3\xa9', '?'];
      const path = `/a/${some(['b', ' ', '\xc3', '%20', '/'], 5).join('')}/`;
      const fragment = pick(['', '#', '#top', '#?v']);
      const query = some(parameters, 5);
      const from = `${path}${pick(['thumb', 'card'])}${query.length === 0 ? '' : '?'}${query.join('&')}${fragment}`;
      const kept = query.filter((each) => each !== '' && !/^(?:exp|sig|%65xp)/.test(each)).map(written);
      const after = [...kept, ...pick(['', 'exp=5&sig=6']).split('&')].filter((each) => each !== '');
      const to = `${path.replace(/[ \xc3]/g, (each) => (each === ' ' ? '%20' : '%C3'))}${pick(['thumb', 'card', 'cards'])}${after.length === 0 ? '' : `?${after.join('&')}`}${fragment}`;
      const edits = urlEdits(from, to);
      expect(apply(from, edits), `${from} -> ${to}`).toBe(to);
      for (const [index, { start, end }] of edits.entries()) {
        expect(start).toBeLessThanOrEqual(end);
        if (index > 0) expect(start, from).toBeGreaterThan(edits[index - 1]!.end);
      }
    }),
    { numRuns: runs(20) },
  );
});
