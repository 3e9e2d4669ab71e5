/** Asks for each image of a page, as the browser of a visitor would: eight at a time, with the progress on a terminal. */
import type { Verdict } from '../diagnosis/page-verdicts.ts';
import type { Invocation } from './command.ts';
import { fetchPage, type PageRequest, type PageResponse } from './page-client.ts';

const maxAtOnce = 8;

/** @returns the verdicts, corrected by what the delivery has answered */
export async function askForImages(
  verdicts: readonly Verdict[],
  page: string,
  request: PageRequest,
  { notes }: Invocation,
): Promise<Verdict[]> {
  const answers = new Map<string, Promise<number | string>>();
  const urls = new Set(verdicts.filter(({ isLoaded }) => isLoaded).map(({ url }) => url));
  const count = urls.size;
  // One iterator for all: to shift them off an array takes time in proportion to those that still wait.
  const waiting = urls.values();
  let done = 0;
  const worker = async (): Promise<void> => {
    for (const url of waiting) {
      const answer = statusOf(url, page, request);
      answers.set(url, answer);
      await answer;
      done++;
      await notes.progress(`${done} of ${count} images`);
    }
  };
  await Promise.all(Array.from({ length: maxAtOnce }, worker));
  await notes.progress('');
  return Promise.all(verdicts.map(async (verdict) => withAnswer(verdict, await answers.get(verdict.url))));
}

/** @returns a status, or why there is none */
async function statusOf(url: string, page: string, request: PageRequest): Promise<number | string> {
  try {
    const absolute = new URL(url, page);
    const ask = (method: PageRequest['method']): Promise<PageResponse> =>
      fetchPage(absolute.href, { ...request, method, accept: 'image/*' });
    const { status } = await ask('HEAD');
    // Not every server knows HEAD for its images, and a presigned URL of S3 is valid for GET alone.
    return status === 403 || status === 405 || status === 501 ? (await ask('GET')).status : status;
  } catch (error) {
    return error instanceof Error ? error.message : 'There is no answer.';
  }
}

function withAnswer(verdict: Verdict, answer: number | string | undefined): Verdict {
  if (answer === undefined) return verdict;
  const isShown = typeof answer === 'number' && answer >= 200 && answer < 300;
  const said = typeof answer === 'number' ? `The delivery answers ${answer}.` : answer;
  const message = `${said} ${verdict.message}`;
  if (isShown) return { ...verdict, message, outcome: verdict.code === 'outlived' ? verdict.outcome : 'ok' };
  if (verdict.outcome === 'dead') return { ...verdict, message };
  return { ...verdict, message, outcome: 'dead', code: 'refused-by-delivery', fix: refusalHint(answer) };
}

function refusalHint(answer: number | string): string {
  if (answer === 404)
    return 'Does the image exist, and the variant? Image ids and variants are case-sensitive.';
  if (answer === 401 || answer === 403)
    return 'The token is right for this key: is it the key of this account? Does a private image have a custom id? Compare the key with the dashboard, under Images, Keys.';
  if (answer === 415) return 'Is the stored file an image, and whole?';
  return 'Ask for the URL again later, or with curl.';
}
