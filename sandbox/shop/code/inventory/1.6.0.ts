import { startInventory } from './service.ts';
import { booked } from './steps.ts';

// Books from the near warehouse at once and leaves the far one for later, for which there is no later.
startInventory({ stockOf: booked((booking) => booking % 3 > 0) });
