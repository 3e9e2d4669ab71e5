import ts from 'typescript';

/**
 * Marks the calls by which a module sets its constants up, so that bundlers of apps drop those that nothing uses: no
 * module has effects, as package.json says, but a bundler sees a shared file as a whole. esbuild takes off the marks that
 * valibot has for this.
 */
export function markPureCalls(code: string): string {
  const starts = new Set<number>();
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return;
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) starts.add(node.getStart());
    ts.forEachChild(node, visit);
  };
  for (const statement of ts.createSourceFile('', code, ts.ScriptTarget.ES2023, true).statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { initializer } of statement.declarationList.declarations)
      if (initializer !== undefined) visit(initializer);
  }
  let result = '';
  let from = 0;
  for (const start of [...starts].sort((a, b) => a - b)) {
    const isMarked = code.slice(from, start).trimEnd().endsWith('@__PURE__ */');
    result += code.slice(from, start) + (isMarked ? '' : '/* @__PURE__ */ ');
    from = start;
  }
  return result + code.slice(from);
}
