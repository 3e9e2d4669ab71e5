/**
 * What the HTML benchmark compares. The peers rewrite `src` and `srcset` of `img` and `source` and no more, with the
 * signer that ours has; each is used as its documentation says.
 */
import type { Signer } from '../../src/index.ts';
import { createSigner } from './built.ts';
import { variants } from './pages.ts';

export interface Engine {
  /** @returns the bytes that came out */
  whole(page: Buffer): number | Promise<number>;
  /** In chunks, for an engine that streams. */
  chunks?(chunks: readonly Buffer[]): number | Promise<number>;
}

function newSigner(): Signer {
  return createSigner({
    key: 'a-signing-key-of-the-usual-length',
    ttl: '1d',
    variants,
    now: () => 1_790_000_000_000,
  });
}

/** What a peer does with an attribute: it knows neither references nor commas in URLs. */
function peerSigner(): { url(url: string): string; srcset(srcset: string): string } {
  const signer = newSigner();
  const url = (text: string): string =>
    text.includes('imagedelivery.net') ? signer.signImage(text.replaceAll('&amp;', '&')) : text;
  return {
    url,
    srcset: (text) =>
      text
        .split(',')
        .map((candidate) => {
          const [address = '', ...descriptors] = candidate.trim().split(/\s+/);
          return [url(address), ...descriptors].join(' ');
        })
        .join(', '),
  };
}

interface PeerElement {
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): unknown;
}

function peerHandler(): { element(element: PeerElement): void } {
  const signer = peerSigner();
  return {
    element(element) {
      const src = element.getAttribute('src');
      if (src?.includes('imagedelivery.net') === true) element.setAttribute('src', signer.url(src));
      const srcset = element.getAttribute('srcset');
      if (srcset?.includes('imagedelivery.net') === true)
        element.setAttribute('srcset', signer.srcset(srcset));
    },
  };
}

function ours(nextSigner: () => Signer): Engine {
  return {
    whole: (page) => nextSigner().rewriteHtml(page).length,
    chunks(chunks) {
      const rewriter = nextSigner().htmlRewriter();
      let length = 0;
      for (const chunk of chunks) length += rewriter.write(chunk).length;
      return length + rewriter.end().length;
    },
  };
}

async function htmlRewriterWasm(): Promise<Engine> {
  const { HTMLRewriter } = await import('html-rewriter-wasm');
  const handler = peerHandler();
  async function run(chunks: readonly Buffer[]): Promise<number> {
    let length = 0;
    const rewriter = new HTMLRewriter((chunk) => {
      length += chunk.length;
    });
    try {
      rewriter.on('img', handler).on('source', handler);
      for (const chunk of chunks) await rewriter.write(chunk);
      await rewriter.end();
      return length;
    } finally {
      rewriter.free();
    }
  }
  return { whole: (page) => run([page]), chunks: run };
}

async function lolHtml(): Promise<Engine> {
  const { HTMLRewriter } = (await import('lol-html')).default;
  const handler = peerHandler();
  function run(chunks: readonly Buffer[]): number {
    let length = 0;
    const rewriter = new HTMLRewriter('utf8', (chunk: Uint8Array) => {
      length += chunk.length;
    });
    rewriter.on('img', handler);
    rewriter.on('source', handler);
    for (const chunk of chunks) rewriter.write(chunk);
    rewriter.end();
    rewriter.free();
    return length;
  }
  return { whole: (page) => run([page]), chunks: run };
}

async function htmlrewriter(): Promise<Engine> {
  const { HTMLRewriter } = await import('htmlrewriter');
  const handler = peerHandler();
  async function run(chunks: readonly Buffer[]): Promise<number> {
    let next = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const chunk = chunks[next++];
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const response = new HTMLRewriter()
      .on('img', handler)
      .on('source', handler)
      .transform(new Response(body));
    let length = 0;
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) length += chunk.length;
    return length;
  }
  return { whole: (page) => run([page]), chunks: run };
}

