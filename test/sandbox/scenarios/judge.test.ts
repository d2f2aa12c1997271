import { describe, expect, test } from 'vitest';
import type { Ending } from '../../../layers/core/incident.ts';
import type { Fault } from '../../../layers/core/taxonomy.ts';
import { isOver, judge } from '../../../sandbox/scenarios/lib/judge.ts';
import type { IncidentRecord } from '../../../sandbox/scenarios/lib/record.ts';

const CALLEE = 'arn:aws:ecs:us-east-1:111122223333:service/c/callee';
const CALLER = 'arn:aws:ecs:us-east-1:111122223333:service/c/caller';
const RECOVERED: Ending = { kind: 'recovered', by: 'action', action: 'restart-service', why: 'three good points' };

interface Sketch {
  readonly resource?: string;
  readonly ending?: Ending | undefined;
  readonly fault?: Fault;
  readonly actions?: readonly string[];
  readonly target?: string;
  readonly openedAt?: string;
  readonly state?: 'applied' | 'undone' | 'undo-failed';
  readonly why?: readonly string[];
}

/** A record with only the members that are judged. */
function recordOf(sketch: Sketch = {}): IncidentRecord {
  const {
    resource = CALLEE,
    actions = [],
    fault = 'memory-leak',
    openedAt = '2026-11-22T01:00:00.000Z',
    state = 'applied',
  } = sketch;
  const ending = 'ending' in sketch ? sketch.ending : RECOVERED;
  const target = sketch.target ?? resource;
  return {
    incident: {
      incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF',
      resource,
      openedAt,
      status: ending ? 'closed' : 'open',
      diagnosis: { hypotheses: [{ resource, fault, confidence: 0.9, because: ['memory grew'] }] },
      ...(ending ? { ending } : {}),
    },
    attempts: actions.map((action) => ({
      candidate: { action, resource: target },
      mutations: [{ resource: target, field: 'deployment', action, was: '1', becomes: '2', state, at: openedAt }],
    })),
    audit: [{ n: 1, state: 'Close', why: sketch.why ?? ['it is well'] }],
  } as unknown as IncidentRecord;
}

const WANTED = {
  resource: CALLEE,
  faults: ['memory-leak'] as const,
  ending: 'recovered' as const,
  by: 'action' as const,
  actions: ['restart-service'],
};
const restarted = recordOf({ actions: ['restart-service'] });

describe('one expected incident', () => {
  test('is right when fault, action and ending are', () => {
    expect(judge({ incidents: [WANTED] }, [restarted])).toEqual([]);
  });

  test('is missed when none opened about its resource', () => {
    expect(judge({ incidents: [WANTED] }, [])).toEqual([`no incident opened about ${CALLEE}`]);
  });

  test.each<[string, Sketch, string]>([
    ['another ending', { ending: { kind: 'noise', why: 'calm' } }, 'it should end as recovered, it is noise (calm)'],
    [
      'another healer',
      { ending: { kind: 'recovered', by: 'itself', why: 'went away' } },
      'it should be recovered by action, it was by itself (went away)',
    ],
    ['another fault', { fault: 'overload' }, 'the fault is memory-leak, diagnosed was overload'],
    ['another action', { actions: ['scale-out'] }, 'it should act by restart-service, it acted by scale-out'],
    [
      'one action more',
      { actions: ['scale-out', 'restart-service'] },
      'it should act by restart-service, it acted by scale-out, then restart-service',
    ],
    ['no reason in its trail', { why: [] }, 'entry 1 of its audit trail (Close) does not say why'],
    ['another target', { target: CALLER }, `${CALLER} should be left alone, it was changed`],
  ])('is wrong with %s', (_, sketch, problem) => {
    const record = recordOf({ actions: ['restart-service'], ...sketch });

    expect(judge({ incidents: [WANTED] }, [record])).toContain(problem);
  });

  test('may be preceded by an action that it names, and by no other', () => {
    const wanted = { ...WANTED, perhapsFirst: 'scale-out' };
    const after = (first: string) => recordOf({ actions: [first, 'restart-service'] });

    expect(judge({ incidents: [wanted] }, [restarted])).toEqual([]);
    expect(judge({ incidents: [wanted] }, [after('scale-out')])).toEqual([]);
    expect(judge({ incidents: [wanted] }, [after('raise-memory')])).toHaveLength(1);
    expect(judge({ incidents: [wanted] }, [recordOf({ actions: ['scale-out'] })])).toHaveLength(1);
  });

  test('is found by what was acted on when it opened about a caller', () => {
    const byCaller = recordOf({ resource: CALLER, target: CALLEE, actions: ['restart-service'] });

    expect(judge({ incidents: [WANTED] }, [byCaller])).toEqual([]);
  });

  test('must say in its trail what it should', () => {
    const wanted = { ...WANTED, says: ['would restart'] };

    expect(judge({ incidents: [wanted] }, [restarted])).toEqual(['its audit trail does not say would restart']);
  });

  test('may say it in quotes', () => {
    const wanted = { ...WANTED, says: ['said "reserving pieces"'] };
    const record = recordOf({ actions: ['restart-service'], why: ['12 said "reserving pieces", and no more'] });

    expect(judge({ incidents: [wanted] }, [record])).toEqual([]);
  });
});

