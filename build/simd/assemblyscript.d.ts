/** The part of the compiler that is used: it is installed once the module is made anew. */
declare module 'assemblyscript/asc' {
  interface Files {
    readFile(name: string): string | null;
    writeFile(name: string, contents: unknown): void;
    listFiles(): string[];
  }
  const asc: {
    main(
      args: readonly string[],
      files: Files,
    ): Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>;
  };
  export default asc;
}
