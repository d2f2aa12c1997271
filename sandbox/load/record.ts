/** What customers got from one shop among the requests they sent in one second. */
export interface Second {
  /** Seconds since the epoch. */
  readonly at: number;
  readonly ok: number;
  readonly failed: number;
  /** Of every answer, in milliseconds; a request without an answer counts with its timeout. */
  readonly latencies: readonly number[];
}

/** What the customers of one shop got, second by second. */
export class CustomerRecord {
  readonly #seconds = new Map<number, Second>();

  /** Adds what became known about a second; answers to slow requests arrive later than others. */
  add(part: Second): void {
    const known = this.#seconds.get(part.at) ?? { at: part.at, ok: 0, failed: 0, latencies: [] };
    this.#seconds.set(part.at, {
      at: part.at,
      ok: known.ok + part.ok,
      failed: known.failed + part.failed,
      latencies: [...known.latencies, ...part.latencies],
    });
  }

  /** Seconds `from` up to but not including `to`, oldest first. */
  between(from: number, to: number): readonly Second[] {
    return [...this.#seconds.values()].filter(({ at }) => at >= from && at < to).sort((a, b) => a.at - b.at);
  }

  /** Share of requests answered well and in time, 0 to 1; undefined when there were none. */
  availability(from: number, to: number): number | undefined {
    return successOf(this.between(from, to));
  }

  /** 99 of 100 requests were answered within this many milliseconds; undefined when there were none. */
  p99(from: number, to: number): number | undefined {
    const latencies = this.between(from, to)
      .flatMap((second) => second.latencies)
      .sort((a, b) => a - b);
    return latencies[Math.max(0, Math.ceil(latencies.length * 0.99) - 1)];
  }

  /**
   * The first second from which on, until `to`, every window of ten seconds had at least `share` of its requests
   * answered well; undefined when the last window had not.
   */
  wellSince(from: number, to: number, share = 0.99): number | undefined {
    let since: number | undefined;
    for (let start = to - 10; start >= from; start -= 1) {
      const success = this.availability(start, start + 10);
      if (success === undefined || success < share) break;
      since = start;
    }
    return since;
  }
}

function successOf(seconds: readonly Second[]): number | undefined {
  const ok = seconds.reduce((sum, second) => sum + second.ok, 0);
  const failed = seconds.reduce((sum, second) => sum + second.failed, 0);
  return ok + failed === 0 ? undefined : ok / (ok + failed);
}
