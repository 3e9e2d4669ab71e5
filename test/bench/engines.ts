/**
 * What the HTML benchmark compares. The peers rewrite `src` and `srcset` of `img` and `source` and no more, with the signer
 * that ours has; each is used as its documentation says.
 */
import type { Signer } from '../../src/index.ts';
import { variants } from '../support/servers/shop.ts';
import { createSigner } from './built.ts';

/**
 * @param isWhole - whether the only chunk is the page
 * @returns the bytes that came out
 */
export type Engine = (chunks: readonly Buffer[], isWhole: boolean) => number | Promise<number>;

function newSigner(): Signer {
  return createSigner({
    key: 'a-signing-key-of-the-usual-length',
    ttl: '1d',
    variants: [...variants, 'public'],
    now: () => 1_790_000_000_000,
  });
}

/** What a peer does with the value of an attribute: it knows neither references nor commas in URLs. */
function peerSigner(): (name: string, value: string) => string {
  const signer = newSigner();
  const url = (text: string): string =>
    text.includes('imagedelivery.net') ? signer.signImage(text.replaceAll('&amp;', '&')) : text;
  return (name, value) =>
    name === 'src'
      ? url(value)
      : value
          .split(',')
          .map((candidate) => {
            const [address = '', ...descriptors] = candidate.trim().split(/\s+/);
            return [url(address), ...descriptors].join(' ');
          })
          .join(', ');
}

interface PeerElement {
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): unknown;
}

function peerHandler(): { element(element: PeerElement): void } {
  const sign = peerSigner();
  return {
    element(element) {
      for (const name of ['src', 'srcset']) {
        const value = element.getAttribute(name);
        if (value?.includes('imagedelivery.net')) element.setAttribute(name, sign(name, value));
      }
    },
  };
}

const isTarget = (name: string): boolean => name === 'img' || name === 'source';

function decode(chunks: readonly Buffer[]): string[] {
  const decoder = new TextDecoder();
  return chunks.map((chunk) => decoder.decode(chunk, { stream: true }));
}

function ours(nextSigner: () => Signer): Engine {
  return (chunks, isWhole) => {
    if (isWhole) return nextSigner().rewriteHtml(chunks[0]!).length;
    const rewriter = nextSigner().htmlRewriter();
    let length = 0;
    for (const chunk of chunks) length += rewriter.write(chunk).length;
    return length + rewriter.end().length;
  };
}

/** Both packages of lol-html have these. */
interface WasmRewriter {
  on(selector: string, handler: { element(element: PeerElement): void }): unknown;
  write(chunk: Uint8Array): unknown;
  end(): unknown;
  free(): void;
}

function wasm(create: (out: (chunk: Uint8Array) => void) => WasmRewriter): Engine {
  const handler = peerHandler();
  return async (chunks) => {
    let length = 0;
    const rewriter = create((chunk) => {
      length += chunk.length;
    });
    for (const selector of ['img', 'source']) rewriter.on(selector, handler);
    for (const chunk of chunks) await rewriter.write(chunk);
    await rewriter.end();
    rewriter.free();
    return length;
  };
}

/** By name; each is made in the process that it is measured in. */
export const engines: Readonly<Record<string, () => Engine | Promise<Engine>>> = {
  'image-signer': () => {
    const signer = newSigner();
    return ours(() => signer);
  },
  'image-signer, cache empty': () => ours(newSigner),
  async 'html-rewriter-wasm'() {
    const { HTMLRewriter } = await import('html-rewriter-wasm');
    return wasm((out) => new HTMLRewriter(out));
  },
  async htmlrewriter() {
    const { HTMLRewriter } = await import('htmlrewriter');
    const handler = peerHandler();
    return async (chunks) => {
      const body = new Response(ReadableStream.from(chunks) as ReadableStream<Uint8Array>);
      const response = new HTMLRewriter().on('img', handler).on('source', handler).transform(body);
      let length = 0;
      for await (const chunk of response.body!) length += chunk.length;
      return length;
    };
  },
  async 'lol-html'() {
    const { HTMLRewriter } = (await import('lol-html')).default;
    return wasm((out) => new HTMLRewriter('utf8', out));
  },
  async htmlparser2() {
    const { Parser } = await import('htmlparser2');
    const sign = peerSigner();
    return (chunks) => {
      let [page, from, out] = ['', 0, ''];
      const parser = new Parser({
        onopentag(name, attributes) {
          if (!isTarget(name)) return;
          const { startIndex, endIndex } = parser;
          let tag = page.slice(startIndex, endIndex + 1);
          for (const each of ['src', 'srcset']) {
            const value = attributes[each];
            if (value?.includes('imagedelivery.net'))
              tag = tag.replace(value, () => sign(each, value).replaceAll('&', '&amp;'));
          }
          out += page.slice(from, startIndex) + tag;
          from = endIndex + 1;
        },
      });
      for (const text of decode(chunks)) {
        page += text;
        parser.write(text);
      }
      parser.end();
      return Buffer.from(out + page.slice(from)).length;
    };
  },
  async 'parse5-html-rewriting-stream'() {
    const { RewritingStream } = await import('parse5-html-rewriting-stream');
    const sign = peerSigner();
    return async (chunks) => {
      const stream = new RewritingStream();
      stream.on('startTag', (tag) => {
        for (const attribute of isTarget(tag.tagName) ? tag.attrs : [])
          if (/^src(?:set)?$/.test(attribute.name) && attribute.value.includes('imagedelivery.net'))
            attribute.value = sign(attribute.name, attribute.value);
        stream.emitStartTag(tag);
      });
      let length = 0;
      stream.on('data', (text: string) => {
        length += Buffer.byteLength(text);
      });
      const ended = new Promise((resolve) => stream.once('end', resolve));
      for (const text of decode(chunks)) stream.write(text);
      stream.end();
      await ended;
      return length;
    };
  },
  /** What people write; it signs in comments, scripts and text as well. */
  'regular expression (wrong)'() {
    const signer = newSigner();
    const sign = (url: string): string => (URL.canParse(url) ? signer.signImage(url) : url);
    return ([page]) =>
      Buffer.from(page!.toString().replace(/https:\/\/imagedelivery\.net\/[^\s"'<>,)]+/g, sign)).length;
  },
  /** No engine that finds the host can be faster: every host is found, and the bytes are copied. */
  'bound: find the host, copy': () => (chunks) => {
    const page = chunks[0]!;
    const out = Buffer.allocUnsafe(page.length + 65_536);
    let from = 0;
    for (let at = 0; at >= 0; at = page.indexOf('imagedelivery.net', from)) {
      page.copy(out, from, from, at + 1);
      from = at + 1;
    }
    return page.copy(out, from, from) + from;
  },
};
