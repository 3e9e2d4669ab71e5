import { urlOf } from '../photo.js';

export const load = () => ({ urls: [urlOf('home'), urlOf('home-2')] });
