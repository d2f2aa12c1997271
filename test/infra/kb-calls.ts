import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';

export const TABLES = ['incidents', 'audit', 'knowledge', 'control'] as const;
export type Table = (typeof TABLES)[number];

/** An IAM action on one of the tables, e.g. `control dynamodb:PutItem`. */
export type TableCall = `${Table} dynamodb:${string}`;

/** What sends something to a table: the action it needs, and which of its arguments is the table. */
const SENDS: Readonly<Record<string, { readonly action: string; readonly table: number }>> = {
  put: { action: 'PutItem', table: 1 },
  update: { action: 'UpdateItem', table: 1 },
  remove: { action: 'DeleteItem', table: 1 },
  check: { action: 'ConditionCheckItem', table: 1 },
  read: { action: 'GetItem', table: 0 },
  readMany: { action: 'BatchGetItem', table: 0 },
  query: { action: 'Query', table: 0 },
  scan: { action: 'Scan', table: 0 },
};
const SENDERS = /(writes|database)\.ts$/;

const folder = join(import.meta.dirname, '..', '..', 'layers', 'runtime', 'kb');

interface Module {
  /** Names as they are known here, by where they come from: `<module>#<name there>`. */
  readonly imports: ReadonlyMap<string, string>;
  readonly exports: ReadonlyMap<string, string>;
  /** Top-level functions and constants, by name. */
  readonly bodies: ReadonlyMap<string, ts.Node>;
}

const textOf = (specifier: ts.Expression): string => (ts.isStringLiteral(specifier) ? specifier.text : '');
const isTable = (name: string | undefined): name is Table => TABLES.includes(name as Table);

const modules = new Map(
  readdirSync(folder).map((file) => [
    basename(file, '.ts'),
    moduleOf(ts.createSourceFile(file, readFileSync(join(folder, file), 'utf8'), ts.ScriptTarget.Latest, true)),
  ]),
);

function moduleOf(source: ts.SourceFile): Module {
  const imports = new Map<string, string>();
  const exports = new Map<string, string>();
  const bodies = new Map<string, ts.Node>();
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement)) {
      const named = statement.importClause?.namedBindings;
      if (named === undefined || !ts.isNamedImports(named)) continue;
      for (const { name, propertyName } of named.elements)
        imports.set(name.text, `${textOf(statement.moduleSpecifier)}#${(propertyName ?? name).text}`);
    } else if (
      ts.isExportDeclaration(statement) &&
      statement.exportClause &&
      ts.isNamedExports(statement.exportClause)
    ) {
      for (const { name, propertyName } of statement.exportClause.elements)
        exports.set(
          name.text,
          `${statement.moduleSpecifier ? textOf(statement.moduleSpecifier) : ''}#${(propertyName ?? name).text}`,
        );
    } else if (ts.isFunctionDeclaration(statement) && statement.name) {
      bodies.set(statement.name.text, statement);
    } else if (ts.isVariableStatement(statement)) {
      for (const { name, initializer } of statement.declarationList.declarations)
        if (ts.isIdentifier(name) && initializer) bodies.set(name.text, initializer);
    }
  }
  return { imports, exports, bodies };
}

/** The table that an expression names: `config().tables.control`, `table()` of the module, or a name taken out of them. */
function tableOf(expression: ts.Expression | undefined, module: Module): Table {
  if (expression !== undefined && ts.isCallExpression(expression)) {
    const made = module.bodies.get(expression.expression.getText());
    if (made !== undefined && ts.isArrowFunction(made) && !ts.isBlock(made.body)) return tableOf(made.body, module);
  }
  const last = expression?.getText().split('.').at(-1);
  if (isTable(last)) return last;
  throw new Error(`${expression?.getSourceFile().fileName}: which table is ${expression?.getText() ?? 'nothing'}?`);
}

/** All that a top-level name of a module can send, itself or by what it mentions. */
function sentBy(moduleName: string, name: string, seen: Set<string>): TableCall[] {
  const module = modules.get(moduleName);
  const body = module?.bodies.get(name);
  const key = `${moduleName}#${name}`;
  if (module === undefined || body === undefined || seen.has(key)) return [];
  seen.add(key);
  const found: TableCall[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      const from = module.imports.get(node.expression.text) ?? '';
      const send = SENDERS.test(from.split('#')[0] ?? '') ? SENDS[from.split('#')[1] ?? ''] : undefined;
      if (send) found.push(`${tableOf(node.arguments[send.table], module)} dynamodb:${send.action}`);
    }
    if (ts.isTypeNode(node)) return;
    if (ts.isIdentifier(node) && isReference(node)) found.push(...sentByName(moduleName, module, node.text, seen));
    ts.forEachChild(node, visit);
  };
  visit(body);
  return found;
}

/** Whether a name stands for what is declared elsewhere, and is not itself a member's, a parameter's or a variable's. */
function isReference(name: ts.Identifier): boolean {
  const { parent } = name;
  const isMember = ts.isPropertyAccessExpression(parent) && parent.name === name;
  const isDeclared =
    (ts.isPropertyAssignment(parent) ||
      ts.isBindingElement(parent) ||
      ts.isParameter(parent) ||
      ts.isVariableDeclaration(parent)) &&
    parent.initializer !== name;
  return !isMember && !isDeclared && !isLocal(name);
}

/** Whether a variable or parameter of the same name stands nearer. */
function isLocal({ text, parent }: ts.Identifier): boolean {
  for (let scope: ts.Node | undefined = parent; scope !== undefined; scope = scope.parent) {
    let declared = false;
    const visit = (node: ts.Node): void => {
      const names = ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node);
      if (names && ts.isIdentifier(node.name) && node.name.text === text) declared = true;
      if (node === scope || !ts.isFunctionLike(node)) ts.forEachChild(node, visit);
    };
    if (ts.isFunctionLike(scope)) visit(scope);
    if (declared) return true;
  }
  return false;
}

function sentByName(moduleName: string, module: Module, name: string, seen: Set<string>): TableCall[] {
  const [specifier, there = name] = module.imports.get(name)?.split('#') ?? [];
  if (specifier === undefined) return module.bodies.has(name) ? sentBy(moduleName, name, seen) : [];
  return specifier.startsWith('./') ? sentBy(basename(specifier, '.ts'), there, seen) : [];
}

/** What each function of the knowledge base can send: `incidents.close` → its calls. Read off its source. */
export const kbCalls: ReadonlyMap<string, ReadonlySet<TableCall>> = new Map(
  TABLES.flatMap((namespace) => exportedBy(namespace).map(([name, calls]) => [`${namespace}.${name}`, calls] as const)),
);

function exportedBy(namespace: Table): (readonly [string, ReadonlySet<TableCall>])[] {
  const module = modules.get(namespace);
  if (module === undefined) throw new Error(`the knowledge base has no module ${namespace}.ts`);
  const own = [...module.bodies.keys()].map((name) => [name, `#${name}`] as const);
  return [...own, ...module.exports].map(([name, from]) => {
    const [specifier = '', there = name] = from.split('#');
    return [name, new Set(sentBy(specifier === '' ? namespace : basename(specifier, '.ts'), there, new Set()))];
  });
}
