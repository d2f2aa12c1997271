import { describe, expect, it } from 'vitest';
import { summarise } from '../../cli/commands/report.ts';
import { Incident, type Ending } from '../../layers/core/incident.ts';

const opened = '2026-03-01T12:00:00.000Z';
const at = (seconds: number): string => new Date(Date.parse(opened) + seconds * 1000).toISOString();

function incident(ending: Ending | undefined, seconds = 60): Incident {
  return Incident.parse({
    incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF',
    resource: 'arn:aws:ecs:eu-west-1:111122223333:service/cluster/web',
    fleet: 'shop',
    mode: 'heal',
    status: ending ? 'closed' : 'open',
    severity: 'high',
    openedAt: opened,
    onset: opened,
    signalCount: 1,
    ...(ending ? { ending, closedAt: at(seconds) } : {}),
  });
}

const healed = { kind: 'recovered', by: 'action', action: 'restart-service', why: '' } as const;
const itself = { kind: 'recovered', by: 'itself', why: '' } as const;
const escalated = { kind: 'escalated', because: 'exhausted', why: '' } as const;
const suggested = { kind: 'suppressed', because: 'suggest', why: '' } as const;
const noise = { kind: 'noise', why: '' } as const;

describe('the healing rate', () => {
  it('counts what an action recovered, of all that it was let act on and that has ended', () => {
    const summary = summarise([
      incident(healed),
      incident(itself),
      incident(escalated),
      incident(noise),
      incident(suggested),
      incident(undefined),
    ]);

    expect(summary.healingRate).toBeCloseTo(1 / 3);
    expect(summary.endings).toEqual({
      'recovered by restart-service': 1,
      'recovered by itself': 1,
      'escalated: exhausted': 1,
      'suppressed: suggest': 1,
      noise: 1,
      open: 1,
    });
  });

  it('is unknown, not zero or one, while nothing real has ended', () => {
    expect(summarise([incident(noise), incident(suggested), incident(undefined)]).healingRate).toBeUndefined();
    expect(summarise([])).toEqual({
      incidents: 0,
      endings: {},
      healingRate: undefined,
      meanSecondsToRecover: undefined,
    });
  });
});

it('the mean time to recover is from onset to the end, of what an action recovered', () => {
  const summary = summarise([incident(healed, 100), incident(healed, 200), incident(itself, 9000), incident(noise, 5)]);

  expect(summary.meanSecondsToRecover).toBe(150);
});
