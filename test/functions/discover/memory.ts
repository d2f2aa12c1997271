import type { InventoryPorts } from '../../../functions/discover/discover.ts';
import type { Change, Resource } from '../../../layers/core/inventory.ts';
import type { TopologyChange } from '../../../layers/core/topology.ts';

/** The inventory in memory, counting what is written. */
export function memory(busy: readonly string[] = []) {
  const resources = new Map<string, Resource>();
  const alarms = new Map<string, readonly string[]>();
  const unresolved = new Map<string, string>();
  const changes: Change[] = [];
  const topology: TopologyChange[] = [];
  const writes = { resources: 0, alarms: 0, unresolved: 0 };
  const ports: InventoryPorts = {
    async *allResources() {
      yield* resources.values();
    },
    putResource(resource) {
      writes.resources++;
      resources.set(resource.arn, resource);
      return Promise.resolve();
    },
    removeResource: (arn) => Promise.resolve(void resources.delete(arn)),
    putAlarmIndex(alarm, arns) {
      writes.alarms++;
      unresolved.delete(alarm);
      if (arns.length > 0) alarms.set(alarm, arns);
      else alarms.delete(alarm);
      return Promise.resolve();
    },
    listUnresolved: () => Promise.resolve([...unresolved].map(([alarmArn, why]) => ({ alarmArn, why }))),
    putUnresolved(alarm, why) {
      writes.unresolved++;
      unresolved.set(alarm, why);
      return Promise.resolve();
    },
    changes: (arn, from, to) =>
      Promise.resolve(changes.filter(({ resource, at }) => resource === arn && at >= from && at <= to)),
    recordChange: (change) => Promise.resolve(changes.push(change)),
    recordTopology: (change) => Promise.resolve(topology.push(change)),
    hasOpenIncident: (arn) => Promise.resolve(busy.includes(arn)),
  };
  return { ports, resources, alarms, unresolved, changes, topology, writes };
}
