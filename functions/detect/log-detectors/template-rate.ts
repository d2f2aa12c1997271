import { normalTail } from '../../../layers/core/statistics/normal.ts';
import * as z from 'zod';
import { defineLineDetector } from '../../../layers/core/log-detector.ts';

const Params = z.object({
  /** Seconds counted together. Default 60. */
  bucket: z.number().positive().default(60),
  /** Buckets after which the past counts half. Default 240: four hours of minutes. */
  halfLife: z.number().positive().default(240),
  /** Buckets to have seen before anything is abnormal. Default 30. */
  warmUp: z.number().int().min(2).default(30),
  /** Templates followed at once, those seen longest ago are let go. Default 500. */
  templates: z.number().int().min(1).default(500),
});
type Params = z.infer<typeof Params>;

/** [lines in the open bucket, mean, variance of lines a bucket]. */
type Rate = readonly [count: number, mean: number, variance: number];

interface State {
  readonly params: Params;
  /** Number of the open bucket since the epoch; null before the first line. */
  readonly open: number | null;
  readonly closed: number;
  readonly rates: Readonly<Record<string, Rate>>;
}

/**
 * A message logged far more or far less often than usual. Each template's lines a bucket have a discounted mean and
 * variance (West and Harrison 1997, ch. 10: discounting). When a bucket closes its count is compared after Anscombe's
 * variance-stabilising transform (1948, Biometrika 35), widened where the log is more bursty than Poisson; the two-sided
 * p-value times the number of templates followed (Bonferroni) bounds the chance of so odd a bucket in a healthy log, and
 * the score is one less that. Lines older than the open bucket are counted in it; buckets without a line are counted as 0.
 */
export const detector = defineLineDetector<Params, State>({
  name: 'template-rate',
  summary: 'A log message that comes far more, or far less often than usual.',
  params: Params,
  start: (params) => ({ params, open: null, closed: 0, rates: {} }),
  step(state, { at, template }) {
    if (!Number.isFinite(at)) return { state, score: 0, because: [] };
    const bucket = Math.floor(at / state.params.bucket);
    if (state.open === null || bucket <= state.open)
      return { state: counted({ ...state, open: state.open ?? bucket }, template), score: 0, because: [] };
    const verdict = judge(state);
    const empty = Math.min(bucket - state.open - 1, 10 * state.params.halfLife);
    return { ...verdict, state: counted({ ...close(state, empty), open: bucket }, template) };
  },
});

function counted(state: State, template: number): State {
  const [count, mean, variance] = state.rates[template] ?? [0, 0, 0];
  return { ...state, rates: { ...state.rates, [template]: [count + 1, mean, variance] } };
}

function judge({ params, closed, rates }: State): { score: number; because: readonly string[] } {
  if (closed < params.warmUp) return { score: 0, because: [] };
  const all = Object.entries(rates).map(([template, rate]) => ({ template, rate, chance: chanceOf(rate, closed) }));
  const least = all.reduce((a, b) => (b.chance < a.chance ? b : a));
  const score = Math.max(0, 1 - all.length * least.chance);
  const [count, mean] = least.rate;
  const because = `Template ${least.template} came ${count} times in ${params.bucket} s, usually ${mean.toPrecision(2)}.`;
  return { score, because: score > 0 ? [because] : [] };
}

/** Two-sided tail of a count, given mean and variance learned from n buckets. */
function chanceOf([count, mean, variance]: Rate, n: number): number {
  const wide = Math.max(1, variance / Math.max(mean, 1 / n)) * (1 + 1 / n);
  const z = (2 * Math.abs(Math.sqrt(count + 0.375) - Math.sqrt(mean + 0.375))) / Math.sqrt(wide);
  return Math.min(1, 2 * normalTail(z));
}

/** Learns from the open bucket, and from as many empty ones after it; forgets what has long been silent. */
function close({ params, closed, rates }: State, empty: number): Pick<State, 'params' | 'closed' | 'rates'> {
  const keep = 0.5 ** (1 / params.halfLife);
  const learned = Object.entries(rates).map(([template, [count, mean, variance]]): [string, Rate] => {
    const share = Math.max(1 - keep, 1 / (closed + 1));
    const off = count - mean;
    const after = mean + share * off;
    const spread = (1 - share) * (variance + share * off * off);
    const silent = keep ** empty;
    return [template, [0, after * silent, spread * silent + after * after * silent * (1 - silent)]];
  });
  const followed = learned
    .filter(([, [, mean]]) => mean > 1e-6)
    .sort(([, a], [, b]) => b[1] - a[1])
    .slice(0, params.templates);
  return { params, closed: closed + 1 + empty, rates: Object.fromEntries(followed) };
}
