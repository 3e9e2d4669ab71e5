/**
 * `node:http`. Other files import only its types: an ES module that imports it reads all its exports, which on Node.js 24 loads
 * `fetch` and `WebSocket`, and doubles the time to start.
 */
import type * as NodeHttp from 'node:http';

const http = process.getBuiltinModule('node:http') as typeof NodeHttp;

export type IncomingMessage = NodeHttp.IncomingMessage;
export const IncomingMessage: typeof NodeHttp.IncomingMessage = http.IncomingMessage;
export type ServerResponse = NodeHttp.ServerResponse;
export const ServerResponse: typeof NodeHttp.ServerResponse = http.ServerResponse;
export const STATUS_CODES: typeof NodeHttp.STATUS_CODES = http.STATUS_CODES;
export const validateHeaderName: typeof NodeHttp.validateHeaderName = http.validateHeaderName;
export const validateHeaderValue: typeof NodeHttp.validateHeaderValue = http.validateHeaderValue;
