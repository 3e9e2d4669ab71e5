/** What every site of the suite answers, path by path. */
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { nastyDocument } from '../../support/generators/nasty-documents.ts';
import type { Answer, Asked, Tools } from '../site.ts';
import { type Part, sourceOf } from '../source.ts';
import { storedBase } from '../stores/store.ts';
import { type Headers, html, optionsOf, parameter, type Routes, streamed } from './answers.ts';
import { contentsOf, storedPage } from './contents.ts';
import { callHelpers, dataOf, type Helpers } from './helpers.ts';

const tag = '"a"';
/** A name that no browser knows counts as none. Without any, Express puts UTF-8 in. */
const ofNobody = { 'Content-Type': 'text/html; charset=x-nobody' };

/** Compares by itself, as an app may. */
function tagged({ header }: Asked, page: string, headers: Headers): Answer {
  const isKnown = header('if-none-match')
    ?.split(', ')
    .some((each) => each.replace('W/', '') === tag);
  return isKnown
    ? { status: 304, headers: { ETag: tag, ...headers }, body: null }
    : html(page, { ETag: tag, ...headers });
}

const coders = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync };

function coded(asked: Asked, page: string): Answer {
  const name = parameter(asked, 'coding') as keyof typeof coders;
  const [body, headers] = [coders[name](page), { 'Content-Encoding': name }];
  const how = parameter(asked, 'how');
  if (how === 'whole') return html(body, headers);
  if (how === 'bytes')
    return streamed(
      [...body].map((byte) => Uint8Array.of(byte)),
      headers,
    );
  if (how === 'cut') {
    const at = Number(parameter(asked, 'at'));
    const nothing = new Uint8Array();
    return streamed([nothing, body.subarray(0, at), nothing, nothing, body.subarray(at)], headers);
  }
  const middle = body.length / 2;
  return streamed([body.subarray(0, middle), body.subarray(middle)], headers);
}

/** Good for all that it says, but for the sum at its end. */
function corrupt(text: string, between: readonly Part[] = []): Answer {
  const whole = gzipSync(text);
  const middle = whole.length / 2;
  const parts = [whole.subarray(0, middle), ...between, whole.subarray(middle, -8), Buffer.alloc(8)];
  return streamed(parts, { 'Content-Encoding': 'gzip' });
}

/** A header of gzip whose file name goes on (RFC 1952, 2.3.1), so that there never is any content. */
function endlessName(): Answer {
  const parts = Array.from({ length: 48 }, () => new Uint8Array(64 * 1024).fill(0x61));
  return streamed([Uint8Array.of(0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3), ...parts], {
    'Content-Encoding': 'gzip',
  });
}

/** Leads wherever the query says, as `/login?next=…` does. */
function away(asked: Asked): Answer {
  const [to, cache, kind] = ['to', 'cache', 'body'].map((name) => parameter(asked, name)) as [
    string,
    string,
    string,
  ];
  const status = Number(parameter(asked, 'status'));
  const headers = { Location: to, ETag: tag, ...(cache !== '' && { 'Cache-Control': cache }) };
  if (kind === '') return { status, headers, body: null };
  if (kind === 'text')
    return { status, headers: { 'Content-Type': 'text/plain', ...headers }, body: `To ${to}` };
  return { ...html(`<a href="${to.replaceAll('&', '&amp;')}">there</a>`, headers), status };
}

/** Says what came through the guard, and gives the canary away to whoever gets here. */
function picture({ target, signedImage = null }: Asked): Answer {
  const cached = target.includes('/preview') ? { 'Cache-Control': 'public, max-age=31536000' } : {};
  return {
    headers: { 'Content-Type': 'image/webp', ...cached },
    body: `canary ${JSON.stringify(signedImage)}`,
  };
}

