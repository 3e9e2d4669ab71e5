/** Asks the option `skip` whether a response is left alone. Only `true` leaves it alone: whatever else it does is reported. */
import type { PassReason } from '../options/events.ts';
import { swallowRejection } from '../rejection.ts';
import type { Instance } from './instance.ts';

export function isSkipped(
  { configuration }: Instance,
  skipArguments: readonly unknown[],
  onMistake: (reason: PassReason) => void,
): boolean {
  const skip = configuration.skip as ((...args: readonly unknown[]) => unknown) | undefined;
  try {
    const answer = skip?.(...skipArguments);
    if (swallowRejection(answer)) onMistake('skip-not-synchronous');
    else if (answer && answer !== true) onMistake('skip-not-boolean');
    return answer === true;
  } catch {
    onMistake('skip-threw');
    return false;
  }
}
