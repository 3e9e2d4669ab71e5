import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { map, type Observable } from 'rxjs';

/** Every answer gets the same envelope, as many APIs have it. */
export class WrapInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler<unknown>): Observable<{ readonly data: unknown }> {
    return next.handle().pipe(map((data) => ({ data })));
  }
}
