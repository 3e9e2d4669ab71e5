/** Keeps something for as long as a step lasts. Nothing is removed by time: the clock is only read for a new response. */
export class WithinStep<Value> {
  readonly #create: () => Value;
  #step: string | undefined;
  #value: Value | undefined;

  constructor(create: () => Value) {
    this.#create = create;
  }

  /** @param step - names all expiries and keys: two responses with the same one get the same tokens */
  at(step: string): Value {
    if (this.#value === undefined || step !== this.#step) {
      this.#value = this.#create();
      this.#step = step;
    }
    return this.#value;
  }
}
