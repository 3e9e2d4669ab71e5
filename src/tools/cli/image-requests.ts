/** Requests every image of a page as a visitor's browser would: eight at a time, with the progress on a terminal. */
import type { Configuration } from '../../options/configuration.ts';
import { resolve } from '../../signer/resolve.ts';
import type { Verdict } from '../diagnosis/page-verdicts.ts';
import { comparisonAt } from '../diagnosis/stores.ts';
import type { Invocation } from './command.ts';
import { fetchPage, type PageRequest, type PageResponse, RefusedAddress } from './page-client.ts';

const maxAtOnce = 8;

/** The delivery's answer: a status, or why there is none and what to do. */
type DeliveryAnswer = { readonly status: number } | { readonly failure: string; readonly fix: string };

/** @returns the verdicts, corrected by the delivery's answers */
export async function askForImages(
  verdicts: readonly Verdict[],
  page: string,
  request: PageRequest,
  configuration: Configuration,
  { notes }: Invocation,
): Promise<Verdict[]> {
  const answers = new Map<string, Promise<DeliveryAnswer>>();
  const urls = new Set(verdicts.filter(({ isLoaded }) => isLoaded).map(({ url }) => url));
  const count = urls.size;
  // All workers share one iterator: shifting an array takes time in proportion to its length.
  const waiting = urls.values();
  let done = 0;
  const worker = async (): Promise<void> => {
    for (const url of waiting) {
      const answer = answerOf(url, page, request);
      answers.set(url, answer);
      await answer;
      done++;
      await notes.progress(`${done} of ${count} images`);
    }
  };
  await Promise.all(Array.from({ length: maxAtOnce }, worker));
  await notes.progress('');
  return Promise.all(
    verdicts.map(async (verdict) => withAnswer(verdict, await answers.get(verdict.url), configuration)),
  );
}

async function answerOf(url: string, page: string, request: PageRequest): Promise<DeliveryAnswer> {
  try {
    const absolute = new URL(url, page);
    const ask = (method: PageRequest['method']): Promise<PageResponse> =>
      fetchPage(absolute.href, { ...request, method, accept: 'image/*' });
    const { status } = await ask('HEAD');
    // Some servers refuse HEAD for images, and a presigned URL of S3 is valid only for GET.
    return status === 403 || status === 405 || status === 501 ? await ask('GET') : { status };
  } catch (error) {
    if (error instanceof RefusedAddress)
      return { failure: 'The image is on a private network.', fix: RefusedAddress.hint };
    const failure = error instanceof Error ? error.message : 'There is no answer.';
    return { failure, fix: askAgain };
  }
}

function withAnswer(
  verdict: Verdict,
  answer: DeliveryAnswer | undefined,
  configuration: Configuration,
): Verdict {
  if (answer === undefined) return verdict;
  const said = 'status' in answer ? `The delivery answers ${answer.status}.` : answer.failure;
  const message = `${said} ${verdict.message}`;
  if ('status' in answer && answer.status >= 200 && answer.status < 300)
    return { ...verdict, message, outcome: verdict.code === 'outlived' ? verdict.outcome : 'ok' };
  if (verdict.outcome === 'dead') return { ...verdict, message };
  const fix = 'status' in answer ? refusalHint(answer.status, verdict.url, configuration) : answer.fix;
  return { ...verdict, message, outcome: 'dead', code: 'refused-by-delivery', fix };
}

const askAgain = 'Request the URL again later, or with curl.';

/** In the terms of the image's store. */
function refusalHint(status: number, url: string, configuration: Configuration): string {
  const resolved = resolve(url, configuration);
  const scheme = typeof resolved === 'object' ? resolved.scheme : undefined;
  if (status === 404) {
    return scheme?.hasVariants === true
      ? 'Check that the image and the variant exist. Image ids and variants are case-sensitive.'
      : 'Check that the image exists in the store. Names are case-sensitive.';
  }
  if (status === 401 || status === 403)
    return `The token is valid for this signer. ${comparisonAt(scheme?.name ?? '')}`;
  if (status === 415) return 'Check that the stored file is a complete image.';
  if (status === 501 && scheme?.hasVariants === true)
    return 'If `image-signer dev` or imageDelivery delivers it, install sharp, which makes the variants: npm install sharp.';
  return askAgain;
}
