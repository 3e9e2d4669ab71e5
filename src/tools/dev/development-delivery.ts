/** The delivery of `image-signer dev`: it explains every refusal, in the picture and in a line per request. */
import type { RequestListener, ServerResponse } from 'node:http';
import type { DeliveryOptions } from '../../options/delivery-options.ts';
import { storesOf, warningOf } from '../../options/warnings.ts';
import { coreOf } from '../../signer/core.ts';
import type { Signer } from '../../signer/index.ts';
import { redactUrl } from '../../url/redaction.ts';

export interface DevelopmentOptions {
  readonly signer: Signer;
  /** The options of `imageDelivery`, except its signer. */
  readonly deliveryOptions: Readonly<Record<string, unknown>>;
  /** Whether missing pictures are drawn. */
  readonly drawsPlaceholders: boolean;
  readonly onRequest: (request: AnsweredRequest) => void;
  /** Called once per problem that keeps pictures from being made. */
  readonly onProblem: (sentence: string) => void;
}

export interface AnsweredRequest {
  readonly method: string;
  /** Without a token. */
  readonly path: string;
  /** Undefined if the client left before the answer. */
  readonly status: number | undefined;
  /** Why the image was refused, or drawn. */
  readonly why: string | undefined;
}

const refusingStatuses: ReadonlySet<number> = new Set([403, 404, 413, 415, 501]);

/** @throws ImageSignerError INVALID_OPTION */
export async function createDevelopmentDelivery(options: DevelopmentOptions): Promise<RequestListener> {
  const { signer, deliveryOptions, drawsPlaceholders, onRequest, onProblem } = options;
  const [{ imageDelivery }, { wordsOf }] = await Promise.all([
    import('../../delivery.ts'),
    import('../../drawing.ts'),
  ]);
  const { configuration } = coreOf(signer)!; // it is a signer
  const definitions = configuration.schemes.map(({ definition }) => definition);
  const deliver = imageDelivery({
    ...(deliveryOptions as unknown as DeliveryOptions), // `imageDelivery` checks them
    signer,
    explain: true,
    placeholder: drawsPlaceholders,
    report(event) {
      const warning = event.type === 'passed' ? warningOf(event, storesOf(definitions)) : undefined;
      if (warning !== undefined) onProblem(warning.message);
    },
  });

  function whyOf(target: string, response: ServerResponse): string | undefined {
    if (isPlaceholder(response)) return 'No such image: a placeholder is drawn.';
    if (!refusingStatuses.has(response.statusCode)) return undefined;
    const { title, sentence } = wordsOf(target, response.statusCode, configuration);
    return `${title}. ${sentence}`;
  }

  return (request, response) => {
    const { method = '', url = '' } = request;
    response.once('close', () => {
      const isAnswered = response.writableFinished;
      onRequest({
        method,
        path: redactUrl(url),
        status: isAnswered ? response.statusCode : undefined,
        why: isAnswered ? whyOf(url, response) : undefined,
      });
    });
    deliver(request, response);
  };
}

/** Pictures of the folder have an ETag, and refusals another status. */
function isPlaceholder(response: ServerResponse): boolean {
  return (
    response.statusCode === 200 &&
    response.getHeader('Content-Type') === 'image/svg+xml' &&
    !response.hasHeader('ETag')
  );
}
