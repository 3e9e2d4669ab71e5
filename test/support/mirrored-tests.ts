/** Which tests stand for a file or a folder of `src`: `npm test -- src/url/edits.ts`. */
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

/**
 * @param path - as it was typed, from the folder of the repository
 * @returns the path itself unless it lies in `src`; otherwise the file of tests of that name, or the folder that is nearest;
 * undefined where there is neither
 */
export function mirroredTests(root: string, path: string): string | undefined {
  const [top, ...names] = relative(root, resolve(root, path)).split(/[/\\]/);
  if (top !== 'src') return path;
  const file = `test/${names.join('/').replace(/\.ts$/, '')}.test.ts`;
  if (existsSync(join(root, file))) return file;
  for (let end = names.length; end > 0; end--) {
    const folder = `test/${names.slice(0, end).join('/')}`;
    if (existsSync(join(root, folder))) return folder;
  }
  return undefined;
}
