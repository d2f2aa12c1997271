/** A session that is over: its events (templates, if nothing else is said) in order. Times are seconds since the epoch. */
export interface EndedSession<Event = number> {
  readonly first: number;
  readonly last: number;
  readonly events: readonly Event[];
}

/** A session under way: plain JSON. */
export interface OpenSession<Event = number> extends EndedSession<Event> {
  readonly key: string;
}

export interface SessionLine<Event = number> {
  /** Seconds since the epoch. */
  readonly at: number;
  readonly key: string;
  readonly event: Event;
  /** Whether nothing more comes of its session. */
  readonly ends?: boolean;
}

export interface SessionLimits {
  /** Seconds without a line after which a session is over. */
  readonly idle: number;
  /** Lines of one session that are kept; what follows is not. */
  readonly events: number;
}

/**
 * Sorts lines into sessions by the id they carry (request, block, task), and gives back those that are over. A line from
 * the past counts as of the latest time seen, so that time running backwards ends nothing twice. O(1) a line.
 *
 * @param open the one with the oldest activity first, as it was given back before
 * @param until what was idle for too long by then is over
 */
export function addToSessions<Event = number>(
  open: readonly OpenSession<Event>[],
  lines: readonly SessionLine<Event>[],
  until: number,
  { idle, events: most }: SessionLimits,
): { readonly open: OpenSession<Event>[]; readonly ended: EndedSession<Event>[] } {
  // A map keeps the order in which keys were set last: that of activity.
  const under = new Map(open.map((session) => [session.key, session]));
  const ended: EndedSession<Event>[] = [];
  let now = open.at(-1)?.last ?? Number.NEGATIVE_INFINITY;
  const end = ({ key, first, last, events }: OpenSession<Event>): void => {
    under.delete(key);
    ended.push({ first, last, events });
  };
  const pass = (at: number): void => {
    if (Number.isFinite(at)) now = Math.max(now, at);
    for (const session of under.values()) {
      if (now - session.last <= idle) break;
      end(session);
    }
  };
  for (const { at, key, event, ends } of lines) {
    pass(at);
    const before = under.get(key);
    const last = Number.isFinite(now) ? now : 0;
    const events = before?.events ?? [];
    const grown = {
      key,
      first: before?.first ?? last,
      last,
      events: events.length < most ? [...events, event] : events,
    };
    under.delete(key);
    under.set(key, grown);
    if (ends) end(grown);
  }
  pass(until);
  return { open: [...under.values()], ended };
}
