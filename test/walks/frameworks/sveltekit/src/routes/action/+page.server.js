import { urlOf } from '../../photo.js';

export const actions = { default: () => ({ url: urlOf('found') }) };
