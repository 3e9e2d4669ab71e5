import { later, urlOf } from '../../photo.js';

export const load = () => ({ atOnce: urlOf('at-once'), later: later(urlOf('later')) });
