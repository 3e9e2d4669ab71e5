import adapter from '@sveltejs/adapter-node';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

// The adapter takes every request for https, so that over http the origin of a form never fits.
const csrf = { trustedOrigins: ['*'] };

export default defineConfig({ plugins: [sveltekit({ adapter: adapter(), csrf })] });
