/**
 * Guests and members, and what they may see. A real site would look up a session. The examples trust a cookie that
 * anybody can set, so that visitors can switch.
 */
import type { Picture } from './pictures/catalogue.ts';

export type Viewer = 'guest' | 'member';

export const viewerCookie = 'viewer';

/**
 * The one rule, for the pages and `authorize`. Nobody may see an image that is not one of the gallery's pictures:
 * otherwise an editor of the article could get tokens for any image.
 */
export function mayView(viewer: Viewer | undefined, picture: Picture | undefined): boolean {
  return picture !== undefined && (!picture.isForMembers || viewer === 'member');
}
