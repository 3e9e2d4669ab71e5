/** HTML and Markdown in strings of JSON that `fields` does not name: in development a site is told, once. */
import { afterEach, expect, test, vi } from 'vitest';
import { type ImageSignerEvent, imageSigner } from '../../src/fetch.ts';
import { warningOf } from '../../src/options/warnings.ts';
import { base, signerWith, url } from '../support/samples.ts';

afterEach(() => vi.unstubAllEnvs());

interface Answer {
  readonly body: string;
  readonly type?: string;
  readonly options?: object;
}

/** What is told of the responses of one app. */
async function toldOf(...answers: readonly Answer[]): Promise<readonly ImageSignerEvent[]> {
  const events: ImageSignerEvent[] = [];
  const report = (event: ImageSignerEvent): void => void events.push(event);
  const sign = imageSigner({ ...base, rewrite: { json: true }, report, ...answers[0]?.options } as never);
  for (const { body, type = 'application/json' } of answers) {
    const answer = (): Response => new Response(body, { headers: { 'Content-Type': type } });
    await (await sign(new Request('https://shop.example/api'), answer)).text();
  }
  return events.filter(({ type }) => type === 'passed');
}

const event = { type: 'passed', reason: 'markup-in-json', page: 'GET /api' } as const;
const told = (member?: string): object[] => [{ ...event, ...(member !== undefined && { member }) }];
const article = `<p>A</p><img alt="é" src="${url()}">`;
const json = (value: unknown): string => JSON.stringify(value);
const options = { fields: { content: 'html' } };
const inScript = `<script type="application/json">${json({ content: url(), a: [article] }).replaceAll('<', '\\u003c')}</script>`;

test.each<[title: string, answer: Answer, member?: string]>([
  ['HTML', { body: json({ id: 1, content: article }) }, 'content'],
  ['HTML with escaped slashes', { body: json({ body: article }).replaceAll('/', '\\/') }, 'body'],
  ['Markdown', { body: json({ text: `# A\n![a](${url()})` }) }, 'text'],
  ['an item of a list', { body: json([article]) }],
  ['a name that may be a key', { body: json({ [`k${'a7'.repeat(30)}`]: article }) }],
  ['beside members that are named', { body: json({ content: article, more: article }), options }, 'more'],
  ['in a script of a page', { body: inScript, type: 'text/html; charset=utf-8' }],
])('is told: %s', async (_title, answer, member) => {
  expect(await toldOf(answer)).toEqual(told(member));
});

test('is told once', async () => {
  const answer = { body: json({ content: article, more: article }) };
  expect(await toldOf(answer, answer)).toEqual(told('content'));
});

test.each<[title: string, answer: Answer]>([
  ['a member that is named', { body: json({ content: article }), options }],
  ['one URL', { body: json({ cover: url() }) }],
  ['a sentence with a URL', { body: json({ text: `See ${url()} < that`, more: `a <b> ${url()}` }) }],
  ['HTML without images of the store', { body: json({ content: '<img src="https://other.example/a">' }) }],
  ['HTML that is signed', { body: json({ content: article.replace(url(), signerWith().signImage(url())) }) }],
])('is not told: %s', async (_title, answer) => {
  expect(await toldOf(answer)).toEqual([]);
});

test('is not told in production', async () => {
  vi.stubEnv('NODE_ENV', 'production');
  expect(await toldOf({ body: json({ content: article }) })).toEqual([]);
});

test('the warning names the option, and the member where it may be shown', () => {
  const stores = { hasCloudflareImages: true, hasOthers: false };
  expect(warningOf({ ...event, member: 'content' }, stores)?.message).toContain(
    "GET /api has HTML or Markdown in a JSON string, with image URLs without a token: these images are broken. Name the member in `fields`: fields: { 'content': 'html' }; for Markdown, import { markdown } from 'image-signer/markdown'.",
  );
  expect(warningOf(event, stores)?.message).toContain("such as fields: { content: 'html' }");
});
