/**
 * The comment states of the tokenizer (WHATWG HTML, 13.2.5.43 to 13.2.5.51). The less-than sign states are left out:
 * they do not affect where a comment ends.
 */
import { EXCLAMATION, HYPHEN } from '../text/ascii.ts';

/** Right after `<!--`, where `>` and `->` end the comment as well. */
export const commentStartState = 0;
const commentStartDashState = 1;
/** Here only a hyphen changes the state. */
export const commentState = 2;
const commentEndDashState = 3;
const commentEndState = 4;
const commentEndBangState = 5;

/** Whether a `>` ends the comment in this state. */
export function endsComment(state: number): boolean {
  return state !== commentState && state !== commentEndDashState;
}

export function nextCommentState(state: number, byte: number): number {
  if (byte === HYPHEN) {
    if (state === commentStartState) return commentStartDashState;
    return state === commentState || state === commentEndBangState ? commentEndDashState : commentEndState;
  }
  return byte === EXCLAMATION && state === commentEndState ? commentEndBangState : commentState;
}