test('an escalation must be for the right cause', () => {
  const record = recordOf({ ending: { kind: 'escalated', because: 'exhausted', why: 'nothing left' } });
  const wanted = { resource: CALLEE, ending: 'escalated' as const, because: 'other-writer' };

  expect(judge({ incidents: [wanted] }, [record])).toEqual([
    'it should be escalated because of other-writer, it was because of exhausted (nothing left)',
  ]);
});

test('a neighbour may have an incident, but must be left alone', () => {
  const quiet = recordOf({ resource: CALLER, ending: { kind: 'recovered', by: 'itself', why: 'its callee is well' } });
  const touched = recordOf({ resource: CALLER, actions: ['scale-out'] });

  expect(judge({ incidents: [WANTED] }, [restarted, quiet])).toEqual([]);
  expect(judge({ incidents: [WANTED] }, [restarted, touched])).toEqual([
    `${CALLER} should be left alone, it was changed by scale-out`,
    `deployment of ${CALLER} is still changed`,
  ]);
});

test('two incidents on the same resource are told apart by when they opened', () => {
  const second = recordOf({ actions: ['restart-service'], openedAt: '2026-11-22T01:10:00.000Z' });

  expect(judge({ incidents: [WANTED, WANTED] }, [second, restarted])).toEqual([]);
  expect(judge({ incidents: [WANTED, WANTED] }, [restarted])).toEqual([`no incident opened about ${CALLEE}`]);
});

test('silence is broken by any incident', () => {
  expect(judge({ incidents: [], silence: true }, [])).toEqual([]);
  expect(judge({ incidents: [], silence: true }, [restarted])).toEqual([
    `an incident opened about ${CALLEE}, none should have`,
  ]);
});

test('it is over when the expected incident is there and every incident has ended', () => {
  const open = recordOf({ resource: CALLER, ending: undefined });

  expect(isOver({ incidents: [WANTED] }, [])).toBe(false);
  expect(isOver({ incidents: [WANTED] }, [restarted])).toBe(true);
  expect(isOver({ incidents: [WANTED] }, [restarted, open])).toBe(false);
  expect(isOver({ incidents: [WANTED, WANTED] }, [restarted])).toBe(false);
});

test('where it is chance which of several comes first, either ending is right, and how many were told of is judged', () => {
  const both = ['escalated', 'suppressed'] as const satisfies readonly Ending['kind'][];
  const expected = { told: 1, incidents: [CALLEE, CALLER].map((resource) => ({ resource, ending: both })) };
  const told = { ending: { kind: 'escalated', because: 'no-candidate', why: 'x' } } as const;
  const left = { ending: { kind: 'suppressed', because: 'cooldown', why: 'x' } } as const;

  expect(judge(expected, [recordOf(told), recordOf({ ...left, resource: CALLER })])).toEqual([]);
  expect(judge(expected, [recordOf(told), recordOf({ ...told, resource: CALLER })])).toEqual([
    'a person should be told in 1 incident, it was in 2',
  ]);
  expect(judge(expected, [recordOf(), recordOf({ ...told, resource: CALLER })])[0]).toContain(
    'it should end as escalated or suppressed',
  );
});
