import { USUAL_COST } from '../lib/serve.ts';
import { startInventory } from './service.ts';

// Asks the warehouses one after the other, no longer all at once: nobody is turned away, everybody waits.
const ONE_AFTER_THE_OTHER = 250;

startInventory({
  stockOf: (article) => 100 - (article % 7),
  cost: { ...USUAL_COST, wait: USUAL_COST.wait + ONE_AFTER_THE_OTHER },
});
