/** What draws refused images, in a file of its own in the package: the delivery loads it only if it explains, and no app imports it. */
export { createDrawRefusal, wordsOf } from './delivery/draw-refusal.ts';
