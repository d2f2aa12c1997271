import type { LogSession } from './log-detector.ts';

/** Sessions under way, oldest activity first: plain JSON. */
export interface OpenSessions {
  readonly open: readonly { readonly key: string; readonly last: number; readonly events: readonly number[] }[];
}

export const noSessions: OpenSessions = { open: [] };

export interface SessionLimits {
  /** Seconds without a line after which a session is over. Default 300. */
  readonly idle: number;
  /** Sessions open at once; beyond that the one idle longest is taken for over. Default 1,000. */
  readonly sessions: number;
  /** Lines of one session that are kept; what follows is not. Default 500. */
  readonly events: number;
}

/**
 * Sorts lines into sessions by the id they carry (request, block, task), and gives back those that are over. A line from
 * the past counts as of the latest time seen, so that time running backwards ends nothing twice.
 *
 * @param line `at` in seconds since the epoch
 */
export function addToSessions(
  { open }: OpenSessions,
  line: { readonly at: number; readonly key: string; readonly template: number },
  limits: SessionLimits = { idle: 300, sessions: 1000, events: 500 },
): { readonly state: OpenSessions; readonly ended: readonly LogSession[] } {
  const at = Number.isFinite(line.at) ? line.at : 0;
  const now = Math.max(at, open.at(-1)?.last ?? at);
  const before = open.find(({ key, last }) => key === line.key && now - last <= limits.idle);
  const events = before?.events ?? [];
  const grown = {
    key: line.key,
    last: now,
    events: events.length < limits.events ? [...events, line.template] : events,
  };
  const others = open.filter((session) => session !== before);
  const fresh = others.filter(({ last }) => now - last <= limits.idle);
  const kept = fresh.slice(Math.max(0, fresh.length + 1 - limits.sessions));
  const staying = new Set(kept);
  const ended = others.filter((session) => !staying.has(session)).map(({ events: all }) => ({ events: all }));
  return { state: { open: [...kept, grown] }, ended };
}
