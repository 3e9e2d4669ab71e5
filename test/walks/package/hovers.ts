/** What an editor shows of the built declarations: one hover for each name that stands in them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { builtFolder, root } from '../../support/root.ts';

export interface Hover {
  /** Where the name stands, such as `index.d.cts: imageSigner`. */
  readonly place: string;
  readonly kind: 'function' | 'option' | 'other';
  readonly words: string;
  readonly tags: Readonly<Record<string, readonly string[]>>;
}

type Named = ts.Node & { readonly name?: ts.Node };

/** The hovers of `dist/*.d.cts`, and of the client, which has no CommonJS, through TypeScript's language service. */
export function readHovers(): Hover[] {
  const files = readdirSync(builtFolder)
    .filter((file) => file.endsWith('.d.cts') || file === 'client.d.ts')
    .map((file) => join(builtFolder, file));
  const service = ts.createLanguageService({
    getCompilationSettings: () => ({
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
      types: ['node'],
    }),
    getScriptFileNames: () => files,
    getScriptVersion: () => '1',
    getScriptSnapshot: (file) =>
      ts.sys.fileExists(file) ? ts.ScriptSnapshot.fromString(readFileSync(file, 'utf8')) : undefined,
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
  const program = service.getProgram()!;
  const checker = program.getTypeChecker();
  return files.flatMap((file) => {
    const source = program.getSourceFile(file)!;
    return documented(source).map((node) => {
      const at =
        node.name ?? node.getChildren().find((child) => child.kind === ts.SyntaxKind.ConstructorKeyword)!;
      const info = service.getQuickInfoAtPosition(file, at.getStart());
      const tags: Record<string, string[]> = {};
      for (const { name, text } of info?.tags ?? [])
        tags[name] = [...(tags[name] ?? []), ts.displayPartsToString(text)];
      return {
        place: `${file.slice(builtFolder.length + 1)}: ${pathOf(node)}`,
        kind: kindOf(node, checker),
        words: ts.displayPartsToString(info?.documentation),
        tags,
      };
    });
  });
}

/** What a user may hover over: declarations, and the members of interfaces, classes and object types. */
function documented(source: ts.SourceFile): Named[] {
  const found: Named[] = [];
  const exported = exportedNames(source);
  const visit = (node: ts.Node): void => {
    const isNeverProperty =
      ts.isPropertySignature(node) &&
      node.type?.kind === ts.SyntaxKind.NeverKeyword &&
      node.name.getText() !== 'signer';
    // A variable that is not exported: nobody writes it, and the members of a table are no more than the codes of a type.
    if (ts.isVariableDeclaration(node) && !exported.has(node.name.getText())) return;
    const isHidden = ts.isPropertySignature(node) && ts.isComputedPropertyName(node.name);
    if (isDocumented(node) && !isNeverProperty && !isHidden) found.push(node);
    // Parameters are told about by their function; an object type in `Extract<…>` only selects.
    if (!ts.isFunctionDeclaration(node) && !ts.isTypeReferenceNode(node)) ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** By the lists at the end of a built file, under the names that they have within it. */
function exportedNames(source: ts.SourceFile): ReadonlySet<string> {
  const lists = source.statements.flatMap((statement) =>
    ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)
      ? [...statement.exportClause.elements]
      : [],
  );
  return new Set(lists.map(({ propertyName, name }) => (propertyName ?? name).text));
}

function isDocumented(node: ts.Node): node is Named {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isVariableDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isConstructorDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isPropertySignature(node) ||
    ts.isMethodSignature(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isMethodDeclaration(node)
  );
}

function kindOf(node: Named, checker: ts.TypeChecker): Hover['kind'] {
  const isCalled =
    ts.isVariableDeclaration(node) && checker.getTypeAtLocation(node).getCallSignatures().length > 0;
  if (isCalled || ts.isFunctionDeclaration(node)) return 'function';
  const isMember = ts.isPropertySignature(node) || ts.isMethodSignature(node);
  const { parent } = node;
  const isOfOptions =
    ts.isInterfaceDeclaration(parent) && /(?:Options(?:For)?|Policy)$/.test(parent.name.text);
  return isMember && node.questionToken !== undefined && isOfOptions ? 'option' : 'other';
}

function pathOf(node: Named): string {
  const names: string[] = [];
  for (let each: ts.Node = node; each.parent !== undefined; each = each.parent) {
    const { name } = each as Named;
    if (isDocumented(each)) names.unshift(name?.getText() ?? 'constructor');
  }
  return names.join('.');
}
