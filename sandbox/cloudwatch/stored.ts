import { AwsError, type Operation, type SandboxContext } from '../contract.ts';
import type { AlarmBook } from './alarm-book.ts';
import { alarmNameOf } from './composite-rule.ts';
import type { Clock } from './clock.ts';
import { count, page, required, validation } from './inputs.ts';

type Input = Readonly<Record<string, unknown>>;
type Tags = Map<string, string>;

interface Dashboard {
  readonly body: string;
  readonly arn: string;
  readonly modified: Date;
}

interface MuteRule {
  readonly arn: string;
  readonly input: Input;
  readonly updated: Date;
}

/** What CloudWatch keeps and gives back as it was: dashboards, mute rules, and the tags of all its resources. */
export function storedOperations(
  context: Pick<SandboxContext, 'accountId' | 'region'>,
  book: AlarmBook,
  clock: Clock,
): Readonly<Record<string, Operation>> {
  return { ...dashboards(context, clock), ...muteRules(context, clock), ...tagging(book) };
}

function dashboards(context: Pick<SandboxContext, 'accountId'>, clock: Clock): Readonly<Record<string, Operation>> {
  const stored = new Map<string, Dashboard>();
  const notFound = (name: string): AwsError =>
    new AwsError('DashboardNotFoundError', `Dashboard ${name} does not exist`, 404);
  return {
    PutDashboard: (input: Input) => {
      const name = required(input, 'DashboardName');
      const body = required(input, 'DashboardBody');
      checkBody(body);
      stored.set(name, {
        body,
        arn: `arn:aws:cloudwatch::${context.accountId}:dashboard/${name}`,
        modified: new Date(clock.now()),
      });
      return { DashboardValidationMessages: [] };
    },
    GetDashboard: (input: Input) => {
      const name = required(input, 'DashboardName');
      const dashboard = stored.get(name);
      if (!dashboard) throw notFound(name);
      return { DashboardArn: dashboard.arn, DashboardBody: dashboard.body, DashboardName: name };
    },
    ListDashboards: (input: Input) => listDashboards(stored, input),
    DeleteDashboards: (input: Input) => {
      const names = (input.DashboardNames ?? []) as readonly string[];
      const missing = names.find((name) => !stored.has(name));
      if (missing !== undefined) throw notFound(missing);
      for (const name of names) stored.delete(name);
      return {};
    },
  };
}

function listDashboards(stored: ReadonlyMap<string, Dashboard>, input: Input): unknown {
  const prefix = String(input.DashboardNamePrefix ?? '');
  const found = [...stored].filter(([name]) => name.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
  const { items, next } = page(found, input.NextToken, 1000);
  const DashboardEntries = items.map(([name, d]) => ({
    DashboardName: name,
    DashboardArn: d.arn,
    LastModified: d.modified,
    Size: Buffer.byteLength(d.body),
  }));
  return { DashboardEntries, ...(next === undefined ? {} : { NextToken: next }) };
}

function checkBody(body: string): void {
  try {
    JSON.parse(body);
  } catch (cause) {
    const message = 'The field DashboardBody must be a valid JSON object';
    throw new AwsError('DashboardInvalidInputError', message, 400, {
      dashboardValidationMessages: [{ DataPath: '', Message: String(cause) }],
    });
  }
}

function muteRules(
  context: Pick<SandboxContext, 'accountId' | 'region'>,
  clock: Clock,
): Readonly<Record<string, Operation>> {
  const stored = new Map<string, MuteRule>();
  const find = (name: string): MuteRule => {
    const rule = stored.get(name);
    if (!rule) throw new AwsError('ResourceNotFoundException', `Alarm mute rule ${name} does not exist`, 404);
    return rule;
  };
  return {
    PutAlarmMuteRule: (input: Input) => {
      const name = required(input, 'Name');
      if (!input.Rule) throw validation('The parameter Rule is required.');
      const arn = `arn:aws:cloudwatch:${context.region}:${context.accountId}:alarm-mute-rule:${name}`;
      stored.set(name, { arn, input, updated: new Date(clock.now()) });
      return {};
    },
    GetAlarmMuteRule: (input: Input) => {
      const rule = find(required(input, 'AlarmMuteRuleName'));
      const { Tags: _tags, ...members } = rule.input;
      return { ...members, AlarmMuteRuleArn: rule.arn, LastUpdatedTimestamp: rule.updated, Status: 'SCHEDULED' };
    },
    ListAlarmMuteRules: (input: Input) => listMuteRules(stored, input),
    DeleteAlarmMuteRule: (input: Input) => {
      stored.delete(required(input, 'AlarmMuteRuleName'));
      return {};
    },
  };
}

function listMuteRules(stored: ReadonlyMap<string, MuteRule>, input: Input): unknown {
  const all = [...stored.values()];
  const { items, next } = page(
    all,
    input.NextToken,
    count(input.MaxRecords, 'MaxRecords', { min: 1, max: 100, byDefault: 50 }),
  );
  const AlarmMuteRuleSummaries = items.map((r) => ({
    AlarmMuteRuleArn: r.arn,
    Status: 'SCHEDULED',
    LastUpdatedTimestamp: r.updated,
  }));
  return { AlarmMuteRuleSummaries, ...(next === undefined ? {} : { NextToken: next }) };
}

/** Tags of alarms live with the alarm; those of dashboards and mute rules with their ARN. */
function tagging(book: AlarmBook): Readonly<Record<string, Operation>> {
  const others = new Map<string, Tags>();
  const tagsOf = (input: Input): Tags => {
    const arn = required(input, 'ResourceARN');
    const name = alarmNameOf(arn);
    if (name !== arn) {
      const alarm = book.get(name);
      if (alarm) return alarm.tags;
      throw new AwsError('ResourceNotFoundException', `Unknown alarm: ${arn}`, 404, {
        ResourceType: 'alarm',
        ResourceId: arn,
      });
    }
    const tags = others.get(arn) ?? new Map<string, string>();
    others.set(arn, tags);
    return tags;
  };
  return {
    TagResource: (input: Input) => {
      const tags = tagsOf(input);
      for (const { Key, Value } of (input.Tags ?? []) as readonly { Key: string; Value: string }[])
        tags.set(Key, Value);
      return {};
    },
    UntagResource: (input: Input) => {
      const tags = tagsOf(input);
      for (const key of (input.TagKeys ?? []) as readonly string[]) tags.delete(key);
      return {};
    },
    ListTagsForResource: (input: Input) => ({ Tags: [...tagsOf(input)].map(([Key, Value]) => ({ Key, Value })) }),
  };
}
