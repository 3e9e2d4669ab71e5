/** The part of `akamai-edgeauth` that the tests use: the package has no types. */
declare module 'akamai-edgeauth' {
  interface Options {
    /** Hexadecimal. */
    readonly key: string;
    /** Unix seconds. */
    readonly startTime?: number;
    readonly endTime: number;
    readonly escapeEarly?: boolean;
  }

  export default class EdgeAuth {
    constructor(options: Options);
    generateURLToken(path: string): string;
    generateACLToken(path: string): string;
  }
}
