/** A page that stays open in Firefox. */
import { openFirefox } from '../support/open-page/firefox-browser.ts';
import { runScenes } from '../support/open-page/run-scenes.ts';

runScenes(openFirefox, { keepsPages: true });
