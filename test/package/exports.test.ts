/** What an app can import of each entry: its names, values and types together, as the built declarations have them. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { builtFolder } from '../support/built-package.ts';

const files = readdirSync(builtFolder).filter((file) => /^[a-z]+\.d\.ts$/.test(file));
const program = ts.createProgram(
  files.map((file) => join(builtFolder, file)),
  { module: ts.ModuleKind.NodeNext, types: ['node'], skipLibCheck: true, noEmit: true },
);
const checker = program.getTypeChecker();
const entries = Object.fromEntries(
  files.map((file) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(join(builtFolder, file))!)!;
    const names = checker.getExportsOfModule(module).map(({ name }) => name);
    return [file.replace('.d.ts', ''), names.sort()];
  }),
);

const common = [
  'Candidates',
  'CloudflareImages',
  'DataOptions',
  'DeliveryImage',
  'Duration',
  'HelperOptions',
  'HtmlRewriter',
  'ImageGuardOptions',
  'ImageSignerError',
  'ImageSignerErrorCode',
  'ImageSignerEvent',
  'ImageSignerOptions',
  'RewriteHtmlOptions',
  'SchemeImage',
  'SignDataOptions',
  'SignOptions',
  'SignedImage',
  'Signer',
  'SignerOptions',
  'SigningEndpointOptions',
  'VariantPolicy',
  'Verification',
  'createSigner',
  'defineConfig',
  'imageGuard',
  'imageSigner',
  'signingEndpoint',
];

const expected: Readonly<Record<string, readonly string[]>> = {
  index: [...common, 'Endpoint', 'Middleware', 'ViewerRequest'],
  koa: [...common, 'ViewerContext'],
  hono: common,
  fastify: [...common, 'AnyImage'],
  fetch: [...common, 'FetchHandler', 'FetchHelpers', 'GuardedHandler'],
  delivery: [
    'DeliveredImage',
    'Delivery',
    'ImageDeliveryOptions',
    'ImageSignerError',
    'ImageSignerErrorCode',
    'ImageSignerEvent',
    'VariantPolicy',
    'imageDelivery',
  ],
  diagnosis: [
    'ExplainOptions',
    'Explanation',
    'FailureCode',
    'Finding',
    'FindingCode',
    'HintCode',
    'explainUrl',
  ],
  markdown: ['TextReader', 'markdown'],
  testing: ['OracleExamples', 'PageImage', 'SchemeExamples', 'checkScheme', 'expectSignedImages', 'imagesIn'],
  client: ['FreshImages', 'FreshImagesOptions', 'keepImagesFresh'],
};

test('every entry is here but `schemes`, which has a function and its options for each store', () => {
  expect(Object.keys(entries).sort()).toEqual([...Object.keys(expected), 'schemes'].sort());
});

test.each(Object.entries(expected))(
  'image-signer/%s exports these names, and no more than thirty',
  (entry, names) => {
    expect(entries[entry]).toEqual(names.toSorted());
    expect(names.length).toBeLessThanOrEqual(30);
  },
);
