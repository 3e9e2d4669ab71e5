import { transformSync } from 'esbuild';
import ts from 'typescript';

/**
 * Converts an ES module of the build to minified CommonJS. Imports become constants, which are as fast as in the module:
 * esbuild and tsup would write a property access for every use, and tsup would also replace `?.` with functions.
 * @param keepsNames - whether the functions that apps receive keep their names: the module's own, and every `…Middleware`
 */
export function toCommonJs(code: string, keepsNames: boolean): string {
  const commonJs = withRequire(keepsNames ? withNames(code) : code);
  return transformSync(commonJs, {
    minify: true,
    // Node.js prints the source line of an uncaught error.
    lineLimit: 160,
    // Without a format esbuild treats the code as a script, and keeps the names at its top level.
    ...(keepsNames ? {} : { format: 'cjs' }),
    platform: 'node',
    target: 'node20',
    legalComments: 'eof',
  }).code;
}

/** Names the nested functions that appear in stack traces as an app's middleware. */
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
    const { text } = name!; // only named functions are found
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

/** The built files require each other in one direction only, so everything is defined when it is required. */
function required({ importClause, moduleSpecifier }: ts.ImportDeclaration): string {
  const path = (moduleSpecifier as ts.StringLiteral).text.replace(/^(\.\/.*)\.js$/, '$1.cjs');
  const { name, namedBindings } = importClause!; // the build has no imports for effects
  const names: string[] = [];
  if (name !== undefined) names.push(name.text); // only Node.js modules have defaults, and each is its own default
  if (namedBindings !== undefined)
    names.push(
      ts.isNamespaceImport(namedBindings)
        ? namedBindings.name.text
        : `{ ${namedBindings.elements.map((each) => (each.propertyName === undefined ? each.name.text : `${each.propertyName.text}: ${each.name.text}`)).join(', ')} }`,
    );
  return names.map((each) => `const ${each} = require(${JSON.stringify(path)});`).join('\n');
}

function exported({ exportClause }: ts.ExportDeclaration): string {
  const { elements } = exportClause as ts.NamedExports; // esbuild writes no other kind
  return elements
    .map(({ name, propertyName }) => `exports.${name.text} = ${(propertyName ?? name).text};`)
    .join('\n');
}
