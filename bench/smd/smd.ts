/** Server Machine Dataset (Su et al. 2019): 38 metrics of servers, a row a minute. */
import { minutes } from '../../layers/core/units.ts';
import { runServiceBench } from '../support/service-bench.ts';

export const run = (args: readonly string[], print: (line: string) => void = console.log): Promise<void> =>
  runServiceBench(
    {
      name: 'smd',
      step: minutes(1),
      source:
        'github.com/NetManAIOps/OmniAnomaly, packed as NAME.{train,test}.csv.gz and NAME.test_label.txt.gz (github.com/zhhlee/InterFusion, data/processed)',
      wholeSet: 'Best peer of all 8 machines: mean |z| .540 (AUC-PR), .566 (best F1).',
    },
    args,
    print,
  );
