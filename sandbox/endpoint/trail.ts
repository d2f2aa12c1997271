import { randomUUID } from 'node:crypto';
import type { BusEvent } from '../contract.ts';
import type { KnownCaller } from './caller.ts';
import type { ObservedCall } from './observer.ts';

const hidden = 'HIDDEN_DUE_TO_SECURITY_REASONS';

/** What CloudTrail calls a service, where that is not its signing name. */
const eventSources: Readonly<Record<string, string>> = { 'application-autoscaling': 'autoscaling' };

/** Lambda's operations carry the version of their API in CloudTrail. */
const lambdaNames: Readonly<Record<string, string>> = {
  UpdateFunctionCode: 'UpdateFunctionCode20150331v2',
  UpdateFunctionConfiguration: 'UpdateFunctionConfiguration20150331v2',
  PutFunctionConcurrency: 'PutFunctionConcurrency20171031',
  DeleteFunctionConcurrency: 'DeleteFunctionConcurrency20171031',
};

/** Members that CloudTrail never shows. */
const secrets: Readonly<Record<string, readonly string[]>> = {
  ssm: ['Value'],
  secretsmanager: ['SecretString', 'SecretBinary'],
  lambda: ['ZipFile', 'Environment'],
};

/**
 * A write as EventBridge tells of it, once CloudTrail has recorded it.
 * Fields: "CloudTrail record contents" in its user guide, record version 1.11.
 */
export function trailEvent(call: ObservedCall, time: Date): BusEvent {
  const source = eventSources[call.service] ?? call.service;
  const { caller, error } = call;
  return {
    source: `aws.${source}`,
    detailType: 'AWS API Call via CloudTrail',
    time,
    detail: {
      eventVersion: '1.11',
      userIdentity: identityOf(caller),
      eventTime: `${time.toISOString().slice(0, 19)}Z`,
      eventSource: `${source}.amazonaws.com`,
      eventName:
        call.service === 'lambda' ? (lambdaNames[call.operation] ?? `${call.operation}20150331`) : call.operation,
      awsRegion: caller.region,
      sourceIPAddress: '127.0.0.1',
      userAgent: call.userAgent,
      ...(error && { errorCode: error.code, errorMessage: error.message }),
      requestParameters: parametersOf(call),
      responseElements: null,
      requestID: randomUUID(),
      eventID: randomUUID(),
      readOnly: false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: caller.accountId,
      eventCategory: 'Management',
    },
  };
}

function identityOf({ accountId, accessKeyId, session }: KnownCaller): Readonly<Record<string, unknown>> {
  if (session === undefined) {
    const arn = `arn:aws:iam::${accountId}:user/local`;
    return { type: 'IAMUser', principalId: 'AIDALOCAL', arn, accountId, accessKeyId, userName: 'local' };
  }
  const userName = session.roleArn.split('/').at(-1) ?? '';
  const principalId = 'AROALOCAL';
  return {
    type: 'AssumedRole',
    principalId: `${principalId}:${session.sessionName}`,
    arn: session.arn,
    accountId,
    accessKeyId,
    sessionContext: {
      sessionIssuer: { type: 'Role', principalId, arn: session.roleArn, accountId, userName },
      attributes: {},
    },
  };
}

function parametersOf({ service, input }: ObservedCall): unknown {
  const shown = Object.entries(input).map(
    ([name, value]) => [name, secrets[service]?.includes(name) ? hidden : value] as const,
  );
  return lowerFirst(Object.fromEntries(shown));
}

/** CloudTrail writes member names with a small first letter. */
function lowerFirst(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerFirst);
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name.charAt(0).toLowerCase() + name.slice(1), lowerFirst(each)]),
  );
}
