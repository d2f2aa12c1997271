import type { ParameterHistory } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { ChangedMeanwhile, defineAction } from '../../../layers/core/action.ts';
import { ParameterArn, ServiceArn } from '../../../layers/core/arn.ts';
import { minutes, seconds } from '../../../layers/core/units.ts';
import {
  deploymentInProgress,
  deploymentSettled,
  describeService,
  freshTasks,
  primaryDeployment,
  refusals,
  startFreshTasks,
} from '../support/ecs.ts';
import { history, nameOf, putVersion, valueAt } from '../support/parameter.ts';

/** Whether it has an earlier version's value again. */
function isBack(versions: readonly ParameterHistory[], to: number): boolean {
  const value = valueAt(versions, to);
  return value !== undefined && versions.at(-1)?.Value === value;
}

export const action = defineAction({
  name: 'restore-parameter',
  summary: "Puts a parameter's previous value back, and starts fresh tasks where it is read at start.",
  heals: [{ resource: 'ecs-service', faults: ['bad-configuration'], prior: { alpha: 9, beta: 1 } }],
  risk: 'R2',
  params: z.object({
    parameter: ParameterArn,
    from: z.number().int(),
    to: z.number().int(),
    service: ServiceArn,
    readAtStart: z.boolean(),
  }),
  destroysEvidence: false,
  settles: { typical: seconds(90), atMost: minutes(10) },
  cooldown: minutes(5),
  disruption: 0.05,
  afterwards: {
    kind: 'keep',
    advice: ({ parameter, from, to }) =>
      `${nameOf(parameter)} has the value of version ${to} again; whatever writes it (a template, a pipeline) still holds version ${from}'s.`,
  },

  propose({ resource, evidence, hypothesis }) {
    const written = evidence.changes.filter(
      ({ kind, at, incidentId }) => kind === 'parameter-written' && at <= evidence.window.to && !incidentId,
    );
    const read = resource.parameters.flatMap(({ arn, readAt }) =>
      written.filter((change) => change.resource === arn).map((change) => ({ change, readAt })),
    );
    const latest = read.sort((a, b) => (a.change.at < b.change.at ? 1 : -1))[0];
    const from = Number(latest?.change.to);
    if (!latest || !(from > 1))
      return { unfit: `no parameter that ${hypothesis.resource} reads was overwritten in the window` };
    return {
      parameter: latest.change.resource,
      from,
      to: from - 1,
      service: resource.arn,
      readAtStart: latest.readAt === 'start',
    };
  },
  touches: ({ parameter, service }) => [parameter, service],
  // SSM has no tag condition on PutParameter; the parameter's ARN is in the session policy.
  writes: ({ parameter, service, readAtStart }) => [
    { actions: ['ssm:PutParameter', 'ssm:GetParameterHistory'], on: [parameter] },
    ...(readAtStart ? [{ actions: ['ecs:UpdateService'], on: [service], tagged: true }] : []),
  ],

  async preconditions({ parameter, from, to, service, readAtStart }, aws) {
    const versions = await history(parameter, aws);
    const last = versions.at(-1);
    const reasons = refusals(await describeService(service, aws));
    // Another incident that the same write caused may have put it back: then its tasks have still to read it.
    if (last?.Version !== from && !(readAtStart && isBack(versions, to)))
      reasons.push(`the parameter is at version ${last?.Version}, no longer at ${from}`);
    if (valueAt(versions, to) === undefined) reasons.push(`version ${to} is no longer in its history`);
    const customerKey = last?.Type === 'SecureString' && last.KeyId !== undefined && last.KeyId !== 'alias/aws/ssm';
    if (customerKey) reasons.push("it is encrypted with a key of the customer's own, which this action may not use");
    return reasons;
  },
  async intend({ parameter, from, to, service: arn, readAtStart }, aws) {
    const restore = {
      resource: parameter,
      field: 'value',
      was: `value of version ${from}`,
      becomes: `value of version ${to}`,
    };
    const [service, versions] = await Promise.all([describeService(arn, aws), history(parameter, aws)]);
    if (versions.at(-1)?.Version !== from && isBack(versions, to)) return [freshTasks(service, arn)];
    // Tasks that a deployment in progress starts read the restored value anyway.
    return readAtStart && !deploymentInProgress(service) ? [restore, freshTasks(service, arn)] : [restore];
  },
  async apply(mutation, aws, _id, { parameter, from, to }) {
    if (mutation.field === 'deployment') return startFreshTasks(mutation, aws);
    const versions = await history(parameter, aws, true);
    const last = versions.at(-1);
    if (last?.Value !== undefined && last.Value === valueAt(versions, to)) return;
    if (last?.Version !== from) throw new ChangedMeanwhile(mutation, `version ${last?.Version}`);
    await putVersion(parameter, to, versions, aws);
  },
  settled: async ({ service, readAtStart }, aws) => (readAtStart ? deploymentSettled(service, aws) : 'yes'),
  async undo(mutation, aws, _id, { parameter, from, to, service: arn, readAtStart }) {
    // Undone in reverse: the fresh tasks of the undo are started with the parameter, below.
    if (mutation.field === 'deployment') return 'undone';
    const versions = await history(parameter, aws, true);
    const last = versions.at(-1);
    const isUndone = last?.Value === valueAt(versions, from);
    if (!isUndone && last?.Value !== valueAt(versions, to)) return 'left-alone';
    if (isUndone && last?.Version === from) return 'undone'; // it was never changed
    if (!isUndone) await putVersion(parameter, from, versions, aws);
    if (!readAtStart) return 'undone';
    const service = await describeService(arn, aws);
    const since = isUndone ? last?.LastModifiedDate : undefined;
    const startedAt = primaryDeployment(service)?.createdAt;
    // An earlier try may have come to the parameter only, or to both.
    const isRead = since !== undefined && startedAt !== undefined && startedAt >= since;
    if (!isRead && !deploymentInProgress(service)) await startFreshTasks(freshTasks(service, arn), aws);
    return 'undone';
  },
});
