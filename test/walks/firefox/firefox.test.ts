/** A page that stays open in Firefox. */

import { runScenes } from '../browsers/open-page/run-scenes.ts';
import { openFirefox } from './browser.ts';

runScenes(openFirefox, { keepsPages: true });
