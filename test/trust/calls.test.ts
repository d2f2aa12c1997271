import { beforeAll, expect, test } from 'vitest';
import { actions } from '../../functions/recover/actions.generated.ts';
import { callFaults, isPossible } from '../../simulator/run/own/call-faults.ts';
import { healDefinition } from '../../simulator/core/states.ts';
import { CLEAN, UNHELPED, type CleanIncident } from '../../simulator/run/own/incidents.ts';
import {
  covering,
  describeInjection,
  inject,
  pointsOf,
  serviceOf,
  summaryOf,
  type Injected,
  type Injection,
  type Point,
} from '../../simulator/run/own/product.ts';
import { trial, type Trial } from '../../simulator/run/own/trial.ts';

/** What was once answered wrongly, whatever the turn brings. */
const ONCE_BROKEN = [
  { fault: 'denied', pair: 'Recover ecs.UpdateService', incident: 'a leaking service is restarted' },
  { fault: 'timeout after effect', pair: 'Rollback ecs.UpdateService', incident: 'what does not help is undone' },
  { fault: 'timeout before effect', pair: 'Rollback ecs.UpdateService', incident: 'what does not help is undone' },
  { fault: 'malformed answer', pair: 'Rollback lambda.UpdateAlias', incident: 'a function version that does not help' },
  { fault: 'empty answer', pair: 'Rollback ssm.GetParameterHistory', incident: 'what does not help is undone' },
] as const;

const among = (points: readonly Point[], { fault, pair, incident }: (typeof ONCE_BROKEN)[number]): Injection => {
  const point = points.find((one) => one.pair === pair && one.incident.name === incident);
  if (!point) throw new Error(`${pair} is not called where ${incident}`);
  return { ...point, fault };
};

/** States that only a fault of ours leads to: what follows them is passed by the injections. */
const AFTER_FAULTS = ['OurFault', 'OurFaultAfterChange', 'UndoFailed', 'UnknownVerdict', 'NotEscalated', 'NotClosed'];
/** A person does not answer; a function outlives its state. */
const OTHERWISE = ['Late', 'WaitBusy'];

let clean: { readonly incident: CleanIncident; readonly trial: Trial }[];

beforeAll(async () => {
  clean = [];
  for (const incident of [...CLEAN, ...UNHELPED]) clean.push({ incident, trial: await trial(incident) });
});

test('the clean incidents end as they should, with nothing broken and nothing kept dead', () => {
  const ends = clean.map(({ trial: { incident, ending, violations, account } }) => {
    const { dead } = account.delivery;
    return { incident, ending, violations, dead, failed: account.failedJobs };
  });

  for (const [n, { incident }] of clean.entries()) {
    expect(ends[n]).toMatchObject({ violations: [], dead: [], failed: [] });
    expect(ends[n]!.ending.split(' + ')).toContain(incident.ends);
  }
});

test('between them they pass every state and every action', () => {
  const passed = new Set(
    clean.flatMap(({ trial: { account } }) =>
      account.machine.names.flatMap((name) => account.machine.history(name).flatMap(({ state }) => state ?? [])),
    ),
  );
  const tried = new Set(
    clean.flatMap(({ trial: { all } }) =>
      all.flatMap(({ attempts }) =>
        attempts.flatMap(({ candidate, mutations }) => mutations.map(() => candidate.action)),
      ),
    ),
  );

  const states = Object.keys(healDefinition(60).States);
  expect([...passed].sort()).toEqual(states.filter((one) => ![...AFTER_FAULTS, ...OTHERWISE].includes(one)).sort());
  expect([...tried].sort()).toEqual(Object.keys(actions).sort());
});

test(
  'whatever AWS call of whatever state goes wrong, each incident ends once and nothing is left behind',
  { timeout: 300_000 },
  async () => {
    const points = pointsOf(clean);
    const injections = covering(points);

    const injected: Injected[] = [];
    for (const one of [...injections, ...ONCE_BROKEN.map((one) => among(points, one))])
      injected.push(await inject(one));

    process.stdout.write(`${summaryOf(injected)}\n`);
    expect(injected.filter(({ done }) => !done).map(describeInjection)).toEqual([]);
    expect(injected.flatMap((one) => one.broken.map((broken) => `${describeInjection(one)}: ${broken}`))).toEqual([]);
    expect(new Set(injected.map(({ pair }) => pair))).toEqual(
      new Set(clean.flatMap(({ trial: { pairs } }) => [...pairs.keys()])),
    );
    const met = new Set(injected.map((one) => `${serviceOf(one)}: ${one.fault}`));
    const missing = [...new Set(points.map(serviceOf))].flatMap((service) =>
      callFaults.filter((fault) => isPossible(fault, service) && !met.has(`${service}: ${fault}`)),
    );
    expect(missing).toEqual([]);
  },
);
