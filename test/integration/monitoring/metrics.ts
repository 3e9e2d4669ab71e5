import type { Meter } from '@opentelemetry/api';
import type { ImageSignerEvent } from '../../../src/index.ts';

const outcomes = ['signed', 'kept', 'skipped', 'denied'] as const;

export function countWith(meter: Meter): (event: ImageSignerEvent) => void {
  const urls = meter.createCounter('image_signer.urls', { unit: '{url}' });
  const problems = meter.createCounter('image_signer.problems', { unit: '{event}' });
  return (event) => {
    const { type } = event;
    if (type === 'rewritten') {
      for (const outcome of outcomes) urls.add(event[outcome], { outcome });
    } else {
      const reason = 'reason' in event ? { reason: event.reason } : {};
      const hasKey = 'hasKey' in event ? { hasKey: event.hasKey } : {};
      problems.add(1, { type, ...reason, ...hasKey });
    }
  };
}
