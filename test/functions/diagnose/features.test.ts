import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FEATURES, featuresOf } from '../../../functions/diagnose/features/features.ts';
import { spokenFeature } from '../../../functions/diagnose/features/spoken.ts';
import { rootsOf } from '../../../functions/diagnose/roots/roots.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import {
  CALLEE,
  PARAMETER,
  SERVICE,
  at,
  change,
  criterion,
  deployment,
  epochAt,
  evidenceOf,
  resourceOf,
  revision,
  series,
  service,
  stop,
  template,
} from '../evidence.ts';
import { notice } from './cases.ts';

const of = (over: object) => {
  const evidence = evidenceOf(over);
  return featuresOf(evidence, rootsOf(evidence));
};

test('there are more than twenty, each with a name of its own', () => {
  const names = FEATURES.map(({ name }) => name);

  expect(names.length).toBeGreaterThan(20);
  expect(new Set(names).size).toBe(names.length);
});

test('the page on diagnosis lists every feature with its unit and what it is', () => {
  const text = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'diagnosis.md'), 'utf8');
  const page = text.split('### Features')[1]?.split(/^##/m)[0] ?? '';
  const rows = new Map(
    [...page.matchAll(/^\| `([a-z-]+)` +\| ([^|]+?) +\| ([^|]+?) +\|$/gm)].map(([, name, unit, what]) => [
      name,
      [unit, what],
    ]),
  );

  expect([...rows]).toEqual(FEATURES.map(({ name, unit, summary }) => [name, [unit, summary]]));
});

const latency = series({ criterion: 'context:TargetResponseTime', metric: 'TargetResponseTime' }, (time) =>
  time < 0 ? 0.04 : 0.9,
);
const memory = (value: (time: number) => number) =>
  series({ criterion: 'context:MemoryUtilization', metric: 'MemoryUtilization' }, value);

/** Connections against a limit of 100, which the owner gave by a tag. */
const connections = (value: (time: number) => number) => {
  const limit = criterion({
    id: 'limit:Connections',
    queries: [{ id: 'm', namespace: 'Shop', metric: 'Connections', dimensions: {}, stat: 'Maximum', period: 10 }],
    comparison: 'GreaterThanOrEqualToThreshold',
    threshold: 100,
  });
  const of = series({ criterion: limit.id, metric: 'Connections' }, value);
  return { resources: [resourceOf({ own: [limit] })], series: [of] };
};
const throttles = series(
  { criterion: 'context:Throttles', metric: 'Throttles', period: 60, from: -600, to: 240 },
  (time) => (time < 0 ? 0 : 99),
);

