/** How much work `check` is for a page that a stranger has filled: counted in MACs, and in members. */
import { afterEach, expect, test, vi } from 'vitest';
import { coreOf } from '../../../src/signer/core.ts';
import { pageUrlsOf } from '../../../src/tools/diagnosis/page-urls.ts';
import { type PageFacts, type Verdict, verdictsOf } from '../../../src/tools/diagnosis/page-verdicts.ts';
import { mistakes, rightUrl, type Sample } from '../../support/generators/signing-mistakes.ts';
import { accountHash, id, instant, key, signerWith, url } from '../../support/samples.ts';
import { typed } from '../../support/servers/checked-apps.ts';
import { checkOnce } from '../../support/servers/checked-page.ts';

const macs = vi.hoisted(() => ({ count: 0 }));

vi.mock('node:crypto', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:crypto')>();
  const counted = <F extends (...args: never[]) => unknown>(make: F): F =>
    ((...args) => {
      macs.count++;
      return make(...args);
    }) as F;
  return { ...original, createHmac: counted(original.createHmac), createHash: counted(original.createHash) };
});

afterEach(() => {
  macs.count = 0;
});

const signer = signerWith({ key: [key, 'an-older-key-for-tests-alone'] });
const facts: PageFacts = {
  now: instant,
  lifetime: 0,
  passed: undefined,
  isPersonal: false,
  passedStyles: undefined,
  howToAskAsMember: '',
};

function verdictsOn(urls: readonly string[]): Verdict[] {
  const { configuration } = coreOf(signer)!;
  const page = urls.map((each) => `<img src="${each.replaceAll('&', '&amp;')}">`).join('\n');
  return verdictsOf(pageUrlsOf(Buffer.from(page), 'html', configuration), facts, configuration);
}

const guessed = (count: number, query = ''): string[] =>
  Array.from(
    { length: count },
    (_, index) =>
      `${url('thumb', `photo-${index}`)}?${query}exp=1790050000&sig=${String(index).padStart(64, '0')}`,
  );
const sampleWith = (image: string): Sample => ({
  key,
  olderKey: 'an-older-key-for-tests-alone',
  account: accountHash,
  id: image,
  variant: 'thumb',
  otherVariant: 'card',
  expiry: 1_790_050_000,
  parameters: [],
});

const many = Array.from({ length: 60 }, (_, at) => `p${at}=a%20b&`).join('');
const wrongPages: readonly [title: string, urls: readonly string[]][] = [
  ['tokens that lack a digit', guessed(3_000).map((each) => each.slice(0, -1))],
  ['tokens behind many parameters', guessed(1_000, many)],
  ['tokens', guessed(3_000)],
  ['tokens with two signatures', guessed(1_000, `sig=${'1'.repeat(64)}&`)],
];

test.each(wrongPages)(
  'a page full of wrong %s is searched up to a limit, and costs a few MACs for each beyond it',
  (_title, urls) => {
    const verdicts = verdictsOn(urls);
    expect(verdicts).toHaveLength(urls.length);
    expect(macs.count).toBeLessThan(101_000 + 10 * urls.length);
  },
);

test('what is said of the last of many wrong tokens is what is said of it alone, but for a search', () => {
  const urls = guessed(2_000);
  const all = verdictsOn(urls);
  const verdicts = new Set(all.map(({ code, outcome }) => `${outcome} ${code}`));
  expect([...verdicts]).toEqual(['dead unknown-signature']);
  expect(all.at(-1)!.message).toContain('Nothing else was tried');
  expect(verdictsOn([urls.at(-1)!])[0]!.message).toContain('or a similar one');
});

test('behind a thousand wrong tokens, an expired, a good and an older one are still told apart', () => {
  const good = sampleWith('good');
  const last = [
    rightUrl(good),
    rightUrl({ ...good, id: 'expired', expiry: 1_780_000_000 }),
    rightUrl({ ...good, id: 'older', key: good.olderKey }),
    url('thumb', 'plain'),
    `${url('thumb', 'short')}?exp=1790050000&sig=0123`,
  ];
  const codesOf = (urls: readonly string[]): string[] =>
    verdictsOn(urls)
      .map(({ code }) => code)
      .slice(-last.length);
  const behind = codesOf([...guessed(1_000), ...last]);
  expect(behind).toEqual(codesOf([rightUrl(sampleWith('first')), ...last]));
  expect(behind.slice(0, 3)).toEqual(['signed', 'expired', 'older-key']);
});

test('a page of three hundred images with one and the same mistake hears of it at each', () => {
  const mistake = mistakes.find(({ codes }) => codes.includes('plain-hash'))!;
  const urls = Array.from({ length: 300 }, (_, index) => mistake.url(sampleWith(`${id}-${index}`)));
  expect(new Set(verdictsOn(urls).map(({ code }) => code))).toEqual(new Set(['plain-hash']));
});

test('a URL that stands in a hundred places is explained once', () => {
  const [wrong] = guessed(1);
  const { configuration } = coreOf(signer)!;
  const src = wrong!.replace('&', '&amp;');
  const page = Array.from({ length: 100 }, (_, index) => `<img data-${index}="${src}">`);
  const urls = pageUrlsOf(Buffer.from(page.join('')), 'html', configuration);
  expect(urls).toHaveLength(100);
  expect(verdictsOf(urls, facts, configuration).every(({ code }) => code === 'unknown-signature')).toBe(true);
  expect(macs.count).toBeLessThan(450);
});

test('JSON with 200,000 members is checked, and so are 150,000 URLs within one string', async () => {
  const numbers = Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`m${index}`, index]));
  const text = Array.from({ length: 150_000 }, (_, index) => `//a/${index}.png`).join(' ');
  const body = JSON.stringify({ image: url(), numbers, text });
  const { images, others } = await checkOnce(typed('application/json', body));
  expect(images.map(({ url: image }) => image)).toEqual([url()]);
  expect(others).toEqual([{ host: 'a', count: 150_000 }]);
});
