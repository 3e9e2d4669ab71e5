/** Every option of the command line. Which of them a command takes is said in the command's own file. */

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
  /** What follows the name, as the help writes it; undefined for a flag. */
  readonly value?: string;
  readonly short?: string;
  /** What counts if the value is left out, which it may be before a URL or another option. */
  readonly usual?: string;
  /** Whether it may be given several times. */
  readonly isList?: boolean;
  readonly about: string;
}

/** The ones that describe a signer, which all commands about URLs take. */
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
  pictures: { value: '<folder>', about: 'the originals; the id of a picture is its path in there' },
  target: { value: '<url>', about: 'the site: scheme, host and port' },
  port: { value: '<number>', about: 'where it listens; 0 takes any port that is free' },
  host: { value: '<address>', about: 'on which address; 127.0.0.1 unless given, 0.0.0.0 for all' },
  'change-origin': { about: "the site gets its own host in Host, in place of the visitor's" },
  'trust-proxy': { about: 'a proxy in front says the truth in X-Forwarded-* and Forwarded' },
  health: { value: '<path>', about: 'answers 200 here, and 503 from SIGTERM on' },
  drain: {
    value: '<duration>',
    about: "how long it goes on listening after SIGTERM: seconds, or '30s', '2m'; 5 unless given",
  },
  placeholder: { about: 'draws a picture in the place of one that is not there' },
  log: { value: '<json|text>', about: 'writes a line to standard output for each request' },
  'key-file': {
    value: '<file>',
    about: 'reads the signing key from a file, or with - from standard input; otherwise IMAGES_KEY holds it',
  },
  'env-file': {
    value: '<file>',
    about: 'sets the variables of the file, such as .env, that the environment does not have',
  },
  config: {
    value: '<file>',
    about: 'a .js, .mjs, .cjs, .ts or .json file that exports the options of imageSigner',
  },
  ttl: { value: '<duration>', about: "how long URLs stay valid at least: seconds, or '15m', '6h', '1d'" },
  'stable-for': { value: '<duration>', about: 'the steps in which the expiry moves; 0 turns them off' },
  'expires-at': {
    value: '<time>',
    about: 'when the URLs expire, exactly: Unix seconds, 2035-01-01, or 2035-01-01T12:00:00Z',
  },
  variant: { value: '<name>', about: "the variant of an image id; takes the place of a URL's own" },
  variants: { value: '<a,b>', about: 'the variants that may be signed' },
  'always-public': {
    value: '<a,b>',
    about: 'the variants that Cloudflare delivers without a token, besides those of --variants',
  },
  'account-hash': { value: '<hash>', about: "sign only this account's images; needed for image ids" },
  delivery: {
    value: '<base>',
    isList: true,
    about: 'where images are delivered, if not at https://imagedelivery.net; may be repeated',
  },
  header: {
    value: "'Name: value'",
    isList: true,
    about: 'a header field for the page, such as a session; may be repeated',
  },
  images: { about: 'also asks for each image, and explains each refusal' },
  crawl: {
    value: '[number]',
    usual: '50',
    about: 'follows links of the same site, to so many pages; 50 unless given',
  },
  watch: { about: 'checks again whenever Enter is pressed' },
  'allow-private': {
    about: 'allows addresses of private networks; localhost needs it only after a redirect',
  },
  server: { value: '<name>', about: 'the server: express, koa, fastify, hono, node or fetch' },
  store: { value: '<name>', about: 'the image store, such as cloudflare-images, s3 or bunny' },
  typescript: { about: 'writes TypeScript' },
  'dry-run': { about: 'writes no page and no file, and says on standard output what it would do' },
  json: { about: 'writes JSON, one object a line' },
  help: { short: 'h', about: 'shows this help' },
  version: { about: 'shows the version' },
};

/** For every command. */
export const commonOptions: readonly OptionName[] = ['help', 'version'];

export function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(optionTable, name);
}