/** What the evidence holds, the feature, and the value that it must have. */
const KNOWN: readonly (readonly [string, string, number | undefined, object])[] = [
  ['a response that takes 22.5 times as long', 'latency-ratio', 22.5, { series: [latency] }],
  ['a response of 0.9 s', 'latency-now', 0.9, { series: [latency] }],
  ['no metrics', 'latency-ratio', undefined, { series: [] }],
  [
    'requests that double',
    'requests-ratio',
    2,
    { series: [series({ metric: 'Requests', criterion: 'api-errors#traffic' }, (time) => (time < 0 ? 10 : 20))] },
  ],
  [
    // It counts from where a tenth of the rise is done: at 20 s, from 42.76.
    'memory that rises from 40 to 80',
    'memory-rise',
    80 - (40 + 20 / 7.25),
    { series: [memory((time) => Math.max(40, Math.min(80, 40 + time / 7.25)))] },
  ],
  ['level memory', 'memory-rise', 0, { series: [memory(() => 40)] }],
  ['a jump of memory', 'memory-step', 30, { series: [memory((time) => (time < 0 ? 40 : 70))] }],
  ['three tasks that ended', 'tasks-failed', 3, { stoppedTasks: [stop(10), stop(20), stop(30)] }],
  [
    'one of two that ran out of memory',
    'tasks-out-of-memory',
    0.5,
    { stoppedTasks: [stop(10), stop(20, { exitCode: 137 })] },
  ],
  ['tasks that live twelve seconds', 'tasks-life', 12, { stoppedTasks: [stop(10), stop(20)] }],
  ['one task of two that runs', 'tasks-running', 0.5, { services: [service({ running: 1 })] }],
  ['a function', 'tasks-running', undefined, { services: [] }],
  ['a deployment a minute before', 'deployment-age', 60, { changes: [deployment(-60)] }],
  ['a restart a minute before', 'deployment-age', undefined, { changes: [deployment(-60, 7, 7)] }],
  ['a restart a minute before', 'restart-age', 60, { changes: [deployment(-60, 7, 7)] }],
  [
    'a parameter written two minutes before',
    'parameter-age',
    120,
    { changes: [change('parameter-written', -120, { resource: PARAMETER, to: '3' })] },
  ],
  [
    'failed tasks of another revision',
    'tasks-of-newest-revision',
    0,
    { stoppedTasks: [stop(10, { revision: revision(6) })] },
  ],
  ['log lines about connections', 'log-connections', 1, { logs: [template('read ECONNRESET')] }],
  [
    'a quarter of the lines about settings',
    'log-settings',
    0.25,
    { logs: [template('bad setting x', 10), template('no idea', 30)] },
  ],
  ['log lines of a full pool', 'log-none-left', 1, { logs: [template('The pool is probably full')] }],
  ['a full pool', 'log-connections', 0, { logs: [template('The pool is probably full')] }],
  ['calls that AWS refuses', 'log-refused', 1, { logs: [template('SlowDown: Please reduce your request rate')] }],
  ['calls that AWS refuses', 'log-busy', 0, { logs: [template('SlowDown: Please reduce your request rate')] }],
  ['a host that no network leads to', 'log-unreached', 1, { logs: [template('connect EHOSTUNREACH <*>')] }],
  ['a service of AWS that fails', 'log-aws', 1, { logs: [template('InternalServerError: try again')] }],
  ['9 of 100 connections, then 90', 'open-highest', 0.9, connections((time) => (time < 0 ? 9 : 90))],
  ['no limit of its owner', 'open-highest', undefined, { series: [latency] }],
  [
    'connections that rise by 50 of 100',
    'open-rise',
    0.5,
    connections((time) => 20 + Math.max(0, 10 * Math.ceil(time / 60))),
  ],
  ['level connections', 'open-rise', 0, connections(() => 20)],
  ['99 refused calls a minute', 'refused-calls', 2, { series: [throttles] }],
  ['nothing of AWS Health', 'aws-issue', 0, {}],
  ['an issue of the service that it runs on', 'aws-issue', 1, { health: [notice()] }],
  ['an issue of the service that it runs on', 'aws-issue-named', 0, { health: [notice()] }],
  ['an issue that names it', 'aws-issue-named', 1, { health: [notice({ resources: [SERVICE] })] }],
  ['an issue of another service', 'aws-issue', 0, { health: [notice({ service: 'DYNAMODB' })] }],
  ['an issue that began 300 s before', 'aws-issue-age', 300, { health: [notice()] }],
  [
    'an issue of what it calls',
    'aws-issue-of-callee',
    1,
    { resources: [resourceOf({ dependsOn: [CALLEE] })], health: [notice({ resources: [CALLEE] })] },
  ],
  ['lines that were there before', 'log-kinds', 0, { logs: [template('read ECONNRESET', 20, 20)] }],
  [
    'a callee with an incident',
    'callee-incident',
    1,
    { resources: [resourceOf({ dependsOn: [CALLEE] }), resourceOf({ arn: CALLEE })], openIncidents: { [CALLEE]: 'x' } },
  ],
];

test.each(KNOWN)('%s: %s is %s', (_, name, value, over) => {
  const found = of(over)[name];

  if (value === undefined) expect(found).toBeUndefined();
  else expect(found).toBeCloseTo(value, 5);
});

test('a value is said as a sentence with its unit', () => {
  expect(spokenFeature('tasks-out-of-memory', 0.5)).toBe('Failed tasks that ran out of memory: 50 %.');
  expect(spokenFeature('deployment-age', 180)).toBe('From the last deployment of a new revision to the onset: 3 min.');
});

/** Points at any time, in any order, with gaps, repeats and values of any size. */
const points = fc.array(
  fc.tuple(fc.integer({ min: -7200, max: 7200 }).map(epochAt), fc.double({ noNaN: true, noDefaultInfinity: true })),
  { maxLength: 40 },
);
const anySeries = fc.record({
  resource: fc.constantFrom(SERVICE, CALLEE),
  criterion: fc.constantFrom('api-errors', 'api-errors#traffic', 'context:MemoryUtilization'),
  metric: fc.constantFrom('Errors', 'Requests', 'MemoryUtilization', 'Latency', 'CPUUtilization', 'samples of Latency'),
  period: fc.constantFrom(1, 10, 60, 3600),
  points,
});

test('whatever the evidence holds, features and shares of roots are finite, and a cycle of calls ends', () => {
  const resources = [resourceOf({ dependsOn: [CALLEE] }), resourceOf({ arn: CALLEE, dependsOn: [SERVICE] })];
  fc.assert(
    fc.property(
      fc.array(anySeries, { maxLength: 8 }),
      fc.integer({ min: -3600, max: 3600 }),
      fc.array(fc.integer({ min: -7200, max: 7200 }), { maxLength: 5 }),
      (all, onset, stops) => {
        const evidence: Evidence = {
          ...evidenceOf({ resources }),
          series: all as unknown as Evidence['series'],
          window: { from: at(-1800), to: at(300), onset: at(onset) },
          stoppedTasks: stops.map((seconds) => stop(seconds)),
        };

        const roots = rootsOf(evidence);

        expect(Object.values(featuresOf(evidence, roots)).every(Number.isFinite)).toBe(true);
        expect(roots.every(({ share }) => share >= 0 && share <= 1)).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});
