/** What the scenes ask of a browser, and what each of the two browsers gives them. */

export interface Tab {
  /** Until the page's `load` event. */
  goTo(url: string): Promise<void>;
  /** The value of an expression; that of a promise is awaited. */
  evaluate<Value>(expression: string): Promise<Value>;
  /** One step back in the history, until the page there is shown. */
  goBack(): Promise<void>;
  hide(): Promise<void>;
  show(): Promise<void>;
  close(): Promise<void>;
}

export interface TestBrowser {
  /**
   * A tab of a session of its own.
   * @param script - runs in each page before all others
   */
  open(script: string): Promise<Tab>;
  close(): Promise<void>;
}
