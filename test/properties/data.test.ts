/** A rewrite of JSON, lines, parts or events changes nothing but URLs, whatever a stranger has chosen for them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sites } from '../support/generators/hostile-sites.ts';
import { hostileBody, textOf } from '../support/generators/hostile-urls.ts';
import { bodyFault, sendingBodies } from '../support/oracles/body-fault.ts';
import { runs } from '../support/seed.ts';

const bodies = runs(1.25);

test(`${bodies} bodies of JSON, and of lines, parts and events`, { timeout: 240_000 }, () => {
  const senders = sites.map((site) => ({ site, send: sendingBodies(site) }));
  const cuts = fc.array(fc.nat(2_000), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(fc.constantFrom(...senders), fc.nat(), cuts, ({ site, send }, at, places) => {
      const body = hostileBody(at, site.heads);
      const fault = bodyFault(site, send, body, places);
      if (fault !== undefined) expect.fail(`body ${at}: ${fault}\n${textOf(body.parts)}`);
    }),
    { numRuns: bodies },
  );
});

const [open] = sites.slice(1);

test.each<[title: string, fault: string, rewrite: (body: string) => string]>([
  ['markup that is set free in a field', 'became', (body) => body.replace('&lt;', '<')],
  ['a quote without its escape', 'no JSON', (body) => body.replace('\\"', '"')],
  ['another value that changes', 'became', (body) => body.replace('1.5', '1.50001')],
  ['a URL that is left unsigned', 'and not', (body) => body],
])('the property finds %s', (_title, fault, rewrite) => {
  const text = 'https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/b/thumb?&lt;b>';
  const parts = [
    { text: '{"n":1.5,"content":"&lt;i><img src=\\"', role: 'around' },
    { text, role: 'stays' },
    { text: '\\">"}', role: 'around' },
  ] as const;
  const body = { type: 'application/json', form: 'value' as const, isClosed: true, parts };
  expect(bodyFault(open!, sendingBodies(open!), body, [5])).toBeUndefined();
  const lying = (_type: string, chunks: readonly Uint8Array[]): string =>
    rewrite(Buffer.concat(chunks).toString());
  expect(bodyFault(open!, lying, body, [5])).toContain(fault);
});
