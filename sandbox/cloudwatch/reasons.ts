import { wordsOf, type Datapoint, type Rule, type StateValue, type Verdict } from './evaluate.ts';

/** The texts with which CloudWatch explains a state. */

export const CREATED = 'Unchecked: Initial alarm creation';

/** CloudWatch writes whole numbers as `50.0`. */
export const decimal = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

/** `2019-10-02T17:04:40.985+0000` */
export const stamp = (ms: number): string => new Date(ms).toISOString().replace('Z', '+0000');

/** `02/10/19 16:59:00` */
function shortTime(seconds: number): string {
  const iso = new Date(seconds * 1000).toISOString();
  return `${iso.slice(8, 10)}/${iso.slice(5, 7)}/${iso.slice(2, 4)} ${iso.slice(11, 19)}`;
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** Why an alarm is in the state that its evaluation gave. */
export function reasonOf(rule: Rule, verdict: Verdict, from: StateValue): string {
  const to = verdict.state;
  if (to === 'INSUFFICIENT_DATA') {
    const unknown = verdict.filled;
    return `Insufficient Data: ${plural(unknown, 'datapoint')} ${unknown === 1 ? 'was' : 'were'} unknown.`;
  }
  const deciding = to === 'ALARM' ? verdict.breaching : verdict.evaluated.filter((d) => !verdict.breaching.includes(d));
  if (deciding.length === 0) return decidedByFilling(rule, verdict);
  const were = deciding.length === 1 ? 'was' : 'were';
  const values = deciding.map((d) => `${decimal(d.value!)} (${shortTime(d.time)})`).join(', ');
  const needed = to === 'ALARM' ? rule.datapointsToAlarm : rule.evaluationPeriods - rule.datapointsToAlarm + 1;
  const threshold = `${wordsOf(rule.comparison)} the threshold (${decimal(rule.threshold)})`;
  const filled = verdict.filled > 0 ? ` ${filledText(rule, verdict.filled)}` : '';
  return (
    `Threshold Crossed: ${deciding.length} out of the last ${rule.evaluationPeriods} datapoints [${values}] ` +
    `${were}${to === 'OK' ? ' not' : ''} ${threshold} (minimum ${plural(needed, 'datapoint')} for ${opposite(from, to)} -> ${to} transition).${filled}`
  );
}

/** CloudWatch names OK and ALARM as the ends of a transition, whatever the state before. */
function opposite(from: StateValue, to: string): string {
  if (from !== 'INSUFFICIENT_DATA') return from;
  return to === 'ALARM' ? 'OK' : 'ALARM';
}

const TREATED: Readonly<Record<string, string>> = {
  breaching: 'Breaching',
  notBreaching: 'NonBreaching',
  ignore: 'Ignored',
  missing: 'Missing',
};

function filledText(rule: Rule, filled: number): string {
  return `${plural(filled, 'missing datapoint')} ${filled === 1 ? 'was' : 'were'} treated as [${TREATED[rule.treatMissingData]}].`;
}

function decidedByFilling(rule: Rule, verdict: Verdict): string {
  const received =
    verdict.evaluated.length === 0
      ? 'no datapoints were'
      : `${plural(verdict.evaluated.length, 'datapoint')} ${verdict.evaluated.length === 1 ? 'was' : 'were'}`;
  return `Threshold Crossed: ${received} received for ${plural(rule.evaluationPeriods, 'period')} and ${filledText(rule, verdict.filled)}`;
}

interface ReasonFacts {
  /** Milliseconds. */
  readonly now: number;
  readonly period: number;
  readonly statistic?: string | undefined;
  readonly unit?: string | undefined;
  readonly threshold: number;
  readonly evaluated: readonly Datapoint[];
}

/** The machine-readable form of a reason: JSON text, oldest data point first in `recentDatapoints`. */
export function reasonDataOf(facts: ReasonFacts): string {
  const { evaluated } = facts;
  const oldest = evaluated.at(-1);
  return JSON.stringify({
    version: '1.0',
    queryDate: stamp(facts.now),
    ...(oldest ? { startDate: stamp(oldest.time * 1000) } : {}),
    ...(facts.unit ? { unit: facts.unit } : {}),
    ...(facts.statistic ? { statistic: facts.statistic } : {}),
    period: facts.period,
    recentDatapoints: [...evaluated].reverse().map((d) => d.value),
    threshold: facts.threshold,
    evaluatedDatapoints: evaluated.map((d) => ({
      timestamp: stamp(d.time * 1000),
      ...(d.sampleCount ? { sampleCount: d.sampleCount } : {}),
      value: d.value,
    })),
  });
}

/** `Friday 22 July, 2022 15:57:45 UTC` */
export function longTime(ms: number): string {
  const at = new Date(ms);
  const part = (options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options }).format(at);
  return `${part({ weekday: 'long' })} ${part({ day: '2-digit' })} ${part({ month: 'long' })}, ${at.getUTCFullYear()} ${at.toISOString().slice(11, 19)} UTC`;
}
