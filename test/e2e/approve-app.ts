/**
 * The state AwaitApproval of heal.asl.json with the two functions behind it, and a state whose function always fails: what
 * comes after them in the whole machine only ends the execution here, so that its output shows what it was handed.
 */
import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { bundled } from '../../infra/bundle.ts';
import { definition } from '../../infra/definition.ts';

const heal = JSON.parse(definition(600)) as { States: Record<string, object> };

/** These states as they are written; what else they lead to ends the execution. */
function part(StartAt: string, ...others: readonly string[]): string {
  const names = [StartAt, ...others];
  const kept = Object.fromEntries(names.map((name) => [name, heal.States[name] ?? {}]));
  const leads = [...JSON.stringify(kept).matchAll(/"(?:Next|Default)":"([^"]+)"/g)].map(([, next]) => next ?? '');
  const ends = leads.filter((next) => !names.includes(next)).map((next) => [next, { Type: 'Succeed' }]);
  return JSON.stringify({ StartAt, States: { ...kept, ...(Object.fromEntries(ends) as object) } });
}

const app = new App();
const stack = new Stack(app, 'Approve');
const key = {
  partitionKey: { name: 'pk', type: AttributeType.STRING },
  sortKey: { name: 'sk', type: AttributeType.STRING },
};
const index = (indexName: string, prefix: string) => ({
  indexName,
  partitionKey: { name: `${prefix}pk`, type: AttributeType.STRING },
  sortKey: { name: `${prefix}sk`, type: AttributeType.STRING },
});
const tables = Object.fromEntries(
  ['Incidents', 'Audit', 'Knowledge', 'Control'].map((name) => [
    name,
    new TableV2(stack, name, {
      ...key,
      globalSecondaryIndexes:
        name === 'Incidents' ? [index('status-time', 'gsi1'), index('resource-time', 'gsi2')] : [],
      removalPolicy: RemovalPolicy.DESTROY,
    }),
  ]),
);
const topic = new Topic(stack, 'Operators');
const code = bundled({ Approval: { folder: 'approval' }, Answer: { folder: 'approval', file: 'answer.ts' } });
const environment = {
  TOPIC_ARN: topic.topicArn,
  ...Object.fromEntries(
    Object.entries(tables).map(([name, table]) => [`${name.toUpperCase()}_TABLE`, table.tableName]),
  ),
};
const [approval, answer] = (['Approval', 'Answer'] as const).map((name) => {
  const fn = new LambdaFunction(stack, name, {
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    code: code[name],
    handler: 'handler.handler',
    memorySize: 512,
    timeout: Duration.seconds(60),
    environment,
  });
  for (const table of Object.values(tables)) table.grantReadWriteData(fn);
  return fn;
});
if (!approval || !answer) throw new Error('there must be two functions');
const machine = new StateMachine(stack, 'Machine', {
  definitionBody: DefinitionBody.fromString(part('AwaitApproval', 'Approved?', 'Late', 'OurFault')),
  definitionSubstitutions: { ApprovalArn: approval.functionArn },
});
// What Detect sends is no question, so that the function behind it always throws here.
const failing = new StateMachine(stack, 'Failing', {
  definitionBody: DefinitionBody.fromString(part('Detect', 'OurFault')),
  definitionSubstitutions: { DetectArn: approval.functionArn },
});
for (const { role } of [machine, failing]) approval.grantInvoke(role);
machine.grantTaskResponse(answer);

const outputs = {
  ...Object.fromEntries(Object.entries(tables).map(([name, table]) => [`${name}Table`, table.tableName])),
  HealMachineArn: machine.stateMachineArn,
  FailingMachineArn: failing.stateMachineArn,
  TopicArn: topic.topicArn,
  AnswerFunctionName: answer.functionName,
  DiscoverFunctionName: 'none',
  Policy: '{}',
};
for (const [name, value] of Object.entries(outputs))
  new CfnOutput(stack, `${name}Output`, { value }).overrideLogicalId(name);
