import {
  GetResourcesCommand,
  TagResourcesCommand,
  UntagResourcesCommand,
  type ResourceGroupsTaggingAPIClient,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { AwsError, type Caller, type DeployedResource, type LocalService, type Operation } from './contract.ts';
import { arnOf, type Account } from './deploy/arns.ts';
import { removedKeys, setTags } from './endpoint/change-events.ts';
import type { ObservedCall } from './endpoint/observer.ts';

/** What the emulator's tagging API covers by itself; everything else is remembered here. */
const covered = new Set(['s3', 'lambda', 'sqs', 'sns', 'dynamodb', 'events', 'kms', 'ecr', 'scheduler']);

type Tags = Readonly<Record<string, string>>;
interface Tagged {
  readonly arn: string;
  readonly tags: Tags;
}

/** A deployed resource whose tags a later deployment changed. */
export interface Retagged extends Tagged {
  readonly changedKeys: readonly string[];
}

const differingKeys = (before: Tags, after: Tags): string[] =>
  Object.keys({ ...before, ...after }).filter((key) => before[key] !== after[key]);

/** How each local service is asked to change the tags of a resource. */
const taggers: Readonly<
  Record<
    string,
    {
      readonly tag: (arn: string, tags: Tags) => [string, object];
      readonly untag: (arn: string, keys: readonly string[]) => [string, object];
    }
  >
> = {
  ecs: {
    tag: (resourceArn, tags) => [
      'TagResource',
      { resourceArn, tags: Object.entries(tags).map(([key, value]) => ({ key, value })) },
    ],
    untag: (resourceArn, tagKeys) => ['UntagResource', { resourceArn, tagKeys }],
  },
  cloudwatch: {
    tag: (ResourceARN, tags) => ['TagResource', { ResourceARN, Tags: listed(tags) }],
    untag: (ResourceARN, TagKeys) => ['UntagResource', { ResourceARN, TagKeys }],
  },
  elasticloadbalancing: {
    tag: (arn, tags) => ['AddTags', { ResourceArns: [arn], Tags: listed(tags) }],
    untag: (arn, TagKeys) => ['RemoveTags', { ResourceArns: [arn], TagKeys }],
  },
};

const listed = (tags: Tags): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export interface TagIndexOptions {
  readonly account: Account;
  readonly emulator: ResourceGroupsTaggingAPIClient;
  /** A local service by the service in its ARNs, e.g. `cloudwatch`. */
  readonly localService: (service: string) => LocalService | undefined;
}

/**
 * The Resource Groups Tagging API of the account: what the emulator knows, and the tags of what the sandbox stands in
 * for, as deployed and as changed since.
 */
export class TagIndex {
  readonly #options: TagIndexOptions;
  readonly #tags = new Map<string, Tags>();
  /** The tags each deployed resource was last deployed with. */
  readonly #deployed = new Map<string, Tags>();

  constructor(options: TagIndexOptions) {
    this.#options = options;
  }

  /**
   * Takes over the tags of what was deployed; what is no longer deployed is forgotten.
   * @returns what was deployed before, with other tags
   */
  adopt(all: readonly DeployedResource[], changed: readonly DeployedResource[]): readonly Retagged[] {
    const retagged: Retagged[] = [];
    const current = new Set(all.flatMap((resource) => arnOf(resource, this.#options.account) ?? []));
    for (const arn of this.#deployed.keys()) if (!current.has(arn)) this.#forget(arn);
    for (const resource of changed) {
      const arn = arnOf(resource, this.#options.account);
      if (arn === undefined) continue;
      const { tags } = resource;
      const changedKeys = differingKeys(this.#deployed.get(arn) ?? tags, tags);
      if (changedKeys.length > 0) retagged.push({ arn, tags, changedKeys });
      this.#deployed.set(arn, tags);
      if (!isCovered(arn)) this.#tags.set(arn, tags);
    }
    return retagged;
  }

  #forget(arn: string): void {
    this.#deployed.delete(arn);
    this.#tags.delete(arn);
  }

  /** Follows the calls that set tags: explicitly, or as something is created. */
  observe = (call: ObservedCall): void => {
    if (call.error !== undefined) return;
    const { input, operation } = call;
    if (/^Delete|^Deregister/.test(operation)) return;
    const tags = setTags(input);
    for (const arn of this.#arnsOf(call)) {
      const kept = Object.entries({ ...this.#tags.get(arn), ...tags }).filter(
        ([key]) => !removedKeys(input).includes(key),
      );
      if (!isCovered(arn) && (kept.length > 0 || this.#tags.has(arn))) this.#tags.set(arn, Object.fromEntries(kept));
    }
  };

  /** The tags of one resource, as they are now. */
  async tagsOf(arn: string): Promise<Tags> {
    const own = this.#tags.get(arn);
    if (own !== undefined || !isCovered(arn)) return own ?? {};
    const found = await this.#options.emulator.send(new GetResourcesCommand({ ResourceARNList: [arn] }));
    const tags = found.ResourceTagMappingList?.find(({ ResourceARN }) => ResourceARN === arn)?.Tags ?? [];
    return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
  }

  service(): LocalService {
    const operations: Record<string, Operation> = {
      GetResources: (input: GetResourcesInput) => this.#getResources(input),
      GetTagKeys: async () => ({
        TagKeys: [...new Set((await this.#all()).flatMap(({ tags }) => Object.keys(tags)))].sort(),
      }),
      GetTagValues: async ({ Key }: { Key: string }) => ({
        TagValues: [...new Set((await this.#all()).flatMap(({ tags }) => tags[Key] ?? []))].sort(),
      }),
      TagResources: (input: { ResourceARNList: string[]; Tags: Tags }, caller) =>
        this.#each(input.ResourceARNList, (arn) => this.#tag(arn, input.Tags, caller)),
      UntagResources: (input: { ResourceARNList: string[]; TagKeys: string[] }, caller) =>
        this.#each(input.ResourceARNList, (arn) => this.#untag(arn, input.TagKeys, caller)),
    };
    return { signingName: 'tagging', operations, stop: () => Promise.resolve() };
  }

  #arnsOf({ service, operation, input, output }: ObservedCall): string[] {
    const { account } = this.#options;
    const direct = [input['resourceArn'], input['ResourceARN'], ...asList(input['ResourceArns'])];
    if (service === 'monitoring' && /^Put(Metric|Composite)Alarm$/.test(operation)) {
      direct.push(`arn:aws:cloudwatch:${account.region}:${account.accountId}:alarm:${String(input['AlarmName'])}`);
    }
    if (service === 'ssm' && input['ResourceType'] === 'Parameter')
      direct.push(parameterArn(account, input['ResourceId']));
    if (service === 'ssm' && operation === 'PutParameter') direct.push(parameterArn(account, input['Name']));
    if (service === 'ecs' && operation.startsWith('Create')) direct.push(...createdArns(output));
    if (service === 'elasticloadbalancing' && operation.startsWith('Create'))
      direct.push(...Object.values(output).flatMap(asList).flatMap(createdArns));
    return direct.filter((arn) => typeof arn === 'string');
  }

  async #all(): Promise<Tagged[]> {
    const found = new Map<string, Tags>(this.#tags);
    let PaginationToken: string | undefined;
    do {
      const page = await this.#options.emulator.send(
        new GetResourcesCommand({ PaginationToken, ResourcesPerPage: 100 } as never),
      );
      for (const { ResourceARN, Tags = [] } of page.ResourceTagMappingList ?? []) {
        if (ResourceARN === undefined || !isCovered(ResourceARN)) continue;
        found.set(ResourceARN, Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])));
      }
      PaginationToken = page.PaginationToken;
    } while (PaginationToken);
    return [...found].map(([arn, tags]) => ({ arn, tags })).sort((a, b) => (a.arn < b.arn ? -1 : 1));
  }

  async #getResources(input: GetResourcesInput): Promise<unknown> {
    const size = input.ResourcesPerPage ?? 50;
    if (size < 1 || size > 100)
      throw new AwsError('InvalidParameterException', `ResourcesPerPage must be 1 to 100, got ${size}`);
    const from = Number(input.PaginationToken || 0);
    const matching = (await this.#all()).filter((resource) => matches(resource, input));
    const next = from + size < matching.length ? String(from + size) : '';
    return {
      PaginationToken: next,
      ResourceTagMappingList: matching
        .slice(from, from + size)
        .map(({ arn, tags }) => ({ ResourceARN: arn, Tags: listed(tags) })),
    };
  }

  async #each(arns: readonly string[], change: (arn: string) => Promise<void>): Promise<unknown> {
    const FailedResourcesMap: Record<string, unknown> = {};
    for (const arn of arns) {
      await change(arn).catch((error: unknown) => {
        const [code, status] =
          error instanceof AwsError ? [error.code, error.status] : ['InternalServiceException', 500];
        FailedResourcesMap[arn] = { ErrorCode: code, StatusCode: status, ErrorMessage: String(error) };
      });
    }
    return { FailedResourcesMap };
  }

  async #tag(arn: string, tags: Tags, caller: Caller): Promise<void> {
    const done = await this.#local(arn, caller, (tagger) => tagger.tag(arn, tags));
    if (!done)
      await this.#options.emulator.send(new TagResourcesCommand({ ResourceARNList: [arn], Tags: { ...tags } }));
    if (!isCovered(arn)) this.#tags.set(arn, { ...this.#tags.get(arn), ...tags });
  }

  async #untag(arn: string, keys: readonly string[], caller: Caller): Promise<void> {
    const done = await this.#local(arn, caller, (tagger) => tagger.untag(arn, keys));
    if (!done)
      await this.#options.emulator.send(new UntagResourcesCommand({ ResourceARNList: [arn], TagKeys: [...keys] }));
    const kept = Object.entries(this.#tags.get(arn) ?? {}).filter(([key]) => !keys.includes(key));
    if (this.#tags.has(arn)) this.#tags.set(arn, Object.fromEntries(kept));
  }

  /** Has the local service change its own record; `false` when the resource is not one of its. */
  async #local(
    arn: string,
    caller: Caller,
    call: (tagger: NonNullable<(typeof taggers)[string]>) => [string, object],
  ): Promise<boolean> {
    const service = serviceOf(arn);
    const tagger = taggers[service];
    const local = this.#options.localService(service);
    if (tagger === undefined || local === undefined) return false;
    const [operation, input] = call(tagger);
    await local.operations[operation]?.(input, caller);
    return true;
  }
}

interface GetResourcesInput {
  readonly TagFilters?: readonly { readonly Key?: string; readonly Values?: readonly string[] }[];
  readonly ResourceTypeFilters?: readonly string[];
  readonly ResourceARNList?: readonly string[];
  readonly ResourcesPerPage?: number;
  readonly PaginationToken?: string;
}

/** A resource matches when each filter's key is set, to one of its values where there are any. */
function matches(
  { arn, tags }: Tagged,
  { TagFilters = [], ResourceTypeFilters = [], ResourceARNList = [] }: GetResourcesInput,
): boolean {
  if (ResourceARNList.length > 0 && !ResourceARNList.includes(arn)) return false;
  if (ResourceTypeFilters.length > 0 && !ResourceTypeFilters.some((filter) => isOfType(arn, filter))) return false;
  return TagFilters.every(({ Key = '', Values = [] }) => {
    const value = tags[Key];
    return value !== undefined && (Values.length === 0 || Values.includes(value));
  });
}

/** Filters are a service (`ecs`), or a service and a type (`ecs:service`). */
function isOfType(arn: string, filter: string): boolean {
  const [service, type] = filter.split(':');
  return serviceOf(arn) === service && (type === undefined || (arn.split(':')[5] ?? '').split('/')[0] === type);
}

const serviceOf = (arn: string): string => arn.split(':')[2] ?? '';
const isCovered = (arn: string): boolean => covered.has(serviceOf(arn));
const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const parameterArn = ({ region, accountId }: Account, name: unknown): string =>
  `arn:aws:ssm:${region}:${accountId}:parameter/${String(name).replace(/^\//, '')}`;

/** The ARNs that an answer gives to what was created: `serviceArn`, `TargetGroupArn`, … one level down. */
function createdArns(output: unknown): unknown[] {
  if (output === null || typeof output !== 'object') return [];
  const own = (value: object): unknown[] =>
    Object.entries(value).flatMap(([name, each]) =>
      /^(service|cluster|taskSet|TargetGroup|LoadBalancer|Listener|Rule)Arn$/.test(name) ? [each] : [],
    );
  const top = own(output);
  if (top.length > 0) return top.slice(0, 1);
  return Object.values(output).flatMap((each: unknown) =>
    each !== null && typeof each === 'object' ? own(each).slice(0, 1) : [],
  );
}
