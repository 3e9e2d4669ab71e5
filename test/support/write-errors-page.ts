/** `npm run docs:errors`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorsPage } from '../../docs/.vitepress/errors.ts';
import { root } from './root.ts';

writeFileSync(join(root, 'docs/errors.md'), errorsPage());
