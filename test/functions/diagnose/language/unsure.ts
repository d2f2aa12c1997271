import type { Diagnosis } from '../../../../layers/core/diagnosis.ts';
import type { Evidence } from '../../../../layers/core/evidence.ts';
import { CALLEE, deployment, evidenceOf, resourceOf, stop, template } from '../../evidence.ts';

export const MODEL = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0';

/** Two explanations that are near each other: a deployment, and crashes. */
export const unsure = (over: object = {}): Evidence =>
  evidenceOf({
    stoppedTasks: [stop(10), stop(30)],
    changes: [deployment(-300)],
    logs: [template('missing setting <*> for customer <*>')],
    resources: [resourceOf({ dependsOn: [CALLEE] }), resourceOf({ arn: CALLEE })],
    ...over,
  });

/** What a diagnosis names, whatever it believes most. */
export const named = ({ hypotheses }: Diagnosis) =>
  hypotheses.map(({ fault, resource }) => `${fault} ${resource}`).sort();
