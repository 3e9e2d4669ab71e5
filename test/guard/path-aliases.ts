/**
 * Spellings by which some server, file system, store or URL parser comes to an image, though the guard may have seen
 * another: those that are known to have leaked files elsewhere, and paths composed of their pieces.
 */
import { dirname } from 'node:path';
import { pickFrom } from '../support/generators/random.ts';
import { accountHash } from '../support/samples.ts';
import type { ImageStore } from '../support/servers/image-store.ts';

/** Texts that are written with spaces between them. */
function words(...lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split(' '));
}

/** Behind a segment: what somebody would take for its end, drop, or decode once more. */
const tails: readonly string[] = [
  ' ',
  ...words(
    '/ /. /./ /.. // %20 + . .. %09 %0a %0d%0a %00 %00.webp',
    '; ;x ;x=1 /;x /..; /..;/ %3b %3Bx ? %3f %3F %3Fx=1 %253F %25253F',
    '# %23 %2523 %23x * %2A %252A & %26 = %3D ! : ::$DATA %3A%3A$DATA ~1',
    '%2f %2F %252f %252F %25252F %5c %5C %255C \\ %c0%af %C0%AF %e0%80%af %ff %',
    '%2 %zz %u002f %25 %2525 %2541 %2561 ^ %5e %5E %7F %C2%85 %E2%80%A8 %EF%BB%BF',
    '%E2%81%84 %EF%BC%8F %E2%88%95 %EF%BC%8E %EF%BC%9F %EF%BC%83 %C2%A0 %E3%80%80 %CC%81 … \u2044',
  ),
];

/** Between two segments. */
const joints: readonly string[] = [
  '/ /',
  ...words(
    '// /// /./ /x/../ /x/%2e%2e/ /x/..%2f /x/..;/ /%2e/ /.%2e/x/../ /%2E%2E/x/ /%c0%ae/',
    '%2f %2F %252f %252F %25252f \\ %5c %5C %255C ;/ /;/ /;x/ ?/ %3F/ #/ %23/',
    '/%00/ /%20/ /%0a/ /+/ /%EF%BC%8E%EF%BC%8E/ %EF%BC%8F %E2%81%84 %u2215 /%252e%252e/ /%25/',
  ),
];

/** What a parser of URLs, or Windows, takes for the beginning of an absolute one. */
function absolutes({ folder, bucket }: ImageStore): string[] {
  const { host } = new URL(bucket);
  const aside = dirname(folder);
  const inside = ['internal', '', 'internal/.', `${host}/internal`];
  return [
    ...words('http: HTTP: http:/ https: https:/ ws: wss:/ ftp:/ blob: about: javascript:').flatMap((scheme) =>
      inside.map((rest) => `${scheme}${rest}`),
    ),
    ...['file:', 'file:/', 'FILE:', 'File:'].map((scheme) => `${scheme}${aside.replace(/^\//, '')}`),
    ...['data:,outside', 'data:text/html,outside', 'DATA:text/plain;,outside', 'data:;,outside%23'],
    ...['C:', 'c:', 'C:/', 'C:x', 'D:', 'd:..', 'C:.', 'Z:/windows', 'con', 'nul', '%3F', '.:', 'CC:'],
    ...['C|', 'c|/x', 'CC|/x'],
  ].filter((id) => id !== '');
}

