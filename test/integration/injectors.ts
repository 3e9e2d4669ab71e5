/** Neighbours as sites have them, which change a page in their own `end`, or keep it: the real packages. */
import { createRequire } from 'node:module';
import type { RequestHandler } from 'express';

const require = createRequire(import.meta.url);

interface Apicache {
  newInstance(options: object): { middleware(duration: string): RequestHandler };
}

type Create = (options?: object) => RequestHandler;

const livereload = require('connect-livereload') as Create;
const respModifier = require('resp-modifier') as Create;
const bodyRewrite = require('connect-body-rewrite') as Create;
const inject = require('connect-inject') as Create;
const apicache = require('apicache') as Apicache;

export type Injector = 'connect-livereload' | 'resp-modifier' | 'connect-body-rewrite' | 'connect-inject';

/** What each of them puts before `</body>`, so that a page shows who has seen it. */
export const snippets: Readonly<Record<Injector, string>> = {
  'connect-livereload': '/livereload.js?snipver=1',
  'resp-modifier': '<!--resp-modifier-->',
  'connect-body-rewrite': '<!--connect-body-rewrite-->',
  'connect-inject': '<!--connect-inject-->',
};

/** Each makes one for one site. */
export const injectors: Readonly<Record<Injector, () => RequestHandler>> = {
  'connect-livereload': () => livereload(),
  /** As browser-sync puts its script in. */
  'resp-modifier': () =>
    respModifier({
      rules: [
        {
          match: /<\/body>/i,
          fn: (_request: unknown, _response: unknown, match: string) => snippets['resp-modifier'] + match,
        },
      ],
    }),
  /** As easy-livereload does. */
  'connect-body-rewrite': () =>
    bodyRewrite({
      accept: (response: { getHeader(name: string): unknown }) =>
        /text\/html/.test(String(response.getHeader('content-type'))),
      rewrite: (body: string) => body.replace(/<\/body>/, `${snippets['connect-body-rewrite']}</body>`),
    }),
  'connect-inject': () => inject({ snippet: snippets['connect-inject'] }),
};

/** A page cache in memory, of its own for each site. */
export function pageCache(): RequestHandler {
  return apicache.newInstance({ enabled: true }).middleware('1 hour');
}
