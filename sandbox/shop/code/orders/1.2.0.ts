import { keepFresh } from '../lib/feed.ts';
import { startOrders } from './service.ts';

keepFresh('vouchers');
startOrders({ discountFor: () => 0 });
