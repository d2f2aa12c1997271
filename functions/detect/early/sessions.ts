/** Sessions of a log of which too many were odd: are they still, in what is logged now? */
import type { Aws } from '../../../layers/core/aws.ts';
import { sessionIn } from '../../../layers/core/log-session-key.ts';
import { addToSessions, type EndedSession, type SessionLine } from '../../../layers/core/log-session.ts';
import { isOfTemplate, saidIn, type LogLine } from '../../../layers/core/log-template.ts';
import { redact } from '../../../layers/core/redact.ts';
import type { OddSessions, Signal } from '../../../layers/core/signal.ts';
import { addSeconds, minutes, percent, type Instant, type Ratio, type Seconds } from '../../../layers/core/units.ts';
import { readLately } from '../../../layers/runtime/observe/logs.ts';
import { isOddly } from '../support/oddity.ts';
import type { Sign } from './judge.ts';

/** Sessions that a signal told of, and what was told. */
export interface Followed {
  readonly told: OddSessions;
  readonly summary: string;
  /** Since when. */
  readonly at: Instant;
}

/** What a session said, redacted, from its first line to its last. */
export type SaidSession = EndedSession<string>;

export interface FollowedLook extends Followed {
  /** Sessions that were seen from their beginning to their end; absent where lines were missing. */
  readonly seen?: readonly SaidSession[];
}

/** Each way in which sessions were odd, as it was told last. */
export function followedIn(signals: readonly Signal[]): Followed[] {
  const oldestFirst = signals.toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const told = oldestFirst.flatMap((signal) =>
    signal.kind === 'anomaly'
      ? (signal.sessions ?? []).map((one) => ({ told: one, summary: signal.summary, at: signal.at }))
      : [],
  );
  return [...new Map(told.map((one) => [JSON.stringify([one.told.group, one.told.oddity]), one])).values()];
}

/** A page of FilterLogEvents: a session must be read as a whole. */
const LINES = 10_000;
/** Sessions that began within so long are looked at, where it is not said since when: none of before they were odd. */
const LOOKED_BACK: Seconds = minutes(5);

/**
 * Reads the logs that signals are about, and makes sessions of them that began since an instant, or since they are odd, and are
 * over. Never throws.
 */
export async function lookAtFollowed(
  signals: readonly Signal[],
  since: Instant | undefined,
  now: Instant,
  aws: Aws,
): Promise<FollowedLook[]> {
  const byGroup = Map.groupBy(followedIn(signals), ({ told: { group } }) => group);
  const looks = [...byGroup].map(async ([group, followed]): Promise<FollowedLook[]> => {
    const { by } = followed[0]!.told;
    const lately = addSeconds(now, -LOOKED_BACK - 2 * by.idle);
    const from = since ?? followed.reduce((last, { at }) => (at > last ? at : last), lately);
    // What spoke before and goes on did not begin since.
    const { lines, whole } = await readLately(group, addSeconds(from, -by.idle), now, aws, LINES);
    if (!whole) return followed;
    const seen = sessionsOf(lines, by, Date.parse(from) / 1000, Date.parse(now) / 1000);
    return followed.map((one) => ({ ...one, seen }));
  });
  return (await Promise.all(looks)).flat();
}

function sessionsOf(lines: readonly LogLine[], by: OddSessions['by'], from: Seconds, now: Seconds): SaidSession[] {
  const said = lines.flatMap(({ at, text }): SessionLine<string>[] => {
    const of = sessionIn(text, by);
    const message = saidIn(text)?.said;
    return of && message !== undefined ? [{ ...of, at: at / 1000, event: redact(message) }] : [];
  });
  return addToSessions([], said, now, { idle: by.idle, events: LINES }).ended.filter(({ first }) => first >= from);
}

/** So many odd ones would be expected if nothing had changed: fewer sessions say nothing. */
const EXPECTED = 3;
const LOOK_AGAIN: Seconds = minutes(1);

/** How many sessions must be seen to say that it is over. */
export const neededOf = ({ odd, of }: OddSessions): number => Math.ceil((EXPECTED * of) / Math.max(1, odd));

export interface OddNow {
  readonly odd: number;
  readonly of: number;
  /** Whether the share is nearer to the one that was told of than to the usual one. */
  readonly still: boolean;
  readonly why: string;
}

export function oddNow({ oddity, odd, of, usual }: OddSessions, seen: readonly SaidSession[]): OddNow {
  const is = (said: string, template: string): boolean => isOfTemplate(template, said);
  const such = seen.filter(({ events }) => isOddly(oddity, events, is)).length;
  const share: Ratio = seen.length === 0 ? 0 : such / seen.length;
  const still = such > 0 && share > (odd / Math.max(1, of) + usual) / 2;
  return { odd: such, of: seen.length, still, why: `${such} of ${seen.length} lately (${percent(share)}) are so` };
}

export function judgeFollowed({ told, summary, seen }: FollowedLook): Sign {
  // What could not be read is no sign of health.
  if (!seen) return { kind: 'still', why: `${summary} The log could not be read again as a whole.` };
  const { of, still, why } = oddNow(told, seen);
  if (still) return { kind: 'still', why: `${summary} ${why}.` };
  if (of < neededOf(told)) return { kind: 'unknown', why: `${summary} ${why}, too few to say.`, again: LOOK_AGAIN };
  return { kind: 'gone', why: `${summary} ${why}.` };
}
