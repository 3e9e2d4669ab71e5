/** The README's code: every block is type-checked, the servers of it run, and what it says of names holds. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks = Array.from(readme.matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) => code!);
const folder = mkdtempSync(join(root, 'node_modules/.readme-'));

afterAll(() => rmSync(folder, { recursive: true }));

test('has the two commands, and code to check', () => {
  expect(readme).toContain('npm ci && npm start');
  expect(readme).toContain('npm ci && npm test');
  expect(blocks.length).toBeGreaterThanOrEqual(6);
});

test('the quick start has ten lines at most', () => {
  expect(blocks[0]!.trim().split('\n').length).toBeLessThanOrEqual(10);
  expect(blocks[0]).toContain('accountHash');
});

describe('each block', () => {
  test('is typed as it stands, against the package as it is built', () => {
    mkdirSync(join(folder, 'blocks'));
    const files = blocks.map((code, index) => {
      const file = join(folder, 'blocks', `block-${index}.ts`);
      writeFileSync(file, `${code}\nexport {};\n`);
      return file;
    });
    const options: ts.CompilerOptions = {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: true,
      noEmit: true,
      types: ['node'],
      paths: {
        'image-signer': [join(root, 'dist/index.d.ts')],
        'image-signer/*': [join(root, 'dist/*.d.ts')],
      },
    };
    // Parsed once, since each program has the same libraries.
    const host = ts.createCompilerHost(options);
    const parsed = new Map<string, ts.SourceFile | undefined>();
    const parse = host.getSourceFile.bind(host);
    host.getSourceFile = (file, ...how) => {
      if (!parsed.has(file)) parsed.set(file, parse(file, ...how));
      return parsed.get(file);
    };
    for (const file of files) {
      // Each for itself: what one of them declares globally is not there for the next.
      const program = ts.createProgram([file], options, host);
      const messages = ts
        .getPreEmitDiagnostics(program)
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
      expect(messages, readFileSync(file, 'utf8')).toEqual([]);
    }
  });

  test('that makes an app or a server runs', async () => {
    process.env['IMAGES_KEY'] = 'a-key-for-the-readme';
    const runnable = blocks.filter((code) => !code.includes('createReadStream'));
    expect(runnable.length).toBeGreaterThanOrEqual(5);
    for (const [index, code] of runnable.entries()) {
      const { outputText } = ts.transpileModule(code, {
        compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
      });
      const file = join(folder, `run-${index}.mjs`);
      const built = outputText.replaceAll(
        /(from|import) ['"]image-signer(?:\/(\w+))?['"]/g,
        (_, word, entry = 'index') => {
          return `${word} ${JSON.stringify(join(root, `dist/${entry}.js`))}`;
        },
      );
      writeFileSync(file, built);
      await expect(import(file)).resolves.toBeDefined();
    }
  });
});

describe('what it says', () => {
  test('types the helpers on a bare server', () => {
    expect(blocks.some((code) => code.includes('request as IncomingMessage & Express.Request'))).toBe(true);
  });

  const rows = (heading: string): string[] => {
    const section = readme.split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!;
    return Array.from(section.matchAll(/^\| `(\w+)`/gm), ([, name]) => name!);
  };

  test('names every option', () => {
    const types = readFileSync(join(root, 'src/options/types.ts'), 'utf8');
    const membersOf = (name: string): string[] => {
      const body = types.split(new RegExp(`interface ${name}\\b[^{]*\\{`))[1]!.split('\n}')[0]!;
      return Array.from(body.matchAll(/^ {2}(?:readonly )?(\w+)\??[(:]/gm), ([, member]) => member!);
    };
    expect(rows('Options').sort()).toEqual(
      ['scheme', ...membersOf('SignerOptionsFor'), ...membersOf('MiddlewareOptionsFor')].sort(),
    );
    expect(rows('Deliver images yourself').sort()).toEqual(membersOf('GuardOptions').sort());
    expect(rows('Sign on demand').sort()).toEqual(membersOf('EndpointOptions').sort());
    expect(rows('What is rewritten').slice(1).sort()).toEqual(membersOf('RewriteOptions').sort());
  });

  test('names every code and every reason', () => {
    for (const [file, pattern] of [
      ['src/errors.ts', /^ {2}\| '([A-Z_]+)'/gm],
      ['src/options/types.ts', /^ {2}\| '([a-z-]+)'/gm],
    ] as const) {
      const names = Array.from(readFileSync(join(root, file), 'utf8').matchAll(pattern), ([, name]) => name!);
      expect(names.length).toBeGreaterThan(5);
      for (const name of names) expect(readme, name).toContain(`\`${name}\``);
    }
  });
});
