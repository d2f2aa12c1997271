/**
 * What a diagnosis costs: ten resources with twenty metrics of sixty points each, and two thousand log lines. Run by
 * measure-cost.ts, in a process of its own.
 */
import { diagnose } from '../../functions/diagnose/diagnose.ts';
import { Evidence } from '../../layers/core/evidence.ts';
import { Resource } from '../../layers/core/inventory.ts';
import { templates, type LogLine } from '../../layers/core/log-template.ts';
import { redactDeep } from '../../layers/core/redact.ts';
import { seeded } from '../../layers/core/statistics/random.ts';
import { pick } from '../../sandbox/load/random.ts';

const RUNS = 100;
const RESOURCES = 10;
const METRICS = ['CPUUtilization', 'MemoryUtilization', 'Latency', 'Errors', 'Requests', 'QueueAge', 'BytesOut'];
const ONSET = Date.parse('2026-03-02T12:00:00.000Z');
const MESSAGES = ['TypeError: x is undefined in handler', 'connect ECONNREFUSED 10.0.0.1:443', 'store answered 503'];

const arnOf = (n: number) => `arn:aws:ecs:eu-west-1:111122223333:service/prod/service-${n}`;
const iso = (at: number) => new Date(at).toISOString();

/** Milliseconds of the pure part of Diagnose, from log lines and points on, and the most memory that the process held. */
function measure(): string[] {
  const random = seeded(1);
  const lines = logLines(random);
  const evidence = evidenceOf(random);
  const times = Array.from({ length: RUNS }, () => {
    const started = performance.now();
    diagnose(redactDeep({ ...evidence, logs: templates(arnOf(0), lines, ONSET) }));
    return performance.now() - started;
  });
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(RUNS * share)] ?? NaN).toFixed(0);
  const megabytes = Math.round(process.resourceUsage().maxRSS / 2 ** 10);
  return [
    `compute, ${RESOURCES} resources × 20 metrics × 60 points + ${lines.length} log lines, ${RUNS} runs:`,
    `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, first ${(times[0] ?? NaN).toFixed(0)} ms, at most ${megabytes} MiB resident`,
  ];
}

function logLines(random: () => number): LogLine[] {
  return Array.from({ length: 2000 }, (_, n) => ({
    at: ONSET - 600_000 + n * 450,
    text: JSON.stringify({
      level: random() < 0.6 ? 'ERROR' : 'INFO',
      message: 'request failed',
      id: Math.floor(random() * 1e9),
      error: { name: 'Error', message: `${pick(random, MESSAGES)} ${Math.floor(random() * 1e6)}` },
    }),
  }));
}

function evidenceOf(random: () => number): Evidence {
  const resources = Array.from({ length: RESOURCES }, (_, n) =>
    Resource.parse({
      arn: arnOf(n),
      type: 'ecs-service',
      mode: 'heal',
      modeFrom: 'tag',
      fleet: 'prod',
      dependsOn: [n + 1, n + 2].filter((to) => to < RESOURCES).map(arnOf),
      seenAt: iso(ONSET),
    }),
  );
  const series = resources.flatMap(({ arn }, resource) =>
    Array.from({ length: 20 }, (_, metric) => ({
      resource: arn,
      criterion: `context:${metric}`,
      metric: `${METRICS[metric % METRICS.length] ?? 'Other'}${metric >= METRICS.length ? metric : ''}`,
      period: 60,
      points: Array.from({ length: 60 }, (_, at): [number, number] => [
        ONSET / 1000 + 60 * (at - 50),
        10 + random() + (at >= 50 && resource === 3 ? 30 : 0),
      ]),
    })),
  );
  return Evidence.parse({
    schema: 1,
    incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF',
    resource: arnOf(0),
    takenAt: iso(ONSET + 600_000),
    window: { from: iso(ONSET - 3_000_000), to: iso(ONSET + 600_000), onset: iso(ONSET) },
    resources,
    openIncidents: {},
    signals: [],
    series,
    logs: [],
    changes: [],
    stoppedTasks: [],
    services: [],
    aliases: [],
    gaps: [],
  });
}

console.log(measure().join('\n'));
