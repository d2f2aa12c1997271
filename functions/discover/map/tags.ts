import { parseArn, type Arn } from '../../../layers/core/arn.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import { Mode, Risk, TAGS } from '../../../layers/core/mode.ts';
import { parseNamedMetric } from '../../../layers/core/named-metric.ts';
import type { Ratio } from '../../../layers/core/units.ts';

type Wishes = Pick<Resource, 'mode' | 'modeFrom' | 'fleet' | 'noRollback'> & { maxRisk?: Risk; objective?: Ratio };

/** What an owner says by tags. What is no mode means `suggest`, and is kept to be shown; what is no risk means the least; what is no objective, the default. */
export function wishesOf(arn: Arn, tags: Readonly<Record<string, string>>): Wishes {
  const fleet = tags[TAGS.fleet]?.trim() || parseArn(arn).account;
  const noRollback = TAGS.noRollback in tags && tags[TAGS.noRollback]?.trim().toLowerCase() !== 'false';
  const risk = tags[TAGS.maxRisk]?.trim();
  const maxRisk = risk === undefined ? undefined : (Risk.safeParse(risk).data ?? 'R0');
  const objective = objectiveOf(tags[TAGS.objective]);
  return {
    ...modeOf(tags[TAGS.mode]),
    fleet,
    noRollback,
    ...(maxRisk ? { maxRisk } : {}),
    ...(objective ? { objective } : {}),
  };
}

/** `99.9` or `99.9%` is 0.999. What promises nothing, or that nothing ever fails, is no objective. */
function objectiveOf(tag: string | undefined): Ratio | undefined {
  const [, text] = /^\s*(\d{1,2}(?:\.\d{1,6})?)\s*%?\s*$/.exec(tag ?? '') ?? [];
  const percent = Number(text ?? 0);
  return percent > 0 ? Number((percent / 100).toFixed(8)) : undefined;
}

function modeOf(tag: string | undefined): Pick<Resource, 'mode' | 'modeFrom'> {
  if (tag === undefined || tag.trim() === '') return { mode: 'suggest', modeFrom: 'default' };
  const mode = Mode.safeParse(tag.trim().toLowerCase());
  return mode.success ? { mode: mode.data, modeFrom: 'tag' } : { mode: 'suggest', modeFrom: { invalid: tag } };
}

/** The metrics that tags `prunella:limit`, `prunella:watch` and `prunella:limit:NAME` name, and what could not be read. */
export function metricsOf(tags: Readonly<Record<string, string>>): Pick<Resource, 'metrics' | 'misread'> {
  const metrics: Resource['metrics'] = [];
  const misread: string[] = [];
  for (const [key, text] of Object.entries(tags).sort()) {
    const kind = kindOf(key);
    if (kind === undefined) continue;
    const read = parseNamedMetric(kind, text);
    if ('misread' in read) misread.push(`${key}: ${read.misread}`);
    else metrics.push(read);
  }
  return { metrics, misread };
}

function kindOf(key: string): 'limit' | 'watch' | undefined {
  const is = (tag: string): boolean => key === tag || key.startsWith(`${tag}:`);
  return is(TAGS.limit) ? 'limit' : is(TAGS.watch) ? 'watch' : undefined;
}
