/** Holds one hostile body of JSON, or of events, against what the middleware may do to it: it says what is wrong, or nothing. */
import type { RequestListener } from 'node:http';
import { type ImageSignerOptions, imageSigner } from '../../../src/index.ts';
import { cutAt } from '../generators/chunks.ts';
import { siteTargets } from '../generators/hostile-places.ts';
import { linesFault, partsFault, readingFault, type Site } from '../generators/hostile-sites.ts';
import { type HostileBody, textOf } from '../generators/hostile-urls.ts';
import { instant } from '../samples.ts';
import { exchange } from '../servers/in-memory.ts';
import { readData, readPage } from './browser-reading.ts';
import { isJson } from './data-reading.ts';
import { jsonTree, pageTree } from './page-tree.ts';

/** What a site makes of a body that its app writes in these chunks. */
export type SendBody = (type: string, chunks: readonly Uint8Array[]) => string;

export function sendingBodies({ signer }: Site): SendBody {
  const sign = imageSigner({
    signer,
    rewrite: { html: true, json: true, events: 'html' },
    ...siteTargets,
    report: false,
  } as unknown as ImageSignerOptions);
  return (type, chunks) => {
    const listener: RequestListener = (request, response) =>
      sign(request, response, () => {
        response.setHeader('Content-Type', type);
        for (const chunk of chunks.slice(0, -1)) response.write(chunk);
        response.end(chunks.at(-1));
      });
    return exchange(listener, {}, () => instant).body;
  };
}

/** @param places - where the body is cut */
export function bodyFault(
  site: Site,
  send: SendBody,
  hostile: HostileBody,
  places: readonly number[],
): string | undefined {
  const body = textOf(hostile.parts);
  const bytes = Buffer.from(body);
  const out = send(hostile.type, [bytes]);
  const fault =
    send(hostile.type, cutAt(places, bytes)) === out
      ? (linesFault(treeOf(hostile, body), treeOf(hostile, out)) ??
        partsFault(site, hostile, out) ??
        readingFault(site, readingOf(hostile, body), readingOf(hostile, out)))
      : 'in chunks it becomes something else';
  return fault && `${hostile.type}: ${fault}\n${out}`;
}

function valuesOf({ form }: HostileBody, text: string): string[] {
  switch (form) {
    case 'value':
      return [text];
    case 'lines':
      return text.split('\n').map((line) => line.replace(/^(?:P\d+:|\x1e)/, ''));
    case 'parts':
      return text.split(/\r\n--.*\r\n/).map((part) => part.slice(part.indexOf('\r\n\r\n') + 4));
    case 'events':
      return text.split('\n\n').map(dataOf);
  }
}

function dataOf(event: string): string {
  const lines = event.split('\n').filter((line) => line.startsWith('data:'));
  return lines.map((line) => line.replace(/^data: ?/, '')).join('\n');
}

function readingOf(hostile: HostileBody, text: string): string[] {
  return valuesOf(hostile, text).flatMap((value) =>
    isPage(hostile, value) ? readPage(value, siteTargets) : readData(value, siteTargets),
  );
}

function treeOf(hostile: HostileBody, text: string): string[] {
  const html = (page: string): readonly string[] => pageTree(page, true);
  return valuesOf(hostile, text).flatMap((value) =>
    isPage(hostile, value) ? html(value) : jsonTree(value, html),
  );
}

function isPage({ form }: HostileBody, value: string): boolean {
  return form === 'events' && !isJson(value);
}
