/** What the script for `<script src>` starts, by the attributes of its element. */
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { root } from '../support/root.ts';

let script = '';
beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'src/client/global.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    plugins: [
      {
        name: 'recorder',
        setup({ onLoad }) {
          const contents = 'export const keepImagesFresh = (options) => started(options);';
          onLoad({ filter: /\/keep-images-fresh\.ts$/ }, () => ({ contents }));
        },
      },
    ],
  });
  script = outputFiles[0]!.text; // one entry
});

/** The options of each start. */
function startsWith(currentScript: object | null): unknown[] {
  const starts: unknown[] = [];
  const started = (options: object): void => void starts.push({ ...options });
  class Document {
    get currentScript(): object | null {
      return currentScript;
    }
  }
  const document = new Document();
  runInContext(script, createContext({ Document, document, started }));
  return starts;
}

test.each([
  [{}, { endpoint: undefined, margin: undefined }],
  [{ endpoint: '/sign' }, { endpoint: '/sign', margin: undefined }],
  [
    { endpoint: 'https://api.shop.example/sign', margin: '2.5', other: 'x' },
    { endpoint: 'https://api.shop.example/sign', margin: 2.5 },
  ],
  [
    { endpoint: '', margin: '30s' },
    { endpoint: '', margin: undefined },
  ],
])('it starts once, with data attributes %j', (dataset, options) => {
  expect(startsWith({ dataset })).toEqual([options]);
});

test('it starts with the defaults where a bundler has made a module of it', () => {
  expect(startsWith(null)).toEqual([{ endpoint: undefined, margin: undefined }]);
});