export function routesOf(tools: Tools): Routes {
  const { store, tell, createSigner } = tools;
  const { url } = store;
  const { first, json, latin, lines, long, much, odd, ownAttribute, page, rest, ...contents } =
    contentsOf(url);
  const { codedEvents, declaredLate, events, parts, shiftedByEscape, shiftedByMeta, shiftJis, utf16 } =
    contents;
  const stored = url().replace(store.stored.base, storedBase);
  const beside = createSigner(optionsOf(tools));
  return {
    '/': () => html(page),
    '/bytes': () => html(Buffer.from(page)),
    '/parts': () => streamed(page.match(/.{1,7}/gsu)!),
    '/barrier': (asked) => streamed([...first, { barrier: parameter(asked, 'barrier') }, rest]),
    '/failure': (asked) => streamed([...first, { barrier: parameter(asked, 'barrier') }, 'failure', 'never']),
    '/whose': (asked) => {
      const own = `<img src="${url('thumb', parameter(asked, 'name'))}">`;
      return streamed([own, { barrier: parameter(asked, 'barrier') }, own, own.toUpperCase()]);
    },
    '/nasty': (asked) => html(nastyDocument(Number(parameter(asked, 'seed')), url)),
    '/plain-text': () => html(page, { 'Content-Type': 'text/plain; charset=utf-8' }),
    '/xhtml': () => html(page, { 'Content-Type': 'application/xhtml+xml; charset=utf-8' }),
    '/utf-16': () => html(utf16, { 'Content-Type': 'text/html; charset=utf-16le' }),
    '/utf-16-by-mark': () =>
      html(Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]), { 'Content-Type': 'text/html' }),
    '/shifted-by-meta': () => html(shiftedByMeta, ofNobody),
    '/shifted-by-escape': () => html(shiftedByEscape, ofNobody),
    '/shifted-by-first-charset': () =>
      html(shiftedByEscape, { 'Content-Type': 'text/html; charset=iso-2022-jp; charset=utf-8' }),
    '/shifted-by-nobody': () => html(shiftedByMeta),
    '/declared-late': () => html(declaredLate, ofNobody),
    '/declared-late-in-parts': () =>
      streamed([declaredLate.subarray(0, 1_100), declaredLate.subarray(1_100)], ofNobody),
    '/latin-1': () => html(latin, { 'Content-Type': 'text/html; charset=iso-8859-1' }),
    '/shift-jis': () => html(shiftJis, { 'Content-Type': 'text/html; charset=shift_jis' }),
    '/long': () => html(long),
    '/own-attribute': () => html(ownAttribute),
    '/json': () => ({ headers: { 'Content-Type': 'application/json; charset=utf-8' }, body: { json } }),
    '/lines': (asked) =>
      streamed([lines[0]!, { barrier: parameter(asked, 'barrier') }, lines[1]!], {
        'Content-Type': 'text/x-script',
      }),
    '/events': (asked) =>
      streamed([events[0], { barrier: parameter(asked, 'barrier') }, events[1]], {
        'Content-Type': 'text/event-stream',
      }),
    '/coded-events': (asked) =>
      streamed([codedEvents[0], { barrier: parameter(asked, 'barrier') }, codedEvents[1]], {
        'Content-Type': 'text/event-stream',
        'Content-Encoding': 'gzip',
      }),
    '/deferred': (asked) =>
      streamed([parts[0], { barrier: parameter(asked, 'barrier') }, parts[1]], {
        'Content-Type': 'multipart/mixed; boundary="-"',
      }),
    '/turbo': () => html(page, { 'Content-Type': 'text/vnd.turbo-stream.html; charset=utf-8' }),
    '/error': () => ({ ...html(page), status: 503 }),
    '/sent-on': () => {
      const places = { Location: url(), 'Content-Location': url(), Refresh: `5; url=${url()}` };
      return { ...html(page, places), status: 302 };
    },
    '/away': away,
    '/cookies': () => html(page, { 'Set-Cookie': ['a=1; Path=/', 'b=2, 3; Path=/'] }),
    '/links': () =>
      html(page, { Link: [`<${url()}>; rel=preload; as=image`, '</a.css>; rel=preload; as=style'] }),
    '/style-hash': () => html(page, { 'Content-Security-Policy': "style-src 'sha256-abc='" }),
    '/length': () => html(page, { 'Content-Length': String(Buffer.byteLength(page)) }),
    '/nothing': () => ({ status: 204, headers: { 'X-App': 'a' }, body: null }),
    '/part': () => ({ ...html(page.slice(0, 99), { 'Content-Range': 'bytes 0-98/999' }), status: 206 }),
    '/no-transform': () => html(page, { 'Cache-Control': 'public, no-transform, max-age=99999999' }),
    '/tagged': (asked) => tagged(asked, page, { 'Cache-Control': 'public, max-age=31536000' }),
    '/picture': (asked) => tagged(asked, page, { 'Content-Type': 'image/png' }),
    '/sent': () => html(page),
    '/old': () =>
      html(page, {
        'Last-Modified': 'Mon, 21 Sep 2026 00:00:00 GMT',
        'Accept-Ranges': 'bytes',
        'Content-MD5': 'x',
        Digest: 'x',
        'Repr-Digest': 'x',
        'Content-Digest': 'x',
      }),
    '/kept': (asked) =>
      html(Buffer.from(page), Object.fromEntries(new URLSearchParams(asked.target.split('?')[1]))),
    '/coded': (asked) => coded(asked, page),
    '/odd': () => html(odd, { 'Content-Encoding': 'odd' }),
    '/endless-name': endlessName,
    '/corrupt': () => corrupt(page),
    '/corrupt-late': (asked) => corrupt(much, [{ barrier: parameter(asked, 'barrier') }]),
    '/throws': () => {
      throw Object.assign(new Error('no'), { stack: `Error: <img src="${url()}">` });
    },
    '/method': ({ method, target, header }) => {
      tell(`${method} ${target} ${header('if-none-match')} ${header('if-match')}`);
      return { status: 200, headers: { 'Content-Type': 'text/plain' }, body: 'done' };
    },
    '/empty': () => html(null),
    '/failure-at-once': () => streamed(['failure']),
    '/used': () => html({ ...sourceOf([page]), spoilt: 'used' }),
    '/locked': () => html({ ...sourceOf([page]), spoilt: 'locked' }),
    '/stored': ({ signImage }) =>
      html(storedPage(stored) + signImage!(stored), { Link: `<${stored}>; rel=preload; as=image` }),
    '/stored-in-parts': () => streamed(storedPage(stored).match(/.{1,7}/gsu)!),
    '/stored-as-json': () => ({
      headers: { 'Content-Type': 'application/json; charset=utf-8' },
      body: { json: { image: stored } },
    }),
    '/carried': (asked) => html(`<img src="${parameter(asked, 'url').replaceAll('&', '&amp;')}">`),
    [`${store.guarded?.at ?? '/images'}/`]: picture,
    '/helpers': (asked) => ({ body: { json: callHelpers(asked as Helpers, store) } }),
    '/data': ({ signData }) => ({
      headers: { 'Content-Type': 'application/json', 'Cache-Control': 'public, max-age=31536000', ETag: tag },
      body: JSON.stringify(signData!(dataOf(url), { fields: { text: 'html' } })),
    }),
    '/decided-data': ({ signData }) =>
      html(`<img src="${signData!(url(), { authorize: false, ttl: 600 })}"><img src="${url('card')}">`, {
        'Cache-Control': 'max-age=3600',
        ETag: tag,
      }),
    '/helped': ({ signImage }) => html(`<img src="${signImage!(url())}"><img src="${url('card')}">`),
    '/short-lived': ({ signImage }) =>
      html(`<img src="${signImage!(url('card'), undefined, { ttl: 600 })}">`, {
        ETag: '"a"',
        'Cache-Control': 'max-age=3600',
      }),
    '/beside': () => html(`<script>image = '${beside.signImage(url())}'</script><img src="${url()}">`),
    '/view': () => html({ view: 'page', data: { image: url(), other: 'https://elsewhere.example/a.png' } }),
    '/view-of-srcset': () => html({ view: 'srcset', data: { image: url() } }),
    '/view-mistake': () => html({ view: 'mistake', data: { image: url() } }),
    '/view-data': () => html({ view: 'data', data: { photos: [{ image: url() }], text: `see ${url()}` } }),
  };
}
