import { startOrders } from './service.ts';

// Every hundredth customer gets five per cent off.
startOrders({ discountFor: (customer) => (customer % 100 === 99 ? 0.05 : 0) });
