/** The entries of the package, and which modules they share in common files. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { buildSync, type Plugin } from 'esbuild';

/** Entries grouped by what they share. An entry loads what several groups share, what its group shares, and its own file. */
const groups: readonly (readonly string[])[] = [
  ['index', 'koa', 'fastify', 'delivery', 'proxy'],
  ['fetch', 'hono'],
  ['schemes'],
  ['diagnosis', 'testing', 'cli', 'dev', 'drawing', 'init'],
];

/** An entry that is one file: it shares little code, and sharing it would add a file to every other entry. */
const alone = 'markdown';

export const entries: readonly string[] = [...groups.flat(), alone];
/** Entries that only the command and the delivery load. No app imports them, so they need neither CommonJS nor types. */
export const unimportedEntries: readonly string[] = ['cli', 'proxy', 'dev', 'drawing', 'init'];
export const importedEntries: readonly string[] = entries.filter((name) => !unimportedEntries.includes(name));

export function fileOf(entry: string): string {
  return `src/${entry}.ts`;
}

/**
 * esbuild makes one file of all modules that the same entries reach. That would be ten files, which take a millisecond
 * each to load. So every entry imports all modules that its files share with other entries. This changes only which file
 * a module is in, because no module has effects.
 */
export function threeFiles(): Plugin {
  return {
    name: 'three-files',
    setup(build) {
      const shared = sharedModules();
      build.onLoad({ filter: /\/src\/[^/]+\.ts$/, namespace: 'file' }, ({ path }) => {
        const entry = entries.find((each) => path === resolve(fileOf(each))) ?? '';
        const modules = shared.get(entry) ?? [];
        const imports = modules.map((module) => `import ${JSON.stringify(module)};\n`);
        return { contents: readFileSync(path, 'utf8') + imports.join(''), loader: 'ts' };
      });
    },
  };
}

/** Gives the entry that is one file its own copies of its imports. */
export function ownCopies(): Plugin {
  return {
    name: 'own-copies',
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ path, importer, resolveDir }) =>
        dirname(importer) === resolve('src', alone)
          ? { path: resolve(resolveDir, path), suffix: `?${alone}` }
          : undefined,
      );
    },
  };
}

/** For every entry, the modules that several groups share, and those that its own group shares. */
function sharedModules(): ReadonlyMap<string, readonly string[]> {
  const modulesOf = new Map(groups.flat().map((entry) => [entry, modulesIn(entry)]));
  const usersOf = (module: string, group: readonly string[]): number =>
    group.filter((entry) => modulesOf.get(entry)?.has(module)).length;
  const all = [...new Set([...modulesOf.values()].flatMap((modules) => [...modules]))];
  const common = all.filter((module) => groups.filter((group) => usersOf(module, group) > 0).length > 1);
  return new Map(
    groups.flatMap((group) => {
      const ofGroup = all.filter((module) => usersOf(module, group) > 1);
      const modules = [...new Set([...common, ...ofGroup])].map((module) => resolve(module));
      return group.map((entry) => [entry, modules] as const);
    }),
  );
}

/** As `import()` spells them. */
const loadedLater = [
  '../drawing.ts',
  '../../delivery.ts',
  '../../drawing.ts',
  '../../../dev.ts',
  '../../../init.ts',
  '../../../proxy.ts',
];

/** The modules that contribute code to the entry's bundle. */
function modulesIn(entry: string): ReadonlySet<string> {
  const { metafile } = buildSync({
    entryPoints: [fileOf(entry)],
    outdir: 'unused',
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    // Modules that are loaded later are not shared.
    external: ['hono', 'fastify', 'koa', 'sharp', ...loadedLater],
  });
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const modules = inputs.filter(
    ([module, { bytesInOutput }]) =>
      bytesInOutput > 0 && module.startsWith('src/') && module !== fileOf(entry),
  );
  return new Set(modules.map(([module]) => module));
}
