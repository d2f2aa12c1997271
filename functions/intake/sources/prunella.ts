import * as z from 'zod';
import { Arn } from '../../../layers/core/arn.ts';
import { Envelope } from '../../../layers/core/event.ts';
import { defineSource, Timestamp } from '../source.ts';

const told = { resource: Arn, summary: z.string().min(1), at: Timestamp.optional() };

const PrunellaSignal = Envelope.extend({
  detail: z.discriminatedUnion('kind', [
    z.object({ ...told, kind: z.literal('operator'), by: z.string().min(1) }),
    z.object({ ...told, kind: z.literal('anomaly'), detector: z.string(), score: z.number().min(0).max(1) }),
    z.object({ ...told, kind: z.literal('forecast'), detector: z.string(), expectedAt: Timestamp }),
    z.object({ ...told, kind: z.literal('chaos'), experiment: z.string() }),
  ]),
});

/** A person, a detector or an experiment says that a resource is in trouble: an event anyone may put on the bus. */
export const source = defineSource({
  name: 'prunella',
  pattern: { source: ['prunella'], 'detail-type': ['Prunella Signal'] },
  event: PrunellaSignal,
  read({ id, time, detail: { resource, at = new Date(time).toISOString(), ...rest } }) {
    return { kind: 'signal', signal: { ...rest, id, at }, about: { resource }, effect: 'opens' };
  },
});
