import { describe, expect, it } from 'vitest';
import type { Template } from '../../../sandbox/deploy/expression.ts';
import { carrier, rewriteTemplate } from '../../../sandbox/deploy/rewrite.ts';

const facts = { stackName: 'Shop', accountId: '111122223333', region: 'us-east-1', revision: () => 1 };

describe('rewriteTemplate', () => {
  it('puts what AWS would have answered where something refers to what the sandbox creates', () => {
    const template: Template = {
      Resources: {
        Cluster: { Type: 'AWS::ECS::Cluster', Properties: { ClusterName: 'c' } },
        Service: { Type: 'AWS::ECS::Service', Properties: { ServiceName: 'web', Cluster: { Ref: 'Cluster' } } },
        Reader: {
          Type: 'AWS::SSM::Parameter',
          Properties: {
            Value: { 'Fn::Sub': 'is ${Service.Name} in ${Cluster} of ${AWS::StackName}' },
            Name: { Ref: 'Service' },
          },
        },
      },
      Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Cluster', 'Arn'] } } },
    };

    const { template: rewritten, replaced } = rewriteTemplate(template, facts);

    expect(replaced).toEqual({ Cluster: 'AWS::ECS::Cluster', Service: 'AWS::ECS::Service' });
    expect(rewritten.Resources['Service']).toEqual({ Type: 'AWS::CDK::Metadata' });
    expect(rewritten.Resources['Reader']?.Properties).toEqual({
      Value: { 'Fn::Sub': ['is ${Local0} in ${Local1} of ${AWS::StackName}', { Local0: 'web', Local1: 'c' }] },
      Name: 'arn:aws:ecs:us-east-1:111122223333:service/c/web',
    });
    expect(rewritten.Outputs?.['Arn']).toEqual({ Value: 'arn:aws:ecs:us-east-1:111122223333:cluster/c' });
  });

  it('keeps conditions and dependencies of what it replaces', () => {
    const template: Template = {
      Conditions: { On: { 'Fn::Equals': ['a', 'a'] } },
      Resources: {
        Alarm: {
          Type: 'AWS::CloudWatch::Alarm',
          Condition: 'On',
          DependsOn: ['Other'],
          Properties: { AlarmName: 'x' },
        },
      },
    };

    const { template: rewritten } = rewriteTemplate(template, facts);

    expect(rewritten.Resources['Alarm']).toEqual({ Type: 'AWS::CDK::Metadata', Condition: 'On', DependsOn: ['Other'] });
  });

  it('lets the emulator work out what only it knows, and fills it in', () => {
    const template: Template = {
      Conditions: { On: { 'Fn::Equals': ['a', 'a'] } },
      Resources: {
        Role: { Type: 'AWS::IAM::Role' },
        Definition: {
          Type: 'AWS::ECS::TaskDefinition',
          Properties: {
            Family: 'f',
            TaskRoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
            Cpu: { 'Fn::If': ['On', '256', { Ref: 'AWS::NoValue' }] },
            Volumes: { 'Fn::If': ['On', { Ref: 'AWS::NoValue' }, []] },
            Zones: { 'Fn::GetAZs': '' },
          },
        },
      },
    };

    const { template: rewritten, planned, holes } = rewriteTemplate(template, facts);
    const asked = rewritten.Resources[carrier]?.Properties?.['DashboardBody'] as { 'Fn::Join': [string, unknown[]] };
    const answers = asked['Fn::Join'][1].map((each) =>
      JSON.stringify(each).includes('Arn') ? 'arn:role' : JSON.stringify(each).includes('GetAZs') ? 'a\u001eb' : 'true',
    );
    const carried = answers.join(asked['Fn::Join'][0]);

    const definition = planned.find(({ logicalId }) => logicalId === 'Definition');
    expect(holes.fill(definition?.properties ?? null, carried)).toEqual({
      Family: 'f',
      TaskRoleArn: 'arn:role',
      Cpu: '256',
      Zones: ['a', 'b'],
    });
    expect(holes.fill(definition?.physicalId ?? null, carried)).toBe(
      'arn:aws:ecs:us-east-1:111122223333:task-definition/f:1',
    );
  });

  it('makes up names as CloudFormation does, the same on every deploy, within the limit', () => {
    const template: Template = {
      Resources: { ATargetGroupWithALongName: { Type: 'AWS::ElasticLoadBalancingV2::TargetGroup', Properties: {} } },
      Outputs: { Name: { Value: { 'Fn::GetAtt': 'ATargetGroupWithALongName.TargetGroupName' } } },
    };

    const names = [1, 2].map(
      () => (rewriteTemplate(template, facts).template.Outputs?.['Name'] as { Value: string }).Value,
    );

    expect(names[0]).toBe(names[1]);
    expect(names[0]).toMatch(/^Shop-ATargetGroupWi[A-Za-z]*-[A-Z0-9]{12}$|^.{1,32}$/);
    expect(names[0]?.length).toBeLessThanOrEqual(32);
  });

  it('refuses nested stacks', () => {
    const template: Template = { Resources: { Inner: { Type: 'AWS::CloudFormation::Stack' } } };

    const rewriting = (): unknown => rewriteTemplate(template, facts);

    expect(rewriting).toThrow('Inner is a nested stack');
  });
});
