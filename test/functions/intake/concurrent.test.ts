import { ulid } from 'ulid';
import { beforeAll, expect, test } from 'vitest';
import { takeBatch, type IntakePorts } from '../../../functions/intake/intake.ts';
import { control, incidents, knowledge } from '../../../layers/runtime/kb/index.ts';
import { aResource } from '../../runtime/samples.ts';
import { freshTables } from '../../runtime/tables.ts';
import { ALARM, NOW, SERVICE, alarmEvent, taskEvent } from './events.ts';

const resource = aResource({ arn: SERVICE });

beforeAll(async () => {
  await freshTables();
  await knowledge.putResource(resource);
  await knowledge.putAlarmIndex(ALARM, [SERVICE]);
});

/** Intake on the real knowledge base; Step Functions answers as it does to a name that exists. */
function intake(started: Set<string>): IntakePorts {
  return {
    now: () => NOW,
    resourceOfAlarm: knowledge.resourceOfAlarm,
    resource: knowledge.resource,
    openOrJoin: (signal, about) => incidents.openOrJoin(signal, about, ulid, NOW),
    join: (signal, about) => incidents.joinOpen(signal, about, NOW),
    async start(incidentId) {
      started.add(incidentId);
      await incidents.markOpen(incidentId, `arn:aws:states:eu-west-1:111122223333:execution:heal:${incidentId}`);
    },
  };
}

test('twenty intakes at once, half on the same signal and half on related ones, make one incident with each signal once', async () => {
  const started = new Set<string>();
  const ports = intake(started);
  const batches = Array.from({ length: 20 }, (_, n) => [
    { messageId: `same-${n}`, body: JSON.stringify(alarmEvent({ id: 'the-alarm' })) },
    { messageId: `related-${n}`, body: JSON.stringify(taskEvent({ id: `e-${n}`, n })) },
  ]);

  let outcomes = (await Promise.all(batches.map((batch) => takeBatch(batch, ports)))).flat();
  // What lost too many races is delivered again, as SQS does.
  const again = batches
    .flat()
    .filter(({ messageId }) => outcomes.some((one) => one.messageId === messageId && one.fate === 'failed'));
  outcomes = [...outcomes.filter(({ fate }) => fate !== 'failed'), ...(await takeBatch(again, ports))];

  const incidentId = (await control.pointer(SERVICE))!.incidentId;
  expect(outcomes.map(({ fate }) => fate).filter((fate) => fate === 'opened')).toHaveLength(1);
  expect(new Set(outcomes.map((outcome) => outcome.incidentId))).toEqual(new Set([incidentId]));
  expect([...started]).toEqual([incidentId]);
  expect(await incidents.signals(incidentId)).toHaveLength(21);
  expect(await incidents.get(incidentId)).toMatchObject({ status: 'open', signalCount: 21 });
});

test('good news joins the open incident, and opens none on a resource that is well', async () => {
  const other = aResource();
  const ok = { kind: 'alarm', id: 'ok', at: NOW, summary: '', alarm: 'a', alarmArn: ALARM, state: 'OK' } as const;

  const joined = await incidents.joinOpen({ ...ok, id: 'ok-1', resource: SERVICE }, resource, NOW);
  const alone = await incidents.joinOpen({ ...ok, id: 'ok-2', resource: other.arn }, other, NOW);

  expect(joined).toMatchObject({ opened: false, duplicate: false, status: 'open' });
  expect(alone).toBeUndefined();
  expect(await control.pointer(other.arn)).toBeUndefined();
});
