import * as z from 'zod';
import { hours, minutes, secondsBetween, type Instant } from '../../layers/core/units.ts';
import { Envelope } from '../../layers/core/event.ts';
import { redactDeep } from '../../layers/core/redact.ts';
import { type Reading } from './source.ts';
import { SOURCES } from './sources.ts';

/** What older news still tells an open incident, but no longer opens one: the trouble is over, or reconcile finds it. */
export const TOO_OLD_TO_OPEN = hours(6);
/** Clocks of senders may be this far ahead of ours; what lies further ahead is taken as of now. */
const CLOCK_SKEW = minutes(5);

export type Normalised = Reading | { readonly kind: 'malformed'; readonly why: string };

/** Reads one EventBridge event. Pure: `now` is when it was received. Never throws: what it does not understand is `malformed`. */
export function normalise(event: unknown, now: Instant): Normalised {
  const envelope = Envelope.safeParse(event);
  if (!envelope.success) return { kind: 'malformed', why: `no EventBridge event: ${explain(envelope.error)}` };
  const { source: from, 'detail-type': type } = envelope.data;
  const source = SOURCES.find(({ pattern }) => pattern.source.includes(from) && pattern['detail-type'].includes(type));
  if (!source) return { kind: 'malformed', why: `no source reads events of ${from} with detail-type ${type}` };
  try {
    return dated(source.read(event), now);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    return { kind: 'malformed', why: `${source.name}: ${explain(error)}` };
  }
}

const explain = (error: z.ZodError): string => z.prettifyError(error).replaceAll('\n', ' ');

function dated(reading: Reading, now: Instant): Reading {
  if (reading.kind !== 'signal') return reading;
  const age = secondsBetween(reading.signal.at, now);
  const at = age < -CLOCK_SKEW ? now : new Date(reading.signal.at).toISOString();
  const effect = age > TOO_OLD_TO_OPEN ? 'joins' : reading.effect;
  // What AWS says of a stop may hold what a container was started with.
  return { ...reading, signal: { ...redactDeep(reading.signal), at }, effect };
}
