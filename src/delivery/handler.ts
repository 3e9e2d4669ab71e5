/** `imageDelivery` over `node:http`: checks a request as the guard does, and sends the picture. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkImages, publicImages, type SignedImage } from '../guard/check.ts';
import { limitImageFreshness } from '../guard/request-guard.ts';
import { forbidStorage } from '../http/freshness.ts';
import { whenItsTurn } from '../node/http/response-events.ts';
import { onHeaders } from '../node/http/write-head.ts';
import { passError, whenReady } from '../node/middleware/send.ts';
import { warnOnce } from '../options/default-report.ts';
import { storesOf } from '../options/warnings.ts';
import { setupOf } from '../schemes/cloudflare-images/scheme.ts';
import type { SchemeImage } from '../schemes/definition.ts';
import { readClockOrNaN } from '../signer/clock.ts';
import { SigningCore } from '../signer/core.ts';
import { Reporter } from '../signer/reporter.ts';
import { PicturesBeingSent, sendPicture } from './answer.ts';
import { loadSharp, type SharpLibrary } from './make-picture.ts';
import { parseDelivery } from './options.ts';
import { type FolderDisk, type Original, PictureFolder } from './picture-folder.ts';
import { type Picture, Pictures } from './pictures.ts';
import { answerOf, type DeliveryReason, sendRefusal, svgPolicy } from './refusal.ts';
import { createTargets } from './targets.ts';

/** The verified image, with the name of its file, which is the same for all ids of the image. */
export type DeliveredImage<Image extends SchemeImage = SchemeImage> = SignedImage<Image> & {
  /** The path of the file below `directory`: `'2026/sunset.jpg'`. */
  readonly file: string;
};

type Request = IncomingMessage & {
  readonly originalUrl?: string;
  signedImage?: DeliveredImage | undefined;
};

type Next = (error?: unknown) => void;

export type Handler = (request: IncomingMessage, response: ServerResponse, next?: Next) => void;

/** For tests: replaces the disk, the library and the clock. */
export interface DeliverySeams {
  readonly loadSharp?: () => Promise<SharpLibrary | undefined>;
  readonly folderDisk?: FolderDisk;
  /** In milliseconds; for remembering failed pictures. */
  readonly now?: () => number;
}

/** What Cloudflare Images sends with a public image: two days, and two hours more during revalidation. */
const publicFreshness = 'public, max-age=172800, stale-while-revalidate=7200';

