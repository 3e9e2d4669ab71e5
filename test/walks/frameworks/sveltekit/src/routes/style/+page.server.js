import { urlOf } from '../../photo.js';

export const load = () => ({ directive: urlOf('directive'), attribute: urlOf('attribute') });
