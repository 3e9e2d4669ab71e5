/**
 * What a client is told that gets nothing: a status, and one fixed line. Nothing of the request is in it, and what
 * would teach about variants, accounts or images is told apart by `report` alone.
 */

export interface ErrorResponse {
  readonly status: number;
  readonly line: string;
}

type Kind =
  | 'notFound'
  | 'methodNotAllowed'
  | 'missingUrl'
  | 'notADeliveryUrl'
  | 'notAllowed'
  | 'unsupportedMediaType'
  | 'encodedBody'
  | 'missingUrls'
  | 'tooManyUrls'
  | 'bodyTooLong'
  | 'unavailable';

export const errorResponses: Readonly<Record<Kind, ErrorResponse>> = {
  notFound: { status: 404, line: 'Not Found' },
  methodNotAllowed: { status: 405, line: 'Expected another method.' },
  missingUrl: {
    status: 400,
    line: "Expected the URL of an image behind the path, or as the one parameter 'url', percent-encoded.",
  },
  notADeliveryUrl: { status: 400, line: 'Expected the delivery URL of an image.' },
  /** For an account or a variant that is not allowed as well: the lists are nobody's business but the operator's. */
  notAllowed: { status: 403, line: 'This image is not signed for you.' },
  unsupportedMediaType: { status: 415, line: 'Expected Content-Type: application/json.' },
  encodedBody: { status: 415, line: 'Expected a body without Content-Encoding.' },
  missingUrls: { status: 400, line: 'Expected JSON, { "urls": ["https://…"] }.' },
  tooManyUrls: { status: 413, line: 'Expected 100 URLs at most.' },
  bodyTooLong: { status: 413, line: 'Expected a body of 64 KiB at most.' },
  unavailable: { status: 503, line: 'Not available.' },
};
