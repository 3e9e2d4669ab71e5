/**
 * The Worker: what Cloudflare calls. It holds no decision; `site.ts` puts the parts together, and settings that are
 * wrong become one line in the log instead of an exception for every visitor.
 */
import { plainAnswer } from './plain-answer.ts';
import type { Env } from './settings.ts';
import { type Site, siteOf } from './site.ts';

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    let site: Site;
    try {
      site = siteOf(env);
    } catch (error) {
      // For whoever reads the log. A visitor is not told what is set and what is not.
      console.error(error instanceof Error ? error.message : 'The settings cannot be read.');
      return plainAnswer(500, 'This site is not set up.');
    }
    return site(request);
  },
};
