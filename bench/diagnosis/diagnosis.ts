/**
 * Diagnosis of recorded and modelled incidents: the right resource and fault, by the decision table alone, by the model
 * alone, and by both, as Diagnose uses them; and what a diagnosis costs.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mustBeWritable } from '../../cli/output-files.ts';
import { wholeNumber } from '../../cli/command.ts';
import type { Hypothesis } from '../../layers/core/diagnosis.ts';
import { byRules } from '../../functions/diagnose/by-rules.ts';
import { diagnose } from '../../functions/diagnose/diagnose.ts';
import { featuresOf } from '../../functions/diagnose/features/features.ts';
import { byModel } from '../../functions/diagnose/model/by-model.ts';
import { shippedModel } from '../../functions/diagnose/model/shipped.ts';
import { rootsOf } from '../../functions/diagnose/roots/roots.ts';
import { estimate, estimateOf, resultOf, save, table, type Row, type SetResult } from '../support/measured-table.ts';
import { casesOf, type Case } from './episodes.ts';
import { measureCost } from './measure-cost.ts';
import { isForTuning, keptRecords, recordsIn } from './records.ts';
import { confusions, faultsOf, judged } from './truth.ts';

/** Training uses seeds below; see train.ts. */
export const FIRST_SCORED = 1001;

const HELP = `Options: --data DIR (default: PRUNELLA_DATA, else data/), --json FILE, --seeds N (default 40), --cost-only
The sets: incidents recorded on the local account, which are kept beside the bench; what \`npm start -- --record DIR/diagnosis\`
and \`npm run simulate -- --record DIR/diagnosis\` keep, where there is any; and incidents of the modelled shop on seeds from
${FIRST_SCORED} on, which the model was not trained on.`;

const OPTIONS = {
  data: { type: 'string' },
  json: { type: 'string' },
  seeds: { type: 'string' },
  'cost-only': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

export async function run(args: readonly string[], print: (line: string) => void = console.log): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help) return print(HELP);
  mustBeWritable(values);
  const results: Record<string, SetResult> = {};
  if (!values['cost-only']) {
    const folder = join(values.data ?? process.env['PRUNELLA_DATA'] ?? 'data', 'diagnosis');
    const kept = keptRecords();
    const sets: Readonly<Record<string, readonly Case[]>> = {
      'recorded incidents, tuned on': kept.filter(isForTuning),
      'recorded incidents': kept.filter((one) => !isForTuning(one)),
      'recorded incidents of the folder': recordsIn(folder),
      'modelled incidents': await scoreSeeds(wholeNumber(values, 'seeds', 40)),
    };
    for (const [title, cases] of Object.entries(sets))
      if (cases.length > 0) results[title] = scored(title, cases, print);
  }
  print(`\n${await measureCost()}`);
  save(values.json, results);
}

async function scoreSeeds(count: number): Promise<Case[]> {
  const all: Case[] = [];
  for (let seed = FIRST_SCORED; seed < FIRST_SCORED + count; seed += 1) all.push(...(await casesOf(seed)));
  return all;
}

interface Said {
  readonly one: Case;
  readonly rules: boolean;
  readonly model: boolean;
  readonly fault: boolean;
  readonly root: boolean;
  readonly first: Hypothesis | undefined;
}

function say(one: Case): Said {
  const { evidence } = one;
  const names = faultsOf(one);
  const isRight = (hypotheses: readonly Hypothesis[]) => names.includes(hypotheses[0]?.fault ?? '');
  const diagnosis = diagnose(evidence);
  return {
    one,
    rules: isRight(byRules(evidence)),
    model: isRight(byModel(evidence, featuresOf(evidence, rootsOf(evidence)), shippedModel())),
    ...judged(one, diagnosis),
    first: diagnosis.hypotheses[0],
  };
}

function scored(title: string, cases: readonly Case[], print: (line: string) => void): SetResult {
  const started = performance.now();
  const said = cases.map(say);
  const seconds = (performance.now() - started) / 1000;
  const share = (right: (one: Said) => boolean) => estimate(said.map((one) => (right(one) ? 1 : 0)));
  const rows: Row[] = [
    {
      name: 'Prunella: rules and model',
      metrics: {
        fault: share(({ fault }) => fault),
        resource: share(({ root }) => root),
        'resource and fault': share(({ fault, root }) => fault && root),
        'calibration error': estimateOf(said, calibration),
      },
    },
    { name: 'the decision table alone', metrics: { fault: share(({ rules }) => rules) } },
    { name: 'the model alone', metrics: { fault: share(({ model }) => model) } },
  ];
  print(`\n${table(title, rows)}\n`);
  for (const line of confusions(said.map(({ one, first, fault, root }) => ({ one, named: first?.fault, fault, root }))))
    print(line);
  return resultOf(rows, seconds);
}

/** Expected calibration error of the first hypothesis over ten bins (Naeini et al. 2015). */
function calibration(said: readonly Said[]): number {
  const bins = Map.groupBy(said, ({ first }) => Math.min(9, Math.floor((first?.confidence ?? 0) * 10)));
  const gaps = [...bins.values()].map((bin) =>
    Math.abs(bin.reduce((sum, { first, fault }) => sum + (first?.confidence ?? 0) - (fault ? 1 : 0), 0)),
  );
  return gaps.reduce((sum, gap) => sum + gap, 0) / Math.max(1, said.length);
}
