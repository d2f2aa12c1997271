import { DynamoDBClient, ScanCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { TABLES, tableEnv, type Table } from '../../../layers/core/tables.ts';
import { addSeconds, type Instant } from '../../../layers/core/units.ts';
import type { Attempt } from '../../../layers/core/plan.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { between, pick, randomFor, type Random } from '../../../sandbox/load/random.ts';
import { Clock } from '../../../simulator/core/clock.ts';
import { virtualRuntime } from '../../../simulator/core/virtual-runtime.ts';
import { withRuntime, type Runtime } from '../../../layers/runtime/runtime.ts';
import { aResource, aSignal, acquiring, anAttempt, policyWith, START } from '../../runtime/samples.ts';
import { sharedAccount } from '../../support/sandbox.ts';

/** What a call answered, or how it failed. */
export type Answer = { readonly call: string; readonly answer?: unknown; readonly error?: string };

/** What a random sequence has come to know. */
interface Situation {
  readonly random: Random;
  readonly resources: readonly ReturnType<typeof aResource>[];
  readonly incidents: string[];
  now: Instant;
}

type Call = (situation: Situation) => Promise<unknown>;

const policy = policyWith({ attemptBudget: 4, maxConcurrent: 2, brakeIncidents: 40, brakeFleetSize: 100 });
const CHANGES = { scaled: { was: 1, becomes: 2 }, raised: { was: 512, becomes: 1024 } } as const;

const NOBODY = '01JD3Q8Z3M7N5V6XK2B4C9D8EF';

const resourceIn = ({ random, resources }: Situation) => pick(random, resources);
/** Now and then an incident that is not there. */
const incidentIn = ({ random, incidents }: Situation): string =>
  incidents.length === 0 || random() < 0.05 ? NOBODY : pick(random, incidents);
const numberIn = ({ random }: Situation): number => between(random, 1, 3);
const bySort = (list: readonly unknown[]): string[] => list.map((one) => JSON.stringify(one)).sort();

async function openOrJoin(s: Situation): Promise<unknown> {
  const resource = resourceIn(s);
  const at = addSeconds(s.now, -between(s.random, 0, 120));
  const signal = aSignal(resource.arn, { id: `signal-${between(s.random, 1, 60)}`, at });
  const taken = await kb.incidents.openOrJoin(signal, resource, () => ulidOf(s), s.now);
  if (taken.opened) s.incidents.push(taken.incidentId);
  return taken;
}

const ulidOf = ({ random }: Situation): string =>
  `01JD3Q8Z3M${Array.from({ length: 16 }, () => pick(random, [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'])).join('')}`;

function acquire(s: Situation): Promise<unknown> {
  const [resource, other] = [resourceIn(s), resourceIn(s)];
  const changes = {
    attempt: numberIn(s),
    arns: s.random() < 0.3 ? [resource.arn, other.arn] : [resource.arn],
    policy,
    now: s.now,
    busyUntil: addSeconds(s.now, between(s.random, 0, 60)),
    until: addSeconds(s.now, between(s.random, 0, 600)),
    action: pick(s.random, ['restart-service', 'scale-out']),
    cooldown: pick(s.random, [0, 60]),
    approved: s.random() < 0.5,
  };
  return kb.control.acquire(acquiring(incidentIn(s), resource, changes));
}

function close(s: Situation): Promise<unknown> {
  const because = pick(s.random, ['brake', 'exhausted'] as const);
  const ending = pick(s.random, [
    { kind: 'recovered', by: 'itself', why: 'it is well' },
    { kind: 'escalated', because, why: 'nothing helped' },
  ] as const);
  return kb.incidents.close(incidentIn(s), ending, numberIn(s), s.now, pick(s.random, ['remove', 'keep'] as const));
}

const mutations = (arn: string, names: readonly (keyof typeof CHANGES)[]): Attempt['mutations'] =>
  names.map((field) => ({
    action: 'scale-out',
    resource: arn,
    field,
    ...CHANGES[field],
    state: 'intended' as const,
    at: START,
  }));

const sharerIn = (s: Situation): Parameters<typeof kb.control.noteSharer>[0] => ({
  incidentId: incidentIn(s),
  resource: resourceIn(s).arn,
  onset: s.now,
  slack: 20,
  traces: s.random() < 0.5 ? [] : [{ kind: 'host', name: 'payments-db:5432', chance: 0.01 }],
});

/** The calls of the knowledge base, each with arguments drawn at random; more often what others build upon. */
const CALLS: Readonly<Record<string, Call>> = {
  openOrJoin,
  openOrJoinAgain: openOrJoin,
  joinOpen: (s) => {
    const resource = resourceIn(s);
    return kb.incidents.joinOpen(aSignal(resource.arn, { id: `good-${numberIn(s)}`, at: s.now }), resource, s.now);
  },
  get: (s) => kb.incidents.get(incidentIn(s)),
  markOpen: (s) => kb.incidents.markOpen(incidentIn(s), 'arn:aws:states:eu-west-1:111122223333:execution:heal:x'),
  update: (s) =>
    kb.incidents.update(incidentIn(s), {
      severity: pick(s.random, ['low', 'high']),
      foldedInto: pick(s.random, [null, NOBODY]),
    }),
  close,
  listOpen: async () => bySort(await kb.incidents.listOpen()),
  listRecent: async () => (await kb.incidents.listRecent(3)).map(({ openedAt }) => openedAt),
  byResource: async (s) => (await kb.incidents.byResource(resourceIn(s).arn, 2)).map(({ openedAt }) => openedAt),
  signals: (s) => kb.incidents.signals(incidentIn(s)),
  putAttempt: (s) => kb.incidents.putAttempt(incidentIn(s), anAttempt(resourceIn(s).arn, numberIn(s))),
  updateAttempt: (s) => kb.incidents.updateAttempt(incidentIn(s), numberIn(s), { judged: 'recovered' }),
  attempts: (s) => kb.incidents.attempts(incidentIn(s)),
  setMutations: (s) =>
    kb.incidents.setMutations(
      incidentIn(s),
      numberIn(s),
      mutations(resourceIn(s).arn, pick(s.random, [['scaled'], ['scaled', 'raised']] as const)),
    ),
  setMutationState: (s) =>
    kb.incidents.setMutationState(
      incidentIn(s),
      numberIn(s),
      between(s.random, 0, 1),
      pick(s.random, ['applied', 'undone', 'left-alone'] as const),
      s.now,
    ),
  acquire,
  acquireAgain: acquire,
  renew: (s) => kb.control.renew(incidentIn(s), [resourceIn(s).arn], addSeconds(s.now, 300)),
  hold: (s) =>
    kb.control.hold({
      incidentId: incidentIn(s),
      attempt: numberIn(s),
      arns: [resourceIn(s).arn],
      now: s.now,
      busyUntil: addSeconds(s.now, 30),
    }),
  release: (s) => kb.control.release(incidentIn(s), [resourceIn(s).arn]),
  expired: async (s) => bySort(await kb.control.expired(s.now)),
  budget: (s) => kb.control.budget(resourceIn(s).arn, policy, s.now),
  brake: async (s) => {
    const { causes, ...rest } = await kb.control.brake(resourceIn(s).fleet, policy, s.now);
    return { ...rest, causes: bySort(causes) };
  },
  noteSharer: (s) => kb.control.noteSharer(sharerIn(s), s.now),
  claimShared: (s) => kb.control.claimShared(sharerIn(s), undefined, s.now),
  joinTelling: (s) =>
    kb.incidents.joinTelling(NOBODY, { incidentId: incidentIn(s), resource: resourceIn(s).arn, at: s.now, what: 'x' }),
  joinedTelling: async () => bySort(await kb.incidents.joinedTelling(NOBODY)),
  lever: (s) => kb.control.setLever('healing', s.random() < 0.9 ? 'disengaged' : 'engaged', 'a test', s.now),
  freeze: (s) => kb.control.freeze(resourceIn(s).arn, 'an undo failed', incidentIn(s), s.now),
  unfreeze: (s) => kb.control.unfreeze(resourceIn(s).arn, 'a person', s.now),
  freezes: async () => bySort(await kb.control.freezes()),
  ask: async (s) => {
    const incidentId = incidentIn(s);
    const token = `token-${numberIn(s)}`;
    await kb.control.ask({
      incidentId,
      attempt: 1,
      planHash: `plan-${numberIn(s)}`,
      intent: [],
      token,
      expiresAt: addSeconds(s.now, 60),
    });
  },
  answer: (s) =>
    kb.control.answer({ incidentId: incidentIn(s), approver: 'a person', approve: s.random() < 0.5, now: s.now }),
  append: (s) =>
    kb.audit.append({
      incidentId: incidentIn(s),
      eventId: `Verify#${between(s.random, 1, 8)}`,
      at: s.now,
      state: 'Verify',
      attempt: 1,
      verdict: 'settling',
      why: ['because'],
      saw: { share: s.random(), nothing: null, list: [] },
      result: { step: 1 },
    }),
  trail: (s) => kb.audit.trail(incidentIn(s)),
  learn: (s) =>
    kb.knowledge.learn({
      incidentId: incidentIn(s),
      attempt: numberIn(s),
      fault: 'memory-leak',
      resource: resourceIn(s).arn,
      resourceType: 'ecs-service',
      action: pick(s.random, ['restart-service', 'scale-out']),
      outcome: pick(s.random, ['recovered', 'unchanged', 'worse', 'unknown']),
      prior: { alpha: 0.1, beta: 0.2 },
    }),
  fixes: async () => bySort(await kb.knowledge.fixes()),
  ownOutcomes: (s) => kb.knowledge.ownOutcomes(resourceIn(s).arn),
  putResource: (s) => {
    const resource = resourceIn(s);
    const dependsOn = s.random() < 0.5 ? [resourceIn(s).arn] : [];
    return kb.knowledge.putResource({ ...resource, dependsOn, seenAt: s.now });
  },
  removeResource: (s) => (s.random() < 0.2 ? kb.knowledge.removeResource(resourceIn(s).arn) : Promise.resolve()),
  dependents: (s) => kb.knowledge.dependents(resourceIn(s).arn),
  recordChange: (s) =>
    kb.knowledge.recordChange({
      resource: resourceIn(s).arn,
      at: s.now,
      eventId: `change-${between(s.random, 1, 6)}`,
      kind: 'deployment-started',
      ...(s.random() < 0.5 && { by: 'a person' }),
    }),
  changes: (s) => kb.knowledge.changes(resourceIn(s).arn, addSeconds(s.now, -3600), s.now),
};

/** The same seed makes the same calls, with the same names and times, whatever tables answer them. */
export async function playCalls(seed: number, length: number, call: Partial<Runtime>): Promise<Answer[]> {
  const clock = new Clock(START);
  const random = randomFor(seed, 'calls');
  const resources = Array.from({ length: 4 }, (_, n) =>
    aResource({
      arn: `arn:aws:ecs:eu-west-1:111122223333:service/cluster/${seed}-${n}`,
      fleet: 'shop',
      mode: pick(random, ['heal', 'heal', 'approve']),
    }),
  );
  const situation: Situation = { random, resources, incidents: [], now: START };
  const answers: Answer[] = [];
  const runtime = { ...virtualRuntime(clock, seed), sleep: () => Promise.resolve(), ...call };
  await withRuntime(runtime, async () => {
    for (const resource of resources) await kb.knowledge.putResource(resource);
    await kb.control.setLever('healing', 'disengaged', 'a test', START);
    for (let n = 0; n < length; n++) {
      situation.now = addSeconds(situation.now, between(random, 1, 40));
      await clock.run(situation.now);
      const name = pick(random, Object.keys(CALLS));
      answers.push(await answered(`${n} ${name}`, () => CALLS[name]!(situation)));
    }
  });
  return answers;
}

async function answered(call: string, work: () => Promise<unknown>): Promise<Answer> {
  try {
    return { call, answer: await work() };
  } catch (error) {
    return { call, error: `${(error as Error).name}: ${(error as Error).message}` };
  }
}

/** Everything in the emulator's tables, in the order of its keys. */
export async function dumpOfEmulator(): Promise<Record<string, unknown[]>> {
  const { client } = await sharedAccount();
  const dynamodb = new DynamoDBClient(client);
  const dump: Record<string, unknown[]> = {};
  for (const name of tableNames()) {
    const items: Record<string, unknown>[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const page = await dynamodb.send(
        new ScanCommand({ TableName: name, ConsistentRead: true, ...(start && { ExclusiveStartKey: start }) }),
      );
      items.push(...(page.Items ?? []).map((item) => unmarshall(item)));
      start = page.LastEvaluatedKey;
    } while (start);
    dump[name] = items.sort((a, b) => (keyText(a) < keyText(b) ? -1 : 1));
  }
  dynamodb.destroy();
  return dump;
}

const keyText = ({ pk, sk }: Record<string, unknown>): string => `${String(pk)}\u0000${String(sk)}`;

export const tableNames = (): string[] =>
  (Object.keys(TABLES) as Table[]).map((table) => process.env[tableEnv(table)] ?? '');
