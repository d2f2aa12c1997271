import * as z from 'zod';
import { Arn, parseArn, resourceTypeOf, type ResourceType } from './arn.ts';
import { Envelope } from './event.ts';
import { redact } from './redact.ts';
import type { Instant } from './units.ts';

/** What AWS Health says of a service or of resources of this account: key `HEALTH / event ARN # page`. */
export const HealthNotice = z.object({
  eventArn: Arn,
  /** Entities are told of in pages. */
  page: z.number().int(),
  /** As AWS Health names it: `ECS`, `LAMBDA`, … */
  service: z.string(),
  /** Of the trouble, not of its delivery; `global` where it is of no Region. */
  region: z.string(),
  /** E.g. `AWS_LAMBDA_OPERATIONAL_ISSUE`. */
  code: z.string(),
  category: z.enum(['issue', 'accountNotification', 'scheduledChange', 'investigation']),
  status: z.enum(['open', 'closed', 'upcoming']),
  from: z.string(),
  to: z.string().optional(),
  updatedAt: z.string(),
  /** Its description, redacted and cut. */
  said: z.string(),
  /** What it names; nothing where it is of the service as a whole. */
  resources: z.array(Arn),
});
export type HealthNotice = z.infer<typeof HealthNotice>;

/** `Fri, 27 Jan 2023 06:02:51 GMT` in these events. */
const Time = z.string().transform((text, context) => {
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return new Date(at).toISOString();
  context.addIssue({ code: 'custom', message: `supply a time, e.g. Fri, 27 Jan 2023 06:02:51 GMT, got ${text}` });
  return z.NEVER;
});

/** The fields used of AWS's "Reference: AWS Health events Amazon EventBridge schema". */
export const HealthEvent = Envelope.extend({
  detail: z.object({
    eventArn: Arn,
    service: z.string(),
    eventTypeCode: z.string(),
    eventTypeCategory: HealthNotice.shape.category,
    statusCode: HealthNotice.shape.status.default('open'),
    eventRegion: z.string().optional(),
    startTime: Time,
    endTime: Time.optional(),
    lastUpdatedTime: Time.optional(),
    eventDescription: z.array(z.object({ latestDescription: z.string() })).default([]),
    affectedEntities: z.array(z.object({ entityValue: z.string(), status: z.string().optional() })).default([]),
    page: z.coerce.number().int().default(1),
    affectedAccount: z.string().optional(),
  }),
});
export type HealthEvent = z.infer<typeof HealthEvent>;

/** A description may run to pages. */
const LONGEST = 600;
/** What is well (again) is not affected. */
const WELL = ['UNIMPAIRED', 'RESOLVED'];

export function noticeOf({ detail, time, region, account }: HealthEvent): HealthNotice {
  const { eventArn, page, service, startTime, endTime, affectedEntities } = detail;
  const where: Where = {
    service,
    partition: parseArn(eventArn).partition,
    region: detail.eventRegion ?? region,
    account: detail.affectedAccount ?? account,
  };
  const affected = affectedEntities.filter(({ status = '' }) => !WELL.includes(status));
  return {
    eventArn,
    page,
    service,
    region: where.region,
    code: detail.eventTypeCode,
    category: detail.eventTypeCategory,
    status: detail.statusCode,
    from: startTime,
    ...(endTime ? { to: endTime } : {}),
    updatedAt: detail.lastUpdatedTime ?? new Date(time).toISOString(),
    said: redact(detail.eventDescription[0]?.latestDescription.trim() ?? '').slice(0, LONGEST),
    resources: [...new Set(affected.flatMap(({ entityValue }) => arnOf(entityValue, where) ?? []))],
  };
}

interface Where {
  readonly service: string;
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/**
 * Health names a resource by its ARN, or by the name that its service calls it by; ECS services as `cluster|service`.
 * Undefined of what is no single resource that could be watched: an account, a host, `UNKNOWN`.
 */
function arnOf(entity: string, { service, partition, region, account }: Where): Arn | undefined {
  const arn = Arn.safeParse(entity);
  if (arn.success) return arn.data;
  if (entity === account || !/^[\w.|-]+$/.test(entity) || /^(?:AWS_ACCOUNT|UNKNOWN)$/i.test(entity)) return undefined;
  const of = (name: string, resource: string): Arn => `arn:${partition}:${name}:${region}:${account}:${resource}`;
  const [cluster, name] = entity.split('|');
  if (service === 'ECS') return cluster && name ? of('ecs', `service/${cluster}/${name}`) : undefined;
  if (service === 'LAMBDA') return of('lambda', `function:${entity}`);
  if (service === 'DYNAMODB') return of('dynamodb', `table/${entity}`);
  return service === 'SQS' ? of('sqs', entity) : undefined;
}

/** The services whose trouble is a resource's own, as AWS Health names them. */
const RUNS_ON: Readonly<Record<ResourceType, readonly string[]>> = {
  'ecs-service': ['ECS', 'FARGATE', 'EC2', 'ECR'],
  'lambda-function': ['LAMBDA'],
  'lambda-alias': ['LAMBDA'],
  'sqs-queue': ['SQS'],
  'dynamodb-table': ['DYNAMODB'],
  'target-group': ['ELASTICLOADBALANCING'],
  'load-balancer': ['ELASTICLOADBALANCING'],
  'ssm-parameter': ['SSM'],
};
const SERVICES: ReadonlySet<string> = new Set(Object.values(RUNS_ON).flat());

/** Whether it can concern anything that is watched: most notices are of bills, certificates and versions. */
export const isOfWatched = ({ service, resources }: HealthNotice): boolean =>
  SERVICES.has(service) || resources.some((arn) => resourceTypeOf(arn) !== undefined);

/** How it concerns a resource: by its name (an alias by its function's), or as one of its service in its Region. */
export function concerns(notice: HealthNotice, arn: Arn): 'named' | 'service' | undefined {
  if (notice.resources.some((one) => one === arn || arn.startsWith(`${one}:`))) return 'named';
  if (notice.resources.length > 0) return undefined;
  const type = resourceTypeOf(arn);
  if (!type || !RUNS_ON[type].includes(notice.service)) return undefined;
  return notice.region === 'global' || notice.region === parseArn(arn).region ? 'service' : undefined;
}

/** Whether it was so at some time between two instants. */
export const isWithin = ({ from, to }: HealthNotice, start: Instant, end: Instant): boolean =>
  from <= end && (to === undefined || to >= start);
