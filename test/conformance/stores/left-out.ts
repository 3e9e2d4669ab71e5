/**
 * What the runs over other stores leave out. A third of the suite is about what no scheme knows of: bytes that are no
 * page, broken bodies, apps that throw. There Cloudflare's run says it all, and the others would only take time.
 * Of the random pages they get a tenth.
 */
import type { Store } from './store.ts';

type LeftOut = Store['leftOut'];

const variants = 'it is about variants, which only Cloudflare Images has';
const accounts = 'it is about accounts, which only Cloudflare Images has';
const bytes = "it ends before a scheme is asked: Cloudflare's run says it";

export const leftOutWithoutVariants: LeftOut = {
  pages: {
    'an account that is not allowed is not signed, and is reported': accounts,
    'variants that are always public are not signed': variants,
    'an always public URL loses the token that it carries': variants,
    'mounted again with other options, the later ones hold': variants,
    'UTF-16 passes, by its label and by its mark, and is reported': bytes,
    'ISO-2022-JP passes, named by the first charset of two, by a meta, or from the first escape on': bytes,
    'XHTML and plain text pass, and nobody is told': bytes,
  },
  headers: {
    'a 206 passes untouched, and is reported': bytes,
    'no-transform passes untouched, and is reported': bytes,
    'what is no page has the headers that it has without us': bytes,
    'an event names its request: the method and the path as the client sent it, without the query': bytes,
  },
  viewers: { 'deniedVariant is put in the place of what is refused': variants },
  encodings: {
    'a body that never yields a page passes as it came after a megabyte, and is reported once': bytes,
    'a body in a coding that nobody knows passes as it came, and is reported': bytes,
    'a corrupt body passes as it came, and is reported': bytes,
    'gzip is told by its first two bytes, in whatever chunks they come': bytes,
    'deflate is told by its first two bytes, in whatever chunks they come': bytes,
  },
  views: { 'they have signSrcset': variants },
  guard: { 'what is always public passes, and keeps the headers of the app': variants },
  endpoint: {
    'an image by another name, or with what a store lets stand beside a token, is signed as signImage does it':
      "what a name may be is the scheme's",
    'what is always public comes without its token, and is asked of nobody': variants,
  },
  faults: {
    "an app that throws gets its framework's own answer": bytes,
    'a page without a body has none': bytes,
    'a source that fails before its first part is answered as it would be': bytes,
    'a body that somebody has used up, or still reads, is an error or an end, and holds up nobody': bytes,
    'cache headers that nobody can read keep no page': bytes,
    'requests that nobody expects are answered as they would be': bytes,
  },
};
