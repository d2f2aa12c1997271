/** Sessions of a log group: which are odd, and whether more are than usual. Pure. */
import type { OfSession } from '../../layers/core/log-session-key.ts';
import { addToSessions, type EndedSession, type OpenSession } from '../../layers/core/log-session.ts';
import type { Ratio, Seconds } from '../../layers/core/units.ts';
import { detector as sessionCounts } from '../detect/log-detectors/session-counts.ts';
import { detector as sessionTransitions } from '../detect/log-detectors/session-transitions.ts';
import {
  cameSoFar,
  isOddly,
  oddKind,
  oddOrder,
  renamedOddity,
  UP_TO,
  type OddityOf,
  type UsualKinds,
} from '../detect/support/oddity.ts';
import { countsOf, shareOf } from '../detect/support/rare-keys.ts';
import { kindNamed, kindOf, nameOfKind } from '../detect/support/session-kinds.ts';
import {
  added,
  isRaised,
  startShare,
  stepShare,
  type Bucket,
  type Rise,
  type ShareState,
} from '../detect/support/share-rise.ts';

/**
 * What is remembered is written at each look: so it is little. Kinds that one in seventy sessions are of are at most 66, and
 * the past counts half after some thousands, so that a new release's kinds are known within its first hundred sessions.
 */
const COUNTS = sessionCounts.params.parse({ kinds: 50, upTo: UP_TO, warmUp: 300, memory: 10_000 });
/** A step is usual that one session in two hundred takes. */
const TRANSITIONS = sessionTransitions.params.parse({ transitions: 100, rare: 0.005, warmUp: 300, memory: 10_000 });
/** Sessions under way that are remembered between looks; where there are more, only one in 2, 4, 8, … is followed at all. */
const MOST_OPEN = 100;
const MOST_SHARED = 2 ** 20;
/** Longer ones are not judged: what they lack may have been said in what was not kept. */
const LONGEST_SESSION = 40;
/** Above, a detector calls a session odd. */
const ODD = 0.5;
const BUCKET: Seconds = 60;

/** Plain JSON. */
export interface SessionsState {
  /** Every line since then was read: what began before may have begun before that. */
  readonly since: Seconds;
  /** One session in so many is followed, by its key. */
  readonly oneIn: number;
  readonly open: readonly OpenSession[];
  readonly counts: ReturnType<typeof sessionCounts.start>;
  readonly transitions: ReturnType<typeof sessionTransitions.start>;
  /** Null while too few sessions are known for one to be odd. */
  readonly share: ShareState | null;
}

export interface SessionEvent {
  readonly at: Seconds;
  readonly template: number;
  readonly session?: OfSession;
}

/** What was deployed lately: whether it is all there, since when. */
export interface Rollout {
  readonly over: Seconds | undefined;
}

export interface Heard {
  /** Oldest first. */
  readonly events: readonly SessionEvent[];
  /** What templates are now that were others when they were remembered; absent where none is. */
  readonly into?: (template: number) => number;
  readonly from: Seconds;
  readonly until: Seconds;
  /** Whether this is every line since `from`, and whether `from` is where the last look ended. */
  readonly whole: boolean;
  readonly follows: boolean;
  /** Seconds without a line after which a session is over. */
  readonly idle: Seconds;
  readonly alertsPerWeek: number;
  readonly rollout?: Rollout;
}

/** More sessions are odd than usual; the ways in which they are, the most frequent first. */
export interface OddShare extends Omit<Rise, 'odd'> {
  /** One session in so many was followed. */
  readonly oneIn: number;
  readonly ways: readonly { readonly oddity: OddityOf<number>; readonly sessions: number }[];
}

/**
 * Steps what is known of a group's sessions by the lines of a look. Each session that is over is judged by what was known
 * before the look, so that many of a new kind do not make it usual while they are judged.
 * @returns no state while no line was of a session
 */
