/** `npm run build:simd`. */
import { writeFileSync } from 'node:fs';
import { compileSimdModule, moduleFile } from './simd-module.ts';

writeFileSync(moduleFile, await compileSimdModule());
