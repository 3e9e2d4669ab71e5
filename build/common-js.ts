import { transformSync } from 'esbuild';
import ts from 'typescript';

/**
 * An ES module of the build as CommonJS, minified. What it imports becomes constants, which are as fast as in the module:
 * esbuild and tsup would write a property access for each use, and tsup functions in place of `?.` as well.
 * @param keepsNames - whether the functions that apps get keep their names: those of the module itself, and each `…Middleware`
 */
export function toCommonJs(code: string, keepsNames: boolean): string {
  const commonJs = withRequire(keepsNames ? withNames(code) : code);
  return transformSync(commonJs, {
    minify: true,
    // Node.js prints the line of an error that nobody catches.
    lineLimit: 160,
    // Without a format it is a script, in which esbuild renames nothing at the top level.
    ...(keepsNames ? {} : { format: 'cjs' }),
    platform: 'node',
    target: 'node20',
    legalComments: 'eof',
  }).code;
}

/** Sets the names of the functions within others that stack traces show as an app's middleware. */
function withNames(code: string): string {
  const found: ts.FunctionDeclaration[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionDeclaration(node) && node.name?.text.endsWith('Middleware') && ts.isBlock(node.parent))
      found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('', code, ts.ScriptTarget.ES2023, true));
  let result = code;
  for (const { name, end } of found.toReversed()) {
    const { text } = name!; // it is what was found
    result = `${result.slice(0, end)}\nObject.defineProperty(${text}, 'name', { value: '${text}' });${result.slice(end)}`;
  }
  return result;
}

function withRequire(code: string): string {
  const { statements } = ts.createSourceFile('', code, ts.ScriptTarget.ES2023, true);
  let result = "'use strict';\nObject.defineProperty(exports, '__esModule', { value: true });\n";
  let from = 0;
  for (const statement of statements) {
    const put = ts.isImportDeclaration(statement)
      ? required(statement)
      : ts.isExportDeclaration(statement)
        ? exported(statement)
        : undefined;
    if (put === undefined) continue;
    result += code.slice(from, statement.getStart()) + put;
    from = statement.end;
  }
  return result + code.slice(from);
}

/** The files of the build require each other in one direction, so what is required is there. */
function required({ importClause, moduleSpecifier }: ts.ImportDeclaration): string {
  const path = (moduleSpecifier as ts.StringLiteral).text.replace(/^(\.\/.*)\.js$/, '$1.cjs');
  const { name, namedBindings } = importClause!; // none is imported for its effects
  const names: string[] = [];
  if (name !== undefined) names.push(name.text); // of a module of Node.js, which is its own default
  if (namedBindings !== undefined)
    names.push(
      ts.isNamespaceImport(namedBindings)
        ? namedBindings.name.text
        : `{ ${namedBindings.elements.map((each) => (each.propertyName === undefined ? each.name.text : `${each.propertyName.text}: ${each.name.text}`)).join(', ')} }`,
    );
  return names.map((each) => `const ${each} = require(${JSON.stringify(path)});`).join('\n');
}

function exported({ exportClause }: ts.ExportDeclaration): string {
  const { elements } = exportClause as ts.NamedExports; // esbuild writes no others
  return elements
    .map(({ name, propertyName }) => `exports.${name.text} = ${(propertyName ?? name).text};`)
    .join('\n');
}
