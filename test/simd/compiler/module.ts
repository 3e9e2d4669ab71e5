/** Compiles the AssemblyScript in `src/simd/assembly` to the WebAssembly module in `src/simd/module.ts`. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { install } from '../../support/package/install.ts';

const fileOf = (path: string): string => fileURLToPath(new URL(`../../../src/simd/${path}`, import.meta.url));

export const moduleFile: string = fileOf('module.ts');

const options =
  '-O3 --runtime stub --noAssert --enable simd --initialMemory 17 --maximumMemory 17 --outFile module.wasm';

/** Identifies the compiler, its options and the source: modules with the same line are identical. */
export function sourceOfModule(): string {
  const lock = readFileSync(new URL('package-lock.json', import.meta.url), 'utf8');
  const { packages } = JSON.parse(lock) as { packages: Record<string, { version: string }> };
  const { version } = packages['node_modules/assemblyscript']!;
  const hash = createHash('sha256').update(options).update(readSource()).digest('hex');
  return `assemblyscript ${version}, sha256 ${hash}`;
}

/** @returns the text of `src/simd/module.ts` */
export async function compileSimdModule(): Promise<string> {
  install('test/simd/compiler');
  const { default: asc } = await import('assemblyscript/asc');
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await asc.main(['scan.ts', ...options.split(' ')], {
    readFile: (name) => (name === 'scan.ts' ? readSource() : null),
    writeFile(_name, contents) {
      wasm = contents as Uint8Array; // only the text format, which we do not ask for, is a string
    },
    listFiles: () => [],
  });
  if (error !== null || wasm === undefined) throw error ?? new Error(stderr.toString());
  // Hex compresses better than Base64, which writes equal bytes in three ways.
  const text = Buffer.from(wasm).toString('hex');
  return `/**
 * Made of \`assembly/\` by \`npm run generate -- simd\`: do not edit it.
 * From: ${sourceOfModule()}
 */
export const moduleBytes: string =
  '${text}';
`;
}

function readSource(): string {
  return readFileSync(fileOf('assembly/scan.ts'), 'utf8');
}
