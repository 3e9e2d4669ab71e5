/** Which names of files may be asked for: those that mean one and the same file on every system. It reads no disk. */
import { isAbsolute, relative, sep } from 'node:path';

/** Devices have these names in every folder of Windows, with any extension. */
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\.|$)/i;

/** Characters that end or divide a name somewhere: control characters, separators, and those of drives and streams. */
const forbidden = /[\0-\x1f\x7f/\\:]/;

/**
 * @param id - plain text, with `/` between the names
 * @returns the names of the folders and of the file; undefined for an id that is none of a file
 */
export function namesOf(id: string): readonly string[] | undefined {
  const names = id.split('/');
  return names.every(isName) ? names : undefined;
}

/** A name that begins with a dot is hidden, and `..` one of them. Windows drops dots and spaces from the end of a name. */
function isName(name: string): boolean {
  return (
    name !== '' && !name.startsWith('.') && !/[. ]$/.test(name) && !forbidden.test(name) && !device.test(name)
  );
}

/** A file's name without its extension; undefined without one. */
export function stemOf(name: string): string | undefined {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(0, dot) : undefined;
}

/** @param folder - absolute, as is the path */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
