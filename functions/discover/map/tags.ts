import { parseArn, type Arn } from '../../../layers/core/arn.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import { Mode, Risk, TAGS } from '../../../layers/core/mode.ts';

type Wishes = Pick<Resource, 'mode' | 'modeFrom' | 'fleet' | 'noRollback'> & { maxRisk?: Risk };

/** What an owner says by tags. What is no mode means `suggest`, and is kept to be shown; what is no risk means the least. */
export function wishesOf(arn: Arn, tags: Readonly<Record<string, string>>): Wishes {
  const fleet = tags[TAGS.fleet]?.trim() || parseArn(arn).account;
  const noRollback = TAGS.noRollback in tags && tags[TAGS.noRollback]?.trim().toLowerCase() !== 'false';
  const risk = tags[TAGS.maxRisk]?.trim();
  const maxRisk = risk === undefined ? undefined : (Risk.safeParse(risk).data ?? 'R0');
  return { ...modeOf(tags[TAGS.mode]), fleet, noRollback, ...(maxRisk ? { maxRisk } : {}) };
}

function modeOf(tag: string | undefined): Pick<Resource, 'mode' | 'modeFrom'> {
  if (tag === undefined || tag.trim() === '') return { mode: 'suggest', modeFrom: 'default' };
  const mode = Mode.safeParse(tag.trim().toLowerCase());
  return mode.success ? { mode: mode.data, modeFrom: 'tag' } : { mode: 'suggest', modeFrom: { invalid: tag } };
}
