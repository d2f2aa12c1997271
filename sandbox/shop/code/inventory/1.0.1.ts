import { startInventory } from './service.ts';

// Counts the pieces on their way as well.
const ARRIVING = 5;

startInventory({ stockOf: (article) => 100 - (article % 7) + ARRIVING });
