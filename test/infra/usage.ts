import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync, type BuildOptions } from 'esbuild';
import { actions } from '../../functions/recover/actions.generated.ts';
import { FUNCTIONS, type FunctionName } from '../../infra/functions.ts';
import { kbCalls, TABLES, type Table, type TableCall } from './kb-calls.ts';

export type { Table, TableCall } from './kb-calls.ts';

const root = join(import.meta.dirname, '..', '..');

/** What some code can send to AWS. */
export interface Usage {
  /** IAM actions, but for those on Prunella's own tables. */
  readonly actions: ReadonlySet<string>;
  /** Calls to the tables, with the table. */
  readonly calls: ReadonlySet<TableCall>;
  readonly reads: ReadonlySet<Table>;
  readonly writes: ReadonlySet<Table>;
}

/** The SDK's clients by their packages, as IAM calls their services. */
const PREFIXES: Readonly<Record<string, string>> = {
  'application-auto-scaling': 'application-autoscaling',
  'bedrock-runtime': 'bedrock',
  'cloudwatch-logs': 'logs',
  'elastic-load-balancing-v2': 'elasticloadbalancing',
  'resource-groups-tagging-api': 'tag',
  sfn: 'states',
};
/** Operations that IAM names otherwise, or that need a further right beside their own. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  'bedrock:Converse': ['bedrock:InvokeModel'],
  'lambda:Invoke': ['lambda:InvokeFunction'],
  'eventbridge:PutEvents': ['events:PutEvents'],
  'sqs:SendMessageBatch': ['sqs:SendMessage'],
  'ecs:RegisterTaskDefinition': ['ecs:RegisterTaskDefinition', 'iam:PassRole'],
};
const COMMAND = /node_modules\/@aws-sdk\/client-([\w-]+)\/.*\/(\w+)Command\.js$/;
const WRITING = /:(Put|Update|Delete)Item$/;

const entryOf = (name: FunctionName): string => {
  const { folder, file = 'handler.ts' } = FUNCTIONS[name] as { folder: string; file?: string };
  return `functions/${folder}/${file}`;
};
const actionFile = (name: string): string => `functions/recover/actions/${name}.ts`;

const OPTIONS = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  metafile: true,
  platform: 'node',
  format: 'esm',
  mainFields: ['module', 'main'],
  conditions: ['module'],
  external: ['@aws-sdk/credential-provider-*', '@smithy/credential-provider-imds'],
  outdir: 'out',
  logLevel: 'silent',
} as const satisfies BuildOptions;

type Inputs = Readonly<Record<string, { readonly bytesInOutput: number }>>;
const filesOf = (inputs: Inputs): string[] =>
  Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : []));

/** What is left of each function and action after all that it does not use was shaken off: its files. */
function bundleAll(): Map<string, readonly string[]> {
  const names = Object.keys(FUNCTIONS) as FunctionName[];
  const lazy = names.filter((name) => 'lazy' in FUNCTIONS[name]).map(entryOf);
  const whole = names.map(entryOf).filter((entry) => !lazy.includes(entry));
  const { metafile } = buildSync({ ...OPTIONS, entryPoints: [...whole, ...Object.keys(actions).map(actionFile)] });
  return new Map([
    ...Object.values(metafile.outputs).map(({ entryPoint = '', inputs }) => [entryPoint, filesOf(inputs)] as const),
    ...lazy.map((entry) => [entry, filesOfLazy(entry)] as const),
  ]);
}

/** Nothing is shaken off what `import()` asks for, unless it becomes a file of its own, as it does when it is deployed. */
function filesOfLazy(entry: string): string[] {
  const { metafile } = buildSync({ ...OPTIONS, entryPoints: [entry], splitting: true });
  return Object.values(metafile.outputs).flatMap(({ inputs }) => filesOf(inputs));
}

/** The actions of the SDK's commands among these files. */
function actionsIn(files: readonly string[]): Set<string> {
  const found = files.flatMap((file) => {
    const [, client, operation] = COMMAND.exec(file) ?? [];
    // The one client of DynamoDB that is always there is the tables', whose calls are told apart by table.
    if (client === undefined || client === 'dynamodb') return [];
    const action = `${PREFIXES[client] ?? client}:${operation}`;
    return ACTIONS[action] ?? [action];
  });
  return new Set(found);
}

/** What the code asks of the knowledge base: the functions it names, or, of a module spread into ports, those it names. */
function callsIn(files: readonly string[]): Set<TableCall> {
  const text = files
    .filter((file) => /^(functions|layers\/runtime)\//.test(file) && !file.startsWith('layers/runtime/kb/'))
    .map((file) => readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''))
    .join('\n');
  const spread = TABLES.filter((table) => text.includes(`...${table}`));
  return new Set(
    [...kbCalls].flatMap(([name, calls]) => {
      const [table = '', verb = ''] = name.split('.');
      const named = new RegExp(`\\b${table}\\.${verb}\\b`).test(text);
      const through = spread.includes(table as Table) && new RegExp(`\\.${verb}\\b`).test(text);
      return named || through ? [...calls] : [];
    }),
  );
}

function usageIn(files: readonly string[]): Usage {
  const calls = callsIn(files);
  const tablesOf = (matches: (call: TableCall) => boolean): Set<Table> =>
    new Set([...calls].filter(matches).map((call) => call.split(' ')[0] as Table));
  return {
    actions: actionsIn(files),
    calls,
    reads: tablesOf(() => true),
    writes: tablesOf((call) => WRITING.test(call)),
  };
}

let bundles: ReadonlyMap<string, readonly string[]> | undefined;
const known = new Map<string, Usage>();

function usageOfFile(entry: string): Usage {
  bundles ??= bundleAll();
  const usage = known.get(entry) ?? usageIn(bundles.get(entry) ?? []);
  known.set(entry, usage);
  return usage;
}

/** What a function can send. */
export const usageOf = (name: FunctionName): Usage => usageOfFile(entryOf(name));

/** What an action of the catalogue can send, with what it imports. */
export const usageOfAction = (name: string): Usage => usageOfFile(actionFile(name));
