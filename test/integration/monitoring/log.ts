import { type Logger, stdSerializers } from 'pino';
import type { ImageSignerEvent } from '../../../src/index.ts';

const levels = {
  rewritten: 'debug',
  refused: 'info',
  skipped: 'warn',
  passed: 'warn',
  'installed-late': 'error',
  'installed-twice': 'error',
  'key-unavailable': 'error',
  'key-ends-early': 'warn',
  'stored-token': 'warn',
} as const;

export function logTo(logger: Logger): (event: ImageSignerEvent) => void {
  const serializers = { error: stdSerializers.errWithCause }; // an Error is {} in JSON
  const images = logger.child({ component: 'image-signer' }, { serializers });
  return ({ type, ...details }) => images[levels[type]](details, type);
}
