import { describe, expect, it } from 'vitest';

import {
  evaluateAlarm,
  evaluationRange,
  tooFewSamples,
  type Datapoint,
  type TreatMissingData,
} from '../../../sandbox/cloudwatch/evaluate.ts';

// The tables of "How alarm state is evaluated when data is missing", in "Configuring how CloudWatch alarms treat missing
// data", Amazon CloudWatch User Guide (docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html).
// 0 is within the threshold, X breaches, - is missing; the newest is on the right. N = 3, evaluation range 5.
const RETAIN = 'retain';
const NO_DATA = 'INSUFFICIENT_DATA';

/** Columns: data points, how many are filled, then the state for missing, ignore, breaching, notBreaching. */
type Row = readonly [string, number, string, string, string, string];

const THREE_OF_THREE: readonly Row[] = [
  ['0 - X - X', 0, 'OK', 'OK', 'OK', 'OK'],
  ['0 - - - -', 2, 'OK', 'OK', 'OK', 'OK'],
  ['- - - - -', 3, NO_DATA, RETAIN, 'ALARM', 'OK'],
  ['0 X X - X', 0, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['- - X - -', 2, 'ALARM', RETAIN, 'ALARM', 'OK'],
];

const TWO_OF_THREE: readonly Row[] = [
  ['0 - X - X', 0, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['0 0 X 0 X', 0, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['0 - X - -', 1, 'OK', 'OK', 'ALARM', 'OK'],
  ['- - - - 0', 2, 'OK', 'OK', 'ALARM', 'OK'],
  ['- - - X -', 2, 'ALARM', RETAIN, 'ALARM', 'OK'],
];

// The 2018 edition of the same page (awsdocs/amazon-cloudwatch-user-guide, doc_source/AlarmThatSendsEmail.md, commit
// 05fd32f) has these rows too.
const THREE_OF_THREE_2018: readonly Row[] = [
  ['- - - - X', 2, NO_DATA, RETAIN, 'ALARM', 'OK'],
  ['X - - - -', 2, 'ALARM', RETAIN, 'ALARM', 'OK'],
];

// "Avoiding premature transitions to alarm state", same page: not in ALARM before the oldest breaching point is M periods
// old; with a point within the threshold after it, OK.
const PREMATURE: readonly Row[] = [
  ['- - - X -', 2, NO_DATA, RETAIN, 'ALARM', 'OK'],
  ['- - - X 0', 1, 'OK', 'OK', 'OK', 'OK'],
  ['- - X - 0', 1, 'OK', 'OK', 'OK', 'OK'],
];

const TREATMENTS: readonly TreatMissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];

const points = (drawn: string): Datapoint[] =>
  drawn.split(' ').map((c, i) => ({ time: i * 60, value: c === '-' ? undefined : c === 'X' ? 100 : 0 }));

const ruleOf = (datapointsToAlarm: number, treatMissingData: TreatMissingData, evaluationPeriods = 3) => ({
  evaluationPeriods,
  datapointsToAlarm,
  threshold: 50,
  comparison: 'GreaterThanThreshold',
  treatMissingData,
});

describe('an alarm with missing data', () => {
  const tables = [
    ['3 out of 3', 3, [...THREE_OF_THREE, ...THREE_OF_THREE_2018, ...PREMATURE]],
    ['2 out of 3', 2, TWO_OF_THREE],
  ] as const;
  const cases = tables.flatMap(([name, m, rows]) =>
    rows.flatMap(([drawn, filled, ...states]) =>
      TREATMENTS.map((treatment, i) => ({ name, m, drawn, filled, treatment, state: states[i]! })),
    ),
  );

  it.each(cases)(
    'is $state for $drawn when $name must breach and missing is $treatment',
    ({ m, drawn, filled, treatment, state }) => {
      const verdict = evaluateAlarm(ruleOf(m, treatment), points(drawn));

      expect(verdict.state).toBe(state);
      expect(verdict.filled).toBe(filled);
    },
  );

  it('looks at the five newest periods for three evaluation periods', () => {
    expect(evaluationRange(3)).toBe(5);
  });
});

describe('an alarm with M of N', () => {
  it.each([
    ['X 0 X 0 X', 3, 5, 'ALARM'],
    ['X 0 0 0 X', 3, 5, 'OK'],
    ['X X X 0 0', 3, 5, 'ALARM'],
    ['0 X 0 0 0', 1, 5, 'ALARM'],
    ['X X 0 0 0', 1, 3, 'OK'],
  ])('is judged by M of the newest N points, wherever they are: %s with %i of %i is %s', (drawn, m, n, state) => {
    const verdict = evaluateAlarm(ruleOf(m, 'missing', n), points(drawn));

    expect(verdict.state).toBe(state);
  });

  it.each([
    ['GreaterThanThreshold', 50, 'OK'],
    ['GreaterThanOrEqualToThreshold', 50, 'ALARM'],
    ['LessThanThreshold', 50, 'OK'],
    ['LessThanOrEqualToThreshold', 50, 'ALARM'],
  ])('takes %s at the threshold itself as documented', (comparison, value, state) => {
    const verdict = evaluateAlarm({ ...ruleOf(1, 'missing', 1), comparison }, [{ time: 0, value }]);

    expect(verdict.state).toBe(state);
  });
});

describe('a percentile with few samples', () => {
  // "this setting would be used if there were fewer than 1000 samples for an alarm on a p99 percentile" ("Percentile-based
  // alarms and low data samples", CloudWatch User Guide).
  it.each([
    [0.99, 999, true],
    [0.99, 1000, false],
    [0.5, 19, true],
    [0.5, 20, false],
    [0.1, 99, true],
    [0.1, 100, false],
  ])('p%d with %i samples is too few: %s', (percentile, samples, few) => {
    expect(tooFewSamples(percentile, samples)).toBe(few);
  });
});
