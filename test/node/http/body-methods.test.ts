import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { imageSigner } from '../../../src/index.ts';
import { exchange } from '../../support/in-memory.ts';
import { base, countTokens, instant, url } from '../../support/samples.ts';

test.each<[how: string, none: readonly unknown[]]>([
  ['nothing', []],
  ['a callback alone', [() => {}]],
  ['null', [null]],
  ['an empty text', ['']],
])('a page that `end` ends with %s goes out with what was held back', (_how, none) => {
  const sign = imageSigner({ ...base, report: false });
  const listener: RequestListener = (request, response) =>
    sign(request, response, () => {
      response.setHeader('Content-Type', 'text/html');
      response.write(`<img src="${url()}"><p`);
      (response.end as (...args: readonly unknown[]) => void)(...none);
    });
  const { body } = exchange(listener, {}, () => instant);
  expect([countTokens(body), body.endsWith('<p')]).toEqual([1, true]);
});
