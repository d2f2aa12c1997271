/**
 * Root cause and fault type on Nezha: Online Boutique (metrics and calls) and Train-Ticket (metrics, logs and traces).
 *
 * Nothing of ours is learned from root causes or types; the peers for types learn from all other cases of the system.
 */
import { join } from 'node:path';
import type { Ranked } from '../../functions/diagnose/ranking/input.ts';
import { rank } from '../../functions/diagnose/ranking/rank.ts';
import { estimate, resultOf, save, table, type Row, type SetResult } from '../support/measured-table.ts';
import { optionsOf } from '../support/public-set.ts';
import { casesIn, type Case } from './cases.ts';
import type { Fault } from './read.ts';
import { typeRows } from './types.ts';

const SOURCE = 'github.com/IntelligentDDS/Nezha (Yu et al., FSE 2023)';

export async function run(args: readonly string[], print: (line: string) => void = console.log): Promise<void> {
  const options = optionsOf(args, 'nezha', SOURCE, print);
  if (!options) return;
  const cases = casesIn(options.folder);
  if (cases.length === 0)
    return print(`nezha: no fault in ${join(options.folder, 'rca_data')}. They come from ${SOURCE}.`);
  const results: Record<string, SetResult> = {};
  for (const [system, of] of Map.groupBy(cases, ({ fault }) => fault.system)) {
    const started = performance.now();
    const ranked = of.map(({ input, fault }) => ({ fault, ranked: rank(input) }));
    const seconds = (performance.now() - started) / 1000;
    const rows = [
      row('Prunella', ranked),
      row(
        'largest z',
        of.map((one) => largest(one)),
      ),
      row(
        'largest CPU z',
        of.map((one) => largest(one, 'cpu')),
      ),
    ];
    print(`\n${table(`Nezha, ${system}`, rows)}`);
    results[`nezha ${system}`] = resultOf(rows, seconds);
    const types = typeRows(
      of,
      ranked.map((one) => one.ranked),
    );
    print(`\n${table(`Nezha, ${system}, fault type`, types.rows)}`);
    if (types.missing !== undefined) print(`no learned peer: ${types.missing}`);
    results[`nezha ${system} type`] = resultOf(types.rows, seconds);
  }
  save(options.json, results);
}

interface Answer {
  readonly fault: Fault;
  readonly ranked: readonly Ranked[];
}

function row(name: string, answers: readonly Answer[]): Row {
  const places = answers.map(({ fault, ranked }) => ({
    type: fault.type,
    place: ranked.findIndex(({ node }) => node === fault.service),
  }));
  const within = (k: number, type?: string) =>
    estimate(places.filter((one) => !type || one.type === type).map(({ place }) => (place >= 0 && place < k ? 1 : 0)));
  const types = [...new Set(places.map(({ type }) => type))].sort();
  return {
    name,
    metrics: {
      'AS@1': within(1),
      'AS@3': within(3),
      'AS@5': within(5),
      ...Object.fromEntries(types.map((type) => [type, within(1, type)])),
    },
  };
}

/** What the metrics alone say when each is judged for itself: no calls, no logs. */
function largest({ input, fault }: Case, kind?: string): Answer {
  const measured = input.measured.filter((one) => !kind || one.kind === kind);
  return { fault, ranked: rank({ measured, edges: [], onset: input.onset }) };
}
