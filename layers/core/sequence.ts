import * as z from 'zod';
import { Arn, shortName } from './arn.ts';
import { Fault } from './taxonomy.ts';
import { addSeconds, percent, secondsBetween, type Instant, type Seconds } from './units.ts';

/** What is the matter with what. */
export const Trouble = z.object({ resource: Arn, fault: Fault });
export type Trouble = z.infer<typeof Trouble>;

/** One trouble that another follows within a time, more often than chance would have it. Times are seconds. */
export const Sequence = z.object({
  first: Trouble,
  next: Trouble,
  /** Times that the first came, and that the next one followed within `within`. */
  came: z.number().int().positive(),
  followed: z.number().int().positive(),
  within: z.number().positive(),
  /** That it follows next time: mean of the Beta posterior, and what it exceeds with 95 %. */
  probability: z.number().min(0).max(1),
  atLeast: z.number().min(0).max(1),
  /** From onset to onset: the median, and between what the next one lies with 90 %. */
  lag: z.object({ median: z.number(), low: z.number(), high: z.number() }),
  /** That chance alone shows as much in any of the pairs that were looked at. */
  chance: z.number().min(0).max(1),
  lastAt: z.string(),
  /** The latest times, each by both incidents, the newest first. */
  incidents: z.array(z.object({ first: z.string(), next: z.string() })),
});
export type Sequence = z.infer<typeof Sequence>;

/** Trouble that comes at one time of the day, more often than chance would have it. */
export const Daily = z.object({
  trouble: Trouble,
  /** Times that it came, and that it came within the window. */
  came: z.number().int().positive(),
  times: z.number().int().positive(),
  /** Of the day in UTC, seconds since midnight; `to` is less than `from` where midnight lies between. */
  from: z.number(),
  to: z.number(),
  chance: z.number().min(0).max(1),
  lastAt: z.string(),
});
export type Daily = z.infer<typeof Daily>;

/** The order in time that was learned from past incidents: `SEQUENCES / LEARNED`. */
export const Learned = z.object({
  at: z.string(),
  /** The end of the newest incident that it was learned from. */
  newest: z.string(),
  /** Of so many troubles, the first of which came then. */
  troubles: z.number().int(),
  since: z.string(),
  /** Pairs and windows that were tested. */
  tested: z.number().int(),
  sequences: z.array(Sequence),
  daily: z.array(Daily),
});
export type Learned = z.infer<typeof Learned>;

/** What of it is about the incident in hand: part of its evidence, so that it can be replayed. */
export const Order = z.object({
  /** What came before it that it has followed before. */
  after: z.array(z.object({ sequence: Sequence, incidentId: z.string(), at: z.string() })),
  /** What has followed trouble of its resource before. */
  before: z.array(Sequence),
  /** What came at this time of the day before. */
  daily: z.array(Daily),
});
export type Order = z.infer<typeof Order>;

/** Nearer than this two troubles began at once, as far as alarms tell: the one is the other's symptom, or both are a third's. */
export const AT_ONCE: Seconds = 300;

export const sayTrouble = ({ fault, resource }: Trouble): string => `${fault} of ${shortName(resource)}`;

/** `4 of the last 5 times` */
export const sayTimes = ({ followed, came }: Pick<Sequence, 'followed' | 'came'>): string =>
  `${followed} of the last ${came} times`;

const inMinutes = (time: Seconds): number => Math.round(time / 60);

/** `12 min later (90 %: 5-20)` */
export const sayLag = ({ median, low, high }: Sequence['lag']): string =>
  `${inMinutes(median)} min later (90 %: ${inMinutes(low)}-${inMinutes(high)})`;

export function sayAfter({ sequence, incidentId, at }: Order['after'][number], onset: Instant): string {
  const before = inMinutes(secondsBetween(at, onset));
  return `It follows ${sayTrouble(sequence.first)} (incident ${incidentId}, ${before} min before), as ${sayTimes(sequence)}, ${sayLag(sequence.lag)}.`;
}

export const sayDaily = ({ from, to, times, came }: Pick<Daily, 'from' | 'to' | 'times' | 'came'>): string =>
  `between ${timeOfDay(from)} and ${timeOfDay(to)} UTC, as ${times} of the last ${came} times`;

const timeOfDay = (time: Seconds): string => new Date(time * 1000).toISOString().slice(11, 16);

/** Trouble that is to be expected, by one that is there. */
export const Expected = Trouble.extend({
  /** Between when, with 90 %. */
  from: z.string(),
  to: z.string(),
  probability: z.number(),
  atLeast: z.number(),
  followed: z.number().int(),
  came: z.number().int(),
});
export type Expected = z.infer<typeof Expected>;

export const expectedOf = (
  { next, lag, probability, atLeast, followed, came }: Sequence,
  onset: Instant,
): Expected => ({
  ...next,
  from: addSeconds(onset, Math.round(lag.low)),
  to: addSeconds(onset, Math.round(lag.high)),
  probability,
  atLeast,
  followed,
  came,
});

export const sayExpected = ({ from, to, atLeast, ...of }: Expected): string =>
  `${sayTrouble(of)} between ${from.slice(11, 16)} and ${to.slice(11, 16)} UTC, as it followed ${sayTimes(of)} (${percent(of.probability)}, at least ${percent(atLeast)})`;
