import { describe, expect, it } from 'vitest';
import { choose, type DatedLife } from '../../../functions/train/choose.ts';
import { fateOf } from '../../../functions/train/fate.ts';
import { SPAN, stretchesOf } from '../../../functions/train/lives.ts';
import { HORIZON } from '../../../functions/detect/failure/view.ts';
import { learnFailure } from '../../../functions/detect/failure/failure-model.ts';
import { Incident } from '../../../layers/core/incident.ts';
import { seeded } from '../../../layers/core/statistics/random.ts';

const AHEAD = 8;
const ROWS = 24;

/** Lives a day apart, every second a failure; `warns`: what is measured rises before it. */
function lives(failures: number, warns: boolean, seed = 1): DatedLife[] {
  const random = seeded(seed);
  return Array.from({ length: 2 * failures }, (_, n) => {
    const failed = n % 2 === 0;
    const features = Array.from({ length: ROWS }, (_, t) => [
      random() + (warns && failed ? Math.max(0, t - ROWS + AHEAD + 2) : 0),
      random(),
    ]);
    return { features, before: features, failed, weight: 1, at: n * 86_400 };
  });
}

describe('a new model', () => {
  it('replaces the prior where failures warn, and is judged on later lives than it learned from', () => {
    const choice = choose(lives(20, true), {}, AHEAD);

    if (choice.kind !== 'judged') throw new Error(choice.why);
    expect(choice.better).toBe(true);
    expect(choice.own.brier).toBeLessThan(choice.inUse.brier);
    const rows = choice.reliability;
    expect(rows.at(-1)!.cameTrue).toBeGreaterThan(rows[0]!.cameTrue);
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(choice.judgedOn.length);
    expect(Math.max(...choice.learnedFrom.map(({ at }) => at))).toBeLessThan(
      Math.min(...choice.judgedOn.map(({ at }) => at)),
    );
  });

  it('does not replace the prior where nothing warns', () => {
    const seeds = [1, 2, 3, 4, 5];

    const replaced = seeds.filter((seed) => {
      const choice = choose(lives(16, false, seed), {}, AHEAD);
      return choice.kind === 'judged' && choice.better;
    });

    expect(replaced).toEqual([]);
  });

  it('does not replace one that is as good', () => {
    const model = learnFailure(lives(20, true, 8), AHEAD, 1);

    const choice = choose(lives(20, true), { model }, AHEAD);

    expect(choice).toMatchObject({ kind: 'judged', better: false });
  });

  it('is not made of fewer than five failures to learn from and five to be judged on', () => {
    expect(choose(lives(9, true), {}, AHEAD)).toMatchObject({ kind: 'too-few' });
    expect(choose(lives(10, true), {}, AHEAD)).toMatchObject({ kind: 'judged' });
    expect(choose([], {}, AHEAD)).toMatchObject({ kind: 'too-few' });
  });

  it('is judged only on what happened since a person went back', () => {
    const all = lives(20, true);

    const choice = choose(all, { judgeSince: all.at(-6)!.at }, AHEAD);

    expect(choice).toMatchObject({ kind: 'too-few' });
    expect(choice.kind === 'too-few' && choice.why).toContain('there are 20, 3 of them since a person went back');
  });
});

describe('stretches', () => {
  const [DAY, NOW] = [86_400, 30 * 86_400];
  const arn = 'arn:aws:ecs:eu-west-1:111122223333:service/shop/web';
  const trouble = (from: number, failed = true) => ({ from, until: from + 600, failed });

  it('before a failure begin after the trouble before it, and stand for as much as they are long', () => {
    const troubles = new Map([[arn, [trouble(10 * DAY, false), trouble(10 * DAY + SPAN / 2)]]]);

    const [before] = stretchesOf(troubles, 0, NOW, 1).filter(({ failed }) => failed);

    expect(before).toMatchObject({ to: 10 * DAY + SPAN / 2, from: 10 * DAY + 600 + 900 });
    expect(before!.weight).toBeCloseTo((before!.to - before!.from) / SPAN, 9);
  });

  it('that are healthy keep away from any trouble, and stand for all the time', () => {
    const troubles = new Map([[arn, [3, 9, 17].map((day) => trouble(day * DAY, false))]]);

    const healthy = stretchesOf(troubles, 0, NOW, 1);

    for (const { from, to } of healthy)
      for (const day of [3, 9, 17]) expect(from > day * DAY + 600 || to < day * DAY).toBe(true);
    const all = healthy.reduce((sum, { weight }) => sum + weight * SPAN, 0);
    expect(all).toBeGreaterThan(0.7 * NOW);
    expect(all).toBeLessThanOrEqual(NOW + 1);
    expect(healthy.every(({ to }) => to <= NOW)).toBe(true);
  });
});

describe('a failure that was foretold', () => {
  const at = '2026-11-01T12:00:00.000Z';
  const until = new Date(Date.parse(at) + HORIZON * 1000).toISOString();
  const arn = 'arn:aws:ecs:eu-west-1:111122223333:service/shop/web';
  const foretold = { arn, type: 'ecs-service', model: 'ecs-service-1', at, until, probability: 0.7 } as const;
  const later = (minutes: number): string => new Date(Date.parse(at) + minutes * 60_000).toISOString();
  const incident = (over: object): Incident =>
    Incident.parse({
      incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF',
      resource: arn,
      fleet: 'f',
      mode: 'heal',
      status: 'closed',
      severity: 'high',
      openedAt: later(60),
      onset: later(59),
      signalCount: 1,
      ending: { kind: 'recovered', by: 'action', action: 'restart-service', why: '' },
      closedAt: later(70),
      ...over,
    });

  it.each([
    ['came true where it failed within the horizon', [incident({})], 80, 'came-true'],
    ['is open while nothing has happened', [], 100, 'open'],
    ['did not come true after its horizon', [], 136, 'did-not'],
    ['did not where what came was noise', [incident({ ending: { kind: 'noise', why: '' } })], 136, 'did-not'],
    ['was cut short by acting early', [incident({ predicted: true, attempts: 1 })], 80, 'cut-short'],
    ['did not where nobody acted on it', [incident({ predicted: true })], 136, 'did-not'],
    ['says nothing of what was in trouble already', [incident({ openedAt: later(-5) })], 80, 'cut-short'],
    ['did not where it failed later', [incident({ openedAt: later(200), onset: later(199) })], 210, 'did-not'],
  ] as const)('%s', (_, incidents, minutes, fate) => {
    expect(fateOf(foretold, incidents, later(minutes))).toBe(fate);
  });
});
