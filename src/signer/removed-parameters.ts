/** Reports parameters that a URL lost when it was signed: each name once for a signer. */
import type { ResolvedImage } from '../schemes/bound.ts';
import { asName } from '../validation/message.ts';
import type { Reporter } from './events.ts';

/** A stranger who invents names cannot fill a log. */
const maxNames = 64;

export class RemovedParameters {
  readonly #told: Set<string> = new Set();

  tell({ unsignedParameters, bare }: ResolvedImage, reporter: Reporter): void {
    if (unsignedParameters === undefined || !reporter.isListening) return;
    for (const name of unsignedParameters) {
      if (this.#told.has(name) || this.#told.size >= maxNames) continue;
      this.#told.add(name);
      reporter.skipped(bare, 'parameter-not-allowed', { parameter: asName(name) });
    }
  }
}
