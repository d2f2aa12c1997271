import { resourceTypeOf, shortName, type Arn } from '../../../layers/core/arn.ts';
import type { Diagnosis } from '../../../layers/core/diagnosis.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import { redact } from '../../../layers/core/redact.ts';

/** What stands for resources in what a language model is sent: `R1` for the incident's, `R2` … for the others. */
export interface Names {
  readonly aliases: ReadonlyMap<Arn, string>;
  /** `R1` to `prod/api (ecs-service)`. */
  readonly legend: Readonly<Record<string, string>>;
}

export function namesIn({ resource, resources }: Evidence, { hypotheses }: Diagnosis): Names {
  const arns = [...new Set([resource, ...resources.map(({ arn }) => arn), ...hypotheses.map((one) => one.resource)])];
  const aliases = new Map(arns.map((arn, n) => [arn, `R${n + 1}`]));
  const legend = arns.map((arn, n) => [`R${n + 1}`, `${shortName(arn)} (${resourceTypeOf(arn) ?? 'other'})`]);
  return { aliases, legend: Object.fromEntries(legend) };
}

const ARN = /\barn:[\w-]+:[^\s"'<>,;)\]\\]+/g;
/** Control characters, and those that turn or hide what stands beside them. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;
const EMAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
const ADDRESS = /\b(?:\d{1,3}\.){3}\d{1,3}\b/g;
const ACCOUNT = /\b\d{12}\b/g;

/**
 * Text as it may leave the account: secrets redacted, ARNs by their alias, and no account id, address of a person or of a
 * machine. Cut to `longest` characters.
 */
export function leaving(text: string, { aliases }: Names, longest = 300): string {
  const named = redact(text.replace(UNSEEN, ' ')).replace(ARN, (arn) => aliases.get(arn) ?? '<arn>');
  return [
    [EMAIL, '<email>'],
    [ADDRESS, '<address>'],
    [ACCOUNT, '<account>'],
  ]
    .reduce((rest, [shape, by]) => rest.replace(shape as RegExp, by as string), named)
    .slice(0, longest);
}
