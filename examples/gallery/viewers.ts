/**
 * Guests and members, and what they may see. A real site would look a session up; the examples believe a cookie that
 * anybody may set, so that there is something to switch.
 */
import type { Picture } from './pictures/catalogue.ts';

export type Viewer = 'guest' | 'member';

export const viewerCookie = 'viewer';

/**
 * The one rule of this house, for the pages as for `authorize`. What is none of the gallery's pictures nobody may see:
 * who edits the article must not get tokens for others.
 */
export function mayView(viewer: Viewer | undefined, picture: Picture | undefined): boolean {
  return picture !== undefined && (!picture.isForMembers || viewer === 'member');
}
