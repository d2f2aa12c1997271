import { Stack, Validations } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import type { Construct } from 'constructs';

/** Accepts one finding of cdk-nag within `scope`, with the reason why it is right as it is. */
export function acknowledge(scope: Construct, id: string, reason: string): void {
  Validations.of(scope).acknowledge({ id, reason });
}

/** Accepts the wildcards in one statement's resources, each by its own id, so that no other one passes with them. */
export function acknowledgeWildcards(scope: Construct, statement: PolicyStatement, reason: string): void {
  const resources: string[] = statement.resources.map((resource) =>
    flattenCfnReference(Stack.of(scope).resolve(resource)),
  );
  for (const resource of resources.filter((text) => text.includes('*'))) {
    acknowledge(scope, `AwsSolutions-IAM5[Resource::${resource}]`, reason);
  }
}
