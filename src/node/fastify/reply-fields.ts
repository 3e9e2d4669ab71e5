/** The headers of a Fastify reply before they go out. Fastify keeps them itself until then. */
import type { HeaderFields } from '../../http/header-fields.ts';
import { toValues } from '../http/response-fields.ts';
import type { FastifyReply } from './reply.ts';

export class ReplyFields implements HeaderFields {
  readonly #reply: FastifyReply;

  constructor(reply: FastifyReply) {
    this.#reply = reply;
  }

  get(name: string): string | undefined {
    const values = this.list(name);
    return values.length === 0 ? undefined : values.join(', ');
  }

  list(name: string): string[] {
    return toValues(this.#reply.getHeader(name));
  }

  names(): string[] {
    return Object.keys(this.#reply.getHeaders());
  }

  set(name: string, value: string | string[]): void {
    this.#reply.header(name, value);
  }

  remove(name: string): void {
    this.#reply.removeHeader(name);
  }
}
