import {
  GetAliasCommand,
  GetFunctionCommand,
  UpdateAliasCommand,
  type AliasConfiguration,
} from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { ChangedMeanwhile, defineAction } from '../../../layers/core/action.ts';
import { AliasArn, lambdaOf, type Arn } from '../../../layers/core/arn.ts';
import { isAwsError, type Aws } from '../../../layers/core/aws.ts';
import { minutes, seconds } from '../../../layers/core/units.ts';
import { restoreField } from '../support/restore.ts';

const getAlias = (arn: Arn, aws: Aws): Promise<AliasConfiguration> => {
  const { functionName, alias } = lambdaOf(arn);
  return aws.lambda.send(new GetAliasCommand({ FunctionName: functionName, Name: alias }));
};

/** Version and weights as one text: `7`, or `7 8=0.1` when a tenth goes to version 8. */
export function routingOf({ FunctionVersion, RoutingConfig }: AliasConfiguration): string {
  const weights = Object.entries(RoutingConfig?.AdditionalVersionWeights ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return [FunctionVersion, ...weights.map(([version, share]) => `${version}=${share}`)].join(' ');
}

async function point(arn: Arn, routing: string, revision: string | undefined, aws: Aws): Promise<void> {
  const { functionName, alias } = lambdaOf(arn);
  const [version, ...weights] = routing.split(' ');
  await aws.lambda.send(
    new UpdateAliasCommand({
      FunctionName: functionName,
      Name: alias,
      FunctionVersion: version,
      RoutingConfig: {
        AdditionalVersionWeights: Object.fromEntries(
          weights.map((text) => text.split('=')).map(([v, w]) => [v, Number(w)]),
        ),
      },
      RevisionId: revision,
    }),
  );
}

export const action = defineAction({
  name: 'rollback-alias',
  summary: 'Points the alias back to the version it had before.',
  heals: [{ resource: 'lambda-alias', faults: ['bad-function-version'], prior: { alpha: 9, beta: 1 } }],
  risk: 'R1',
  params: z.object({ alias: AliasArn, from: z.string(), to: z.string() }),
  destroysEvidence: false,
  settles: { typical: seconds(30), atMost: minutes(5) },
  cooldown: minutes(10),
  disruption: 0.01,
  afterwards: {
    kind: 'keep',
    advice: ({ alias, from, to }) =>
      `${alias} points to version ${to} again. Fix version ${from}, or make ${to} the deployed one, before the next deployment moves it.`,
  },

  propose({ resource, evidence }) {
    if (resource.noRollback) return { unfit: 'its tag prunella:no-rollback forbids going back to older code' };
    const state = evidence.aliases.find((alias) => alias.resource === resource.arn);
    const to = state?.previous.find(({ version }) => version !== state.version)?.version;
    if (!state || !to) return { unfit: 'it is not known which version the alias had before' };
    const weights = Object.entries(state.routing).sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      alias: resource.arn,
      from: [state.version, ...weights.map(([version, share]) => `${version}=${share}`)].join(' '),
      to,
    };
  },
  touches: ({ alias }) => [alias],
  // AWS authorises UpdateAlias on the function; it has no tag condition for an alias.
  writes: ({ alias }) => [{ actions: ['lambda:UpdateAlias', 'lambda:GetAlias'], on: [alias.replace(/:[^:]+$/, '')] }],

  async preconditions({ alias, from, to }, aws) {
    const routing = routingOf(await getAlias(alias, aws));
    const reasons = routing === from ? [] : [`the alias points to ${routing}, no longer to ${from}`];
    try {
      await aws.lambda.send(new GetFunctionCommand({ FunctionName: lambdaOf(alias).functionName, Qualifier: to }));
    } catch (error) {
      if (!isAwsError(error, 'ResourceNotFoundException')) throw error;
      reasons.push(`version ${to} does not exist any more`);
    }
    return reasons;
  },
  intend: async ({ alias, from, to }) => [{ resource: alias, field: 'routing', was: from, becomes: to }],
  async apply(mutation, aws) {
    const alias = await getAlias(mutation.resource, aws);
    const routing = routingOf(alias);
    if (routing === mutation.becomes) return;
    if (routing !== mutation.was) throw new ChangedMeanwhile(mutation, routing);
    await point(mutation.resource, String(mutation.becomes), alias.RevisionId, aws);
  },
  settled: async ({ alias, to }, aws) => (routingOf(await getAlias(alias, aws)) === to ? 'yes' : 'failed'),
  async undo(mutation, aws) {
    const alias = await getAlias(mutation.resource, aws);
    return restoreField(routingOf(alias), mutation, () =>
      point(mutation.resource, String(mutation.was), alias.RevisionId, aws),
    );
  },
});
