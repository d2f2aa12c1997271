import { Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { synthesise } from './synth.ts';

const deployed = synthesise({ 'prunella:languageModel': 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0' });

describe('cdk-nag AwsSolutions', () => {
  it('finds nothing that is not acknowledged', () => {
    const { violations } = deployed.nag.validateScope(deployed.app);

    expect(
      violations.map(({ ruleName, violatingResources }) => [
        ruleName,
        ...violatingResources.map((r) => r.constructPath),
      ]),
    ).toEqual([]);
  });

  it('gives a reason with each acknowledgement', () => {
    const given = deployed.app.node
      .findAll()
      .flatMap(({ node }) => node.metadata)
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(data as Record<string, string>));

    expect(given.length).toBeGreaterThan(0);
    for (const [id, reason] of given) expect(reason.length, id).toBeGreaterThan(30);
  });

  it('would find an unencrypted topic and a wildcard', () => {
    const other = synthesise();
    const topic = new Topic(other.stack, 'Open');
    topic.addToResourcePolicy(new PolicyStatement({ actions: ['sns:Publish'], resources: ['*'] }));

    expect(other.nag.validateScope(other.app).violations.map(({ ruleName }) => ruleName)).toContain(
      'AwsSolutions-SNS3',
    );
  });
});
