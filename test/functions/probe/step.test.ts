import { describe, expect, it } from 'vitest';
import { step, type Stepped } from '../../../functions/probe/step.ts';
import { parseProbe, type Probe, type Reached } from '../../../layers/core/probe.ts';
import { addSeconds, minutes } from '../../../layers/core/units.ts';
import type { ProbeState } from '../../../layers/runtime/kb/knowledge.ts';
import { serviceArn } from '../../runtime/samples.ts';

const START = '2026-11-01T00:00:00.000Z';
const ARN = serviceArn();
const PROBE = parseProbe('probe', 'http://orders retries=3') as Probe;
const OK: Reached = { ok: true };
const SILENT: Reached = { ok: false, failure: 'silent', why: 'no answer within 5 s' };
const REFUSED: Reached = { ok: false, failure: 'refused', why: '127.0.0.1 is the prober itself' };

/** Plays results a minute apart: what each meant, and what is remembered in the end. */
function play(results: readonly Reached[], known?: ProbeState, probe = PROBE, starting = false) {
  let state = known;
  const stepped = results.map((reached, n): Stepped => {
    const one = step(ARN, probe, state, reached, addSeconds(START, minutes(n)), starting);
    state = one.keep ?? state;
    return one;
  });
  return { state, news: stepped.map(({ news }) => news), points: stepped.map(({ point }) => point), stepped };
}
const written = ({ stepped }: ReturnType<typeof play>): number => stepped.filter(({ keep }) => keep).length;

describe('a probe', () => {
  it('that fails as often in a row as its owner allows tells it once, since its first failure', () => {
    const { news, state } = play([OK, SILENT, SILENT, SILENT, SILENT, SILENT]);

    expect(news).toEqual([undefined, undefined, undefined, 'failed', undefined, undefined]);
    expect(state).toMatchObject({ told: true, failures: 3, since: addSeconds(START, 60), failure: 'silent' });
  });

  it('that is answered in between counts anew, and tells nothing', () => {
    expect(play([OK, SILENT, SILENT, OK, SILENT, SILENT, OK]).news).toEqual(Array(7).fill(undefined));
  });

  it('that is answered again after it was told tells that, too, once', () => {
    expect(play([OK, SILENT, SILENT, SILENT, OK, OK]).news.slice(3)).toEqual(['failed', 'ok', undefined]);
  });

  it('writes and publishes nothing while it is well', () => {
    const played = play([OK, OK, OK, OK]);

    expect(written(played)).toBe(1);
    expect(played.points).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('publishes from its first failure until an hour after the last', () => {
    const { points } = play([OK, SILENT, ...Array<Reached>(70).fill(OK)]);

    expect(points.slice(0, 3)).toEqual([undefined, 1, 0]);
    expect(points.filter((point) => point === 0)).toHaveLength(60);
    expect(points.at(-1)).toBeUndefined();
  });

  it('that fails for hours is written only until it was told', () => {
    const played = play([OK, ...Array<Reached>(100).fill(SILENT)]);

    expect(written(played)).toBe(4);
    expect(played.points.filter((point) => point === 1)).toHaveLength(100);
  });

  it('that was never answered says nothing about the resource, and keeps why', () => {
    const played = play([SILENT, SILENT, SILENT, SILENT, REFUSED]);

    expect(played.news).toEqual(Array(5).fill(undefined));
    expect(played.points).toEqual(Array(5).fill(undefined));
    expect(written(played)).toBe(2);
    expect(played.state).toMatchObject({ answered: false, why: REFUSED.ok ? '' : REFUSED.why });
  });

  it('does not count what fails while something starts, or what may not be asked', () => {
    const well = play([OK]).state;

    expect(written(play(Array<Reached>(5).fill(SILENT), well, PROBE, true))).toBe(0);
    expect(play(Array<Reached>(5).fill(REFUSED), well).news).toEqual(Array(5).fill(undefined));
  });

  it('of another target is another probe, which has not been answered yet', () => {
    const failing = play([OK, SILENT, SILENT]).state;

    const moved = play([SILENT], failing, { ...PROBE, target: 'http://orders.new' });

    expect(moved.news).toEqual([undefined]);
    expect(moved.state).toMatchObject({ answered: false, version: failing!.version + 1 });
  });
});