/** @throws ImageSignerError INVALID_OPTION */
export function createDelivery(options: unknown, seams: DeliverySeams = {}): Handler {
  const { signer, configuration, access, own } = parseDelivery(options);
  const core = signer ?? new SigningCore(configuration);
  const findImages = createTargets(configuration);
  const folder = new PictureFolder(own.directory, seams.folderDisk);
  const hasCodes = configuration.schemes.some(({ hasVariants }) => hasVariants);
  // Otherwise a path with another account belongs to the app.
  const knowsAccounts = configuration.schemes.every(
    ({ definition }) => setupOf(definition)?.accounts !== undefined,
  );
  // At the start: a missing sharp is noticed before a visitor gets an original, with its location.
  const sharp = own.makesPictures ? (seams.loadSharp ?? loadSharp)() : undefined;
  void sharp?.then((library) => {
    if (library !== undefined) return;
    new Reporter(access.report).report(sharpMissing);
    // In production nobody receives events, and every page would look right.
    if (access.report === undefined && (options as { readonly report?: unknown }).report !== false)
      warnOnce(sharpMissing, storesOf(configuration.schemes.map(({ definition }) => definition)));
  });
  const pictures = new Pictures(own.limits, sharp, seams.now ?? (() => performance.now()));
  const beingSent = new PicturesBeingSent(own.limits.memory);
  // Loads the diagnosis only if needed: production never does.
  const drawing =
    own.explain || own.placeholder
      ? import('../drawing.ts').then(({ createDrawRefusal }) => createDrawRefusal(configuration, own))
      : undefined;

  async function deliver(request: Request, response: ServerResponse, next?: Next): Promise<void> {
    // Express removes the mount path from `url`, but the token was made for the whole path.
    const target = request.originalUrl ?? request.url ?? '';
    const { images, isReserved } = findImages(target);
    const reporter = new Reporter(access.report, { source: { method: request.method, target } });
    const refuse = async (reason: DeliveryReason, image?: SchemeImage): Promise<void> => {
      const answer = answerOf(reason, target, hasCodes);
      const draw = await drawing;
      const picture = image && own.pictures(image);
      const drawn = draw?.({ status: answer.status, reason, target, image, picture }, request);
      setSharedHeaders(response);
      sendRefusal(request, response, answer, drawn);
    };

    const now = readClockOrNaN(configuration);
    const found = images.filter((each) => typeof each === 'object');
    const isPublic = publicImages(own.isPublic, reporter);
    const originals = new Map<string, Original | undefined>();
    const find = async ({ id }: SchemeImage): Promise<void> => void originals.set(id, await folder.find(id));
    // Looks for the file first only if the app needs it: a client without a token must not learn which files exist.
    if (isPublic !== undefined) for (const each of found) await find(each.image());
    const result = checkImages(images, configuration, now, (image) => {
      const file = originals.get(image.id)?.file;
      return file !== undefined && isPublic?.({ ...image, file } as SchemeImage) === true;
    });
    if ('refuse' in result) {
      const { reason } = result;
      const isElsewhere =
        reason === 'not-a-delivery-url' ||
        reason === 'account-not-allowed' ||
        (reason === 'variant-not-allowed' && !knowsAccounts);
      if (next !== undefined && isElsewhere && !isReserved) return next();
      if (!isReadMethod(request)) return refuse('method');
      reporter.refused(target, reason);
      return refuse(reason, found[0]?.image());
    }
    if (!isReadMethod(request)) return refuse('method');
    const { pass } = result;
    if (isPublic === undefined) await find(pass.image);
    const original = originals.get(pass.image.id);
    if (original === undefined) return refuse('not-found', pass.image);
    request.signedImage = { ...pass, file: original.file };
    const [policy, isOpen] = [own.pictures(pass.image), 'alwaysPublic' in pass];
    const picture = await pictures.get(original, policy, isOpen, request.headers.accept, response);
    if (response.destroyed) return;
    if (typeof picture === 'string') return refuse(picture, pass.image);
    setSharedHeaders(response);
    setPictureHeaders(response, picture);
    if ('expiresAt' in pass) {
      const { expiresAt } = pass;
      onHeaders(response, (status, sent) => limitImageFreshness(status, sent, expiresAt, configuration, own));
    } else {
      if (!response.hasHeader('Cache-Control')) response.setHeader('Cache-Control', publicFreshness);
      // A cache that kept a 412 or 416 would give it to visitors who did not ask for a range.
      onHeaders(response, (status, sent) => {
        if (status >= 400) forbidStorage(sent);
      });
    }
    if (Buffer.isBuffer(picture.body)) beingSent.add(picture.body, response);
    sendPicture(request, response, picture, now / 1_000);
  }

  function imageDeliveryMiddleware(request: Request, response: ServerResponse, next?: Next): void {
    const run = (): void => {
      deliver(request, response, next).catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else passError(error, next, request, response);
      });
    };
    whenItsTurn(response, () => whenReady(core.ready(), run, next ?? (() => {}), request, response));
  }
  return imageDeliveryMiddleware;
}

const sharpMissing = { type: 'passed', reason: 'sharp-missing' } as const;

function isReadMethod({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Pages of other origins may show the images, as those of any CDN: anybody with the URL may see them. */
function setSharedHeaders(response: ServerResponse): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
}

function setPictureHeaders(response: ServerResponse, { kind, isNegotiated }: Picture): void {
  if (!response.hasHeader('Access-Control-Allow-Origin'))
    response.setHeader('Access-Control-Allow-Origin', '*');
  if (isNegotiated) response.appendHeader('Vary', 'Accept');
  if (kind === 'svg') response.setHeader('Content-Security-Policy', svgPolicy);
}
