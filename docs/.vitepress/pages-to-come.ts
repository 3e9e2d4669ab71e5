/** Pages that links and the sidebar name, and that other branches write. */
export const pagesToCome: readonly string[] = [
  'start/private-images',
  'start/first-signed-page',
  'start/check-it-works',
  'how-it-works/signed-url',
  'how-it-works/what-is-rewritten',
  'how-it-works/performance',
  'reference/options',
  'reference/helpers',
  'reference/events',
  'reference/guard',
  'reference/endpoint',
  'reference/entry-points',
  'compared',
  'playground',
];
