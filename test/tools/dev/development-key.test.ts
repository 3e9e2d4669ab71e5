/** The key of a delivery for development: the same after a restart, and nobody else's. */
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { developmentKey } from '../../../src/tools/dev/development-key.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'image-signer-home-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const secretOf = (): string => join(home, 'image-signer', 'dev-secret');

test('stays the same for a folder, and differs between folders and between homes', async () => {
  const first = await developmentKey('/pictures', { XDG_STATE_HOME: home });
  expect(first.key).toMatch(/^[0-9a-f]{64}$/);
  expect(first.isKept).toBe(true);
  expect(await developmentKey('/pictures', { XDG_STATE_HOME: home })).toEqual(first);
  expect((await developmentKey('/other', { XDG_STATE_HOME: home })).key).not.toBe(first.key);
  const other = mkdtempSync(join(tmpdir(), 'image-signer-home-'));
  expect((await developmentKey('/pictures', { XDG_STATE_HOME: other })).key).not.toBe(first.key);
  rmSync(other, { recursive: true });
});

test('its secret can be read by its user alone, and lies where the system says', async () => {
  await developmentKey('/pictures', { XDG_STATE_HOME: '', LOCALAPPDATA: home });
  if (process.platform !== 'win32') {
    expect(statSync(secretOf()).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, 'image-signer')).mode & 0o777).toBe(0o700);
  }
  expect(readdirSync(join(home, 'image-signer'))).toEqual(['dev-secret']);
});

test('two that start at once get one key', async () => {
  const keys = await Promise.all(
    Array.from({ length: 8 }, () => developmentKey('/pictures', { XDG_STATE_HOME: home })),
  );
  expect(new Set(keys.map(({ key }) => key)).size).toBe(1);
});

test('a home that cannot be written to, or a secret that is none, gives a key for one start', async () => {
  writeFileSync(join(home, 'file'), '');
  const [first, second] = [
    await developmentKey('/pictures', { XDG_STATE_HOME: join(home, 'file') }),
    await developmentKey('/pictures', { XDG_STATE_HOME: join(home, 'file') }),
  ];
  expect([first.isKept, second.isKept]).toEqual([false, false]);
  expect(first.key).not.toBe(second.key);
  await developmentKey('/pictures', { XDG_STATE_HOME: home });
  chmodSync(secretOf(), 0o600);
  writeFileSync(secretOf(), 'half a sec');
  expect((await developmentKey('/pictures', { XDG_STATE_HOME: home })).isKept).toBe(false);
});
