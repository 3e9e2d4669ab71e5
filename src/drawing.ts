/** Draws refused images. A separate file in the package: the delivery loads it only for `explain`, and no app imports it. */
export { createDrawRefusal, wordsOf } from './delivery/draw-refusal.ts';
