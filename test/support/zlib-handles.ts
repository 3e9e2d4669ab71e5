/** Counts the coders of `node:zlib` that hold memory: each does from when it is made until it is closed. */
import { createHook } from 'node:async_hooks';

interface Handle {
  close(): void;
}

export class ZlibHandles {
  made = 0;
  readonly #open: Set<Handle> = new Set();
  readonly #hook = createHook({
    init: (_id, type, _trigger, resource) => {
      if (type === 'ZLIB') this.#watch(resource as Handle); // Node's own name for it, of whatever coding
    },
  });

  #watch(handle: Handle): void {
    const { close } = handle;
    this.made += 1;
    this.#open.add(handle);
    handle.close = () => {
      this.#open.delete(handle);
      close.call(handle);
    };
  }

  start(): this {
    this.#hook.enable();
    return this;
  }

  stop(): void {
    this.#hook.disable();
  }

  get open(): number {
    return this.#open.size;
  }
}
