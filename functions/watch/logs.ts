import { classify } from '../../layers/core/log-class.ts';
import { emptyLogModel, mine, resolver, templateText, type LogModel } from '../../layers/core/log-miner.ts';
import { DEFAULT_SESSION, sessionIn, type SessionKey } from '../../layers/core/log-session-key.ts';
import { saidIn, type LogLine } from '../../layers/core/log-template.ts';
import { compressed, decompressed } from '../../layers/core/packed.ts';
import { redact } from '../../layers/core/redact.ts';
import type { OddMessage, OddSessions } from '../../layers/core/signal.ts';
import { minutes, type Instant, type Ratio, type Seconds } from '../../layers/core/units.ts';
import { LONGEST_INTERVAL, type WatchPolicy } from '../../layers/core/watch-policy.ts';
import type { KeptSeries } from '../../layers/runtime/kb/knowledge.ts';
import { detector as newTemplate } from '../detect/log-detectors/new-template.ts';
import { detector as templateRate } from '../detect/log-detectors/template-rate.ts';
import { renamedOddity, stepsOf } from '../detect/support/oddity.ts';
import { stepSessions, type OddShare, type Rollout, type SessionsState } from './sessions.ts';

/** The templates of a log group are remembered under this name, and the group's. */
export const logsId = (group: string): string => `logs:${group}`;

/** A state is written at each look, because lines are read once: so it is kept small. Some 10 KB when full. */
const TEMPLATES = 150;
/** Longer lines are cut: what they say stands at their beginning. */
const LONGEST = 400;
/** At the first look so much of the past is read; at later ones what came since. */
export const FIRST_LOOK: Seconds = minutes(60);
/** Lines arrive a little late. */
export const SETTLED: Seconds = 15;
/** One line alone may be anything; after something was deployed, two are enough. */
const LEAST_LINES = 5;
const LEAST_AFTER_DEPLOYMENT = 2;
/** A message is new for so long. */
const NEW_FOR: Seconds = minutes(60);
/** Of the lines of a log, so few may be of a kind that was never seen before, for one to be news. */
const LEAST_NOVELTY: Ratio = 0.99;
const BUCKET: Seconds = minutes(1);
const WEEK: Seconds = 7 * 86_400;
const TOLD_AT_MOST = 3;

/** A message of trouble that is new, and not told of yet. */
interface Young {
  readonly template: number;
  /** Seconds since the epoch. */
  readonly since: Seconds;
  readonly lines: number;
  /** That a line of it was logged with, where that is one of trouble. */
  readonly level?: string;
}

interface State {
  readonly model: LogModel;
  readonly novelty: ReturnType<typeof newTemplate.start>;
  /** Of troubled lines alone. */
  readonly rate: ReturnType<typeof templateRate.start>;
  readonly young: readonly Young[];
  /** Absent where no line names a session. */
  readonly sessions?: SessionsState;
}

/** Messages of one group that are news, since when. */
export interface OddMessages {
  readonly at: Seconds;
  readonly detector: string;
  readonly messages: readonly OddMessage[];
}

/** Sessions of one group of which more are odd than usual, since when. */
export interface OddSessionsSince {
  readonly at: Seconds;
  readonly sessions: readonly OddSessions[];
}

export interface LogsStepped {
  readonly odd?: OddMessages;
  readonly oddSessions?: OddSessionsSince;
  readonly keep: KeptSeries;
}

/** What is known beside the lines of a group. */
export interface LogContext {
  /** What was deployed lately: then fewer lines are news, and sessions may well differ. */
  readonly rollout?: Rollout;
  /** How its owner tells sessions apart. */
  readonly session?: SessionKey;
}

/** From when on a group is read: since the last look, but no longer ago than the first looks back. */
export function readLogsFrom(kept: KeptSeries | undefined, now: Instant): Seconds {
  const back = kept?.last === undefined || kept.last === null ? FIRST_LOOK : LONGEST_INTERVAL;
  return Math.max(Date.parse(now) / 1000 - back, kept?.last ?? 0);
}

