/** Every option of the command line. Every command's own file lists those that it takes. */

export type OptionName =
  | 'account-hash'
  | 'allow-private'
  | 'always-public'
  | 'change-origin'
  | 'config'
  | 'delivery'
  | 'crawl'
  | 'drain'
  | 'dry-run'
  | 'env-file'
  | 'expires-at'
  | 'header'
  | 'health'
  | 'help'
  | 'host'
  | 'images'
  | 'json'
  | 'key-file'
  | 'log'
  | 'pictures'
  | 'placeholder'
  | 'port'
  | 'server'
  | 'stable-for'
  | 'store'
  | 'target'
  | 'trust-proxy'
  | 'ttl'
  | 'typescript'
  | 'variant'
  | 'variants'
  | 'version'
  | 'watch';

export interface OptionSpecification {
  /** The value, as the help writes it; undefined for a flag. */
  readonly value?: string;
  readonly short?: string;
  /** The default if the value is absent, which is allowed before a URL or another option. */
  readonly usual?: string;
  /** Whether it may be repeated. */
  readonly isList?: boolean;
  readonly about: string;
}

/** Those that describe a signer: all commands about URLs take them. */
export const signerOptions: readonly OptionName[] = [
  'key-file',
  'env-file',
  'config',
  'variants',
  'always-public',
  'account-hash',
  'delivery',
];

/** In the order of the help. */
export const optionTable: Readonly<Record<OptionName, OptionSpecification>> = {
  pictures: { value: '<folder>', about: 'the folder of originals; the id of a picture is its path below it' },
  target: { value: '<url>', about: 'the site: scheme, host and port' },
  port: { value: '<number>', about: 'the port to listen on; 0 takes any free port' },
  host: { value: '<address>', about: 'the address to listen on; 127.0.0.1 by default, 0.0.0.0 for all' },
  'change-origin': { about: "sends the site's own host in Host, instead of the visitor's" },
  'trust-proxy': { about: 'trusts X-Forwarded-* and Forwarded of a proxy in front' },
  health: { value: '<path>', about: 'a path that answers 200, and 503 after SIGTERM' },
  drain: {
    value: '<duration>',
    about: "how long it keeps listening after SIGTERM: seconds, '30s' or '2m'; 5 by default",
  },
  placeholder: { about: 'draws a picture for every missing image' },
  log: { value: '<json|text>', about: 'writes a line per request to standard output' },
  'key-file': {
    value: '<file>',
    about: 'reads the signing key from a file, or with - from standard input, instead of IMAGES_KEY',
  },
  'env-file': {
    value: '<file>',
    about: 'reads variables from a file, such as .env; the environment wins',
  },
  config: {
    value: '<file>',
    about: 'a .js, .mjs, .cjs, .ts or .json file that exports the options of imageSigner',
  },
  ttl: { value: '<duration>', about: "how long URLs are valid at least: seconds, '15m', '6h' or '1d'" },
  'stable-for': { value: '<duration>', about: 'the steps in which the expiry moves; 0 turns steps off' },
  'expires-at': {
    value: '<time>',
    about: 'the exact expiry: Unix seconds, 2035-01-01 or 2035-01-01T12:00:00Z',
  },
  variant: { value: '<name>', about: 'the variant of an image id; replaces that of a URL' },
  variants: { value: '<a,b>', about: 'the variants that may be signed' },
  'always-public': {
    value: '<a,b>',
    about: 'further variants, which Cloudflare delivers without a token',
  },
  'account-hash': { value: '<hash>', about: "signs only this account's images; needed for image ids" },
  delivery: {
    value: '<base>',
    isList: true,
    about: 'a base of image URLs, if not https://imagedelivery.net; may be repeated',
  },
  header: {
    value: "'Name: value'",
    isList: true,
    about: 'a header for the page request, such as a session cookie; may be repeated',
  },
  images: { about: 'also requests every image, and explains every refusal' },
  crawl: {
    value: '[number]',
    usual: '50',
    about: 'follows links within the site; checks 50 pages by default',
  },
  watch: { about: 'checks again when you press Enter' },
  'allow-private': {
    about: 'allows private addresses; localhost needs it only after a redirect',
  },
  server: { value: '<name>', about: 'the server: express, koa, fastify, hono, node or fetch' },
  store: { value: '<name>', about: 'the image store, such as cloudflare-images, s3 or bunny' },
  typescript: { about: 'writes TypeScript' },
  'dry-run': { about: 'writes no page and no file; standard output shows what it would do' },
  json: { about: 'writes JSON, one object per line' },
  help: { short: 'h', about: 'shows this help' },
  version: { about: 'shows the version' },
};

/** For every command. */
export const commonOptions: readonly OptionName[] = ['help', 'version'];

export function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(optionTable, name);
}