const isTarget = (name: string): boolean => name === 'img' || name === 'source';

async function htmlparser2(): Promise<Engine> {
  const { Parser } = await import('htmlparser2');
  const signer = peerSigner();
  function run(texts: Iterable<string>): number {
    let page = '';
    let from = 0;
    let out = '';
    const parser = new Parser({
      onopentag(name, attributes) {
        if (!isTarget(name)) return;
        const { startIndex, endIndex } = parser;
        let tag = page.slice(startIndex, endIndex + 1);
        const { src, srcset } = attributes;
        if (src?.includes('imagedelivery.net') === true)
          tag = tag.replace(src, () => signer.url(src).replaceAll('&', '&amp;'));
        if (srcset?.includes('imagedelivery.net') === true)
          tag = tag.replace(srcset, () => signer.srcset(srcset).replaceAll('&', '&amp;'));
        out += page.slice(from, startIndex) + tag;
        from = endIndex + 1;
      },
    });
    for (const text of texts) {
      page += text;
      parser.write(text);
    }
    parser.end();
    return Buffer.from(out + page.slice(from)).length;
  }
  return {
    whole: (page) => run([page.toString()]),
    chunks(chunks) {
      const decoder = new TextDecoder();
      return run(chunks.map((chunk) => decoder.decode(chunk, { stream: true })));
    },
  };
}

async function parse5(): Promise<Engine> {
  const { RewritingStream } = await import('parse5-html-rewriting-stream');
  const signer = peerSigner();
  async function run(texts: readonly string[]): Promise<number> {
    const stream = new RewritingStream();
    stream.on('startTag', (tag) => {
      if (isTarget(tag.tagName)) {
        for (const attribute of tag.attrs) {
          if (!attribute.value.includes('imagedelivery.net')) continue;
          if (attribute.name === 'src') attribute.value = signer.url(attribute.value);
          if (attribute.name === 'srcset') attribute.value = signer.srcset(attribute.value);
        }
      }
      stream.emitStartTag(tag);
    });
    let length = 0;
    stream.on('data', (text: string) => {
      length += Buffer.byteLength(text);
    });
    const ended = new Promise((resolve) => stream.once('end', resolve));
    for (const text of texts) stream.write(text);
    stream.end();
    await ended;
    return length;
  }
  return {
    whole: (page) => run([page.toString()]),
    chunks(chunks) {
      const decoder = new TextDecoder();
      return run(chunks.map((chunk) => decoder.decode(chunk, { stream: true })));
    },
  };
}

/** What people write; it signs in comments, scripts and text as well. */
function regularExpression(): Engine {
  const signer = newSigner();
  return {
    whole: (page) =>
      Buffer.from(
        page.toString().replace(/https:\/\/imagedelivery\.net\/[^\s"'<>,)]+/g, (url) => {
          try {
            return signer.signImage(url);
          } catch {
            return url;
          }
        }),
      ).length,
  };
}

/** No engine that finds the host can be faster: every host is found, and the bytes are copied. */
function bound(): Engine {
  const host = Buffer.from('imagedelivery.net');
  return {
    whole(page) {
      const out = Buffer.allocUnsafe(page.length + 65_536);
      let from = 0;
      for (;;) {
        const at = page.indexOf(host, from);
        if (at < 0) break;
        page.copy(out, from, from, at + 1);
        from = at + 1;
      }
      return page.copy(out, from, from) + from;
    },
  };
}

/** By name; each is made in the process that it is measured in. */
export const engines: Readonly<Record<string, () => Engine | Promise<Engine>>> = {
  'image-signer': () => {
    const signer = newSigner();
    return ours(() => signer);
  },
  'image-signer, cache empty': () => ours(newSigner),
  'html-rewriter-wasm': htmlRewriterWasm,
  htmlrewriter,
  'lol-html': lolHtml,
  htmlparser2,
  'parse5-html-rewriting-stream': parse5,
  'regular expression (wrong)': regularExpression,
  'bound: find the host, copy': bound,
};
