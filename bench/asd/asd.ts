/** Application Server Dataset (Li et al. 2021): 19 metrics of application servers, a row every 5 minutes. */
import { minutes } from '../../layers/core/units.ts';
import { runServiceBench } from '../support/service-bench.ts';

export const run = (args: readonly string[], print: (line: string) => void = console.log): Promise<void> =>
  runServiceBench(
    {
      name: 'asd',
      step: minutes(5),
      source:
        'github.com/zhhlee/InterFusion, data/processed, packed as NAME.{train,test}.csv.gz and NAME.test_label.txt.gz',
      wholeSet: 'Best peer of all 12 servers: PCA residual .283 (AUC-PR), .366 (best F1).',
    },
    args,
    print,
  );
