import type { Arn } from '../../layers/core/arn.ts';
import type { Aws } from '../../layers/core/aws.ts';
import type { Change, Resource } from '../../layers/core/inventory.ts';
import { epoch } from '../../layers/core/points.ts';
import { rotated } from '../../layers/core/rotate.ts';
import { addSeconds, minutes, secondsBetween, type Instant, type Seconds } from '../../layers/core/units.ts';
import type { WatchPolicy } from '../../layers/core/watch-policy.ts';
import { seriesOf, type Points, type WatchedSeries } from '../../layers/core/watched-series.ts';
import { runtime } from '../../layers/runtime/runtime.ts';
import { readLately } from '../../layers/runtime/observe/logs.ts';
import { readSeries, type Wanted } from '../../layers/runtime/observe/series.ts';
import type { JudgedForecast, KeptSeries, SeriesName } from '../../layers/runtime/kb/knowledge.ts';
import { foretellFailures, type FailingPorts } from './failing.ts';
import { groupsAt } from './groups.ts';
import { logsId, readLogsFrom, SETTLED, stepLogs } from './logs.ts';
import { isItsTurn, readFrom } from './read.ts';
import { step, type Seen } from './series.ts';
import { isToBeLearned, readTogetherFrom, stepTogether, TOGETHER, togetherOf } from './service.ts';
import type { Rollout } from './sessions.ts';
import { messageSignal, sessionsSignal, signalsOf } from './tell.ts';

/** What watching needs of the knowledge base, the bus and CloudWatch. */
export interface WatchPorts extends FailingPorts {
  readonly aws: Aws;
  resources(arns: readonly Arn[]): Promise<readonly Resource[]>;
  kept(names: readonly SeriesName[]): Promise<ReadonlyMap<string, KeptSeries>>;
  keep(name: SeriesName, kept: KeptSeries, judged?: JudgedForecast): Promise<boolean>;
  hasten(arn: Arn, due: Instant): Promise<void>;
  changes(arn: Arn, from: Instant, to: Instant): Promise<readonly Change[]>;
}

export interface WatchedBatch {
  readonly resources: number;
  readonly series: number;
  readonly anomalies: number;
  readonly forecasts: number;
  /** Limits that were reached, foretold or not. */
  readonly reached: number;
  /** What logs say that was told of: messages, and ways in which sessions are odd. */
  readonly messages: number;
  /** Failures that a model foretold. */
  readonly failing: number;
  /** Forecasts that came true, and that did not, of those judged now. */
  readonly cameTrue: number;
  readonly didNot: number;
}

/** One resource of a batch, with what is remembered of it. */
interface Subject {
  readonly resource: Resource;
  readonly series: readonly WatchedSeries[];
  /** Of these, those that are judged together at this look; none where that is not the resource's turn. */
  readonly together: readonly WatchedSeries[];
  /** Log groups that are read. */
  readonly groups: readonly string[];
}

type Kept = ReadonlyMap<string, KeptSeries>;

/**
 * Reads all points of a batch of resources since they were last looked at, steps their detectors, tells what is new, and
 * keeps what must be remembered, in this order: whoever dies in between tells the same again, under the same id.
 * @throws what AWS throws: the whole batch is then taken again
 */
