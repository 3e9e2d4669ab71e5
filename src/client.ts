/** The entry point for the browser: keeps the images of an open page fresh. */
export { type FreshImages, type FreshImagesOptions, keepImagesFresh } from './client/keep-images-fresh.ts';
