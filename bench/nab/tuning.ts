import { columns } from '../support/columns.ts';
import { fromScores, runOurs } from './entrants.ts';
import { normalised, type Profile } from './score.ts';
import { syntheticCases } from './synthetic.ts';

const SEEDS = [11, 12, 13];
const SERIES = 60;
/** NAB's own weights. */
const PROFILES: readonly Profile[] = [
  { name: 'standard', tp: 1, fp: 0.11, fn: 1 },
  { name: 'reward_low_FP_rate', tp: 1, fp: 0.22, fn: 1 },
  { name: 'reward_low_FN_rate', tp: 1, fp: 0.11, fn: 2 },
];

/** `--synthetic`: the same scoring on series made from a seed, which choices are made on. */
export function runSynthetic(print: (line: string) => void): void {
  const rows = SEEDS.map((seed) => {
    const cases = syntheticCases(SERIES, seed);
    const windows = cases.reduce((sum, each) => sum + each.windows.length, 0);
    const scores = cases.map((each) => runOurs(each).scores);
    const { raw } = fromScores('ours', cases, scores, PROFILES);
    const cells = PROFILES.map((profile) => {
      const total = (raw[profile.name] ?? []).reduce((sum, each) => sum + each, 0);
      return normalised(total, windows, profile).toFixed(1);
    });
    return [`seed ${seed}: ${SERIES} series, ${windows} windows`, ...cells];
  });
  print(columns([['synthetic', ...PROFILES.map(({ name }) => name)], ...rows]));
}