export async function watchBatch(
  arns: readonly Arn[],
  ports: WatchPorts,
  policy: WatchPolicy,
  now: Instant,
): Promise<WatchedBatch> {
  const resources = (await ports.resources(arns)).map((resource) => ({
    resource,
    series: seriesOf(resource),
    groups: groupsAt(resource, now),
  }));
  const names = resources.flatMap(({ resource: { arn }, series, groups }) => [
    ...series.map(nameOf),
    ...(togetherOf(series).length > 0 ? [{ arn, id: TOGETHER }] : []),
    ...groups.map((group) => ({ arn, id: logsId(group) })),
  ]);
  const kept = await ports.kept(names);
  const subjects = withTurns(resources, kept, now);
  const points = await readSeries(
    subjects.flatMap((subject) => wantedOf(subject, kept, now)),
    now,
    ports.aws,
  );
  const seen: Seen[] = [];
  for (const subject of subjects) seen.push(...(await watchOne(subject, points, kept, ports, policy, now)));
  const messages = await listenToAll(subjects, kept, ports, policy, now);
  const failing = await foretellFailures(
    subjects.map(({ resource }) => resource),
    points,
    ports,
    now,
  );
  return {
    resources: resources.length,
    series: resources.flatMap(({ series }) => series).length,
    anomalies: seen.filter(({ odd, refused }) => odd ?? refused).length,
    messages,
    forecasts: seen.filter(({ foretold }) => foretold).length,
    reached: seen.filter(({ reached }) => reached).length,
    failing,
    cameTrue: seen.filter(({ judged }) => judged === 'came-true').length,
    didNot: seen.filter(({ judged }) => judged === 'did-not').length,
  };
}

const nameOf = ({ resource, id }: WatchedSeries): SeriesName => ({ arn: resource, id });
const keptOf = ({ resource, id }: WatchedSeries, kept: Kept): KeptSeries | undefined => kept.get(`${resource} ${id}`);
const togetherKept = ({ resource: { arn } }: Pick<Subject, 'resource'>, kept: Kept): KeptSeries | undefined =>
  kept.get(`${arn} ${TOGETHER}`);

/** To learn all metrics of a resource takes a second: only so many of a batch do so at a look. */
const LEARN_AT_ONCE = 10;

function withTurns(all: readonly Omit<Subject, 'together'>[], kept: Kept, now: Instant): Subject[] {
  let learning = 0;
  return all.map((one) => {
    const together = togetherOf(one.series);
    const learns = together.length > 0 && isToBeLearned(togetherKept(one, kept), now);
    if (learns) learning += 1;
    return { ...one, together: learns && learning > LEARN_AT_ONCE ? [] : together };
  });
}

function wantedOf(subject: Subject, kept: Kept, now: Instant): Wanted[] {
  const all = readTogetherFrom(togetherKept(subject, kept), now);
  const due = subject.series.filter((series) => isItsTurn(series, keptOf(series, kept), now));
  return due.map((series) => {
    const from = readFrom(series, keptOf(series, kept)?.last, now);
    return { series, from: subject.together.includes(series) ? Math.min(from, all) : from };
  });
}

async function watchOne(
  subject: Subject,
  points: ReadonlyMap<WatchedSeries, Points>,
  kept: Kept,
  ports: WatchPorts,
  policy: WatchPolicy,
  now: Instant,
): Promise<Seen[]> {
  const { resource } = subject;
  const seen = subject.series.flatMap((series): Seen[] => {
    const known = keptOf(series, kept);
    const from = readFrom(series, known?.last, now);
    const own = points.get(series)?.filter(([at]) => at >= from);
    return own ? [step(series, known, own, now, policy)] : [];
  });
  const told = seen.some(({ odd, foretold, reached }) => odd || foretold || reached);
  const together = stepTogether(subject.together, points, togetherKept(subject, kept), now, policy, told);
  const signals = signalsOf(resource.arn, seen, together.odd);
  if (signals.length > 0) await ports.tell(signals);
  for (const { series, keep, judged } of seen) {
    if (!keep) continue;
    const counted = judged === 'came-true' || judged === 'did-not';
    const count = { type: resource.type, metric: series.metric.metric, cameTrue: judged === 'came-true' };
    await ports.keep(nameOf(series), keep, counted ? count : undefined);
  }
  if (together.keep) await ports.keep({ arn: resource.arn, id: TOGETHER }, together.keep);
  await hasten(resource.arn, seen, ports, now);
  return seen;
}

/** A deployment may be the reason for what its service says for so long. */
const AFTER_DEPLOYMENT = minutes(60);

