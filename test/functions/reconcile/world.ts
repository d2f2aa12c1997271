import { ulid } from 'ulid';
import type { Alarming, Reconciling } from '../../../functions/reconcile/duty.ts';
import type { Undoing } from '../../../functions/rollback/undo.ts';
import type { Aws } from '../../../layers/core/aws.ts';
import { DEFAULT_POLICY } from '../../../layers/core/policy.ts';
import type { ExecutionState } from '../../../layers/runtime/executions.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { after } from '../../runtime/samples.ts';

/** What reconcile works with: the real knowledge base, and Step Functions, CloudWatch and undo as the test says. */
export function world({ at = 0 } = {}) {
  let seconds = at;
  const executions = new Map<string, ExecutionState>();
  const alarming: Alarming[] = [];
  const did = { started: [] as string[], undone: [] as string[], told: [] as string[], escalated: [] as string[] };
  let undoing: Undoing = { kind: 'undone', why: ['desiredCount is 2 again'] };
  const context: Reconciling = {
    now: () => after(seconds),
    deadline: after(1_000_000),
    policy: DEFAULT_POLICY,
    kb,
    newId: ulid,
    alarming: () => Promise.resolve(alarming),
    executions: {
      start(incidentId) {
        const existed = executions.has(incidentId);
        if (!existed) executions.set(incidentId, 'running');
        did.started.push(incidentId);
        return Promise.resolve({
          executionArn: `arn:aws:states:eu-west-1:111122223333:execution:heal:${incidentId}`,
          existed,
        });
      },
      state: (incidentId) => Promise.resolve(executions.get(incidentId) ?? 'absent'),
    },
    reader: () => Promise.resolve({} as Aws),
    undo(incident, { attempt }) {
      did.undone.push(`${incident.incidentId}#${attempt}`);
      return Promise.resolve(undoing);
    },
    notify(incident) {
      did.told.push(incident.incidentId);
      return Promise.resolve('told');
    },
    escalated: (because) => void did.escalated.push(because),
  };
  return {
    context,
    executions,
    alarming,
    did,
    undoAnswers: (answer: Undoing) => void (undoing = answer),
    pass: (more: number) => void (seconds += more),
  };
}

export const alarmOf = (resource: string) =>
  `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:of-${resource.split('/').at(-1)}`;
