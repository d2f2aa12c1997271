import type { BusEvent, PublishEvent } from '../contract.ts';
import type { CallListener, ObservedCall } from './observer.ts';
import { trailEvent } from './trail.ts';

export interface ChangeEventOptions {
  readonly publish: PublishEvent;
  readonly now: () => Date;
  /** `String`, `StringList` or `SecureString`; `undefined` when the parameter is gone. */
  readonly parameterType: (name: string) => Promise<string | undefined>;
  readonly log: (line: string) => void;
}

/** Puts on the bus what AWS puts there when something is changed through an API. */
export function changeEvents({ publish, now, parameterType, log }: ChangeEventOptions): CallListener {
  return (call) => {
    const time = now();
    publish(trailEvent(call, time));
    if (call.error !== undefined) return;
    const tagChange = tagEvent(call, time);
    if (tagChange !== undefined) publish(tagChange);
    if (call.service !== 'ssm') return;
    parameterEvents(call, time, parameterType).then(
      (events) => events.forEach(publish),
      (error: unknown) => log(`no Parameter Store Change for ${call.operation}: ${String(error)}`),
    );
  };
}

/** `Parameter Store Change`, as documented under "Monitoring Systems Manager events". */
async function parameterEvents(
  call: ObservedCall,
  time: Date,
  typeOf: ChangeEventOptions['parameterType'],
): Promise<BusEvent[]> {
  const { operation, input, output, caller } = call;
  const event = (name: string, change: string, type: string): BusEvent => ({
    source: 'aws.ssm',
    detailType: 'Parameter Store Change',
    time,
    resources: [`arn:aws:ssm:${caller.region}:${caller.accountId}:parameter/${name.replace(/^\//, '')}`],
    detail: {
      operation: change,
      name,
      type,
      ...(typeof input['Description'] === 'string' && { description: input['Description'] }),
    },
  });
  const name = String(input['Name'] ?? '');
  if (operation === 'PutParameter') {
    const type = typeof input['Type'] === 'string' ? input['Type'] : ((await typeOf(name)) ?? 'String');
    return [event(name, output['Version'] === 1 ? 'Create' : 'Update', type)];
  }
  if (operation === 'LabelParameterVersion')
    return [event(name, 'LabelParameterVersion', (await typeOf(name)) ?? 'String')];
  if (operation === 'DeleteParameter') return [event(name, 'Delete', 'String')];
  if (operation !== 'DeleteParameters') return [];
  const deleted = Array.isArray(output['DeletedParameters']) ? (output['DeletedParameters'] as string[]) : [];
  return deleted.map((each) => event(each, 'Delete', 'String'));
}

const tagOperations = /^(Tag|Untag)Resources?$|^(Add|Remove)Tags?(To|From)?(Resource)?$|^(AddTags|RemoveTags)$/;

/** `Tag Change on Resource`, for calls that set or remove tags of one resource. */
function tagEvent({ operation, input }: ObservedCall, time: Date): BusEvent | undefined {
  if (!tagOperations.test(operation)) return undefined;
  const arns = input['ResourceArns'];
  const arn = input['resourceArn'] ?? input['ResourceARN'] ?? (Array.isArray(arns) ? arns[0] : undefined);
  if (typeof arn !== 'string') return undefined;
  const tags = setTags(input);
  return tagChange(arn, [...Object.keys(tags), ...removedKeys(input)], tags, time);
}

/** `Tag Change on Resource`, as documented under "Monitor tag changes" of the Tag Editor. */
export function tagChange(
  arn: string,
  changedKeys: readonly string[],
  tags: Readonly<Record<string, string>>,
  time: Date,
): BusEvent {
  const [, , service, , , resource = ''] = arn.split(':');
  return {
    source: 'aws.tag',
    detailType: 'Tag Change on Resource',
    time,
    resources: [arn],
    detail: { 'changed-tag-keys': changedKeys, service, 'resource-type': resource.split('/')[0], version: 1, tags },
  };
}

/** The tags that a call sets; services write them with small or capital letters. */
export function setTags(input: Readonly<Record<string, unknown>>): Record<string, string> {
  const list = input['tags'] ?? input['Tags'];
  if (!Array.isArray(list)) return {};
  const entries = list as { key?: string; value?: string; Key?: string; Value?: string }[];
  return Object.fromEntries(entries.map((tag) => [tag.key ?? tag.Key ?? '', tag.value ?? tag.Value ?? '']));
}

/** The keys of tags that a call removes. */
export function removedKeys(input: Readonly<Record<string, unknown>>): readonly string[] {
  const keys = input['tagKeys'] ?? input['TagKeys'];
  return Array.isArray(keys) ? (keys as string[]) : [];
}
