/** What the fetch standard's messages say, and its bodies: for the drivers that run on them. */
import type { Asked, Source } from './site.ts';

/** Nothing is put on such a request. */
export function askedOfWeb({ method, url, headers }: Request): Asked {
  const target = url.slice(new URL(url).origin.length);
  return { method, target, header: (name) => headers.get(name) ?? undefined };
}

/** What becomes of a response whose body somebody else has taken. */
export function spoil(response: Response, how: 'used' | 'locked' | undefined): Response {
  if (how === 'used') response.text().catch(() => {});
  else if (how === 'locked') response.body?.getReader();
  return response;
}

/** The same as a stream of the web. */
export function webStream({ source }: { readonly source: Source }): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await source.next();
        if (done) controller.close();
        else controller.enqueue(value as Uint8Array<ArrayBuffer>); // never over shared memory
      },
      cancel: async () => void (await source.return()),
    },
    { highWaterMark: 0 },
  );
}
