import type { Seconds } from '../../../layers/core/units.ts';

export const WEEK: Seconds = 604_800;
/** A block: samples in which what has been shown once need not be shown again, and the unit that alerts are counted in. */
export const BLOCK = 100;
const BLOCKS = 256;
const PEAKS = 128;
const FADE = 16_384;
/** Share of the decades of earlier peaks that is taken off: what comes again and again has taken its time, which is taken off, too. */
const SHOWN = 0.75;
/** Decades beyond a week's worth that evidence must have to alert before enough blocks are known. */
const EARLY = 0.5;
/** Decades that evidence must rise by to be shown again within a block: twice as rare; less is the same episode. */
const RISE = 0.3;

/** Turns evidence into peaks and alerts. */
export interface Alarm {
  /** The samples of the last block that no later one exceeds, oldest first: place and evidence. */
  readonly places: Float64Array;
  readonly crest: Float64Array;
  crests: number;
  /** The highest peaks so far, ascending from `PEAKS - peaks`. */
  readonly highest: Float64Array;
  peaks: number;
  /** Maximum of each past block, and of the one under way. */
  readonly maxima: Float64Array;
  blocks: number;
  maximum: number;
  seen: number;
  silentUntil: number;
  /** The latest evidence shown as a peak, and its place; absent before there was one. */
  shown?: { readonly evidence: number; readonly at: number };
  /** Running mean of the time between samples. */
  interval: Seconds;
}

export function startAlarm(): Alarm {
  return {
    places: new Float64Array(BLOCK + 1),
    crest: new Float64Array(BLOCK + 1),
    crests: 0,
    highest: new Float64Array(PEAKS),
    peaks: 0,
    maxima: new Float64Array(BLOCKS),
    blocks: 0,
    maximum: 0,
    seen: 0,
    silentUntil: 0,
    interval: 0,
  };
}

/**
 * The evidence if it exceeds all of the block before it, and what was shown there by `RISE`, else 0; less three quarters of a
 * decade for each decade of earlier peaks at least as high: what a series shows now and then is no news in it.
 */
export function peak(alarm: Alarm, evidence: number): number {
  const rising = exceedsBlock(alarm, evidence);
  alarm.seen++;
  if (alarm.seen % FADE === 0) fade(alarm);
  if (!rising) return 0;
  const { shown, seen } = alarm;
  const sameEpisode = shown && seen - shown.at <= BLOCK && evidence < shown.evidence + RISE;
  let as = 0;
  while (as < alarm.peaks && alarm.highest[PEAKS - 1 - as]! >= evidence) as++;
  keepHighest(alarm, evidence);
  if (sameEpisode) return 0;
  alarm.shown = { evidence, at: seen };
  return Math.max(0, evidence - SHOWN * Math.log10(1 + as));
}

/**
 * Whether to alert on evidence that is a peak: the conformal p-value of its block's maximum among past blocks' is at most
 * what `perWeek` alerts a week leave to a block, and never above 5 %. For blocks that are exchangeable this holds the rate
 * whatever the evidence means (Vovk et al. 2005); until that many blocks are known only evidence three times beyond
 * a week's worth alerts.
 */
export function alerts(alarm: Alarm, evidence: number, rising: boolean, elapsed: Seconds, perWeek: number): boolean {
  if (elapsed > 0) alarm.interval += (elapsed - alarm.interval) / Math.min(alarm.seen, 1000);
  const share = Math.min(0.05, (perWeek * BLOCK * alarm.interval) / WEEK);
  const known = Math.min(alarm.blocks, BLOCKS);
  const enough = (known + 1) * share >= 1;
  const alert =
    rising &&
    alarm.seen > alarm.silentUntil &&
    (enough ? pOfBlock(alarm, known, evidence) <= share : evidence > EARLY + Math.log10(BLOCK / share));
  if (alert) alarm.silentUntil = alarm.seen + BLOCK;
  alarm.maximum = Math.max(alarm.maximum, evidence);
  if (alarm.seen % BLOCK === 0) {
    alarm.maxima[alarm.blocks++ % BLOCKS] = alarm.maximum;
    alarm.maximum = 0;
  }
  return alert;
}

function pOfBlock({ maxima }: Alarm, known: number, evidence: number): number {
  let as = 0;
  for (let i = 0; i < known; i++) if (maxima[i]! >= evidence) as++;
  return (as + 1) / (known + 1);
}

function exceedsBlock(alarm: Alarm, evidence: number): boolean {
  const { places, crest, seen } = alarm;
  if (alarm.crests > 0 && places[0]! < seen - BLOCK) {
    places.copyWithin(0, 1);
    crest.copyWithin(0, 1);
    alarm.crests--;
  }
  const rising = evidence > (alarm.crests > 0 ? crest[0]! : 0);
  while (alarm.crests > 0 && crest[alarm.crests - 1]! <= evidence) alarm.crests--;
  places[alarm.crests] = seen;
  crest[alarm.crests++] = evidence;
  return rising;
}

function keepHighest(alarm: Alarm, evidence: number): void {
  const { highest } = alarm;
  if (alarm.peaks === PEAKS && evidence <= highest[0]!) return;
  alarm.peaks = Math.min(PEAKS, alarm.peaks + 1);
  let i = PEAKS - alarm.peaks;
  for (; i + 1 < PEAKS && highest[i + 1]! < evidence; i++) highest[i] = highest[i + 1]!;
  highest[i] = evidence;
}

function fade(alarm: Alarm): void {
  for (let i = 0; i < alarm.peaks >> 1; i++) alarm.highest[PEAKS - 1 - i] = alarm.highest[PEAKS - 1 - 2 * i]!;
  alarm.peaks >>= 1;
}
