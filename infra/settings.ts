import type { Node } from 'constructs';
import * as z from 'zod';
import { LanguageModel } from '../layers/core/language.ts';
import { Policy } from '../layers/core/policy.ts';
import { ProbePolicy } from '../layers/core/probe.ts';
import { WatchPolicy } from '../layers/core/watch-policy.ts';

const RoleArn = z
  .string()
  .regex(/^arn:[\w-]+:iam::\d{12}:role\/.+$/, 'supply role ARNs, e.g. arn:aws:iam::111122223333:role/app-task');

const Address = z.email('supply e-mail addresses, e.g. oncall@example.com');

/** What a deployment can be told, each as CDK context: `cdk deploy -c prunella:write=false`. */
export const Settings = z.object({
  /** False: no role that can change a workload is made, so Prunella can observe and suggest only. Default true. */
  write: z.boolean().default(true),
  /** Prunella's own limits; what is left out keeps its default. */
  policy: z.strictObject(Policy.shape).prefault({}),
  /** What watching may cost, how often it may be wrong, how far it looks ahead; what is left out keeps its default. */
  watch: z.strictObject(WatchPolicy.shape).prefault({}),
  /** Whom probes may ask, and from where; what is left out keeps its default. */
  probe: z.strictObject(ProbePolicy.shape).prefault({}),
  /** E-mail addresses of the operators, one or several: who is told of what a person must do. Default none. */
  notify: z.preprocess((given) => (typeof given === 'string' ? [given] : given), z.array(Address)).default([]),
  /** Task and execution roles that a new revision of a task definition may be given (`iam:PassRole`). Default none. */
  passRoles: z.array(RoleArn).default([]),
  /** Name or ARN of a policy set as the permissions boundary of every role. Default none. */
  permissionsBoundary: z.string().min(1).optional(),
  /** Where the runbook is published, without the anchor. Default its path in the repository. */
  runbook: z.string().min(1).default('docs/runbook.md'),
  /**
   * The language model of Bedrock that Diagnose may ask for a second opinion: its id, or an object with `model` and
   * `callsPerDay`. Default none: nothing is sent anywhere.
   */
  languageModel: z
    .union([z.string().transform((model) => ({ model })), z.looseObject({})])
    .pipe(LanguageModel)
    .optional(),
});
export type Settings = z.infer<typeof Settings>;

const keys = Object.keys(Settings.shape) as (keyof Settings)[];

/**
 * Reads the settings from context: `prunella:<name>`, and `passRoles` also without the prefix. Values given on the
 * command line are text and are read as JSON where they are JSON.
 * @throws Error naming each setting that is wrong, what was got and what would be right
 */
export function readSettings(node: Node): Settings {
  const given = keys.map((key) => [key, node.tryGetContext(`prunella:${key}`) ?? node.tryGetContext(key)] as const);
  const values = given.filter(([, value]) => value !== undefined).map(([key, value]) => [key, fromText(value)]);
  const parsed = Settings.safeParse(Object.fromEntries(values));
  if (parsed.success) return parsed.data;
  throw new Error(`the context for this deployment is not right:\n${z.prettifyError(parsed.error)}`);
}

function fromText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
