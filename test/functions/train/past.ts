import { ulid } from 'ulid';
import { resourceTypeOf, type Arn } from '../../../layers/core/arn.ts';
import type { Diagnosis, Hypothesis } from '../../../layers/core/diagnosis.ts';
import { addSeconds, hours, minutes, type Instant, type Seconds } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { Account, type Passing } from '../../../simulator/run/account.ts';
import { seeded } from '../../../layers/core/statistics/random.ts';
import { serviceNamed } from '../../../simulator/world/model/fleet.ts';
import { shops } from '../../../simulator/world/spec.ts';
import { operationOf } from '../../../layers/runtime/calls.ts';

/** A failure of a service, known beforehand. */
export interface Failure {
  readonly service: string;
  readonly at: Instant;
}

const START = '2026-03-02T09:00:00.000Z';
const EPOCH: Seconds = Date.parse(START) / 1000;
export const SERVICES = ['shop-web', 'shop-orders', 'shop-inventory', 'shop-worker'];
const WARNS: Seconds = hours(3);
export const HEALED_AFTER: Seconds = minutes(10);

export const ago = (time: Seconds): Instant => addSeconds(START, -time);

/** Failures over five weeks, each service in its turn. */
export const PAST: readonly Failure[] = Array.from({ length: 14 }, (_, n) => ({
  service: SERVICES[n % SERVICES.length]!,
  at: ago(hours(24 * 35 - n * 57 - 5)),
}));

/**
 * The account with metrics of before it began: CPU rises in the hours before each failure, where nothing limits it, until the
 * service is deployed anew.
 */
export async function accountWith(failures: readonly Failure[]): Promise<Account> {
  const between = async (passing: Passing, account: Account): Promise<unknown> => {
    const { call, answer } = passing;
    if (call.service !== 'cloudwatch' || operationOf(call.command) !== 'GetMetricData') return answer();
    return withRises((await answer()) as Results, call.command.input as Asked, failures, account);
  };
  const account = await Account.open({ seed: 5, start: START, fleet: shops(), between });
  await account.run(minutes(1));
  return account;
}

/** As the schedule of watching does; without it the account is watched only where a test asks for it. */
export function watchEveryMinute(account: Account): void {
  account.clock.after(60, () => {
    watchEveryMinute(account);
    return account.invoke('WatchPlan', {}).then(() => undefined);
  });
}

interface Results {
  readonly MetricDataResults: readonly { readonly Id: string }[];
}

interface Asked {
  readonly StartTime: Date;
  readonly EndTime: Date;
  readonly MetricDataQueries: readonly {
    readonly Id: string;
    readonly MetricStat?: {
      readonly Period: number;
      readonly Metric: { readonly MetricName: string; readonly Dimensions: readonly { Name: string; Value: string }[] };
    };
  }[];
}

/** What the model of the account says, but for the CPU. */
function withRises(
  results: Results,
  { StartTime, EndTime, MetricDataQueries }: Asked,
  failures: readonly Failure[],
  account: Account,
): object {
  const to = EndTime.getTime() / 1000;
  // Enough for whoever asks about failures; a detector that begins learns from two weeks, which takes long.
  const from = Math.max(StartTime.getTime() / 1000, to - hours(27));
  const risen = new Map(
    MetricDataQueries.flatMap(({ Id, MetricStat }) => {
      if (MetricStat?.Metric.MetricName !== 'CPUUtilization') return [];
      const { Period, Metric } = MetricStat;
      const service = Metric.Dimensions.find(({ Name }) => Name === 'ServiceName')?.Value ?? '';
      const mine = failures.filter((one) => one.service === service).map(({ at }) => Date.parse(at) / 1000);
      const anew = serviceNamed(account.world.fleet, service).deployments[0]!.createdAt / 1000;
      const first = Math.ceil(from / Period) * Period;
      const times = Array.from(
        { length: Math.max(0, Math.floor((to - first) / Period)) },
        (_, n) => first + n * Period,
      );
      const Values = times.map((at) => 30 + (at < anew || anew <= EPOCH ? risenAt(at, mine) : 0) + 2 * seeded(at)());
      return [[Id, { Id, Timestamps: times.map((at) => new Date(at * 1000)), Values }] as const];
    }),
  );
  return { ...results, MetricDataResults: results.MetricDataResults.map((one) => risen.get(one.Id) ?? one) };
}

/** By up to 25 per cent, in the hours before a failure and until it was healed. */
function risenAt(at: Seconds, failures: readonly Seconds[]): number {
  const next = failures.find((one) => at < one + HEALED_AFTER);
  return next === undefined ? 0 : 25 * Math.min(1, Math.max(0, 1 - (next - at) / WARNS));
}

/** Incidents that were opened, diagnosed, healed and remembered before the account began. */
export async function remember(account: Account, failures: readonly Failure[]): Promise<void> {
  const arnOf = (service: string): Arn => `arn:aws:ecs:eu-west-1:111122223333:service/shop/${service}`;
  for (const { service, at } of failures) {
    const [arn, id] = [arnOf(service), ulid(Date.parse(at), () => 0.5)];
    await account.within(() => rememberOne(arn, id, at));
  }
}

async function rememberOne(arn: Arn, id: string, at: Instant): Promise<void> {
  const resource = (await kb.knowledge.resource(arn))!;
  const hypothesis: Hypothesis = { resource: arn, fault: 'deadlock', confidence: 0.9, because: ['nothing answers'] };
  const diagnosis: Diagnosis = { hypotheses: [hypothesis], severity: 'high', onset: at, gaps: [] };
  const signal = { kind: 'operator', id: `signal ${id}`, at, resource: arn, summary: 'it failed', by: 'test' } as const;
  await kb.incidents.openOrJoin(signal, resource, () => id, at);
  await kb.incidents.update(id, { diagnosis });
  const endedAt = addSeconds(at, HEALED_AFTER);
  await kb.incidents.close(
    id,
    { kind: 'recovered', by: 'action', action: 'restart-service', why: 'healed' },
    1,
    endedAt,
  );
  await kb.knowledge.rememberIncident({
    incidentId: id,
    resource: arn,
    resourceType: resourceTypeOf(arn)!,
    endedAt,
    signature: { 'own metric CPUUtilization up': 1 },
    label: { fault: 'deadlock', root: arn, by: 'healing' },
    ending: 'recovered by restart-service',
    tried: [],
  });
}
