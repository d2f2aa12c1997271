import { beforeEach, expect, test, vi } from 'vitest';
import { decide } from '../../../functions/decide/decide.ts';
import type { Aws, AwsClient } from '../../../layers/core/aws.ts';
import { parseNamedMetric, type NamedMetric } from '../../../layers/core/named-metric.ts';
import { DEFAULT_POLICY } from '../../../layers/core/policy.ts';
import type { Signal } from '../../../layers/core/signal.ts';
import { addSeconds } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { freshTables } from '../../runtime/tables.ts';
import { ARNS, fakeAccount } from '../../support/fake-account.ts';
import { NOW, world, type World } from '../steps.ts';

let aws: Aws;
vi.mock('../../../layers/runtime/aws.ts', () => ({ readerAws: async () => aws }));

const AT = addSeconds(NOW, -120);
const NOON = Date.parse(NOW) / 1000;

/** CloudWatch with one metric, a value a minute: `minute` is counted from now. */
function measured(valueAt: (minute: number) => number): void {
  const { aws: others } = fakeAccount();
  const send = ({ input }: { input: unknown }) => {
    const { StartTime, MetricDataQueries } = input as {
      StartTime: Date;
      MetricDataQueries: { Id: string; MetricStat: { Period: number } }[];
    };
    return Promise.resolve({
      MetricDataResults: MetricDataQueries.map(({ Id, MetricStat: { Period } }) => {
        const from = StartTime.getTime() / 1000;
        const times = Array.from({ length: Math.floor((NOON - from) / Period) }, (_, i) => from + i * Period);
        return {
          Id,
          Timestamps: times.map((at) => new Date(at * 1000)),
          Values: times.map((at) => valueAt((at - NOON) / 60)),
        };
      }),
    });
  };
  aws = new Proxy(
    {},
    { get: (_, name) => (name === 'cloudwatch' ? ({ send } as unknown as AwsClient) : others[name as keyof Aws]) },
  ) as Aws;
}

/** A per cent a minute for forty minutes: 60 of 100 now. */
const leaking = (minute: number): number => 20 + Math.max(0, minute + 40) + 0.1 * Math.sin(minute * 2.4);
const forecast: Signal = {
  kind: 'forecast',
  id: 'foretold',
  at: AT,
  resource: ARNS.service,
  summary: 'Memory runs out.',
  detector: 'exhaustion',
  expectedAt: addSeconds(AT, 2500),
  foretold: {
    series: 'memory',
    limit: { value: 100, when: 'above' },
    value: 58,
    slope: 1 / 60,
    inSeconds: 2500,
    earliest: 2300,
    latest: 2700,
    probability: 0.99,
    horizon: 7200,
  },
};

let incident: World;
beforeEach(async () => {
  await freshTables();
  incident = await world(ARNS.service, { alarms: [] });
  const evidence = await kb.incidents.evidence(incident.incidentId);
  await kb.incidents.saveEvidence(incident.incidentId, {
    ...evidence!,
    takenAt: NOW,
    signals: [forecast],
    stoppedTasks: [],
    series: [],
  });
  await kb.incidents.update(incident.incidentId, { predicted: true, onset: AT });
});
const run = async () => decide(incident.input({ attempt: 0 }), await incident.context(), DEFAULT_POLICY);

test('what is foretold is acted on early, and the trail says what was weighed', async () => {
  measured(leaking);

  const answer = await run();

  expect(answer.verdict).toBe('act');
  expect(answer.why.join('; ')).toMatch(
    /acting at once: .*MemoryUtilization is [\d.]+ and reaches its limit of 100 in [45]\d min/,
  );
  expect(answer.why.join('; ')).toContain('90 % of such forecasts come true');
});

test('what was foretold in vain so often is waited for, not acted on', async () => {
  measured(leaking);
  const context = await incident.context();
  const knowledge = { ...kb.knowledge, predictions: () => Promise.resolve({ alpha: 9, beta: 100 }) };

  const answer = await decide(incident.input({ attempt: 0 }), { ...context, kb: { ...kb, knowledge } }, DEFAULT_POLICY);

  expect(answer).toMatchObject({ verdict: 'wait' });
  expect(answer.why[0]).toBe('not yet worth acting on');
  expect(answer.waitSeconds).toBeLessThanOrEqual(600);
});

test('what no longer rises is only looked at', async () => {
  measured((minute) => (minute > -8 ? 20 : leaking(minute)));

  const answer = await run();

  expect(answer).toMatchObject({ verdict: 'verify', attempt: 0 });
  expect(answer.why[0]).toBe('what was foretold no longer is');
});

test('once something has happened it is an incident like any other', async () => {
  measured(leaking);
  await kb.incidents.update(incident.incidentId, { predicted: false });

  const answer = await run();

  expect(answer.verdict).toBe('act');
  expect(answer.why.join('; ')).not.toContain('forecast');
});

test('what runs out over days is told to a person, in words that say what and when, and nothing is done', async () => {
  const summary = 'DaysToExpiry of shop is 40 and reaches its limit of 14 in 26 days (90 %: 26-26).';
  const metric = parseNamedMetric('limit', 'AWS/CertificateManager DaysToExpiry below=14 period=86400 horizon=30d');
  const { foretold } = forecast as Extract<Signal, { kind: 'forecast' }>;
  incident = await world(ARNS.service, { alarms: [], metrics: [metric as NamedMetric] });
  const evidence = await kb.incidents.evidence(incident.incidentId);
  const slow = { ...forecast, summary, foretold: { ...foretold!, series: 'limit:DaysToExpiry', horizon: 30 * 86_400 } };
  await kb.incidents.saveEvidence(incident.incidentId, { ...evidence!, takenAt: NOW, signals: [slow] });
  measured(leaking);

  const answer = await run();

  expect(answer).toMatchObject({ verdict: 'escalate', because: 'no-candidate' });
  expect(answer.why).toEqual([summary, 'A person must renew, enlarge or clear it: no action of Prunella does']);
});
