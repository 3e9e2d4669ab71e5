/** A page that stays open in Chromium: every scene of `open-page/scenes`. `npm run test:walks -- firefox` has them in Firefox too. */

import { openChromium } from './open-page/chromium-browser.ts';
import { runScenes } from './open-page/run-scenes.ts';

// Without a window, it has no back/forward cache.
runScenes(openChromium, { keepsPages: false });
