import { startInventory } from './service.ts';
import { booked } from './steps.ts';

// Writes down each step of a booking, under an id of its own.
startInventory({ stockOf: booked(() => true) });
