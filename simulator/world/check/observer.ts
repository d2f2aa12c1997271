import { lookWith } from '../../../functions/changes/look.ts';
import { takeBatch } from '../../../functions/changes/changes.ts';
import { CHANGES } from '../../../functions/changes/patterns.ts';
import type { RecordPorts } from '../../../functions/changes/record.ts';
import { collectEvidence, type Sources } from '../../../functions/diagnose/collect/evidence.ts';
import { discoverAll, type Discovered, type InventoryPorts } from '../../../functions/discover/discover.ts';
import { normalise } from '../../../functions/intake/normalise.ts';
import type { Draft } from '../../../functions/intake/source.ts';
import type { Arn } from '../../../layers/core/arn.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import type { HealthNotice } from '../../../layers/core/health-notice.ts';
import type { Incident } from '../../../layers/core/incident.ts';
import type { Change, Resource } from '../../../layers/core/inventory.ts';
import type { Signal } from '../../../layers/core/signal.ts';
import { addSeconds, type Instant, type Seconds } from '../../../layers/core/units.ts';
import { TICK } from '../spec.ts';
import type { World } from '../world.ts';

export const INCIDENT = '01JD3Q8Z3M7N5V6XK2B4C9D8EF';

/**
 * Looks at a world with Prunella's own eyes: discovery, intake's reading of events, the change feed, the evidence. The
 * knowledge base is in memory; nothing is healed.
 */
export class Observer {
  readonly resources = new Map<Arn, Resource>();
  readonly alarms = new Map<Arn, Arn>();
  readonly unresolved = new Map<Arn, string>();
  readonly changes: Change[] = [];
  /** What AWS Health said last of each event. */
  readonly notices = new Map<string, HealthNotice>();
  /** What opens or joins an incident, by resource. */
  readonly signals = new Map<Arn, Signal[]>();
  /** The first signal of a resource that opens an incident. */
  readonly opened = new Map<Arn, Instant>();
  readonly failures: string[] = [];
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  discover(): Promise<Discovered> {
    const ports: InventoryPorts = {
      allResources: async function* (this: void) {},
      putResource: (resource) => Promise.resolve(void this.resources.set(resource.arn, resource)),
      removeResource: (arn) => Promise.resolve(void this.resources.delete(arn)),
      putAlarmIndex: (alarm, [arn]) => Promise.resolve(void (arn && this.alarms.set(alarm, arn))),
      listUnresolved: () => Promise.resolve([]),
      putUnresolved: (alarm, why) => Promise.resolve(void this.unresolved.set(alarm, why)),
      changes: (arn, from, to) => Promise.resolve(this.#changesOf(arn, from, to)),
      recordChange: (change) => Promise.resolve(this.changes.push(change)),
      recordTopology: () => Promise.resolve(),
      hasOpenIncident: () => Promise.resolve(false),
    };
    return discoverAll(this.#world.aws(), ports, this.#world.now);
  }

  /** Lets time pass, and reads what is told meanwhile. */
  async run(time: Seconds): Promise<void> {
    const end = addSeconds(this.#world.now, time);
    while (this.#world.now < end) await this.#read(this.#world.tick(addSeconds(this.#world.now, TICK)));
  }

  /** Lets time pass until an incident is open on one of the resources; answers which, or undefined when none was in time. */
  async until(arns: readonly Arn[], atMost: Seconds): Promise<Arn | undefined> {
    const end = addSeconds(this.#world.now, atMost);
    while (this.#world.now < end) {
      await this.run(TICK);
      const found = arns.find((arn) => this.opened.has(arn));
      if (found) return found;
    }
    return undefined;
  }

  /** Forgets what was told so far, as after a closed incident. */
  forget(): void {
    this.signals.clear();
    this.opened.clear();
  }

  evidence(arn: Arn): Promise<Evidence> {
    const now = this.#world.now;
    const sources: Sources = {
      aws: () => Promise.resolve(this.#world.aws()),
      resource: (one) => Promise.resolve(this.resources.get(one)),
      dependents: (one) =>
        Promise.resolve(
          [...this.resources.values()].filter(({ dependsOn }) => dependsOn.includes(one)).map((each) => each.arn),
        ),
      topologyVersion: () => Promise.resolve(1),
      healthNotices: () => Promise.resolve([...this.notices.values()]),
      incidents: () => Promise.resolve([]),
      openIncident: (one) => Promise.resolve(one !== arn && this.opened.has(one) ? INCIDENT : undefined),
      changes: (one, from, to) => Promise.resolve(this.#changesOf(one, from, to)),
    };
    const openedAt = this.opened.get(arn) ?? now;
    const incident = { incidentId: INCIDENT, resource: arn, openedAt } as Incident;
    return collectEvidence(incident, this.resources.get(arn)!, this.signals.get(arn) ?? [], sources, now);
  }

  async #read(events: readonly { readonly 'detail-type': string }[]): Promise<void> {
    for (const event of events) {
      this.#signal(event);
      if (!Object.values(CHANGES).some((pattern) => pattern['detail-type'].includes(event['detail-type']))) continue;
      const [outcome] = await takeBatch(
        [{ messageId: 'm', body: JSON.stringify(event) }],
        this.#recordPorts(),
        this.#look(),
      );
      if (outcome && !outcome.ok) this.failures.push(outcome.why);
    }
  }

  #signal(event: object): void {
    const reading = normalise(event, this.#world.now);
    if (reading.kind === 'malformed' && !reading.why.startsWith('no source')) this.failures.push(reading.why);
    if (reading.kind !== 'signal') return;
    const { about, effect } = reading;
    const arns =
      'resources' in about ? about.resources : ['resource' in about ? about.resource : this.alarms.get(about.alarm)];
    for (const arn of arns) if (arn && this.resources.has(arn)) this.#tell(arn, reading.signal, effect);
  }

  #tell(arn: Arn, signal: Draft, effect: 'opens' | 'joins'): void {
    if (effect === 'opens' && !this.opened.has(arn)) this.opened.set(arn, signal.at);
    if (!this.opened.has(arn)) return;
    this.signals.set(arn, [...(this.signals.get(arn) ?? []), { ...signal, resource: arn } as Signal]);
  }

  #look = () => lookWith(() => Promise.resolve(this.#world.aws()));

  #recordPorts(): RecordPorts {
    return {
      resource: (arn) => Promise.resolve(this.resources.get(arn)),
      resourceOfTargetGroup: (arn) =>
        Promise.resolve([...this.resources.values()].find(({ targetGroups }) => targetGroups.includes(arn))?.arn),
      changes: (arn, from, to) => Promise.resolve(this.#changesOf(arn, from, to)),
      recordChange: (change) => {
        const known = this.changes.some(
          ({ resource, eventId }) => resource === change.resource && eventId === change.eventId,
        );
        if (!known) this.changes.push(change);
        return Promise.resolve(known ? 'known' : 'recorded');
      },
      recordTwin: (change, twin) => {
        const at = this.changes.indexOf(twin);
        this.changes[at] = { ...change, ...twin };
        return Promise.resolve('known');
      },
      recordHealthNotice: (notice) => {
        this.notices.set(`${notice.eventArn} ${notice.page}`, notice);
        return Promise.resolve('recorded');
      },
      discover: () => Promise.resolve(),
    };
  }

  #changesOf = (arn: Arn, from: Instant, to: Instant): Change[] =>
    this.changes.filter(({ resource, at }) => resource === arn && at >= from && at <= to);
}