/**
 * Steps what is known of a log group by the lines since the last look. Pure. Secrets are redacted before anything else is done.
 * News is a message of trouble that was never seen before, a few lines of it; or one that is known and comes as often as
 * `alertsPerWeek` leaves, where every line was read; and sessions of which more are odd than usual. Of what a line names its session
 * by, a hash is taken first.
 * @param lines oldest first
 * @param whole false where they are a sample: counts then say nothing
 */
export function stepLogs(
  group: string,
  kept: KeptSeries | undefined,
  { lines, whole }: { readonly lines: readonly LogLine[]; readonly whole: boolean },
  until: Seconds,
  now: Instant,
  { alertsPerWeek }: WatchPolicy,
  { rollout, session = DEFAULT_SESSION }: LogContext = {},
): LogsStepped {
  const state = kept?.detector ? (decompressed(kept.detector) as State) : started();
  const heard = lines.flatMap(({ at, text }) => {
    const said = saidIn(text);
    const of = sessionIn(text, session);
    return said
      ? [{ ...said, at: at / 1000, said: redact(said.said).slice(0, LONGEST), ...(of ? { session: of } : {}) }]
      : [];
  });
  const mined = mine(
    state.model,
    heard.map(({ said }) => said),
    { templates: TEMPLATES },
  );
  const into = resolver(mined.merged);
  const events = heard.map((one, n) => {
    const { template, count } = mined.seen[n]!;
    return { ...one, template: into(template), count };
  });
  const from = readLogsFrom(kept, now);
  const fresh = stepNovelty(state, events, silentMinutes(from, until, events));
  const rate = whole ? stepRate(state.rate, events, 1 - (alertsPerWeek * BUCKET) / WEEK) : { state: state.rate };
  const follows = from <= (kept?.last ?? Number.NEGATIVE_INFINITY);
  const sessions = stepSessions(state.sessions, {
    ...{ events, from, until, whole, follows, idle: session.idle, alertsPerWeek },
    ...(mined.merged.length > 0 ? { into } : {}),
    ...(rollout ? { rollout } : {}),
  });

  const least = rollout ? LEAST_AFTER_DEPLOYMENT : LEAST_LINES;
  const young = grown([...state.young, ...fresh.young], events, mined.merged).filter(
    ({ since }) => until - since < NEW_FOR,
  );
  const told = young.filter(({ lines: seen }) => seen >= least).slice(0, TOLD_AT_MOST);
  const messages = [
    ...told.map((one) => messageOf(group, mined.model, one, 0)),
    ...(rate.odd && told.length === 0 ? [messageOf(group, mined.model, rate.odd, rate.odd.usual)] : []),
  ].flatMap((message) => message ?? []);
  const at = Math.min(...told.map(({ since }) => since), rate.odd?.at ?? Number.POSITIVE_INFINITY);
  const next: State = {
    model: mined.model,
    novelty: fresh.state,
    rate: rate.state,
    young: young.filter((one) => !told.includes(one)),
    ...(sessions.state ? { sessions: sessions.state } : {}),
  };
  const odd = sessions.odd && oddSessionsOf(group, session, mined.model, sessions.odd);
  return {
    ...(messages.length > 0
      ? { odd: { at, detector: told.length > 0 ? newTemplate.name : templateRate.name, messages } }
      : {}),
    ...(odd ? { oddSessions: odd } : {}),
    keep: { version: (kept?.version ?? 0) + 1, last: until, keptAt: now, detector: compressed(next) },
  };
}

interface Event {
  readonly at: Seconds;
  readonly troubled: boolean;
  readonly level?: string;
  readonly template: number;
  readonly count: number;
}

const started = (): State => ({
  model: emptyLogModel,
  novelty: newTemplate.start(newTemplate.params.parse({})),
  rate: templateRate.start(templateRate.params.parse({ bucket: BUCKET, templates: TEMPLATES })),
  young: [],
});

/** Whole minutes in which nothing was said. */
function silentMinutes(from: Seconds, until: Seconds, events: readonly Event[]): number {
  const loud = new Set(events.map(({ at }) => Math.floor(at / BUCKET)));
  return Math.max(0, Math.floor((until - from) / BUCKET) - loud.size);
}

