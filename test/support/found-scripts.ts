/** Scripts that once told a patched response from a plain one, each by what it was about. */
import { type Call, callback, type Script } from './play-script.ts';
import { url } from './samples.ts';

const type: Call = ['setHeader', 'Content-Type', 'text/html'];
const image: string = `<img src="${url()}">`;

type Found = [title: string, script: Script];

function found(title: string, calls: readonly Call[], rest: Partial<Script> = {}): Found {
  return [title, { mode: 'page', method: 'GET', version: '1.1', headers: {}, calls, ...rest }];
}

export const foundScripts: readonly Found[] = [
  found('of names that come twice after setHeader the last holds', [
    type,
    ['writeHead', 200, ['X-A', '1', 'Set-Cookie', 'a=1', 'x-a', '2', 'Set-Cookie', 'b=2']],
    ['end', image],
  ]),
  found('and so do names of an object that differ in case', [
    type,
    ['writeHead', 200, { 'X-A': '1', 'x-a': '2' }],
    ['end', image],
  ]),
  found('and so do types', [
    ['setHeader', 'X-A', '1'],
    ['writeHead', 200, { 'Content-Type': 'image/png', 'content-type': 'text/html', ETag: '"a"' }],
    ['end', image],
  ]),
  found('names that come twice where nothing is set are all sent', [
    [
      'writeHead',
      200,
      ['Content-Type', 'text/html', 'X-A', '1', 'X-A', '2', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'],
    ],
    ['end', image],
  ]),
  found('pairs are refused after setHeader', [type, ['writeHead', 200, [['X-A', '1']]], ['end', image]]),
  found('pairs are refused by their names where they are even', [
    type,
    [
      'writeHead',
      200,
      [
        ['X-A', '1'],
        ['X-B', 'a\nb'],
      ],
    ],
  ]),
  found('what is held back of a page that stays corked goes out before its end', [
    type,
    ['cork'],
    ['write', '<p>text</p><img alt="'],
    ['end'],
  ]),
  found('no drain is heard in the middle of an end', [
    type,
    ['write', '<p>text</p>'.repeat(6_000)],
    ['end', image, callback],
  ]),
  found('a full response that is corked drains once it is uncorked', [
    type,
    ['cork'],
    ['write', '<p>text</p>'.repeat(6_000), callback],
    ['write', '<img alt="', callback],
    ['uncork'],
    ['pause', 'drain'],
    ['get', 'writableNeedDrain'],
    ['write', '">'],
    ['end', image],
  ]),
  found('headers that are none count as none', [type, ['writeHead', 200, 5], ['end', image]]),
  found('and the request is restored after them', [['writeHead', 204, true], ['end']], {
    headers: { 'if-none-match': '"a-is.0123456789abcdef01234567"' },
  }),
  found('an undefined name is left out after setHeader', [
    type,
    ['writeHead', 200, [undefined, '1', '', '2']],
    ['end', image],
  ]),
  found('an empty name is refused where nothing is set', [
    ['writeHead', 200, ['Content-Type', 'text/html', '', '2']],
    ['end', image],
  ]),
  found('a list of values is judged one by one where nothing is set', [
    ['writeHead', 200, { 'Content-Type': 'text/html', 'X-A': ['5', undefined] }],
    ['end', image],
  ]),
  found('a refused head leaves its status and reason', [
    type,
    ['writeHead', 205, { 'X-A': undefined }],
    ['get', 'statusCode'],
    ['get', 'statusMessage'],
    ['end', 'x', callback],
  ]),
  found('a refused head of a 304 leaves it without a body', [
    ['writeHead', 304, { 'X-A': 'a\nb' }],
    ['write', 'x'],
    ['end'],
  ]),
  found('a refused head leaves what was set before its fault', [
    type,
    ['writeHead', 200, { 'X-A': '1', 'X-B': undefined }],
    ['getHeaderNames'],
    ['end', image],
  ]),
  found('so does one that is refused for its reason', [
    ['setHeader', 'X-A', '1'],
    ['writeHead', 200, 'a\nb', { 'X-B': '2', 'Content-Length': '1' }],
    ['getHeaderNames'],
    ['set', 'statusMessage', 'Fine'],
    ['end', 'x'],
  ]),
  found('and one that is refused for its trailers', [
    ['setHeader', 'Content-Length', '12'],
    ['writeHead', 200, { Trailer: 'X-Sum' }],
    ['end', image],
  ]),
  found(
    'a refused head leaves nothing where nothing was set',
    [
      ['writeHead', 200, ['Trailer', 'X-Sum', 'Content-Type', 'text/html']],
      ['end', callback],
    ],
    { version: '1.0' },
  ),
  found('a head that is refused at a chunk leaves the length that was set', [
    type,
    ['setHeader', 'Content-Length', '12'],
    ['set', 'statusMessage', 'a\nb'],
    ['write', image],
    ['getHeaders'],
    ['set', 'statusMessage', 'Fine'],
    ['setHeader', 'Content-Type', 'image/png'],
    ['end', image],
  ]),
  ...[null, 5, {}, true].map((chunk) =>
    found(`a refused chunk, ${JSON.stringify(chunk)}, decides nothing`, [
      type,
      ['setHeader', 'Content-Length', 1000],
      ['write', chunk],
      ['getHeaderNames'],
      ['setHeader', 'Content-Type', 'image/png'],
      ['end', image],
    ]),
  ),
  found('a refused last chunk decides nothing', [
    type,
    ['end', true],
    ['set', 'statusCode', 206],
    ['setHeader', 'Content-Range', 'bytes 0-3/10'],
    ['end', image],
  ]),
  found('a refused chunk does not keep a page from being one', [
    ['setHeader', 'Content-Type', 'text/html; charset=utf-16'],
    ['write', null],
    type,
    ['end', image],
  ]),
  ...[false, 0].map((chunk) =>
    found(`what is held goes out where ${chunk} ends it`, [
      type,
      ['write', '<img src="'],
      ['end', chunk, callback],
    ]),
  ),
  found('digests do not go out as trailers', [
    type,
    ['setHeader', 'Trailer', 'X-Sum, Content-Digest'],
    ['addTrailers', { 'X-Sum': '1', 'Content-Digest': 'sha-256=:AAAA:' }],
    ['end', image],
  ]),
  found('nor does a list of them', [
    type,
    ['setHeader', 'Trailer', 'Content-Digest'],
    ['write', image],
    [
      'addTrailers',
      [
        ['Content-Digest', 'sha-256=:AAAA:'],
        ['X-Sum', '1'],
      ],
    ],
    ['end'],
  ]),
];
