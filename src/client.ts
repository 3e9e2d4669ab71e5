/** The entry point for a page in a browser: the images of a page that stays open. */
export { type FreshImages, type FreshImagesOptions, keepImagesFresh } from './client/keep-images-fresh.ts';
