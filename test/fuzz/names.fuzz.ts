/** `npm run fuzz:names`: the walk of `test/stores`, with `NAMES` random images for each store. */
process.env['COUNT'] ??= process.env['NAMES'] ?? '5000';
await import('../stores/run.ts');

export {};
