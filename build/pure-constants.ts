import ts from 'typescript';

/**
 * Lets the bundlers of apps drop every constant that nothing uses: no module has effects, but a bundler sees a shared file as
 * a whole, and keeps an expression that might have some, such as a call, a spread or even a product. It becomes the result of
 * a function whose call is marked; minified, it is the expression again.
 */
export function markPureConstants(code: string): string {
  let result = '';
  let from = 0;
  for (const statement of ts.createSourceFile('', code, ts.ScriptTarget.ES2023, true).statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { initializer } of statement.declarationList.declarations) {
      if (initializer === undefined || isPlain(initializer)) continue;
      const text = code.slice(initializer.getStart(), initializer.end);
      const returned = text.startsWith('{') ? `(${text})` : text;
      // esbuild marks some calls itself.
      const before = code.slice(from, initializer.getStart()).replace(/\/\* @__PURE__ \*\/ $/, '');
      result += `${before}/* @__PURE__ */ (() => ${returned})()`;
      from = initializer.end;
    }
  }
  return result + code.slice(from);
}

/** Whether each bundler knows that the expression has no effect. */
function isPlain(node: ts.Expression): boolean {
  if (ts.isClassExpression(node)) return true;
  if (ts.isArrayLiteralExpression(node)) return node.elements.every(isPlain);
  if (ts.isObjectLiteralExpression(node))
    return node.properties.every(
      (property) =>
        !ts.isSpreadAssignment(property) &&
        !(property.name !== undefined && ts.isComputedPropertyName(property.name)) &&
        (!ts.isPropertyAssignment(property) || isPlain(property.initializer)),
    );
  if (ts.isVoidExpression(node)) return isPlain(node.expression);
  if (ts.isPrefixUnaryExpression(node)) return ts.isNumericLiteral(node.operand);
  return ts.isLiteralExpression(node) || ts.isIdentifier(node) || ts.isFunctionLike(node);
}
