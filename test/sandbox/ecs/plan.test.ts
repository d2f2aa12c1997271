import { describe, expect, it } from 'vitest';
import { plan, type PlannedTask } from '../../../sandbox/ecs/plan.ts';

let made = 0;
function tasks(count: number, more: Partial<PlannedTask> = {}): PlannedTask[] {
  return Array.from({ length: count }, () => ({
    id: `t${(made += 1)}`,
    primary: true,
    healthy: true,
    condemned: false,
    ...more,
  }));
}
const old = { primary: false };
const coming = { healthy: false };
const bounds = { desired: 4, minimumHealthyPercent: 100, maximumPercent: 200, mayStart: true };

describe('the plan of a service', () => {
  it('starts what is missing', () => {
    expect(plan(tasks(1), bounds)).toEqual({ start: 3, stop: [] });
  });

  it('starts all new tasks before it stops an old one, at 100 and 200 percent', () => {
    expect(plan(tasks(4, old), bounds)).toEqual({ start: 4, stop: [] });
  });

  it('stops an old task for each new one that is healthy', () => {
    const before = tasks(4, old);

    const { start, stop } = plan([...before, ...tasks(2), ...tasks(2, coming)], bounds);

    expect(start).toBe(0);
    expect(stop).toEqual(before.slice(0, 2).map(({ id }) => id));
  });

  it('stops old tasks first down to the lower limit when there is no room, at 50 and 100 percent', () => {
    const { start, stop } = plan(tasks(4, old), { ...bounds, minimumHealthyPercent: 50, maximumPercent: 100 });

    expect(start).toBe(0);
    expect(stop).toHaveLength(2);
  });

  it('rounds the upper limit down and the lower one up', () => {
    const odd = { ...bounds, desired: 3, minimumHealthyPercent: 50, maximumPercent: 150 };

    expect(plan(tasks(3, old), odd)).toEqual({ start: 1, stop: [] });
    expect(plan([...tasks(3, old), ...tasks(1, coming)], odd).stop).toHaveLength(1);
  });

  it('stops what is too much, unhealthy and newest first', () => {
    const [first, second] = tasks(2);
    const [starting] = tasks(1, coming);
    const all = [first!, second!, starting!];

    expect(plan(all, { ...bounds, desired: 2 }).stop).toEqual([starting!.id]);
    expect(plan(all, { ...bounds, desired: 1 }).stop).toEqual([starting!.id, second!.id]);
  });

  it('replaces an unhealthy task before it stops it', () => {
    const sick = tasks(1, { healthy: false, condemned: true });
    const well = tasks(3);

    expect(plan([...sick, ...well], bounds)).toEqual({ start: 1, stop: [] });
    expect(plan([...sick, ...well, ...tasks(1, coming)], bounds)).toEqual({ start: 0, stop: [] });
    expect(plan([...sick, ...well, ...tasks(1)], bounds)).toEqual({ start: 0, stop: [sick[0]!.id] });
  });

  it('stops an unhealthy task first when there is no room for its replacement', () => {
    const sick = tasks(2, { healthy: false, condemned: true });

    const { start, stop } = plan([...tasks(4, old), ...sick, ...tasks(2, coming)], bounds);

    expect({ start, stop }).toEqual({ start: 0, stop: [sick[0]!.id] });
  });

  it('starts nothing while it may not, and keeps what serves', () => {
    expect(plan(tasks(4, old), { ...bounds, mayStart: false })).toEqual({ start: 0, stop: [] });
  });

  it('stops everything when nothing is desired', () => {
    const all = [...tasks(2), ...tasks(1, coming), ...tasks(1, old), ...tasks(1, { healthy: false, condemned: true })];

    expect(plan(all, { ...bounds, desired: 0 }).stop.toSorted()).toEqual(all.map(({ id }) => id).sort());
  });
});
