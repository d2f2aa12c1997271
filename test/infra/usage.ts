import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FUNCTIONS, STEPS, type FunctionName } from '../../infra/functions.ts';

export type Table = 'incidents' | 'audit' | 'knowledge' | 'control';

/** The functions of the knowledge base that write their own module's table; all others only read it. */
const WRITING: Readonly<Record<Table, readonly string[]>> = {
  incidents: [
    'openOrJoin',
    'joinOpen',
    'takeUp',
    'freeParked',
    'update',
    'markOpen',
    'saveEvidence',
    'savePlan',
    'putAttempt',
    'updateAttempt',
    'setMutations',
    'setMutationState',
    'close',
  ],
  audit: ['append'],
  knowledge: ['putResource', 'removeResource', 'putAlarmIndex', 'putUnresolved', 'recordChange', 'learn'],
  control: [
    'acquire',
    'hold',
    'renew',
    'release',
    'setLever',
    'freeze',
    'unfreeze',
    'ask',
    'answer',
    'addRevert',
    'removeRevert',
    'removeKeptPointer',
    'claimTelling',
    'endStorm',
  ],
};

/** What they do to other tables in the same transaction. */
const BESIDES: Readonly<Record<string, { readonly writes?: readonly Table[]; readonly reads?: readonly Table[] }>> = {
  'incidents.openOrJoin': { writes: ['control'], reads: ['knowledge'] },
  'incidents.joinOpen': { writes: ['control'] },
  'incidents.takeUp': { writes: ['control'], reads: ['knowledge'] },
  'incidents.freeParked': { writes: ['control'] },
  'incidents.close': { writes: ['control'] },
  'incidents.setMutations': { reads: ['control'] },
  'control.acquire': { reads: ['knowledge', 'incidents'] },
  'control.brake': { reads: ['knowledge', 'incidents'] },
  'knowledge.learn': { writes: ['incidents'] },
};

export interface Usage {
  readonly reads: ReadonlySet<Table>;
  readonly writes: ReadonlySet<Table>;
}

const root = join(import.meta.dirname, '..', '..', 'functions');
const isStep = (name: FunctionName) => (STEPS as readonly FunctionName[]).includes(name);

/** The tables that a function's own source reads and writes. */
export function usageOf(name: FunctionName): Usage {
  const reads = new Set<Table>(isStep(name) ? ['audit', 'incidents'] : []);
  const writes = new Set<Table>(isStep(name) ? ['audit'] : []);
  for (const [, spread, table, verb] of sourceOf(name).matchAll(
    /(\.{3})?\b(?<!['"/])(incidents|audit|knowledge|control)\b(?:\.(\w+))?/g,
  )) {
    if (table === undefined || (!spread && !verb)) continue;
    const used = table as Table;
    reads.add(used);
    // Ports made of the whole module: what they use of it is not seen here, so all of it counts.
    if (spread || WRITING[used].includes(verb ?? '')) writes.add(used);
    for (const other of BESIDES[`${table}.${verb}`]?.writes ?? []) writes.add(other);
    for (const other of BESIDES[`${table}.${verb}`]?.reads ?? []) reads.add(other);
  }
  for (const table of writes) reads.add(table);
  return { reads, writes };
}

/** All files of its folder but the handlers of other functions, plug-ins (which have no knowledge base) and comments. */
function sourceOf(name: FunctionName): string {
  const { folder, file = 'handler.ts' } = FUNCTIONS[name] as { folder: string; file?: string };
  const others = Object.values(FUNCTIONS)
    .filter((other) => other.folder === folder)
    .map((other): string => ('file' in other ? other.file : 'handler.ts'))
    .filter((other) => other !== file);
  if (!existsSync(join(root, folder, file))) throw new Error(`functions/${folder}/${file} is missing`);
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !others.includes(path))
    .map((path) => readFileSync(join(root, folder, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''))
    .join('\n');
}
