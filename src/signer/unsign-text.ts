/**
 * Takes the tokens off all delivery URLs in a text of any kind. Nothing else changes: of each URL only the parameters of
 * its token go, or what the scheme's own `strip` takes off, and the words right behind a token stay.
 */

import type { Configuration } from '../options/configuration.ts';
import type { Edit } from '../text/edit.ts';
import { DeliveryUrlWalk } from './delivery-url-walk.ts';
import { createStartFinder, type UrlStart } from './url-starts.ts';

/**
 * One pass reads on behind a token that goes. Another is needed where what follows is escaped in another way, or where a
 * scheme's own `strip` says what a token is, for which there are no words.
 */
const maxPasses = 8;

/** As many URLs the parameters of one behind another host may hold, whose own token stands behind them. */
const maxUrlsWithin = 3;

export function createTextUnsigner({ schemes }: Configuration): (text: string) => string {
  const findStarts = createStartFinder(schemes);
  const unsignOnce = (text: string): string => {
    const starts = findStarts(text);
    const ends = starts.filter(({ isElsewhere }) => !isElsewhere);
    const edits: Edit[] = [];
    let next = 0;
    for (const [index, start] of starts.entries()) {
      if (ends[next] === start) next++;
      // A path ends before the next URL. A parameter may hold one, whose own parameters may be the outer URL's.
      const [path, query] = start.isElsewhere
        ? [starts[index + 1], starts[index + 1 + maxUrlsWithin]]
        : [ends[next], ends[next + 1]];
      for (const edit of editsAt(text, start, path?.at ?? text.length, query?.at ?? text.length))
        edits.push(edit);
    }
    return apply(text, edits);
  };
  return (text) => {
    let [plain, before] = [unsignOnce(text), text];
    for (let pass = 1; plain !== before && pass < maxPasses; pass++) {
      before = plain;
      plain = unsignOnce(plain);
    }
    return plain;
  };
}

function editsAt(text: string, start: UrlStart, pathEnd: number, queryEnd: number): readonly Edit[] {
  const walk = new DeliveryUrlWalk(text, start, start.percentDepth, pathEnd, queryEnd);
  const edits = walk.edits();
  if (edits.length > 0 || start.percentDepth > 0) return edits;
  // Only the query of the URL is percent-encoded, or that is the name of an object.
  const question = /%((?:25){0,3})3f/i.exec(walk.path);
  if (question === null) return edits;
  return new DeliveryUrlWalk(text, start, 1 + question[1]!.length / 2, pathEnd, queryEnd).edits();
}

/** Edits may overlap: a parameter belongs to the URL around another one as well. */
function apply(text: string, edits: Edit[]): string {
  let out = '';
  let done = 0;
  for (const { start, end, text: replacement } of edits.sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (start >= done) out += text.slice(done, start) + replacement;
    done = Math.max(done, end);
  }
  return done === 0 ? text : out + text.slice(done);
}
