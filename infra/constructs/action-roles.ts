import { Duration, Stack } from 'aws-cdk-lib';
import { ArnPrincipal, CompositePrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Action } from '../../layers/core/action.ts';
import { acknowledgeWildcards } from '../acknowledge.ts';
import { statementsOf } from '../grants.ts';
import type { StepFunction } from './step-function.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- actions of all parameter types stand side by side
export type Catalogue = Readonly<Record<string, Action<any>>>;

export interface ActionRolesProps {
  readonly actions: Catalogue;
  /** The functions that make or undo a change. */
  readonly actors: readonly StepFunction[];
  readonly passRoles: readonly string[];
}

/**
 * One role for each action of the catalogue, with what the action declares and no more. An actor holds no right on a
 * workload; it may assume these, and narrows each session to the resource in hand. What an action only reads, it reads
 * with the read-only role.
 */
export class ActionRoles extends Construct {
  readonly roles: Readonly<Record<string, Role>>;

  constructor(scope: Construct, id: string, { actions, actors, passRoles }: ActionRolesProps) {
    super(scope, id);
    const trusted = actors.map((actor) => new ArnPrincipal(actor.role.roleArn));
    this.roles = Object.fromEntries(
      Object.entries(actions).map(([name, action]) => {
        const role = new Role(this, name, {
          description: `Prunella action ${name}: ${action.summary}`,
          assumedBy: new CompositePrincipal(...trusted),
          maxSessionDuration: Duration.hours(1),
        });
        for (const statement of statementsOf(action, passRoles)) {
          role.addToPolicy(statement);
          acknowledgeWildcards(
            role,
            statement,
            `${name} may run on any watched resource; the session policy narrows it to the one in hand.`,
          );
        }
        return [name, role];
      }),
    );
    const arns = Object.fromEntries(Object.entries(this.roles).map(([name, role]) => [name, role.roleArn]));
    for (const actor of actors) {
      actor.set('ACTION_ROLES', Stack.of(this).toJsonString(arns));
      actor.allow(new PolicyStatement({ actions: ['sts:AssumeRole'], resources: Object.values(arns) }));
    }
  }
}
