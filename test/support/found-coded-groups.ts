/** Coded cases that once broke the property, made as plain as they still broke it. */
import type { CodedCase, CodedGroup } from './coded-case.ts';

const plainest: CodedCase = {
  method: 'GET',
  version: '1.1',
  connection: 'close',
  isPersonal: false,
  page: { kind: 'prose', seed: 1, size: 300 },
  coding: 'gzip',
  encoder: { level: 6, chunkSize: 16_384, members: 1, flushes: [], isNamed: false },
  fault: undefined,
  headers: 'set',
  length: 'none',
  isChunked: false,
  hasTrailers: false,
  hasMore: false,
  cuts: [],
  endsWithPart: false,
  forms: ['buffer'],
  pauses: ['none'],
  callbacks: [true],
  hasEndCallback: true,
  overwrites: false,
};

function groupOf(coded: Partial<CodedCase>): CodedGroup {
  const cases = [{ ...plainest, ...coded }];
  return { framework: 'node:http', isTight: false, isPipelined: false, reader: 'fast', cases };
}

export const foundGroups: readonly (readonly [title: string, group: CodedGroup])[] = [
  [
    'bytes after the end of a deflate body, and then an end of its own',
    groupOf({ coding: 'deflate', fault: { kind: 'junk', text: 'junk' }, pauses: ['callback'] }),
  ],
  [
    'zeros after the end of a gzip body, and then an end of its own',
    groupOf({ fault: { kind: 'junk', text: '\0\0\0' }, pauses: ['callback'] }),
  ],
  [
    'parts that wait while an earlier one turns out corrupt, after something has gone out',
    groupOf({
      fault: { kind: 'name', name: 'br' },
      page: { kind: 'prose', seed: 1, size: 2 },
      cuts: 'bytes',
    }),
  ],
  [
    'a corrupt body over HTTP/1.0, the callback of its last part',
    groupOf({ version: '1.0', fault: { kind: 'flip', at: 0.8, bit: 0 } }),
  ],
];