export function stepSessions(
  kept: SessionsState | undefined,
  heard: Heard,
): { readonly state?: SessionsState; readonly odd?: OddShare } {
  const { events, from, until, whole, follows, idle } = heard;
  const ofSessions = events.flatMap(({ at, template, session }) =>
    session ? { at, event: template, ...session } : [],
  );
  if (!kept && ofSessions.length === 0) return {};
  const known = kept && heard.into ? renamed(kept, heard.into) : (kept ?? started(from));
  // Of lines that were not read nobody knows what they said: who began before they were may not be judged.
  if (!whole) return { state: { ...known, open: [], since: until } };
  const before = follows ? known : { ...known, open: [], since: from };
  const followed = ofSessions.filter(({ key }) => isFollowed(key, before.oneIn));
  const limits = { idle, events: LONGEST_SESSION };
  const { open, ended } = addToSessions(before.open, followed, until, limits);
  const judged = ended.filter(({ first, events: all }) => first >= before.since + idle && all.length < LONGEST_SESSION);
  const share = before.share ?? firstShare(before.counts);
  const stepped = share ? stepOdd(share, judged, before, heard) : { toLearn: judged };
  const next = { ...before, ...learned(before, stepped.toLearn), open, share: stepped.share ?? null };
  return { state: bounded(next, until), ...(stepped.odd ? { odd: stepped.odd } : {}) };
}

const started = (since: Seconds): SessionsState => ({
  since,
  oneIn: 1,
  open: [],
  counts: sessionCounts.start(COUNTS),
  transitions: sessionTransitions.start(TRANSITIONS),
  share: null,
});

/** Whole keys are followed or not, the same at each look. */
const isFollowed = (key: string, oneIn: number): boolean => Number.parseInt(key, 16) % oneIn === 0;

/** Enough are known once the detector has warmed up: what is rare among them is usually odd. */
function firstShare({ kinds }: SessionsState['counts']): ShareState | null {
  if (kinds.total < COUNTS.warmUp) return null;
  const rare = countsOf(kinds).filter(([, count]) => count < COUNTS.rare * kinds.total);
  return startShare(rare.reduce((sum, [, count]) => sum + count, 0) / kinds.total);
}

function learned({ counts, transitions }: SessionsState, sessions: readonly EndedSession[]) {
  return {
    counts: sessions.reduce((state, session) => sessionCounts.step(state, session).state, counts),
    transitions: sessions.reduce((state, session) => sessionTransitions.step(state, session).state, transitions),
  };
}

interface OddSession extends EndedSession {
  readonly oddity?: OddityOf<number>;
}

interface Judged {
  /** Sessions that may be taken for usual. */
  readonly toLearn: readonly EndedSession[];
  readonly share?: ShareState;
  readonly odd?: OddShare;
}

function stepOdd(
  before: ShareState,
  sessions: readonly EndedSession[],
  known: SessionsState,
  { alertsPerWeek, rollout, until }: Heard,
): Judged {
  const usual = usualKinds(known.counts);
  const judged = sessions.map((session): OddSession => {
    const oddity = oddityOf(session, usual, known);
    return oddity ? { ...session, oddity } : session;
  });
  let share = before;
  let news: Rise | undefined;
  for (const bucket of bucketsOf(judged)) {
    const stepped = stepShare(share, bucket, alertsPerWeek);
    share = stepped.state;
    news ??= stepped.rise;
  }
  const toLearn = isRaised(share, alertsPerWeek, until) ? judged.filter(({ oddity }) => !oddity) : judged;
  if (!news) return { share, toLearn };
  const ways = Object.entries(news.odd).map(([name, n]) => ({
    oddity: JSON.parse(name) as OddityOf<number>,
    sessions: n,
  }));
  const isOften = ({ sessions: n }: { readonly sessions: number }): boolean => n >= LEAST_OF_A_WAY * ways[0]!.sessions;
  const verdict = rollout ? asReleased(ways[0]!.oddity, judged, rollout) : 'news';
  if (verdict === 'too-early') return { share: { ...share, told: null }, toLearn };
  // As if it had been so for long: it is learned from now on, and not told.
  if (verdict === 'as-released') return { share: { ...share, told: LONG_AGO }, toLearn: judged };
  const { since, seen, usual: usually } = news;
  return { share, toLearn, odd: { since, seen, usual: usually, oneIn: known.oneIn, ways: ways.filter(isOften) } };
}

function usualKinds({ kinds }: SessionsState['counts']): UsualKinds {
  return countsOf(kinds)
    .map(([name, count]) => ({ kind: kindNamed(name), share: count / kinds.total }))
    .filter(({ share }) => share >= COUNTS.rare);
}

