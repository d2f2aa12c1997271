import { Learned } from '../../core/sequence.ts';
import { read, transact } from '../database.ts';
import { config } from '../env.ts';
import { put } from '../writes.ts';
import type { Key } from '../writes.ts';

const table = (): string => config().tables.knowledge;
/** One record for the whole account: a sequence leads from one type of resource to another. */
const KEY: Key = { pk: 'SEQUENCES', sk: 'LEARNED' };

/** Which trouble follows which, as it was learned last; undefined before. */
export async function learnedSequences(): Promise<Learned | undefined> {
  return read(table(), KEY, Learned);
}

export async function putSequences(learned: Learned): Promise<void> {
  await transact([put('sequences', table(), { ...KEY, ...Learned.parse(learned) })]);
}
