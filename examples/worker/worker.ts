/**
 * The Worker: what Cloudflare calls. `site.ts` puts the parts together. Wrong settings become one line in the log
 * instead of an exception for every visitor.
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
      // Only for the log: visitors must not learn about the settings.
      console.error(error instanceof Error ? error.message : 'The settings cannot be read.');
      return plainAnswer(500, 'This site is not set up.');
    }
    return site(request);
  },
};