function oddityOf(
  session: EndedSession,
  usual: UsualKinds,
  { counts, transitions }: SessionsState,
): OddityOf<number> | undefined {
  if (sessionCounts.step(counts, session).score > ODD) return oddKind(session.events, usual, transitions.seen);
  // In which orders a kind may come is known once enough of it were seen.
  const seen = shareOf(counts.kinds, nameOfKind(kindOf(session.events, UP_TO))) * counts.kinds.total;
  if (seen < TRANSITIONS.warmUp || sessionTransitions.step(transitions, session).score <= ODD) return undefined;
  return oddOrder(session.events, transitions.seen, TRANSITIONS.rare);
}

/** By the minute in which they ended, oldest first. */
function bucketsOf(sessions: readonly OddSession[]): Bucket[] {
  const byMinute = Map.groupBy(sessions, ({ last }) => Math.floor(last / BUCKET) * BUCKET);
  return [...byMinute]
    .sort(([a], [b]) => a - b)
    .map(([at, all]) => {
      const odd = all.filter(({ oddity }) => oddity);
      const ways = Map.groupBy(odd, ({ oddity }) => JSON.stringify(oddity));
      const first = odd.length > 0 ? Math.min(...odd.map(({ last }) => last)) : at;
      return { at, first, seen: all.length, odd: Object.fromEntries([...ways].map(([way, of]) => [way, of.length])) };
    });
}

/** What comes a tenth as often as the most frequent way of being odd, or less, is not worth a word. */
const LEAST_OF_A_WAY: Ratio = 0.1;
const LONG_AGO: Seconds = 0;
/** So many must have come as far as to show whether all of them are odd. */
const LEAST_RELEASED = 10;
const NEARLY_ALL: Ratio = 0.9;

/**
 * After a deployment: where nearly all sessions that come so far differ by one message, or by its place, that is how the new
 * release logs. What stops half-way lacks more, or stops in some of them only.
 */
function asReleased(
  oddity: OddityOf<number>,
  sessions: readonly OddSession[],
  { over }: Rollout,
): 'news' | 'as-released' | 'too-early' {
  if (oddity.how === 'lacks' && oddity.without.length > 1) return 'news';
  if (over === undefined) return 'too-early';
  const is = (a: number, b: number): boolean => a === b;
  const since = sessions.filter(({ first, events }) => first >= over && cameSoFar(oddity, events, is));
  if (since.length < LEAST_RELEASED) return 'too-early';
  const odd = since.filter(({ events }) => isOddly(oddity, events, is)).length;
  return odd >= NEARLY_ALL * since.length ? 'as-released' : 'news';
}

/** The same, its templates being others by now. */
function renamed(state: SessionsState, into: (template: number) => number): SessionsState {
  const rename = (odd: Readonly<Record<string, number>>): Record<string, number> =>
    Object.entries(odd)
      .map(([name, n]) => ({ [JSON.stringify(renamedOddity(JSON.parse(name) as OddityOf<number>, into))]: n }))
      .reduce(added, {});
  return {
    ...state,
    open: state.open.map((session) => ({ ...session, events: session.events.map(into) })),
    counts: sessionCounts.merged(state.counts, into),
    transitions: sessionTransitions.merged(state.transitions, into),
    share: state.share && {
      ...state.share,
      runs: state.share.runs.map((run) => ({ ...run, odd: rename(run.odd) })),
    },
  };
}

/** Follows fewer sessions where too many are under way, and more again where few are. */
function bounded(state: SessionsState, until: Seconds): SessionsState {
  const { open, oneIn } = state;
  if (open.length > MOST_OPEN && oneIn < MOST_SHARED) {
    const fewer = 2 * oneIn;
    return bounded({ ...state, oneIn: fewer, open: open.filter(({ key }) => isFollowed(key, fewer)) }, until);
  }
  if (oneIn === 1 || open.length >= MOST_OPEN / 4) return { ...state, open: open.slice(-MOST_OPEN) };
  // Of those that are followed from now on, nobody knows how they began.
  const all = Math.max(1, open.length * oneIn);
  return { ...state, oneIn: Math.max(1, 2 ** Math.ceil(Math.log2((2 * all) / MOST_OPEN))), since: until };
}
