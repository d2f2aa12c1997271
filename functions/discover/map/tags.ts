import { isDeepStrictEqual } from 'node:util';
import { parseArn, type Arn } from '../../../layers/core/arn.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import { parseSessionKey, type SessionKey } from '../../../layers/core/log-session-key.ts';
import { Mode, Risk, TAGS } from '../../../layers/core/mode.ts';
import { parseNamedMetric } from '../../../layers/core/named-metric.ts';
import { parseProbe } from '../../../layers/core/probe.ts';
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

type Asked = Pick<Resource, 'metrics' | 'probes' | 'session' | 'misread'>;
/** Of aliases, whose function has the same tags: what they ask for is asked for once. */
export const ASKED_NOTHING: Asked = { metrics: [], probes: [], misread: [] };

/** More would keep a scheduled function busy with one resource. */
const PROBES_AT_MOST = 5;
/** More are not watched (`seriesOf`). */
const METRICS_AT_MOST = 10;

/**
 * The metrics and probes that tags such as `prunella:limit`, `prunella:limit:NAME` and `prunella:probe` ask for, how logs tell sessions
 * apart (`prunella:session`), and what could not be read.
 */
export function askedBy(tags: Readonly<Record<string, string>>): Asked {
  const { metrics, probes, misread }: Asked = { metrics: [], probes: [], misread: [] };
  for (const [key, text] of Object.entries(tags).sort()) {
    const kind = kindOf(key);
    if (kind === undefined) continue;
    const name = key.slice(TAGS[kind].length + 1);
    const read = kind === 'probe' ? parseProbe(key.replace('prunella:', ''), text) : parseNamedMetric(kind, text, name);
    if ('misread' in read) misread.push(`${key}: ${read.misread}`);
    else if ('target' in read) {
      if (probes.length < PROBES_AT_MOST) probes.push(read);
      else misread.push(`${key}: a resource has at most ${PROBES_AT_MOST} probes`);
    } else if (metrics.some((one) => one.id === read.id || isDeepStrictEqual({ ...one, id: read.id }, read))) {
      misread.push(`${key}: another tag says the same`);
    } else if (metrics.length < METRICS_AT_MOST) metrics.push(read);
    else misread.push(`${key}: a resource has at most ${METRICS_AT_MOST} metrics`);
  }
  const { session, wrong } = sessionOf(tags[TAGS.session]);
  return { metrics, probes, ...(session ? { session } : {}), misread: [...misread, ...wrong] };
}

function sessionOf(text: string | undefined): { readonly session?: SessionKey; readonly wrong: readonly string[] } {
  if (text === undefined) return { wrong: [] };
  const read = parseSessionKey(text);
  return 'misread' in read ? { wrong: [`${TAGS.session}: ${read.misread}`] } : { session: read, wrong: [] };
}

function kindOf(key: string): 'limit' | 'watch' | 'probe' | undefined {
  const kinds = ['limit', 'watch', 'probe'] as const;
  return kinds.find((kind) => key === TAGS[kind] || key.startsWith(`${TAGS[kind]}:`));
}
