/** Comments (WHATWG HTML, 13.2.5.43 to 13.2.5.51): how far into an opening or a closing a byte leads. */
import { EXCLAMATION, HYPHEN } from '../ascii.ts';

/** Right behind `<!--`: `>` and `->` end it here as well. */
export const commentStartState = 0;
const commentStartHyphen = 1;
/** Where nothing but a hyphen counts. */
export const commentState = 2;
const oneHyphen = 3;
const twoHyphens = 4;
const bang = 5;

/** Whether a `>` ends the comment in this state. */
export function endsComment(state: number): boolean {
  return state !== commentState && state !== oneHyphen;
}

export function nextCommentState(state: number, byte: number): number {
  if (byte === HYPHEN) {
    if (state === commentStartState) return commentStartHyphen;
    return state === commentState || state === bang ? oneHyphen : twoHyphens;
  }
  return byte === EXCLAMATION && state === twoHyphens ? bang : commentState;
}
