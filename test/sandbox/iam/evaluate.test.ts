import { describe, expect, it } from 'vitest';
import { contextOf } from '../../../sandbox/iam/conditions.ts';
import { evaluate, refusalOf, type Decision, type Request } from '../../../sandbox/iam/evaluate.ts';
import { parsePolicy, type Statement } from '../../../sandbox/iam/policy.ts';

const policy = (...statements: object[]): Statement[] => parsePolicy({ Version: '2012-10-17', Statement: statements });
const allow = (Action: string | string[], Resource: string | string[] = '*', Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const deny = (Action: string | string[], Resource: string | string[] = '*', Condition?: object) => ({
  ...allow(Action, Resource, Condition),
  Effect: 'Deny',
});
const request = (action: string, resource = '*', keys: Record<string, string | string[]> = {}): Request => ({
  action,
  resource,
  context: contextOf(keys),
});
const implicit = (by: string): Decision => ({ allowed: false, explicit: false, by }) as Decision;
const explicit = (by: string): Decision => ({ allowed: false, explicit: true, by }) as Decision;

const OBJECT = 'arn:aws:s3:::amzn-s3-demo-bucket/report.csv';

/** "Policy evaluation logic" in the IAM user guide. */
describe('a request', () => {
  it('is denied by default', () => {
    expect(evaluate(request('s3:GetObject', OBJECT), { identity: [] })).toEqual(implicit('identity-based policy'));
  });

  it('is allowed by one policy of the identity', () => {
    const identity = policy(allow('sqs:*'), allow('s3:GetObject', 'arn:aws:s3:::amzn-s3-demo-bucket/*'));

    expect(evaluate(request('s3:GetObject', OBJECT), { identity })).toEqual({ allowed: true });
    expect(evaluate(request('s3:GetObject', 'arn:aws:s3:::other/report.csv'), { identity }).allowed).toBe(false);
  });

  it('is denied by an explicit deny anywhere, whatever allows it', () => {
    const identity = policy(allow('*'));
    const denial = policy(deny('s3:*', OBJECT));
    const asked = request('s3:GetObject', OBJECT);

    expect(evaluate(asked, { identity: [...identity, ...denial] })).toEqual(explicit('identity-based policy'));
    expect(evaluate(asked, { identity, session: denial })).toEqual(explicit('session policy'));
    expect(evaluate(asked, { identity, boundary: denial })).toEqual(explicit('permissions boundary'));
    expect(evaluate(asked, { identity, resource: denial })).toEqual(explicit('resource-based policy'));
  });

  /** "Permissions boundaries for IAM entities": Shirley may do iam:CreateUser, her boundary knows S3, CloudWatch and EC2. */
  it('needs the permissions boundary too', () => {
    const boundary = policy(allow(['s3:*', 'cloudwatch:*', 'ec2:*']));

    const creating = evaluate(request('iam:CreateUser'), { identity: policy(allow('iam:CreateUser')), boundary });
    const reading = evaluate(request('s3:GetObject', OBJECT), { identity: policy(allow('iam:CreateUser')), boundary });

    expect(creating).toEqual(implicit('permissions boundary'));
    expect(reading).toEqual(implicit('identity-based policy'));
  });

  /** "Session policies": the session has what both the role and the session policy allow. */
  it('needs the session policy too, which grants nothing by itself', () => {
    const identity = policy(allow('ecs:UpdateService', 'arn:aws:ecs:*:111122223333:service/*'));
    const session = policy(
      allow(['ecs:UpdateService', 'ecs:StopTask'], 'arn:aws:ecs:eu-west-1:111122223333:service/prod/api'),
    );
    const on = (action: string, name: string) =>
      evaluate(request(action, `arn:aws:ecs:eu-west-1:111122223333:service/prod/${name}`), { identity, session });

    expect(on('ecs:UpdateService', 'api')).toEqual({ allowed: true });
    expect(on('ecs:UpdateService', 'web')).toEqual(implicit('session policy'));
    expect(on('ecs:StopTask', 'api')).toEqual(implicit('identity-based policy'));
  });
});

describe('actions and resources', () => {
  it('match actions whatever their case, and with wildcards', () => {
    const allowed = (pattern: string, action: string) =>
      evaluate(request(action), { identity: policy(allow(pattern)) }).allowed;

    expect(allowed('EC2:describe*', 'ec2:DescribeInstances')).toBe(true);
    expect(allowed('s3:Get?bject', 's3:GetObject')).toBe(true);
    expect(allowed('s3:Get', 's3:GetObject')).toBe(false);
    expect(allowed('s3.*', 's3:GetObject')).toBe(false);
  });

  it('match resources with their case, a component at a time', () => {
    const allowed = (pattern: string, arn: string) =>
      evaluate(request('lambda:GetAlias', arn), { identity: policy(allow('lambda:GetAlias', pattern)) }).allowed;
    const arn = 'arn:aws:lambda:eu-west-1:111122223333:function:quote';

    expect(allowed('arn:aws:lambda:*:111122223333:function:*', arn)).toBe(true);
    expect(allowed('arn:aws:lambda:*:111122223333:function:*', `${arn}:live`)).toBe(true);
    expect(allowed('arn:aws:lambda:*:111122223333:function:QUOTE', arn)).toBe(false);
    expect(allowed('arn:aws:lambda:*:function:quote', arn)).toBe(false);
  });

  it('on no resource in particular are granted by * alone', () => {
    const on = (Resource: string) =>
      evaluate(request('tag:GetResources'), { identity: policy(allow('tag:GetResources', Resource)) }).allowed;

    expect(on('*')).toBe(true);
    expect(on('arn:aws:tagging:*:*:*')).toBe(false);
  });

  /** "IAM JSON policy elements: NotAction" and "NotResource". */
  it('may be named by what they are not', () => {
    const identity = policy({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' });
    const outside = policy(allow('*'), { Effect: 'Deny', Action: 's3:*', NotResource: 'arn:aws:s3:::hr-bucket/*' });

    expect(evaluate(request('s3:GetObject', OBJECT), { identity }).allowed).toBe(true);
    expect(evaluate(request('iam:CreateUser'), { identity }).allowed).toBe(false);
    expect(evaluate(request('s3:GetObject', 'arn:aws:s3:::hr-bucket/a'), { identity: outside }).allowed).toBe(true);
    expect(evaluate(request('s3:GetObject', OBJECT), { identity: outside }).allowed).toBe(false);
  });
});

describe('a condition', () => {
  const holds = (Condition: object, keys: Record<string, string | string[]>) =>
    evaluate(request('x:Y', '*', keys), { identity: policy(allow('x:Y', '*', Condition)) }).allowed;

  it('needs every operator and every key, and any of a key’s values', () => {
    const condition = { StringEquals: { 'aws:a': ['1', '2'], 'aws:b': '3' }, Bool: { 'aws:c': 'true' } };

    expect(holds(condition, { 'aws:a': '2', 'aws:b': '3', 'AWS:C': 'true' })).toBe(true);
    expect(holds(condition, { 'aws:a': '2', 'aws:b': '4', 'aws:c': 'true' })).toBe(false);
    expect(holds(condition, { 'aws:a': '2', 'aws:b': '3', 'aws:c': 'false' })).toBe(false);
  });

  it('on a key that the request has not does not hold, unless it is negated or says IfExists', () => {
    expect(holds({ StringEquals: { 'aws:a': '1' } }, {})).toBe(false);
    expect(holds({ StringNotEquals: { 'aws:a': '1' } }, {})).toBe(true);
    expect(holds({ StringEqualsIfExists: { 'aws:a': '1' } }, {})).toBe(true);
    expect(holds({ StringEqualsIfExists: { 'aws:a': '1' } }, { 'aws:a': '2' })).toBe(false);
    expect(holds({ Null: { 'aws:a': 'true' } }, {})).toBe(true);
    expect(holds({ Null: { 'aws:a': 'false' } }, {})).toBe(false);
  });

  it('compares patterns, ARNs and numbers', () => {
    const cluster = 'arn:aws:ecs:eu-west-1:111122223333:cluster/prod';

    expect(holds({ StringLike: { 'aws:a': 'web-*' } }, { 'aws:a': 'web-1' })).toBe(true);
    expect(holds({ ArnEquals: { 'ecs:cluster': cluster } }, { 'ecs:cluster': cluster })).toBe(true);
    expect(holds({ ArnLike: { 'ecs:cluster': 'arn:aws:ecs:*:*:cluster/prod' } }, { 'ecs:cluster': cluster })).toBe(
      true,
    );
    expect(holds({ ArnNotLike: { 'ecs:cluster': 'arn:aws:ecs:*:*:cluster/*' } }, { 'ecs:cluster': cluster })).toBe(
      false,
    );
    expect(holds({ NumericLessThanEquals: { 'aws:n': '3' } }, { 'aws:n': '3' })).toBe(true);
  });

  /** The table under "Set operators for multivalued context keys", with its key aws:TagKeys. */
  it('of several values asks for all, or for any', () => {
    const all = { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['environment', 'webserver'] } };
    const any = { 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['environment', 'webserver'] } };

    expect(holds(all, { 'aws:TagKeys': ['environment'] })).toBe(true);
    expect(holds(all, { 'aws:TagKeys': ['environment', 'costcenter'] })).toBe(false);
    expect(holds(all, {})).toBe(true);
    expect(holds(any, { 'aws:TagKeys': ['environment', 'costcenter'] })).toBe(true);
    expect(holds(any, { 'aws:TagKeys': ['costcenter'] })).toBe(false);
    expect(holds(any, {})).toBe(false);
  });

  it('that is not understood is refused, not taken for true or false', () => {
    expect(() => holds({ StringSounds: { 'aws:a': '1' } }, { 'aws:a': '1' })).toThrow('StringSounds');
    expect(() => holds({ StringEquals: { 'aws:a': '${aws:username}' } }, { 'aws:a': '1' })).toThrow('aws:username');
    expect(() => policy({ Effect: 'Allow', Action: 'x:Y', Resource: '*', Sometimes: true })).toThrow('Sometimes');
    expect(() => policy({ Effect: 'Perhaps', Action: 'x:Y', Resource: '*' })).toThrow('Perhaps');
  });
});

/** The wording: "Troubleshoot access denied error messages" in the IAM user guide. */
describe('a refusal', () => {
  const user = 'arn:aws:sts::111122223333:assumed-role/reader/session';

  it('says who may not do what, and for want of which policy', () => {
    const asked = request('ecs:UpdateService', 'arn:aws:ecs:eu-west-1:111122223333:service/prod/api');
    const identity = policy(allow('ecs:UpdateService'));

    const want = evaluate(asked, { identity: [] });
    const session = evaluate(asked, { identity, session: [] });
    const denied = evaluate(asked, { identity, resource: policy(deny('*')) });

    const say = (decision: Decision) => (decision.allowed ? '' : refusalOf(user, asked, decision));
    const begin = `User: ${user} is not authorized to perform: ecs:UpdateService on resource: ${asked.resource}`;
    expect(say(want)).toBe(`${begin} because no identity-based policy allows the ecs:UpdateService action`);
    expect(say(session)).toBe(`${begin} because no session policy allows the ecs:UpdateService action`);
    expect(say(denied)).toBe(`${begin} with an explicit deny in a resource-based policy`);
  });
});
