/** Comments (WHATWG HTML, 13.2.5.43 to 13.2.5.51): how far into an opening or a closing a byte leads. */
import { EXCLAMATION, HYPHEN } from '../ascii.ts';

/** Right behind `<!--`: `>` and `->` end it here as well. */
export const commentStart = 0;
const commentStartHyphen = 1;
/** Where nothing but a hyphen counts. */
export const inComment = 2;
const oneHyphen = 3;
const twoHyphens = 4;
const bang = 5;

/** Whether a `>` ends the comment in this state. */
export function endsComment(state: number): boolean {
  return state !== inComment && state !== oneHyphen;
}

export function nextInComment(state: number, byte: number): number {
  if (byte === HYPHEN) {
    if (state === commentStart) return commentStartHyphen;
    return state === inComment || state === bang ? oneHyphen : twoHyphens;
  }
  return byte === EXCLAMATION && state === twoHyphens ? bang : inComment;
}
