import * as z from 'zod';
import { Arn } from '../core/arn.ts';
import { LanguageModel } from '../core/language.ts';
import { Policy } from '../core/policy.ts';
import { ProbePolicy } from '../core/probe.ts';
import { WatchPolicy } from '../core/watch-policy.ts';

/** What each variable is, for the error that asks for it. */
const MEANING: Readonly<Record<string, string>> = {
  INCIDENTS_TABLE: 'the name of the DynamoDB table of incidents',
  AUDIT_TABLE: 'the name of the DynamoDB table of audit trails',
  KNOWLEDGE_TABLE: 'the name of the DynamoDB table of inventory, changes and learned fixes',
  CONTROL_TABLE: 'the name of the DynamoDB table of levers, leases and budgets',
  HEAL_ARN: 'the ARN of the heal state machine',
  RUNBOOK: 'where the runbook is published, without the anchor',
  TOPIC_ARN: 'the ARN of the SNS topic that escalations go to',
  READER_ROLE_ARN: 'the ARN of the read-only role',
  ACTION_ROLES: 'a JSON object from action name to the ARN of its role',
  PRUNELLA_POLICY: "a JSON object with the limits of layers/core/policy.ts that differ from the defaults, or '{}'",
  PRUNELLA_WATCH:
    "a JSON object with the settings of layers/core/watch-policy.ts that differ from the defaults, or '{}'",
  PRUNELLA_PROBE:
    "a JSON object with the settings of ProbePolicy in layers/core/probe.ts that differ from the defaults, or '{}'",
  WATCH_QUEUE_URL: 'the URL of the SQS queue of resources that are due to be watched',
  LANGUAGE_MODEL: "a JSON object with the language model that Diagnose may ask (layers/core/language.ts), or 'null'",
  AWS_REGION: 'the Region this runs in',
  ACCOUNT_ID: 'the 12-digit id of the account this runs in',
};

/** @throws Error naming the variable and what it is, when it is not set. */
export function requireEnv(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`set ${name}: ${MEANING[name] ?? 'the environment variable is missing'}`);
}

/** What a function is told at deploy. Each member throws a clear error when it is asked for and absent. */
export interface Config {
  readonly tables: {
    readonly incidents: string;
    readonly audit: string;
    readonly knowledge: string;
    readonly control: string;
  };
  readonly policy: Policy;
  readonly watch: WatchPolicy;
  readonly probe: ProbePolicy;
  readonly watchQueueUrl: string;
  readonly region: string;
  readonly accountId: string;
  readonly healArn: Arn;
  readonly topicArn: Arn;
  /** Where the runbook is published, without the anchor. Default: its path in the repository. */
  readonly runbook: string;
  /** Undefined where reading needs no role of its own. */
  readonly readerRoleArn: Arn | undefined;
  /** By action name. Empty in a deployment that may not write. */
  readonly actionRoleArns: Readonly<Record<string, Arn>>;
  /** Undefined where none is switched on. */
  readonly languageModel: LanguageModel | undefined;
}

const ActionRoles = z.record(z.string(), Arn);

/** Read from the environment member by member, so that a function needs only what it uses. */
const fromEnv: Config = {
  tables: {
    get incidents() {
      return requireEnv('INCIDENTS_TABLE');
    },
    get audit() {
      return requireEnv('AUDIT_TABLE');
    },
    get knowledge() {
      return requireEnv('KNOWLEDGE_TABLE');
    },
    get control() {
      return requireEnv('CONTROL_TABLE');
    },
  },
  get policy() {
    return parseJsonEnv('PRUNELLA_POLICY', Policy, '{}');
  },
  get watch() {
    return parseJsonEnv('PRUNELLA_WATCH', WatchPolicy, '{}');
  },
  get probe() {
    return parseJsonEnv('PRUNELLA_PROBE', ProbePolicy, '{}');
  },
  get watchQueueUrl() {
    return requireEnv('WATCH_QUEUE_URL');
  },
  get region() {
    return requireEnv('AWS_REGION');
  },
  get accountId() {
    return process.env['ACCOUNT_ID'] ?? accountOf(process.env['HEAL_ARN']) ?? requireEnv('ACCOUNT_ID');
  },
  get healArn() {
    return requireEnv('HEAL_ARN');
  },
  get topicArn() {
    return requireEnv('TOPIC_ARN');
  },
  get runbook() {
    return process.env['RUNBOOK'] || 'docs/runbook.md';
  },
  get readerRoleArn() {
    return process.env['READER_ROLE_ARN'] || undefined;
  },
  get actionRoleArns() {
    return parseJsonEnv('ACTION_ROLES', ActionRoles, '{}');
  },
  get languageModel() {
    return parseJsonEnv('LANGUAGE_MODEL', LanguageModel.nullable(), 'null') ?? undefined;
  },
};

export function config(): Config {
  return fromEnv;
}

const accountOf = (arn: string | undefined): string | undefined => arn?.split(':')[4] || undefined;

/** Parsed values by the text they came from: parsing the same text again is a waste on every step. */
const parsed = new Map<string, unknown>();

function parseJsonEnv<T>(name: string, schema: z.ZodType<T>, byDefault: string): T {
  const text = process.env[name] || byDefault;
  const key = `${name}=${text}`;
  if (!parsed.has(key)) parsed.set(key, parseJson(name, text, schema));
  return parsed.get(key) as T;
}

function parseJson<T>(name: string, text: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`set ${name} to ${MEANING[name]}, got ${text}: ${String(cause)}`, { cause });
  }
}
