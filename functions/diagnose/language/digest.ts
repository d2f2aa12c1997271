import type { Diagnosis } from '../../../layers/core/diagnosis.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import { median } from '../../../layers/core/statistics/quantiles.ts';
import { FAULTS } from '../../../layers/core/taxonomy.ts';
import { secondsBetween } from '../../../layers/core/units.ts';
import { failedTasks } from '../support/facts.ts';
import { leaving, namesIn, type Names } from './names.ts';

/** Characters sent of one incident: some 3,000 tokens. */
export const LONGEST_DIGEST = 12_000;
const MOST = { hypotheses: 8, reasons: 6, metrics: 30, logs: 20, changes: 20, tasks: 8, gaps: 10 } as const;

export interface Digest {
  /** One JSON document. */
  readonly text: string;
  /** `H1`, `H2` … in the order of the diagnosis' hypotheses. */
  readonly hypotheses: readonly string[];
  readonly names: Names;
}

/**
 * What a language model is sent: the hypotheses with their reasons, and the numbers and message shapes behind them. Never
 * whole log lines, values of parameters or variables, ARNs, account ids or what looks like a secret. Pure.
 */
export function digestOf(evidence: Evidence, diagnosis: Diagnosis): Digest {
  const names = namesIn(evidence, diagnosis);
  const hypotheses = hypothesesOf(diagnosis, names);
  const fixed = { resources: names.legend, hypotheses };
  const lists = {
    metrics: metricsOf(evidence, names),
    logTemplates: logsOf(evidence, names),
    changes: changesOf(evidence, names),
    failedTasks: tasksOf(evidence, names),
    notKnown: evidence.gaps.slice(0, MOST.gaps).map((gap) => leaving(gap, names)),
  };
  return { text: fitting(fixed, lists), hypotheses: hypotheses.map(({ id }) => id), names };
}

function hypothesesOf({ hypotheses }: Diagnosis, names: Names) {
  return hypotheses.slice(0, MOST.hypotheses).map(({ resource, fault, confidence, because }, n) => ({
    id: `H${n + 1}`,
    resource: names.aliases.get(resource),
    fault,
    meaning: FAULTS[fault].summary,
    probability: round(confidence),
    because: because.slice(0, MOST.reasons).map((sentence) => leaving(sentence, names)),
  }));
}

function metricsOf({ series, window }: Evidence, names: Names) {
  const onset = Date.parse(window.onset) / 1000;
  return series.slice(0, MOST.metrics).flatMap(({ resource, metric, unit, points }) => {
    const of = (side: (at: number) => boolean) => points.filter(([at]) => side(at)).map(([, value]) => value);
    const [before, since] = [median(of((at) => at < onset)), median(of((at) => at >= onset))];
    if (!Number.isFinite(before) || !Number.isFinite(since)) return [];
    return [
      {
        resource: names.aliases.get(resource),
        metric: leaving(metric, names, 120),
        ...(unit ? { unit } : {}),
        medianBefore: round(before),
        medianSince: round(since),
      },
    ];
  });
}

const logsOf = ({ logs }: Evidence, names: Names) =>
  logs.slice(0, MOST.logs).map(({ resource, template, before, after }) => ({
    resource: names.aliases.get(resource),
    template: leaving(template, names, 200),
    before,
    since: after,
  }));

const changesOf = ({ changes, window }: Evidence, names: Names) =>
  changes.slice(-MOST.changes).map(({ resource, kind, at, incidentId }) => ({
    resource: names.aliases.get(resource) ?? 'another',
    kind,
    secondsBeforeOnset: Math.round(secondsBetween(at, window.onset)),
    ...(incidentId ? { by: 'the healing system' } : {}),
  }));

function tasksOf(evidence: Evidence, names: Names) {
  const byReason = Map.groupBy(failedTasks(evidence), ({ exitCode, reason = '' }) =>
    leaving(`exit code ${exitCode ?? 'unknown'} ${reason}`, names, 120),
  );
  return [...byReason].slice(0, MOST.tasks).map(([how, tasks]) => ({ how, count: tasks.length }));
}

const round = (value: number): number => Number(value.toPrecision(4));

/** Drops from the longest list until the whole is short enough; hypotheses always stay. */
function fitting(fixed: object, lists: Record<string, unknown[]>): string {
  const left = Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, [...list]]));
  let text = documentOf({ ...fixed, ...left });
  while (text.length > LONGEST_DIGEST) {
    const [longest] = Object.values(left).sort((a, b) => JSON.stringify(b).length - JSON.stringify(a).length);
    if (!longest || longest.length === 0) break;
    longest.pop();
    text = documentOf({ ...fixed, ...left });
  }
  return text;
}

/** JSON in which no logged text can end the document that it stands in. */
const documentOf = (value: object): string => JSON.stringify(value).replaceAll('<', '\\u003c');
