import ts from 'typescript';

/**
 * Lets apps' bundlers drop every unused constant. No module has effects, but a bundler sees a shared file as a whole, and
 * keeps an expression that might have some, such as a call, a spread or even a product. Such an expression becomes a marked
 * call of a function that returns it, which a minifier turns back into the expression.
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

/** Whether every bundler knows that the expression has no effect. */
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
