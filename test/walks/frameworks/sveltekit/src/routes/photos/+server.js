import { json } from '@sveltejs/kit';
import { urlOf } from '../../photo.js';

export const GET = () => json([urlOf('fetched'), urlOf('fetched-2')]);
