/** What a scene is, and what their pages are made of. */
import type { Stage, StageOptions } from './stage.ts';

export interface Scene extends Partial<StageOptions> {
  readonly title: string;
  /** Whether only a browser has it that keeps pages alive which were left. */
  readonly needsKeptPages?: boolean;
  /** The page that is opened first. @default '/' */
  readonly path?: string;
  /** What happens on the site of these options, once its page is there. */
  run?(stage: Stage): Promise<void>;
  /** Or what opens sites by itself. */
  play?(open: (options: StageOptions) => Promise<Stage>): Promise<void>;
}

export const clientTag = '<script src="/client.global.js"></script>';

export function pageOf(body: string, head: string = clientTag): string {
  return `<!DOCTYPE html><meta charset="utf-8"><title>An open page</title><link rel="stylesheet" href="/site.css">${head}${body}`;
}

type UrlOf = (image: string) => string;

/** The element's id is that of its image. */
export function imageTag(urlOf: UrlOf, id: string, attributes = ''): string {
  return `<p><img id="${id}" alt="" width="80" height="60" src="${urlOf(id)}" ${attributes}></p>`;
}

export function lazyTag(urlOf: UrlOf, id: string): string {
  return imageTag(urlOf, id, 'loading="lazy"');
}

export const shownIds: readonly string[] = ['shown-1', 'shown-2'];
export const lazyIds: readonly string[] = ['lazy-1', 'lazy-2', 'lazy-3', 'lazy-4'];

/** Two images that load at once, and four that do when the visitor scrolls. */
export function longPage(urlOf: UrlOf, head?: string): string {
  const shown = shownIds.map((id) => imageTag(urlOf, id, `elementtiming="${id}"`)).join('');
  const lazy = lazyIds.map((id) => lazyTag(urlOf, id)).join('');
  return pageOf(`${shown}<div class="far"></div>${lazy}`, head);
}

/** How each image was answered, request by request. */
export function answersFor(stage: Stage, ids: readonly string[]): Record<string, number[]> {
  return Object.fromEntries(ids.map((id) => [id, stage.answersFor(id)]));
}

/** Each image was asked for once, and was given. */
export function eachOnce(ids: readonly string[]): Record<string, number[]> {
  return Object.fromEntries(ids.map((id) => [id, [200]]));
}

export function eachNever(ids: readonly string[]): Record<string, number[]> {
  return Object.fromEntries(ids.map((id) => [id, []]));
}

/** Seconds that a token of a scene lives. */
export const ttl = 5;
/** How many seconds before its end it is renewed: at most half of its life. */
export const margin: number = ttl / 2;
/** Ends are whole seconds: a life may be one shorter. */
const shortestMargin = (ttl - 1) / 2;

/** How often the client may ask within so many seconds: once a margin. */
export function mostAsked(seconds: number): number {
  return Math.floor(seconds / shortestMargin);
}
