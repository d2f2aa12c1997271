import { startOrders } from './service.ts';

startOrders({ discountFor: () => 0 });
