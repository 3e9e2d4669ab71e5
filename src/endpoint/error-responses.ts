/**
 * The error responses: a status and one fixed line, which contains nothing of the request. Only `report` gets the reason:
 * it would tell a client which variants, accounts and images exist.
 */

export interface ErrorResponse {
  readonly status: number;
  readonly line: string;
}

type ErrorName =
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

export const errorResponses: Readonly<Record<ErrorName, ErrorResponse>> = {
  notFound: { status: 404, line: 'Not Found' },
  methodNotAllowed: { status: 405, line: 'Expected another method.' },
  missingUrl: {
    status: 400,
    line: "Expected the URL of an image after the path, or as the one parameter 'url', percent-encoded.",
  },
  notADeliveryUrl: { status: 400, line: 'Expected the delivery URL of an image.' },
  /** `403` if the account, the variant or `authorize` forbids it: the client does not learn which. */
  notAllowed: { status: 403, line: 'This image is not signed for you.' },
  unsupportedMediaType: { status: 415, line: 'Expected Content-Type: application/json.' },
  encodedBody: { status: 415, line: 'Expected a body without Content-Encoding.' },
  missingUrls: { status: 400, line: 'Expected JSON, { "urls": ["https://…"] }.' },
  tooManyUrls: { status: 413, line: 'Expected 100 URLs at most.' },
  bodyTooLong: { status: 413, line: 'Expected a body of 64 KiB at most.' },
  unavailable: { status: 503, line: 'Not available.' },
};
