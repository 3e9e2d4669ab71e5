/** `docs/reference` and `docs/how-it-works` name every option. */
import { expect, test } from 'vitest';
import { readBlocks, readPage } from './support/package/documents.ts';

const types = ['signer-options', 'call-options', 'factory-options', 'delivery-options', 'events']
  .map((file) => readPage(`src/options/${file}.ts`))
  .join('\n');

/** The names in the first column of the tables of a section, and those of its headings. */
function rows(page: string, heading: string): string[] {
  const section = readPage(page).split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!;
  return Array.from(section.matchAll(/^(?:\||###) `(\w+)`/gm), ([, name]) => name!);
}

function membersOf(name: string): string[] {
  const body = types.split(new RegExp(`interface ${name}\\b[^{]*\\{`))[1]!.split('\n}')[0]!;
  return Array.from(body.matchAll(/^ {2}(?:readonly )?(\w+)\??[(:]/gm), ([, member]) => member!);
}

test('every option is named', () => {
  const options = 'docs/reference/options.md';
  expect(rows(options, 'For every factory').sort()).toEqual(
    ['scheme', ...['CommonOptions', 'CloudflareOptions', 'Authorize'].flatMap(membersOf)].sort(),
  );
  expect(rows(options, 'For the middleware').sort()).toEqual(
    ['MiddlewareOptionsFor', 'OwnTargetOptions'].flatMap(membersOf).sort(),
  );
  expect(rows('docs/reference/guard.md', 'Options').sort()).toEqual(membersOf('GuardOptions').sort());
  expect(rows('docs/reference/delivery.md', 'Options').sort()).toEqual(
    ['signer', 'variants', ...membersOf('DeliveryOptions')].sort(),
  );
  expect(rows('docs/reference/endpoint.md', 'Options').sort()).toEqual(membersOf('EndpointOptions').sort());
  const rewritten = rows('docs/how-it-works/what-is-rewritten.md', 'Which responses');
  expect(rewritten.sort()).toEqual(membersOf('RewriteOptions').sort());
});

test('every option says what holds without it', () => {
  for (const page of ['options', 'guard', 'endpoint', 'delivery']) {
    const entries = readPage(`docs/reference/${page}.md`)
      .split(/^### (?=`)/m)
      .slice(1);
    expect(entries.length, page).toBeGreaterThan(1);
    for (const entry of entries) expect(entry.split('\n')[2], entry).toMatch(/Default|Required/);
  }
});

test('the helpers are typed on a bare server', () => {
  const blocks = readBlocks('docs/reference/entry-points.md', 'ts');
  expect(blocks.some(({ code }) => code.includes('request as IncomingMessage & Express.Request'))).toBe(true);
});
