/**
 * What the HTML benchmark compares: each engine runs as a program of its own, which is asked for rounds. The peers rewrite
 * `src` and `srcset` of `img` and `source` and no more, with the signer that ours has; each is used as its documentation
 * says.
 */
import type { Signer } from '../../src/index.ts';
import { readCorpus } from '../support/corpus.ts';
import { randomFrom } from '../support/random.ts';
import { type Product, products, variants } from '../support/shop.ts';
import { createSigner } from './built.ts';

/** The numbers are of the images that a shop's pages show in turn, each in three sizes: the working set of the caches. */
export const workloads = ['real', 'none', 'dense 2000', 'dense 10000', 'dense 50000'] as const;
export type Workload = (typeof workloads)[number];

/**
 * @param isWhole - whether the only chunk is the page
 * @returns the bytes that came out
 */
type Engine = (chunks: readonly Buffer[], isWhole: boolean) => number | Promise<number>;

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

/** By name; each is made in the process that it is measured in. */
export const engines: Readonly<Record<string, () => Engine | Promise<Engine>>> = {
  'image-signer': () => {
    const signer = newSigner();
    return ours(() => signer);
  },
  'image-signer, cache empty': () => ours(newSigner),
  async 'html-rewriter-wasm'() {
    const { HTMLRewriter } = await import('html-rewriter-wasm');
    const handler = peerHandler();
    return async (chunks) => {
      let length = 0;
      const rewriter = new HTMLRewriter((chunk) => {
        length += chunk.length;
      });
      rewriter.on('img', handler).on('source', handler);
      for (const chunk of chunks) await rewriter.write(chunk);
      await rewriter.end();
      rewriter.free();
      return length;
    };
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
    const handler = peerHandler();
    return (chunks) => {
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
    };
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
/** These know no chunks. */
const wholeAlone = ['regular expression (wrong)', 'bound: find the host, copy'];

export const isReal: boolean = (await readCorpus()).length > 0;

async function pagesOf(workload: Workload): Promise<Buffer[]> {
  const images = Number(workload.split(' ')[1]);
  if (images > 0)
    return Array.from({ length: images / 250 }, (_, page) =>
      Buffer.from(
        products(images + page, 250, 20)
          .map(listItem)
          .join('\n'),
      ),
    );
  const corpus = (await readCorpus()).map(({ html }) => html);
  const pages = corpus.length > 0 ? corpus : Array.from({ length: 20 }, (_, index) => article(index + 1));
  // The same page, with another host of the same length.
  const without = (page: Buffer): string =>
    page.toString('latin1').replace(/imagedelivery/gi, 'pictureserver');
  return workload === 'real' ? pages : pages.map((page) => Buffer.from(without(page), 'latin1'));
}

/** Of a shop's list: an image every couple of lines, in three sizes. */
function listItem({ title, image, price }: Product): string {
  return (
    `<li class="card"><a href="/products/${price}"><img class="card-image" loading="lazy" src="${image}thumb" ` +
    `srcset="${image}thumb 320w, ${image}card 640w, ${image}hero 1280w" sizes="(min-width: 60rem) 25vw, 50vw" ` +
    `width="640" height="480" alt="${title}"></a><h3>${title}</h3><p class="price">${price} €</p></li>`
  );
}

/** Prose with links, scripts and styles; an image about every six kilobytes. */
function article(seed: number): Buffer {
  const random = randomFrom(seed);
  const styles = '.menu a { color: #234; margin: 0 4px } '.repeat(60);
  const script =
    'window.state = window.state || []; for (var i = 0; i < state.length; i++) { run(state[i]) }\n';
  const sections = products(seed, 30, 400).map(({ title, text, image }, index) => {
    const links = `<li class="item"><a href="/s/${index}/${random()}">${title}</a></li>`.repeat(12);
    const prose = `<p>${text} <a href="https://example.org/${index}">${title}</a> <em>${title}</em>.</p>\n`;
    return `<!-- ${index} --><ul>${links}</ul>${prose.repeat(8)}<img src="${image}card" alt="${title}">`;
  });
  return Buffer.from(
    `<!doctype html><html lang="en"><style>${styles}</style><script>${script.repeat(80)}</script>${sections.join('\n')}`,
  );
}

export interface Round {
  readonly workload: Workload;
  /** Bytes a chunk; 0 for whole pages. */
  readonly chunk: number;
}

function inChunks(page: Buffer, size: number): Buffer[] {
  if (size === 0) return [page];
  return Array.from({ length: Math.ceil(page.length / size) }, (_, index) =>
    page.subarray(index * size, (index + 1) * size),
  );
}

const pages = new Map<Workload, Buffer[]>();
/** One for each workload, so that none finds the caches full of another's images. */
const byWorkload = new Map<Workload, Engine>();

/** @returns nanoseconds for each byte of input; nothing where the engine does not stream */
async function run(name: string, { workload, chunk }: Round): Promise<number | undefined> {
  if (chunk > 0 && wholeAlone.includes(name)) return undefined;
  const engine = byWorkload.get(workload) ?? (await engines[name]!());
  byWorkload.set(workload, engine);
  const all = pages.get(workload) ?? (await pagesOf(workload));
  pages.set(workload, all);
  const cut = all.map((page) => inChunks(page, chunk));
  const bytes = all.reduce((sum, page) => sum + page.length, 0);
  let out = 0;
  const start = process.hrtime.bigint();
  for (const chunks of cut) out += await engine(chunks, chunk === 0);
  const elapsed = Number(process.hrtime.bigint() - start);
  if (out < bytes / 2) throw new Error(`${name} lost most of the page`);
  return elapsed / bytes;
}

// As a process of its own, which the benchmark asks.
if (process.send !== undefined) {
  process.on('message', async (round: Round) => process.send!([await run(process.argv[2]!, round)]));
  process.send('ready');
}
