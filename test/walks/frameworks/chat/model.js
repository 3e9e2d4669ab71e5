/**
 * A model that fetches the images that it is given, as a provider does, and answers with one that it has seen in a text,
 * and with one that it knows by its plain URL. It writes in pieces of some letters.
 */
import { simulateReadableStream } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
};

export const model = new MockLanguageModelV4({
  supportedUrls: { 'image/*': [/^http:/] },
  async doStream({ prompt }) {
    const contents = prompt.flatMap(({ content }) => content);
    for (const { type, data } of contents) {
      if (type !== 'file') continue;
      const { status } = await fetch(data.url ?? data);
      if (status !== 200) throw new Error(`An image was answered with ${status}`);
    }
    const [seen] = contents.flatMap(({ text }) => text?.match(/http:[^)]+/) ?? []);
    const known = `${process.env.DELIVERY}/photos/uploads/known.png`;
    const answer = `Here they are:\n\n- ![seen](${seen})\n- a photo: ![of a lake](${known})\n\nDone.`;
    return {
      stream: simulateReadableStream({
        chunks: [
          { type: 'text-start', id: '1' },
          ...answer.match(/.{1,7}/gs).map((delta) => ({ type: 'text-delta', id: '1', delta })),
          { type: 'text-end', id: '1' },
          { type: 'finish', finishReason: { unified: 'stop', raw: undefined }, usage },
        ],
      }),
    };
  },
});
