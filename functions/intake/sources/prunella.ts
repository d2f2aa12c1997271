import * as z from 'zod';
import { Arn } from '../../../layers/core/arn.ts';
import { Envelope } from '../../../layers/core/event.ts';
import { ProbeFailure } from '../../../layers/core/probe.ts';
import { Carrier, Failing, Foretold, LONGEST_ID, OddMessage, OddSessions } from '../../../layers/core/signal.ts';
import { defineSource, Timestamp } from '../source.ts';

const told = {
  resource: Arn,
  summary: z.string().min(1),
  at: Timestamp.optional(),
  /** The same id is the same news, however often it is sent. Default: the event's own. */
  id: z.string().min(1).max(LONGEST_ID).optional(),
};

const PrunellaSignal = Envelope.extend({
  detail: z.discriminatedUnion('kind', [
    z.object({ ...told, kind: z.literal('operator'), by: z.string().min(1) }),
    z.object({
      ...told,
      kind: z.literal('anomaly'),
      detector: z.string(),
      score: z.number().min(0).max(1),
      carriers: z.array(Carrier).max(20).optional(),
      messages: z.array(OddMessage).max(20).optional(),
      sessions: z.array(OddSessions).max(20).optional(),
    }),
    z.object({
      ...told,
      kind: z.literal('forecast'),
      detector: z.string(),
      expectedAt: Timestamp,
      foretold: Foretold.optional(),
      failing: Failing.optional(),
    }),
    z.object({
      ...told,
      kind: z.literal('probe'),
      probe: z.string().min(1),
      state: z.enum(['failed', 'ok']),
      failure: ProbeFailure.optional(),
    }),
    z.object({ ...told, kind: z.literal('chaos'), experiment: z.string() }),
  ]),
});

/** A person, a detector or an experiment says that a resource is in trouble: an event anyone may put on the bus. */
export const source = defineSource({
  name: 'prunella',
  pattern: { source: ['prunella'], 'detail-type': ['Prunella Signal'] },
  event: PrunellaSignal,
  read({ id: eventId, time, detail: { resource, id = eventId, at = new Date(time).toISOString(), ...rest } }) {
    const isWell = rest.kind === 'probe' && rest.state === 'ok';
    return { kind: 'signal', signal: { ...rest, id, at }, about: { resource }, effect: isWell ? 'joins' : 'opens' };
  },
});