/** A first segment that hides what it is from whoever looks at its beginning. */
const disguises: readonly ((id: string) => string)[] = [
  (id) => id,
  ...words('%20 %20%20 %09 %00 %C2%A0 %EF%BB%BF').map((before) => (id: string) => before + id),
  ...words('%3A %253A %EF%BC%9A').map((colon) => (id: string) => id.replace(':', colon)),
  (id) => id.replace(/^./, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  ...words('%0a %09').map((within) => (id: string) => id.slice(0, 2) + within + id.slice(2)),
];

function hexOf(character: string): string[] {
  const digits = character.charCodeAt(0).toString(16);
  return [digits, digits.toUpperCase()];
}

/** Spellings of one image. @param path - `/images/<account>/<id>/<variant>` */
export function aliasesOf(path: string, publicVariant: string): string[] {
  const [, mount, account, ...rest] = path.split('/') as [string, string, string, ...string[]];
  const image = rest.slice(0, -1).join('/');
  const variant = rest.at(-1)!;
  const below = `${account}/${image}/${variant}`;
  return [
    ...[...path].flatMap((character, at) =>
      (character === '%' || character > '~' ? [] : hexOf(character)).map(
        (hex) => `${path.slice(0, at)}%${hex}${path.slice(at + 1)}`,
      ),
    ),
    ...['//', '/./', '/x/../', '/x/%2e%2e/', '/x/..%2f', `/${mount}/`].map(
      (before) => `${before}${mount}/${below}`,
    ),
    ...['%3F', '%23', ';', '%3B', '%253F'].flatMap((end) =>
      ['/../', '%2f..%2f', '/%2e%2e/'].map((up) => `/x${end}${up}${mount}/${below}`),
    ),
    ...['%2f', '%5c', '\\'].map((slash) => `/${mount}${slash}${below}`),
    ...[`/${mount.toUpperCase()}/${below}`, `/${mount}/${below.toUpperCase()}`],
    ...words('http://localhost http://localhost:80 //localhost https: http:/localhost ///localhost *').map(
      (origin) => origin + path,
    ),
    ...tails.flatMap((tail) => [
      `${path}${tail}`,
      `/${mount}/${account}/${image}${tail}/${variant}`,
      `/${mount}/${account}${tail}/${image}/${variant}`,
      // As an always public variant of another image.
      `${path}${tail}/${publicVariant}`,
      `${path}${tail}${publicVariant}`,
      `/${mount}/${account}/${image}/${publicVariant}${tail}/../${variant}`,
      `/${mount}/${account}/${image}/${publicVariant}${tail}${variant}`,
    ]),
    ...joints.flatMap((joint) => [
      `/${mount}${joint}${below}`,
      `/${mount}/${account}${joint}${image}/${variant}`,
      `/${mount}/${account}/${image}${joint}${variant}`,
      `/${mount}/${account}/${image}${joint}${variant}/${publicVariant}`,
      `/${mount}/${account}/x${joint}${image}/${variant}%3F/${publicVariant}`,
      `/${mount}/${account}/${image}/${publicVariant}${joint}..${joint}${variant}`,
      `/${mount}/${account}/..${joint}..${joint}internal/${publicVariant}`,
    ]),
  ];
}

/** Images whose id is something else than an id. */
export function foreignIds(store: ImageStore, variants: readonly string[]): string[] {
  return absolutes(store).flatMap((id) =>
    disguises.flatMap((disguise) =>
      variants.map((variant) => `/images/${accountHash}/${disguise(id)}/${variant}`),
    ),
  );
}

/** A path of whatever pieces, most often with a variant at its end. */
export function randomAlias(random: () => number, store: ImageStore, variants: readonly string[]): string {
  const pick = pickFrom(random);
  const names = words(`secret thumb card preview internal images x ${accountHash} .. . %2e%2e a%20b`);
  const piece = (): string => {
    const name = random() < 0.1 ? pick(disguises)(pick(absolutes(store))) : pick(names);
    return random() < 0.35 ? `${name}${pick(tails)}` : name;
  };
  const segments = Array.from({ length: 1 + Math.floor(random() * 4) }, piece);
  const joined = segments.reduce((path, each) => path + (random() < 0.8 ? '/' : pick(joints)) + each);
  const head =
    random() < 0.9
      ? `/images/${accountHash}/`
      : pick([
          ...['/images/', '//images/', '/IMAGES/', `/images/${accountHash}%2F`],
          `/x${pick(tails)}${pick(['/../', '/..%2f'])}images/${accountHash}/`,
        ]);
  const query = random() < 0.1 ? pick(['?', '?x=1', '?exp=1', '?sig=', '#', '?/../thumb']) : '';
  return `${head}${joined}${random() < 0.9 ? `/${pick(variants)}` : ''}${query}`;
}
