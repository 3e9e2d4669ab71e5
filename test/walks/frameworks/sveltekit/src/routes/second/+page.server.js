import { urlOf } from '../../photo.js';

export const load = () => ({ urls: [urlOf('second'), urlOf('second-2')] });
