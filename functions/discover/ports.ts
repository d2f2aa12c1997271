import * as control from '../../layers/runtime/kb/control.ts';
import * as knowledge from '../../layers/runtime/kb/knowledge.ts';
import type { InventoryPorts } from './discover.ts';

/** The knowledge base as discovery uses it. */
export const inventoryPorts: InventoryPorts = {
  ...knowledge,
  hasOpenIncident: async (arn) => (await control.pointer(arn)) !== undefined,
};
