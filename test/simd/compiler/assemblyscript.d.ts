/** The part of the compiler that we use. It is installed only when the module is compiled again. */
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