/** FilterLogEvents takes ten calls a second, and may be slow on large groups: what is not heard in time is heard at the next look. */
const LISTENED_AT_ONCE = 5;
const LISTENED_AT_MOST = minutes(1);

async function listenToAll(
  subjects: readonly Subject[],
  kept: Kept,
  ports: WatchPorts,
  policy: WatchPolicy,
  now: Instant,
): Promise<number> {
  const began = runtime().now();
  const all = subjects.flatMap(({ resource, groups }) => groups.map((group) => ({ group, resource })));
  const queue = rotated(all, now).values();
  let messages = 0;
  const work = async (): Promise<void> => {
    for (const { group, resource } of queue) {
      if (secondsBetween(began, runtime().now()) > LISTENED_AT_MOST) return;
      const heard = await listenTo(group, resource, kept, ports, policy, now);
      messages += heard;
    }
  };
  await Promise.all(Array.from({ length: LISTENED_AT_ONCE }, work));
  return messages;
}

/** Reads what a log group said since the last look, and tells what is news in it. Answers of how much. */
async function listenTo(
  group: string,
  { arn, session }: Resource,
  kept: Kept,
  { aws, changes, tell, keep }: WatchPorts,
  policy: WatchPolicy,
  now: Instant,
): Promise<number> {
  const known = kept.get(`${arn} ${logsId(group)}`);
  const until = Date.parse(now) / 1000 - SETTLED;
  const from = readLogsFrom(known, now);
  if (from >= until) return 0;
  const [read, changed] = await Promise.all([
    readLately(group, instantOf(from), instantOf(until), aws),
    changes(arn, addSeconds(now, -AFTER_DEPLOYMENT), now),
  ]);
  if (read.lines.length === 0) return 0; // nothing was said, or it could not be read: the next look begins here again
  const rollout = rolloutOf(changed, now);
  const context = { ...(rollout ? { rollout } : {}), ...(session ? { session } : {}) };
  const { odd, oddSessions, keep: next } = stepLogs(group, known, read, until, now, policy, context);
  const signals = [
    ...(odd ? [messageSignal(arn, odd)] : []),
    ...(oddSessions ? [sessionsSignal(arn, oddSessions)] : []),
  ];
  if (signals.length > 0) await tell(signals);
  await keep({ arn, id: logsId(group) }, next);
  return (odd?.messages.length ?? 0) + (oddSessions?.sessions.length ?? 0);
}

const DEPLOYMENTS: readonly Change['kind'][] = ['deployment-started', 'code-updated', 'alias-moved'];
/** A rollout that nobody heard the end of. */
const ROLLS_AT_MOST = minutes(15);

/** What was deployed last, and since when it is all there. */
function rolloutOf(changed: readonly Change[], now: Instant): Rollout | undefined {
  const oldestFirst = changed.toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const last = oldestFirst.findLast(({ kind }) => DEPLOYMENTS.includes(kind));
  if (!last) return undefined;
  if (last.kind !== 'deployment-started') return { over: epoch(last.at) };
  const ended = oldestFirst.find(
    ({ kind, at }) => at >= last.at && (kind === 'deployment-completed' || kind === 'deployment-failed'),
  );
  const longest = addSeconds(last.at, ROLLS_AT_MOST);
  const over = ended?.at ?? (longest < now ? longest : undefined);
  return { over: over === undefined ? undefined : epoch(over) };
}

const instantOf = (at: Seconds): Instant => new Date(at * 1000).toISOString();

/** What has been foretold, or seems to be on its way, is looked at more often, the nearer it comes. */
async function hasten(arn: Arn, seen: readonly Seen[], ports: WatchPorts, now: Instant): Promise<void> {
  const looks = seen.flatMap(({ again }) => again ?? []);
  if (looks.length > 0) await ports.hasten(arn, addSeconds(now, Math.min(...looks)));
}
