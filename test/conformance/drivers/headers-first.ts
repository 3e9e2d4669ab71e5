/** Marks of drivers whose headers go out before the page is read, so that they cannot name what it declares. */
import type { Marks } from './driver.ts';

const lateWhole =
  'where tokens push a meta out of the first 1,024 bytes, Content-Type names the character set';
const lateInParts =
  'where tokens push a meta out of the first part of a stream, Content-Type names it as well';

const sentBefore = 'its headers go out with writeHead, before the page is there';
export const wholeHeadersFirst: Marks = { pages: { [lateWhole]: sentBefore } };
export const headersFirst: Marks = { pages: { [lateWhole]: sentBefore, [lateInParts]: sentBefore } };

const streamsLate = 'a Response has its headers before its stream is read';
export const streamedHeadersFirst: Marks = { pages: { [lateInParts]: streamsLate } };

const allStreamed = 'every body is a stream there, and a Response has its headers before it is read';
export const allHeadersFirst: Marks = { pages: { [lateWhole]: allStreamed, [lateInParts]: allStreamed } };
