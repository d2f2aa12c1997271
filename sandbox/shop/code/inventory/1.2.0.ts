import { keepFresh } from '../lib/feed.ts';
import { startInventory } from './service.ts';

keepFresh('deliveries');
startInventory({ stockOf: (article) => 100 - (article % 7) });
