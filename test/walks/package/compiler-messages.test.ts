/**
 * What the compiler says of a mistake in the options: it names the option, in every entry point, and shows options under a name
 * that a person reads. Its words differ between versions of it, and its codes do not.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PackedPackage, type Project } from '../../support/package/projects.ts';
import { root } from '../../support/root.ts';

let packed: PackedPackage;
let project: Project;
beforeAll(() => {
  packed = new PackedPackage();
  const packages = ['@types/node', '@types/express', '@types/koa', 'fastify', 'hono'];
  project = packed.createProject('module', Object.fromEntries(packages.map((name) => [name, name])));
});
afterAll(() => packed.remove());

const noSuchOption = /^TS(?:2353|2561)$/;
const wrongType = /^TS(?:2322|2820)$/;
/** Of all options together. */
const wrongOptions = /^TS2345$/;
const noOverload = /^TS2769$/;

type Mistake = readonly [option: string, code: RegExp, call: string];

const ofEachFactory: readonly Mistake[] = [
  'createSigner',
  'defineConfig',
  'imageSigner',
  'imageGuard',
].flatMap((factory): Mistake[] => [
  ['tll', noSuchOption, `${factory}({ scheme, tll: '1h' })`],
  ['tll', noSuchOption, `${factory}({ key, tll: '1h', variants: ['thumb'] })`],
]);
const ofMiddleware: readonly Mistake[] = [
  ['tll', noSuchOption, "imageSigner({ scheme: [scheme, other], tll: '1h' })"],
  ['tll', noSuchOption, "imageSigner({ signer, tll: '1h' })"],
  ['ttl', noSuchOption, "imageSigner({ signer, ttl: '1h' })"],
  ['ttl', wrongOptions, 'imageSigner({ scheme })'],
  ['ttl', wrongType, 'imageSigner({ scheme, ttl: true })'],
  ['key', noSuchOption, "imageSigner({ scheme, key, ttl: '1h' })"],
  ['variants', noSuchOption, "imageSigner({ scheme, ttl: '1h', variants: ['thumb'] })"],
  ['prefixes', noSuchOption, "imageSigner({ scheme, ttl: '1h', prefixes: 'uploads/' })"],
  ['s3', wrongType, "imageSigner({ scheme: s3, ttl: '1h' })"],
  ['authorise', noSuchOption, "imageSigner({ scheme, ttl: '1h', authorise: () => true })"],
  ['authorize', wrongType, "imageSigner({ scheme, ttl: '1h', authorize: async () => true })"],
  ['mode', noSuchOption, "imageSigner({ scheme, ttl: '1h', mode: 'report' })"],
  ['jsno', noSuchOption, "imageSigner({ scheme, ttl: '1h', rewrite: { jsno: true } })"],
  ['shceme', noSuchOption, "imageSigner({ shceme: scheme, ttl: '1h' })"],
  ['kye', noSuchOption, "imageSigner({ kye: key, ttl: '1h', variants: ['thumb'] })"],
  ['varaints', noSuchOption, "imageSigner({ key, ttl: '1h', varaints: ['thumb'] })"],
  ['variants', wrongOptions, "imageSigner({ key, ttl: '1h' })"],
  ['variants', wrongType, "imageSigner({ key, ttl: '1h', variants: 'thumb' })"],
  ['accountHash', wrongType, "imageSigner({ key, ttl: '1h', variants: ['thumb'], accountHash: 7 })"],
  ['deniedVariant', wrongType, "imageSigner({ key, ttl: '1h', variants: ['thumb'], deniedVariant: 'tumb' })"],
];
const ofGuardAndEndpoint: readonly Mistake[] = [
  ['mode', wrongType, "imageGuard({ scheme, ttl: '1h', mode: 'reprot' })"],
  ['tll', noSuchOption, "signingEndpoint({ scheme, tll: '1h', authorize })"],
  ['tll', noSuchOption, "signingEndpoint({ key, tll: '1h', variants: ['thumb'], authorize })"],
  ['authorize', wrongOptions, "signingEndpoint({ scheme, ttl: '1h' })"],
  ['origin', noSuchOption, "signingEndpoint({ signer, authorize, origin: 'https://shop.example' })"],
];
/** What `register` takes options for has none of its own. */
const ofPlugins: readonly Mistake[] = [
  ['tll', noOverload, "fastify().register(imageSigner, { scheme, tll: '1h' })"],
  ['tll', noOverload, "fastify().register(imageSigner, { key, tll: '1h', variants: ['thumb'] })"],
  ['mode', noOverload, "fastify().register(imageGuard, { scheme, ttl: '1h', mode: 'reprot' })"],
  ['authorize', noOverload, "fastify().register(signingEndpoint, { scheme, ttl: '1h' })"],
];

const forFastify = [...ofEachFactory, ...ofMiddleware]
  .filter(([, , call]) => !call.startsWith('imageGuard'))
  .map(([option, code, call]): Mistake => [option, code, call.replace('imageSigner(', 'defineConfig(')]);
