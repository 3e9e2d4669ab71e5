/** Real pages, from the folder that the environment variable `CORPUS` names; none without it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface ReadyPage {
  readonly name: string;
  readonly html: Buffer;
  /** What is to be signed, in order. */
  readonly urls: readonly string[];
}

type SignReady = (page: Buffer, options: object) => { html: Buffer; urls: { url: string }[] };

/** The pages with their image URLs made delivery URLs, by the folder's own `sign-ready.mjs`. */
export async function readCorpus(): Promise<ReadyPage[]> {
  const folder = process.env['CORPUS'];
  if (folder === undefined || folder === '') return [];
  const pages = join(resolve(folder), 'pages');
  if (!existsSync(pages)) throw new Error(`CORPUS: there is no folder ${pages}`);
  const { signReady } = (await import(pathToFileURL(join(resolve(folder), 'sign-ready.mjs')).href)) as {
    signReady: SignReady;
  };
  return readdirSync(pages)
    .sort()
    .map((file) => {
      const { html, urls } = signReady(readFileSync(join(pages, file)), { seed: 7 });
      return { name: file, html, urls: urls.map(({ url }) => url) };
    });
}
