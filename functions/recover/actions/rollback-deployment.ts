import * as z from 'zod';
import { ChangedMeanwhile, defineAction } from '../../../layers/core/action.ts';
import { Arn, ServiceArn } from '../../../layers/core/arn.ts';
import { minutes } from '../../../layers/core/units.ts';
import {
  deploymentInProgress,
  deploymentSettled,
  describeRevision,
  describeService,
  familyOf,
  primaryDeployment,
  refusals,
  setRevision,
} from '../support/ecs.ts';
import { restoreField } from '../support/restore.ts';

export const action = defineAction({
  name: 'rollback-deployment',
  summary: 'Puts the service back on the last revision that was steady.',
  heals: [
    { resource: 'ecs-service', faults: ['bad-deployment'], prior: { alpha: 9, beta: 1 } },
    { resource: 'ecs-service', faults: ['memory-leak', 'memory-limit', 'crash-loop'], prior: { alpha: 2, beta: 2 } },
  ],
  risk: 'R2',
  params: z.object({ service: ServiceArn, from: Arn, to: Arn }),
  destroysEvidence: true,
  settles: { typical: minutes(2), atMost: minutes(10) },
  cooldown: minutes(10),
  disruption: 0.1,
  afterwards: {
    kind: 'keep',
    advice: ({ from, to }) =>
      `The service runs ${to} again. Fix what ${from} brought, or deploy ${to}'s code, before the next deployment returns it.`,
  },

  propose({ resource, evidence }) {
    if (resource.noRollback) return { unfit: 'its tag prunella:no-rollback forbids going back to older code' };
    const state = evidence.services.find((service) => service.resource === resource.arn);
    if (!state) return { unfit: 'the state of the service could not be read' };
    const ours = evidence.changes.find(
      ({ resource: of, kind, from, to, incidentId }) =>
        of === resource.arn &&
        kind === 'deployment-started' &&
        to === state.revision &&
        from !== to &&
        incidentId !== undefined,
    );
    if (ours) return { unfit: `Prunella itself put it on this revision, in incident ${ours.incidentId}` };
    const to = state.steadyRevisions.find(
      (revision) => revision !== state.revision && familyOf(revision) === familyOf(state.revision),
    );
    if (!to) return { unfit: 'no other revision of it was seen steady' };
    return { service: resource.arn, from: state.revision, to };
  },
  touches: ({ service }) => [service],
  writes: ({ service }) => [{ actions: ['ecs:UpdateService'], on: [service], tagged: true }],

  async preconditions({ service: arn, from, to }, aws) {
    const service = await describeService(arn, aws);
    const reasons = refusals(service);
    if (service.taskDefinition !== from) reasons.push(`it runs ${service.taskDefinition}, no longer ${from}`);
    // A deployment of the very revision to be left is what this action ends; any other comes first.
    const primary = primaryDeployment(service);
    if (deploymentInProgress(service) && primary?.taskDefinition !== from)
      reasons.push(`a deployment of ${primary?.taskDefinition} is in progress`);
    const revision = await describeRevision(to, aws);
    if (revision.status !== 'ACTIVE') reasons.push(`${to} is ${revision.status}, not ACTIVE`);
    return reasons;
  },
  intend: async ({ service, from, to }) => [{ resource: service, field: 'taskDefinition', was: from, becomes: to }],
  async apply(mutation, aws, _id, { to }) {
    const { taskDefinition } = await describeService(mutation.resource, aws);
    if (taskDefinition === mutation.becomes) return;
    if (taskDefinition !== mutation.was) throw new ChangedMeanwhile(mutation, taskDefinition);
    await setRevision(mutation.resource, to, aws);
  },
  settled: ({ service }, aws) => deploymentSettled(service, aws),
  async undo(mutation, aws, _id, { from }) {
    const { taskDefinition } = await describeService(mutation.resource, aws);
    return restoreField(taskDefinition, mutation, () => setRevision(mutation.resource, from, aws));
  },
});
