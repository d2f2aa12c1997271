import { startInventory } from './service.ts';

startInventory({ stockOf: (article) => 100 - (article % 7) });
