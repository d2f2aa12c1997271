import * as z from 'zod';
import type { Diagnosis } from '../../../layers/core/diagnosis.ts';
import type { Opinion } from '../../../layers/core/language.ts';
import { redact } from '../../../layers/core/redact.ts';
import type { Digest } from './digest.ts';
import type { Names } from './names.ts';
import { TOOL } from './request.ts';

/** The part of Converse's answer that is read. */
const Answer = z.object({
  stopReason: z.string().optional(),
  output: z.object({
    message: z.object({
      content: z.array(z.object({ toolUse: z.object({ name: z.string(), input: z.unknown() }).optional() })),
    }),
  }),
  usage: z.object({ inputTokens: z.number().catch(0), outputTokens: z.number().catch(0) }).optional(),
});
const Ranked = z.object({ hypothesis: z.string(), probability: z.number() });

const LONGEST_EXPLANATION = 600;
const MOST_DROPPED = 10;
const SHOWN = 80;

/**
 * What of an answer is what was asked for: probabilities of hypotheses that were given. Everything else is left out, and
 * said to be. Pure.
 * @throws Error saying what is wrong when nothing of it can be used
 */
export function opinionFrom(answer: unknown, model: string, digest: Digest, { hypotheses }: Diagnosis): Opinion {
  const parsed = Answer.safeParse(answer);
  if (!parsed.success) throw new Error('its answer has not the shape of a Converse answer');
  const { output, usage, stopReason = 'unknown' } = parsed.data;
  const input = output.message.content.find(({ toolUse }) => toolUse?.name === TOOL)?.toolUse?.input;
  if (!isRecord(input)) throw new Error(`it did not rank the hypotheses (stopped because: ${shown(stopReason)})`);
  const dropped: string[] = [];
  const drop = (what: string): void => void dropped.push(what);
  for (const key of Object.keys(input))
    if (key !== 'ranking' && key !== 'explanation') drop(`it was not asked for "${shown(key)}"`);
  const ranking = new Map<string, number>();
  for (const one of Array.isArray(input['ranking']) ? (input['ranking'] as unknown[]) : [])
    readRank(one, digest, ranking, drop);
  if (ranking.size === 0) throw new Error('it ranked none of the given hypotheses');
  return {
    model,
    ranking: [...ranking].map(([id, probability]) => {
      const { resource, fault } = hypotheses[digest.hypotheses.indexOf(id)]!;
      return { resource, fault, probability };
    }),
    explanation: explanationFrom(input['explanation'], digest.names, drop),
    dropped: dropped.slice(0, MOST_DROPPED),
    tokens: { input: whole(usage?.inputTokens), output: whole(usage?.outputTokens) },
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const whole = (count = 0): number => (Number.isFinite(count) ? Math.max(0, Math.round(count)) : 0);

const shown = (text: string): string => clean(text).slice(0, SHOWN);

function readRank(
  one: unknown,
  { hypotheses }: Digest,
  ranking: Map<string, number>,
  drop: (what: string) => void,
): void {
  const parsed = Ranked.safeParse(one);
  if (!parsed.success || !Number.isFinite(parsed.data.probability))
    return drop('a rank without hypothesis and probability');
  const { hypothesis, probability } = parsed.data;
  if (!hypotheses.includes(hypothesis)) return drop(`"${shown(hypothesis)}" is none of the given hypotheses`);
  if (ranking.has(hypothesis)) return drop(`${hypothesis} was ranked twice`);
  for (const key of Object.keys(one as object))
    if (key !== 'hypothesis' && key !== 'probability') drop(`it was not asked for "${shown(key)}" of ${hypothesis}`);
  ranking.set(hypothesis, Math.min(1, Math.max(0, probability)));
}

/** Sentences that could make a person open, run or look for something that nobody measured. */
const UNASKED: readonly (readonly [what: string, shape: RegExp])[] = [
  ['a link', /\b[a-z][a-z+.-]*:\/\/|\bwww\.|\b[\w-]+\.(?:com|net|org|io|dev|sh|xyz|ru|cn)\b/i],
  ['an ARN', /\barn:/i],
  [
    'a command',
    /`|\$\(|\$\{|(?:^|\s)(?:sudo|curl|wget|rm|aws|npx|npm|kubectl|bash|sh|chmod|ssh|terraform|docker|eval)\s+\S/i,
  ],
  [
    'advice',
    /^(?:please |now |then |first |so )*(?:restart|roll ?back|revert|scale|delete|remove|disable|enable|stop|kill|terminate|deploy|redeploy|approve|unfreeze|run|execute|apply|open|grant|call|ask|tell|visit|click|ignore|disregard)\b|\b(?:should|must|please|recommend\w*|operators?|administrators?|ignore (?:all|any|previous|the))\b/i,
  ],
];

function explanationFrom(said: unknown, names: Names, drop: (what: string) => void): string {
  if (typeof said !== 'string') return '';
  const kept = sentencesOf(clean(said)).filter((sentence) => {
    const unasked = UNASKED.find(([, shape]) => shape.test(sentence));
    const stranger = [...sentence.matchAll(/\bR\d+\b/g)].find(([alias]) => !(alias in names.legend));
    if (unasked) drop(`a sentence with ${unasked[0]}: "${shown(sentence)}"`);
    else if (stranger) drop(`a sentence about ${stranger[0]}, which is none of the given resources`);
    return !unasked && !stranger;
  });
  return kept
    .join(' ')
    .replace(/\bR\d+\b/g, (alias) => names.legend[alias]?.replace(/ \(.*\)$/, '') ?? alias)
    .slice(0, LONGEST_EXPLANATION);
}

const sentencesOf = (text: string): string[] => text.split(/(?<=[.!?])\s+/).filter((sentence) => sentence !== '');

/** One line without control characters and invisible ones, without what looks like a secret. */
const clean = (text: string): string =>
  redact(text.slice(0, 4 * LONGEST_EXPLANATION).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' '))
    .replace(/\s+/g, ' ')
    .trim();