/** A minute of silence is as usual as a known line: else a log that speaks only of trouble would never be known. */
const SILENCE = { at: 0, template: -1, count: Number.POSITIVE_INFINITY };

function stepNovelty(before: State, events: readonly Event[], silent: number) {
  let state = before.novelty;
  for (let minute = 0; minute < silent; minute += 1) ({ state } = newTemplate.step(state, SILENCE));
  const young: Young[] = [];
  for (const event of events) {
    const stepped = newTemplate.step(state, event);
    ({ state } = stepped);
    if (event.troubled && stepped.score >= LEAST_NOVELTY)
      young.push({ template: event.template, since: event.at, lines: 0, ...levelOf(event.template, events) });
  }
  return { state, young };
}

/** The level of trouble that a line of a template was logged with, if any was. */
function levelOf(template: number, events: readonly Event[]): { readonly level?: string } {
  const level = events.find((event) => event.template === template && event.level !== undefined)?.level;
  return level === undefined ? {} : { level };
}

/** Counts the lines of each; one that turned out to be part of an older message is not new. */
function grown(
  young: readonly Young[],
  events: readonly Event[],
  merged: readonly (readonly [number, number])[],
): Young[] {
  const gone = new Set(merged.map(([which]) => which));
  const counts = new Map<number, number>();
  for (const { template, troubled } of events) if (troubled) counts.set(template, (counts.get(template) ?? 0) + 1);
  return young
    .filter(({ template }) => !gone.has(template))
    .map((one) => ({ ...one, lines: one.lines + (counts.get(one.template) ?? 0) }));
}

function stepRate(before: State['rate'], events: readonly Event[], least: Ratio) {
  let state = before;
  let odd: { at: Seconds; template: number; lines: number; usual: number; level?: string } | undefined;
  for (const event of events) {
    if (!event.troubled) continue;
    const counts = state.rates;
    const stepped = templateRate.step(state, event);
    ({ state } = stepped);
    if (stepped.score < least) continue;
    // What comes less often than usual is no trouble.
    const most = Object.entries(counts).reduce((a, b) => (b[1][0] - b[1][1] > a[1][0] - a[1][1] ? b : a));
    const [template, [lines, usual]] = most;
    const id = Number(template);
    if (lines > usual + 1) odd ??= { at: event.at, template: id, lines, usual, ...levelOf(id, events) };
  }
  return { state, ...(odd ? { odd } : {}) };
}

/** Undefined where the message is of no weight, by its level before its words, or is forgotten already. */
function messageOf(
  group: string,
  { templates }: LogModel,
  { template: id, lines, level }: Omit<Young, 'since'>,
  usual: number,
): OddMessage | undefined {
  const template = textOfTemplate(id, templates);
  if (template === undefined) return undefined;
  const { severity } = classify(template, level);
  return severity === 'low' ? undefined : { group, template, lines, usual: Number(usual.toPrecision(3)) };
}

/** Undefined where it is forgotten already. */
function textOfTemplate(id: number, templates: LogModel['templates']): string | undefined {
  const found = templates.find((one) => one.id === id);
  return found && templateText(found).slice(0, 240).replace(/<\*?$/, ''); // a variable is not cut in half
}

/** The ways in which most of them are odd, in words. */
function oddSessionsOf(
  group: string,
  by: SessionKey,
  { templates }: LogModel,
  { since, seen, usual, oneIn, ways }: OddShare,
): OddSessionsSince | undefined {
  const sessions = ways.flatMap(({ oddity, sessions: odd }): OddSessions[] => {
    const texts = new Map(stepsOf(oddity).map((id) => [id, textOfTemplate(id, templates)]));
    if ([...texts.values()].some((text) => text === undefined)) return [];
    const said = renamedOddity(oddity, (id) => texts.get(id)!) as OddSessions['oddity'];
    return [{ group, by, oddity: said, odd, of: seen, oneIn, usual: Number(usual.toPrecision(3)) }];
  });
  return sessions.length > 0 ? { at: since, sessions: sessions.slice(0, TOLD_AT_MOST) } : undefined;
}