const everything = [...ofEachFactory, ...ofMiddleware, ...ofGuardAndEndpoint];
const entries: Readonly<Record<string, readonly Mistake[]>> = {
  'image-signer': everything,
  'image-signer/koa': everything,
  'image-signer/hono': everything,
  'image-signer/fetch': everything,
  'image-signer/fastify': [...forFastify, ...ofPlugins],
};

/** What comes before the calls, which stand on a line each. */
const preamble = (entry: string): string[] => [
  `import { createSigner, defineConfig, imageGuard, imageSigner, signingEndpoint } from '${entry}';`,
  "import { bunny, s3 } from 'image-signer/schemes';",
  "import fastify from 'fastify';",
  "const key = process.env['IMAGES_KEY'];",
  "const other = bunny({ url: 'https://shop.b-cdn.net', key });",
  "const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };",
  "const scheme = s3({ url: 'https://a.example', region: 'a', credentials, prefixes: 'uploads/' });",
  "const signer = createSigner({ key, ttl: '1h', variants: ['thumb'] });",
  'const authorize = () => true;',
];
const fileOf = (entry: string): string => `${entry.replace('/', '-')}.ts`;
const compilerOptions = {
  module: 'nodenext',
  types: ['node'],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};

interface Message {
  readonly code: string;
  readonly text: string;
  /** What the program has at the place of the message. */
  readonly source: string;
}

/** What the compiler says of the programs, by file and line. */
function compile(programs: ReadonlyMap<string, readonly string[]>): Map<string, Message[]> {
  for (const [file, lines] of programs) project.write(file, lines.join('\n'));
  project.write('tsconfig.json', JSON.stringify({ compilerOptions, files: [...programs.keys()] }));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', project.path, '--pretty', 'false'], {
    cwd: project.path,
    encoding: 'utf8',
  });
  const said = new Map<string, Message[]>();
  for (const message of stdout.split(/\n(?! )/).filter((each) => each !== '')) {
    const [, file, line, column, code, text] = /^(\S+)\((\d+),(\d+)\): error (TS\d+): (.*)$/s.exec(message)!;
    const place = `${file}:${line}`;
    const source = programs.get(file!)![Number(line) - 1]!.slice(Number(column) - 1);
    said.set(place, [...(said.get(place) ?? []), { code: code!, text: text!, source }]);
  }
  return said;
}

describe('the compiler', () => {
  let said: Map<string, Message[]>;
  beforeAll(() => {
    const programs = Object.entries(entries).map(
      ([entry, mistakes]) =>
        [fileOf(entry), [...preamble(entry), ...mistakes.map(([, , call]) => `${call};`)]] as const,
    );
    said = compile(new Map(programs));
  });

  test.each(Object.entries(entries))('names the option that is wrong, in %s', (entry, mistakes) => {
    const before = preamble(entry).length;
    const places = mistakes.map((_, index) => `${fileOf(entry)}:${before + index + 1}`);
    expect([...said.keys()].filter((place) => place.startsWith(`${fileOf(entry)}:`))).toEqual(places);
    for (const [index, [option, code, call]] of mistakes.entries()) {
      const messages = said.get(places[index]!)!;
      expect(messages, call).toHaveLength(1);
      const [{ code: given, text, source }] = messages as [Message];
      expect(given, call).toMatch(code);
      expect(source.startsWith(option) || text.includes(`'${option}'`), `${call}\n${text}`).toBe(true);
    }
  });
});

test('a factory shows its options under one name', () => {
  const lines = [
    ...preamble('image-signer'),
    "imageSigner({ scheme, ttl: '1h' });",
    "imageSigner({ key, ttl: '1h', variants: ['thumb', 'card'] });",
    'imageGuard({ signer });',
    "signingEndpoint({ scheme, ttl: '1h', authorize });",
  ];
  project.write('shown.ts', lines.join('\n'));
  const file = join(project.path, 'shown.ts');
  const { options } = ts.parseJsonConfigFileContent({ compilerOptions }, ts.sys, project.path);
  const program = ts.createProgram([file], options);
  const checker = program.getTypeChecker();
  const calls = program.getSourceFile(file)!.statements.slice(preamble('').length);
  const shown = calls.map((statement) => {
    const call = (statement as ts.ExpressionStatement).expression as ts.CallExpression;
    return checker.signatureToString(checker.getResolvedSignature(call)!);
  });
  expect(shown).toEqual([
    '(options: ImageSignerOptionsFor<ViewerRequest, SkipArguments, string, Scheme<SchemeImage<"s3">>, SchemeImage<"s3">>): Middleware',
    '(options: ImageSignerOptionsFor<ViewerRequest, SkipArguments, "thumb" | "card", CloudflareImages, DeliveryImage>): Middleware',
    '(options: ImageGuardOptionsFor<ViewerRequest, Signer<"thumb", DeliveryImage>, DeliveryImage, string>): Middleware',
    '(options: SigningEndpointOptionsFor<ViewerRequest, Scheme<SchemeImage<"s3">>, SchemeImage<"s3">, string>): Endpoint',
  ]);
});
