/** A folder of real pictures, and an image delivery before it on a real port. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { createDelivery, type DeliverySeams, type Handler } from '../../../src/delivery/handler.ts';
import type { ImageSignerEvent } from '../../../src/index.ts';
import { type RawRequest, type RawResponse, send } from '../http/raw.ts';
import { accountHash, instant, key, signerWith } from '../samples.ts';

const folders: string[] = [];

/** A new folder of this test; `removeFolders` removes it. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'image-signer-test-'));
  folders.push(folder);
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** @param files - by path below the folder, their content */
export function writeFiles(folder: string, files: Readonly<Record<string, Uint8Array | string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** Four quarters: red, green, blue and white, so that it shows where a picture was turned or cut. */
export function quarters(width: number, height: number): Sharp {
  const raw = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const quarter = (x < width / 2 ? 0 : 1) + (y < height / 2 ? 0 : 2);
      const colour = [0xff0000, 0x00ff00, 0x0000ff, 0xffffff][quarter]!;
      raw.writeUIntBE(colour, (y * width + x) * 3, 3);
    }
  return sharp(raw, { raw: { width, height, channels: 3 } });
}

/** As JPEG, 200 by 100 pixels unless told. */
export function photo(width = 200, height = 100): Promise<Buffer> {
  return quarters(width, height).jpeg({ quality: 95 }).toBuffer();
}

/** The colour of one pixel as `[red, green, blue]`. */
export async function pixel(picture: Buffer, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (y * info.width + x) * info.channels;
  return [...data.subarray(at, at + 3)];
}

/** Two moving frames, as GIF. */
export function animation(frames = 2, width = 40, height = 30): Promise<Buffer> {
  const raw = Buffer.alloc(width * height * frames * 3);
  for (let frame = 0; frame < frames; frame++)
    raw.fill(frame % 2 === 0 ? 0x20 : 0xe0, frame * width * height * 3, (frame + 1) * width * height * 3);
  return sharp(raw, { raw: { width, height: height * frames, channels: 3, pageHeight: height } })
    .gif({ delay: Array.from({ length: frames }, () => 100) })
    .toBuffer();
}

/** A chunk of a PNG, with its length and checksum. */
export function chunkOfPng(type: string, ...data: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from(type), ...data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length - 4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

export const variants = {
  thumb: { width: 100 },
  card: { width: 640, height: 400, fit: 'cover' },
  preview: { width: 50, blur: 5, alwaysPublic: true },
} as const;

const signer = signerWith({ variants, accountHash });

/** What a client asks a server for. */
export function targetOf(url: string): string {
  const { pathname, search } = new URL(url, 'http://x');
  return pathname + search;
}

/** The path of an image with a token. */
export function signed(id: string, variant = 'thumb'): string {
  return targetOf(signer.signImage(id, variant));
}

export interface DeliverySite {
  readonly port: number;
  /** What was reported. */
  readonly events: ImageSignerEvent[];
  ask(target: string, request?: RawRequest): Promise<RawResponse>;
}

const closing: (() => void)[] = [];

/** Starts a server; `closeSites` closes it. */
export async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** @param options - beside key, account and variants, which `signed` has as well */
export async function deliverySite(
  directory: string,
  options: Readonly<Record<string, unknown>> = {},
  seams: DeliverySeams = {},
  wrap: (handler: Handler) => RequestListener = (handler) => handler,
): Promise<DeliverySite> {
  const events: ImageSignerEvent[] = [];
  const usual = { directory, key, ttl: '1d', accountHash, variants, now: () => instant };
  const report = (event: ImageSignerEvent): unknown => events.push(event);
  const handler = createDelivery({ ...usual, report, ...options }, seams);
  const port = await serve(wrap(handler));
  return { port, events, ask: (target, request) => send(port, target, request) };
}

/** A site of these files alone. @param files - by path, their content */
export function deliveryOf(
  files: Readonly<Record<string, Uint8Array | string>>,
  options: Readonly<Record<string, unknown>> = {},
  seams: DeliverySeams = {},
): Promise<DeliverySite> {
  const folder = newFolder();
  writeFiles(folder, files);
  return deliverySite(folder, options, seams);
}

export function closeSites(): void {
  for (const close of closing.splice(0)) close();
  removeFolders();
}
