import { Aws, Fn } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { LanguageModel } from '../../layers/core/language.ts';
import type { StepFunction } from './step-function.ts';

/** Ids of inference profiles begin with where their requests may be answered. */
const PROFILE = /^(?:global|us|us-gov|eu|apac|jp|au|ca)\.(?=[a-z0-9-]+\.)/;

/**
 * Lets a function ask the one language model that was named, or tells it that there is none. Converse needs
 * `bedrock:InvokeModel`. An inference profile hands requests on to its model in several Regions: that model may be invoked
 * through this profile only ("Prerequisites for inference profiles").
 */
export function letAskModel(fn: StepFunction, language: LanguageModel | undefined): void {
  fn.set('LANGUAGE_MODEL', JSON.stringify(language ?? null));
  if (!language) return;
  const id = language.model.replace(/^arn:.*:(?:foundation-model|inference-profile)\//, '');
  if (!PROFILE.test(id)) return fn.allow(invoke(modelIn(Aws.REGION, id)));
  const profile = bedrock(Aws.REGION, Aws.ACCOUNT_ID, `inference-profile/${id}`);
  fn.allow(invoke(profile));
  fn.allow(
    invoke(modelIn('*', id.replace(PROFILE, '')), { StringEquals: { 'bedrock:InferenceProfileArn': profile } }),
    'The Regions of an inference profile are AWS’s choice; the model is this one, and only through the profile.',
  );
}

const bedrock = (region: string, account: string, resource: string): string =>
  Fn.join(':', ['arn', Aws.PARTITION, 'bedrock', region, account, resource]);

const modelIn = (region: string, id: string): string => bedrock(region, '', `foundation-model/${id}`);

const invoke = (resource: string, conditions: Record<string, Record<string, string>> = {}): PolicyStatement =>
  new PolicyStatement({ actions: ['bedrock:InvokeModel'], resources: [resource], conditions });
