/** Compiles the AssemblyScript in `src/simd/assembly` to the module that the package carries in `src/simd/module.ts`. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const fileOf = (path: string): string => fileURLToPath(new URL(`../../src/simd/${path}`, import.meta.url));

export const moduleFile: string = fileOf('module.ts');

const sources = ['scan.ts', 'utf8.ts'];
const options =
  '-O3 --runtime stub --noAssert --enable simd --initialMemory 18 --maximumMemory 18 --outFile module.wasm';

/** @returns the text of `src/simd/module.ts` */
export async function compileSimdModule(): Promise<string> {
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await asc.main([...sources, ...options.split(' ')], {
    readFile: (name) => (sources.includes(name) ? readFileSync(fileOf(`assembly/${name}`), 'utf8') : null),
    writeFile(_name, contents) {
      wasm = contents as Uint8Array; // without a text format all output is bytes
    },
    listFiles: () => [],
  });
  if (error !== null || wasm === undefined) throw error ?? new Error(stderr.toString());
  const text = Buffer.from(wasm).toString('base64');
  return `/** Made of \`assembly/\` by \`npm run build:simd\`: do not edit it. */\nexport const moduleBytes: string =\n  '${text}';\n`;
}
